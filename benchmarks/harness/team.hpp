// The helper threads of a workload: made with its subject, parked between epochs, awake from warm() to rest().
//
//   main     start(n) ── its own share ── wait()  ...  rest()
//   helper   ── spins ──► job(k, n) ── spins ──►      ── parked ──
//
// Good for: epochs of tens of microseconds, in which waking a thread would be most of the time.
// Bad for:  helpers that wait for long: they keep their CPU busy until rest().
#pragma once

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace poolmark::benchmarks {

// Waits without sleeping; after some microseconds others may have the CPU in between, since it may be the only one.
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

// The same for a thread that is not a team's: the calling one moves to where thread `number` belongs, 0 the first.
void place_thread(std::size_t number);

// That number; 0 where nobody has placed the thread. A team's helpers count from 1 on.
inline constinit thread_local std::size_t thread_number = 0;

// How many CPUs the threads of this process have: those they were placed on, or all that it may use.
[[nodiscard]] std::size_t cpus();

// How long the helpers of all teams were runnable but did not run,
// in nanoseconds since they began; 0 where the kernel does not say.
[[nodiscard]] std::int64_t helpers_run_delay_ns();

// The second field of an open /proc/.../schedstat; 0 where the kernel keeps none.
[[nodiscard]] std::int64_t run_delay_ns(int schedstat);

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

// With how many threads a question about threads is asked: 1, 2, 4, as many as there are CPUs, and twice as many. The numbers depend
// on the machine, so a workload lists its points when the program starts; the smaller ones are the same everywhere, and two machines
// can be compared in them. Ascending, each once, multiples of `step`: 2 where threads come in pairs.
[[nodiscard]] inline std::vector<std::int64_t> thread_counts(std::int64_t step = 1,
                                                             std::size_t on_cpus = cpus()) {
    const auto all = static_cast<std::int64_t>(on_cpus);
    std::vector<std::int64_t> counts{1, 2, 4, all, 2 * all};
    std::ranges::sort(counts);
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    std::erase_if(counts, [&](std::int64_t count) { return count % step != 0; });
    return counts;
}

} // namespace poolmark::benchmarks
