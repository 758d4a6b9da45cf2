// The finest clock there is, for single operations: the processor's counter where it runs evenly, else the kernel's.
//
// A call of clock_gettime takes some 25 ns, more than many operations that are to be timed; rdtscp with a fence takes
// less than half of that, and its ticks are shorter than a nanosecond. rdtscp waits for what stands before it, and the
// fence keeps what stands behind it from starting early, so one reading ends one stretch and begins the next.
#pragma once

#include <cstdint>
#include <ctime>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace poolmark::benchmarks {

class tick_clock {
public:
    // Looks whether the counter is one to be believed: constant in every state of the processor.
    tick_clock();

    [[nodiscard]] std::uint64_t now() const noexcept {
#if defined(__x86_64__)
        if (counter_) [[likely]] {
            unsigned processor = 0;
            const std::uint64_t ticks = __rdtscp(&processor);
            _mm_lfence();
            return ticks;
        }
#endif
        return monotonic_ns();
    }

    [[nodiscard]] const char* name() const noexcept { return counter_ ? "rdtscp" : "clock_gettime"; }

    // The length of a tick, from the time since this clock was made: the
    // longer ago, the more exact. Waits until that is a few milliseconds.
    [[nodiscard]] double ns_per_tick() const;

private:
    [[nodiscard]] static std::uint64_t monotonic_ns() noexcept {
        timespec time{};
        ::clock_gettime(CLOCK_MONOTONIC, &time);
        return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(time.tv_nsec);
    }

    bool counter_ = false;
    std::uint64_t made_ticks_ = 0;
    std::uint64_t made_ns_ = 0;
};

} // namespace poolmark::benchmarks
