// The witnesses of one contender: known work, timed right before and right after each epoch by the process that is timed.
//
// The driver sorts rounds by them into those of a quiet core and those of a shared one, and never by an epoch's own time.
//
// Good for: noticing neighbours that a ratio cannot show, because they slow both of its sides by different factors.
// Bad for:  large buffers. A walk through memory brings pages of its own, so the process's peak is reported without them.
#pragma once

#include "benchmarks/harness/core_witness.hpp"
#include "benchmarks/harness/table.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace poolmark::benchmarks {

// Where a working set lives, as far as a walk can tell.
enum class memory_level { first, l2, l3, dram };

// By the sizes of the caches; a virtual machine may describe the
// caches of its whole host, so the last one counts as 32 MiB at most.
// Where `in_turn` processes take turns, each finds that the others had the last cache: if all of them do not fit, it is memory.
[[nodiscard]] memory_level level_of(std::size_t working_set_bytes, std::size_t in_turn = 1) noexcept;
[[nodiscard]] const char* name_of(memory_level level) noexcept; // "" for the first cache: the core's witness sees it

// Nanoseconds each; 0 where it was not asked.
struct witness_reading {
    double core = 0;
    double chain = 0;
    double memory = 0; // one step of a random walk through the level of memory that the working set lives in
    double fault = 0;  // the first touch of a page
    double line = 0;   // a cache line goes to the second CPU of this process and comes back
};

class witness {
public:
    // `in_turn`: so many processes with such a working set and such a witness have the CPU in turn.
    explicit witness(std::size_t working_set_bytes, std::size_t in_turn = 1);
    witness(const witness&) = delete;
    witness& operator=(const witness&) = delete;
    ~witness();

    // `faults`: whether the price of a page matters. Takes 6 to 60 microseconds, in the worst case (faults, threads) more.
    [[nodiscard]] witness_reading read(bool faults);

    [[nodiscard]] memory_level level() const noexcept { return level_; }
    [[nodiscard]] std::size_t buffer_bytes() const noexcept; // what it holds itself, all of it resident

private:
    [[nodiscard]] double walk();
    [[nodiscard]] double touch_pages();
    [[nodiscard]] double exchange_line(double& core_of_other);
    void serve(); // the second thread: waits, reads its own core's witness, then passes the line to and fro

    memory_level level_;
    table<std::uint64_t> buffer_;
    std::uint64_t at_ = 0;
    char* pages_ = nullptr;
    double other_core_ = 0;
    std::atomic<bool> ending_{false};
    std::atomic<std::uint32_t> asked_{0};
    alignas(64) std::atomic<std::uint32_t> line_{0};
    std::jthread other_;
};

} // namespace poolmark::benchmarks
