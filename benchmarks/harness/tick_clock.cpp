#include "benchmarks/harness/tick_clock.hpp"

#include <fstream>
#include <string>

namespace poolmark::benchmarks {
namespace {

// The kernel names these flags where the counter neither stops nor changes its speed.
bool counter_is_even() {
#if defined(__x86_64__)
    std::ifstream lines("/proc/cpuinfo");
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("flags")) {
            line += ' ';
            return line.find(" constant_tsc ") != std::string::npos && line.find(" nonstop_tsc ") != std::string::npos &&
                   line.find(" rdtscp ") != std::string::npos;
        }
    }
#endif
    return false;
}

} // namespace

tick_clock::tick_clock() : counter_(counter_is_even()), made_ticks_(now()), made_ns_(monotonic_ns()) {}

double tick_clock::ns_per_tick() const {
    constexpr std::uint64_t shortest_ns = 5'000'000;
    std::uint64_t passed = 0;
    std::uint64_t ticks = 0;
    do {
        ticks = now() - made_ticks_;
        passed = monotonic_ns() - made_ns_;
    } while (passed < shortest_ns);
    return counter_ && ticks != 0 ? static_cast<double>(passed) / static_cast<double>(ticks) : 1.0;
}

} // namespace poolmark::benchmarks
