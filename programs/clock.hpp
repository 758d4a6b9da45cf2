// The clock of a recording. Read after malloc has returned and before free is called: so the end of a block comes before the
// next beginning at the same address, whichever threads they happen in, and no lock has to order them.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace poolmark::programs {

// The time stamp counter, where the kernel says that all CPUs share a steady one; else a counter that all threads count.
struct recording_clock {
    bool counts;
    std::uint64_t start;
    std::uint64_t start_ns;
    std::atomic<std::uint64_t> counted;

    // After everything that was done before. A tick is shorter than any event.
    [[nodiscard]] std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
        if (!counts) [[likely]] {
            _mm_lfence(); // reading it would move before what it follows
            return __rdtsc() - start;
        }
#elif defined(__aarch64__)
        if (!counts) [[likely]] {
            std::uint64_t value = 0;
            asm volatile("isb; mrs %0, cntvct_el0" : "=r"(value)::"memory");
            return (value - start) << 8U; // it is as slow as 24 MHz
        }
#endif
        return counted.fetch_add(1U << 16U, std::memory_order_relaxed) + (1U << 16U);
    }

    // What is read from now on is read after the clock was.
    static void settle() noexcept {
#if defined(__x86_64__)
        _mm_lfence();
#elif defined(__aarch64__)
        asm volatile("isb" ::: "memory");
#endif
    }

    [[nodiscard]] std::uint64_t ns() const noexcept {
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec) - start_ns;
    }

    void begin(bool counting) noexcept {
        counts = counting;
        start = start_ns = 0;
        start = ticks();
        start_ns = ns();
    }
};

} // namespace poolmark::programs
