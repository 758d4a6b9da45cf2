#include "benchmarks/harness/events.hpp"

#include <iostream>

namespace poolmark::benchmarks {

json as_json(const allocators::proof& heap) {
    return {{"name", heap.name}, {"library", heap.library.string()}, {"version", heap.version},
            {"served_malloc_by", heap.served_malloc_by.string()}, {"served_new_by", heap.served_new_by.string()}};
}

void say(const json& line) { std::cout << line.dump() << std::endl; }

} // namespace poolmark::benchmarks
