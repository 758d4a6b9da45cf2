// Who shares this core? A turn of known work, timed: the witness that stands beside every epoch.
//
// A thread of somebody else on the same core takes issue slots and store buffers away. That doubles the time of code that
// could use them all and leaves a dependent chain alone, so ratios change and pairing cannot see it. Six independent
// additions a turn notice it: 0.40 ns alone and 0.64 or more beside a busy sibling on an EPYC 9005. The chain beside them
// depends on the clock rate alone, so the quotient of the two tells a busy sibling from a slower clock.
#pragma once

#include <cstdint>
#include <ctime>

namespace poolmark::benchmarks {

// Nanoseconds of one turn of each.
struct core_reading {
    double core = 0;  // six additions, none of which waits for another
    double chain = 0; // one multiplication and one addition, each of which waits for the one before
};

namespace detail {

inline constexpr std::uint64_t core_turns = 8'000;
inline constexpr std::uint64_t chain_turns = 1'500;

inline void independent_additions(std::uint64_t turns) noexcept {
    std::uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
    for (std::uint64_t left = turns; left != 0; --left) {
        a += 1, b += 2, c += 3, d += 4, e += 5, f += 6;
        asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
    }
}

inline void dependent_steps(std::uint64_t turns) noexcept {
    std::uint64_t value = 1;
    for (std::uint64_t left = turns; left != 0; --left) {
        value = value * 0x9E37'79B9'7F4A'7C15U + 1;
        asm volatile("" : "+r"(value));
    }
}

inline std::int64_t monotonic_ns() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

// Times `work`, which does `turns` turns. By the kernel's clock: it asks nothing of the heap that is measured.
template <class Work>
double ns_per_turn(std::uint64_t turns, Work work) {
    const std::int64_t begin = monotonic_ns();
    work();
    return static_cast<double>(monotonic_ns() - begin) / static_cast<double>(turns);
}

} // namespace detail

// Takes some 5 microseconds.
[[nodiscard]] inline core_reading read_core() noexcept {
    return {detail::ns_per_turn(detail::core_turns, [] { detail::independent_additions(detail::core_turns); }),
            detail::ns_per_turn(detail::chain_turns, [] { detail::dependent_steps(detail::chain_turns); })};
}

} // namespace poolmark::benchmarks
