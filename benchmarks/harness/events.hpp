// What this program says to the driver: one JSON object a line. docs/protocol.md is the specification.
#pragma once

#include "allocators/proof.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace poolmark::benchmarks {

using json = nlohmann::ordered_json;

[[nodiscard]] inline json as_json(const allocators::proof& heap) {
    return {{"name", heap.name}, {"library", heap.library.string()}, {"version", heap.version},
            {"served_malloc_by", heap.served_malloc_by.string()}, {"served_new_by", heap.served_new_by.string()}};
}

// Writes the line and sends it off.
inline void say(const json& line) { std::cout << line.dump() << std::endl; }

} // namespace poolmark::benchmarks
