// A mutex that a forked child finds open: fork() waits until nobody holds it, for a moment at least.
//
//   thread 1   lock ── at work ── unlock
//   thread 2      fork ── waits ──────┴─► child: the state is whole
//
// Good for: objects behind a mutex that a child goes on with, as it does with malloc.
// Bad for:  being held for long: fork() waits for a tenth of a second at most, since who holds it may itself be waiting for
//           what fork() holds. After that, the child must leave the object alone.
// Complexity: a mutex's; its beginning, its end and a fork() take one lock more. Bytes: 80. Threads: any.
#pragma once

#include "pools/threads/thread_numbers.hpp"

#include <ctime>

#include <cstdint>
#include <mutex>

namespace poolmark::detail {

class forkable_mutex final : thread_listener {
public:
    forkable_mutex() noexcept { listen(); }
    ~forkable_mutex() override { stop_listening(); }

    void lock() { mutex_.lock(); }
    void unlock() noexcept { mutex_.unlock(); }

private:
    void thread_ends(std::uint32_t /*number*/) noexcept override {}
    void before_fork() noexcept override {
        constexpr timespec moment{0, 100'000};
        held_ = mutex_.try_lock();
        for (int tries = 0; !held_ && tries != 1000; ++tries) {
            ::nanosleep(&moment, nullptr);
            held_ = mutex_.try_lock();
        }
    }
    void after_fork() noexcept override {
        if (held_) {
            mutex_.unlock();
        }
    }

    std::mutex mutex_;
    bool held_ = false;
};

} // namespace poolmark::detail
