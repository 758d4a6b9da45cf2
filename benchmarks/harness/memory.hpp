// What this process holds in bytes, as the kernel counts it, and what was set aside for one of its blocks.
#pragma once

#include "benchmarks/harness/table.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace poolmark::benchmarks {

// Resident set size now: exact (smaps_rollup), because the cheap counters lag by pages per thread. Microseconds to
// milliseconds, by the number of mappings; never inside a timed region.
[[nodiscard]] std::int64_t resident_bytes();

// The part of it that is no file's: heap, stacks, mapped memory. By the cheap counters.
[[nodiscard]] std::int64_t anonymous_bytes();

// The highest resident set size so far.
[[nodiscard]] std::int64_t peak_resident_bytes();

// Of how many blocks the neighbours are looked at: enough for many slabs, and sorted in moments.
inline constexpr std::size_t most_neighbours = std::size_t{1} << 16U;

// The usual distance between neighbours: a slot of a slab with all that belongs to it,
// a heap's block with its header. The median over the gaps of the sorted addresses, so
// that gaps between slabs do not count. Sorts `addresses`. Null for fewer than two.
[[nodiscard]] std::optional<double> slot_bytes(table<std::uintptr_t>& addresses);

// What malloc_usable_size says of the usual block of `asked` bytes; the blocks must be
// malloc's. Null where the library that serves malloc has no such function, since
// another library's answer would be a guess, and where it says less than was asked for.
[[nodiscard]] std::optional<double> usable_bytes(const table<std::uintptr_t>& blocks, std::size_t asked);

} // namespace poolmark::benchmarks
