// Any pool for one thread, behind a mutex: what everybody writes first.
//
//   acquire, release ──► lock ──► [ inner pool ] ──► unlock
//
// Good for: threads that rarely meet in the pool; the baseline that the other thread-safe pools must beat.
// Bad for:  more than a few hundred thousand operations a second in all: a thread
//           that meets another one inside is put to sleep and woken up again.
// Complexity: the inner pool's, and a lock. Bytes: the inner pool's.
// Threads:  any.
#pragma once

#include "pools/pool.hpp"
#include "pools/slab_pool.hpp"
#include "pools/threads/forkable_mutex.hpp"

#include <cstddef>
#include <mutex>

namespace poolmark {

template <pool Inner>
class locked_pool {
public:
    using value_type = typename Inner::value_type;
    static constexpr description about{"locked_pool", Inner::about.kind, "a pool for one thread behind a mutex"};
    static constexpr pool_traits traits = [] {
        pool_traits same = Inner::traits;
        same.thread_safe = true;
        return same;
    }();

    locked_pool() : locked_pool(0) {}
    explicit locked_pool(std::size_t expected_objects) : inner_(expected_objects) {}
    locked_pool(const locked_pool&) = delete;
    locked_pool& operator=(const locked_pool&) = delete;
    ~locked_pool() = default;

    // Null where the inner pool gives null, which the traits say.
    [[nodiscard]] void* acquire() {
        const std::lock_guard alone(mutex_);
        return inner_.acquire();
    }

    void release(void* block) noexcept(noexcept(inner_.release(block))) {
        const std::lock_guard alone(mutex_);
        inner_.release(block);
    }

    void reset() noexcept requires resettable_pool<Inner> {
        const std::lock_guard alone(mutex_);
        inner_.reset();
    }

private:
    detail::forkable_mutex mutex_;
    Inner inner_;
};

static_assert(resettable_pool<locked_pool<slab_pool<int>>>);

} // namespace poolmark
