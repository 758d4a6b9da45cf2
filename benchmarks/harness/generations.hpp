// Threads that live once: born together, dead together, one generation after the other.
//
// Good for: questions about the births and deaths of threads, which are part of the time.
// Bad for:  everything else: a birth takes tens of microseconds (team.hpp has threads that stay).
#pragma once

#include "benchmarks/harness/team.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace poolmark::benchmarks {

// Calls live(k) in thread k of each generation.
template <class Life>
void generations(std::uint64_t count, std::size_t threads, const Life& live) {
    std::vector<std::jthread> alive(threads);
    for (; count != 0; --count) {
        for (std::size_t k = 0; k != threads; ++k) {
            alive[k] = std::jthread([&live, k] {
                place_thread(k);
                live(k);
            });
        }
        for (std::jthread& each : alive) {
            each.join();
        }
    }
}

// The kernel tidies up after dead threads on whichever CPU is free, and would be a neighbour of whoever comes next. For
// subject::rest().
inline void outlive_the_dead() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

// The same, but only one thread lives at a time: what they do has one order, and so one digest.
template <class Life>
void generations_in_turn(std::uint64_t count, std::size_t threads, const Life& live) {
    for (; count != 0; --count) {
        for (std::size_t k = 0; k != threads; ++k) {
            generations(1, 1, [&](std::size_t) { live(k); });
        }
    }
}

} // namespace poolmark::benchmarks
