// A heap in the state that programs leave it: blocks of the sizes that a workload asks for were taken from it, and a random
// part of them was given back before the workload begins.
//
// A heap that was never used hands out neighbours one after the other. One that has been in use hands out what lies free
// between what others hold. The idea is that of "littering" in studies of custom allocation: as many blocks as the workload
// has at most, of its own histogram of sizes, freed in a shuffled order.
#pragma once

#include "benchmarks/harness/cell.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::benchmarks {

// The parameter of a cell that says so: `aged`, where nothing stays, or `littered` with the percentage that does.
inline constexpr std::string_view heap_parameter = "heap";

// What a workload asks its heap for.
struct asked_sizes_of_a_cell {
    struct entry {
        std::size_t bytes;
        std::uint64_t count;
    };
    std::vector<entry> sizes;
    std::uint64_t blocks = 0; // that lived at the same time, at most
};

// Prints them for a cell, in one line: "blocks;bytes:count,bytes:count,...". The process must have libpoolmark_sizes.so
// preloaded, which counts them. Throws bad_option where it has not, or where the cell asks its heap for nothing.
int print_sizes(const cell& which);

// What print_sizes printed. Throws bad_option.
[[nodiscard]] asked_sizes_of_a_cell parse_sizes(std::string_view text);

// Which share of the litter stays, from the word of the parameter: 0 for `aged`, 0.4 for `littered40`. Throws bad_option.
[[nodiscard]] double occupancy_of(std::string_view word);

// Leaves the process's heap in that state. What stays is never given back. Each seed makes another heap.
// O(blocks), and at most a gibibyte, however much the workload has.
void litter(const asked_sizes_of_a_cell& like, double occupancy, std::uint64_t seed);

} // namespace poolmark::benchmarks
