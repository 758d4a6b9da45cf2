// The helper threads of a workload: made with its subject, parked between epochs, awake from warm() to rest().
//
//   main     start(n) ── its own share ── wait()  ...  rest()
//   helper   ── spins ──► job(k, n) ── spins ──►      ── parked ──
//
// Good for: epochs of tens of microseconds, in which waking a thread would be most of the time.
// Bad for:  helpers that wait for long: they keep their CPU busy until rest().
#pragma once

#include <sched.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace poolmark::benchmarks {

// Waits without sleeping; after some microseconds others may have the CPU in between, since it may be the only
// one.
template <class Condition>
void spin_until(Condition&& fulfilled) {
    constexpr unsigned patient = 200;
    for (unsigned looks = 0; !fulfilled(); ++looks) {
        if (looks < patient) {
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#endif
        } else {
            ::sched_yield();
        }
    }
}

// The CPUs of this process's threads: the calling one moves to the first, helpers take the others in turn. Throws
// std::system_error when one of them is not to be had. Without this call they run wherever the scheduler likes.
void place_threads(const std::vector<int>& cpus);

class team {
public:
    using job = std::function<void(std::size_t helper, std::uint64_t iterations)>;

    // `what` is called in each helper, with its number from 0 on, once for each start().
    team(std::size_t helpers, job what);
    team(const team&) = delete;
    team& operator=(const team&) = delete;
    ~team();

    void wake() noexcept;
    void start(std::uint64_t iterations) noexcept;
    void wait() noexcept; // until all helpers are done with what start() gave them
    void rest() noexcept; // they sleep until the next wake() or start()

private:
    void work(std::size_t helper);

    job what_;
    std::uint64_t iterations_ = 0;
    bool ending_ = false;
    std::atomic<std::uint64_t> started_{0};
    std::atomic<std::size_t> done_{0};
    std::atomic<bool> awake_{false};
    std::vector<std::jthread> helpers_;
};

} // namespace poolmark::benchmarks
