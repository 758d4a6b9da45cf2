// Standard containers on a pool: every node of a map comes from size classes instead of the heap, and all of them go
// back with the resource.
#include "pools/adaptors/pool_resource.hpp"

#include <cstdio>
#include <map>
#include <memory_resource>
#include <string>

int main() {
    poolmark::pool_resource nodes; // before its containers; one thread at a time
    std::pmr::map<int, std::pmr::string> names(&nodes);
    for (int id = 0; id != 10'000; ++id) {
        names.emplace(id, "a name that is too long to be stored inside of its string");
    }
    for (int id = 0; id != 9'999; ++id) {
        names.erase(id);
    }
    std::printf("%zu name left: %s\n", names.size(), names.begin()->second.c_str());

    const std::size_t before = nodes.upstream_bytes();
    for (int id = 0; id != 9'999; ++id) {
        names.emplace(id, "another one, which takes what the names before it left behind");
    }
    std::printf("%zu names, with %s\n", names.size(), nodes.upstream_bytes() == before ? "no more memory" : "more memory");
}

// Prints:
//   1 name left: a name that is too long to be stored inside of its string
//   10000 names, with no more memory
