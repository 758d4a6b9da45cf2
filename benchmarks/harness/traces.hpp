// Traces: which keys a cache is asked for, in which order. Drawn before the clock starts, the same on every machine.
//
//   zipf    key of rank r comes 1 / r^skew as often as the first      programs' data: few keys are asked for often
//   scan    every key once, then all over again                       a table read from end to end
//   loop    the same, over little more than the cache holds           the worst case of least recently used
//   mixed   zipf, and a scan through other keys in between            a shop with a nightly report
//   own     a file of the reader's: one key a line, optionally its size after a blank
//
// Good for: hit ratios that can be computed again by anybody: a trace follows from its name and its numbers.
// Bad for:  keys that grow old: what is popular here stays popular. Bring a trace of your own for that.
#pragma once

#include "benchmarks/harness/parameters.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <string_view>

namespace poolmark::benchmarks {

struct trace {
    table<std::uint64_t> keys;    // below 2^30, scattered: a neighbour in rank is none in value
    table<std::uint64_t> bytes{}; // of each access's value, where the trace says; else empty
};

// A trace that cannot be used. what() is one line that names the file, the line and the fix.
class bad_trace : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Ranks 0, 1, ... where rank r comes 1 / (r + 1)^skew as often as the first. Exact: each draw looks up a uniform number
// in the table of cumulated frequencies, beginning where a second table says that it must lie.
class zipf_law {
public:
    zipf_law(std::size_t ranks, double skew); // ranks > 0; skew >= 0, 0 is uniform

    [[nodiscard]] std::size_t draw(random_source& chance) const noexcept;

    // How often one rank comes.
    [[nodiscard]] double share(std::size_t rank) const noexcept;

private:
    table<double> up_to_; // share of all ranks up to this one
    table<std::uint32_t> guide_;
};

// A key of the value that stands for the rank: distinct for ranks below 2^30.
[[nodiscard]] constexpr std::uint64_t scattered_key(std::uint64_t rank) noexcept {
    constexpr std::uint64_t low = (std::uint64_t{1} << 30U) - 1;
    rank = (rank + 0x1234567U) & low;
    rank = ((rank ^ (rank >> 15U)) * 0x2c1b3c6dU) & low; // each step can be undone: no two ranks meet
    rank = ((rank ^ (rank >> 12U)) * 0x297a2d39U) & low;
    return rank ^ (rank >> 15U);
}

[[nodiscard]] trace zipf_trace(std::size_t keys, double skew, std::size_t accesses, std::uint64_t seed = workload_seed);
[[nodiscard]] trace loop_trace(std::size_t keys, std::size_t accesses); // a scan is a loop over many

// Of each `mix_period` accesses, the first three quarters are Zipf's, the rest go on with a scan through keys of its own.
inline constexpr std::size_t mix_period = 4096;
[[nodiscard]] trace mixed_trace(std::size_t keys, double skew, std::size_t accesses, std::uint64_t seed = workload_seed);

// One key a line, of at most 256 letters without blanks; its size in bytes may follow after a blank. Throws bad_trace.
// `name` is the file's, for the message. Time and memory in proportion to the file.
[[nodiscard]] trace read_trace(std::istream& lines, const std::string& name);

// The trace that the reader brought with --trace=FILE or POOLMARK_TRACE. Workloads
// with a parameter `trace` are asked about it as well, at the points of their
// first one that have no parameters but those of every trace. Throws bad_trace.
void bring_trace(const std::string& file);
[[nodiscard]] const trace& own_trace(); // empty where none was brought

// What a point's parameters `trace`, `skew_percent`, `keys` and `capacity` ask for, of so many accesses.
[[nodiscard]] trace make_trace(const parameters& where, std::size_t accesses);

} // namespace poolmark::benchmarks
