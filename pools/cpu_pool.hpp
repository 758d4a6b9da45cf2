// Each CPU has an array of free blocks, whichever threads run there: as many caches as CPUs, however many threads.
//
//   CPU 0   [ count | block* block*        ]  ◄── pop, push: restartable sequences, no atomic instruction
//   CPU 1   [ count | block*               ]
//                │ when empty or full, M blocks at once
//   depot   full ──► [ M blocks ] ──► [ M blocks ] ...
//
// Good for: many more threads than CPUs: idle memory grows with the
//           CPUs, and a thread that has just begun finds a warm cache.
// Bad for:  a few busy threads, where local_pool needs fewer instructions.
// Complexity: acquire and release O(1); every M-th copies M pointers from or to the depot. A local_pool where the
//           kernel offers no such sequences (see threads/rseq.hpp), or has more CPUs than it said.
// Bytes:    8 of address space an object for magazines; up to 2 M idle blocks a CPU.
// Threads:  any. Not from a signal handler that interrupted this pool.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/threads/rseq.hpp"
#include "pools/memory/sanitizers.hpp"
#include "pools/pool.hpp"
#include "pools/threads/thread_caches.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>

#ifdef POOLMARK_HAS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace poolmark {

// Whether a cpu_pool uses what the kernel offers; never is for programs that would rather not, and for tests.
enum class per_cpu { when_available, never };

template <class T, upstream_source Upstream = page_source>
class cpu_pool {
public:
    using value_type = T;
    static constexpr description about{"cpu_pool", family::free_list,
                                       "an array of free blocks for each CPU, refilled from a depot"};
    static constexpr pool_traits traits{.memory = Upstream::memory, .thread_safe = true};

    cpu_pool() : cpu_pool(0) {}
    explicit cpu_pool(std::size_t expected_objects, per_cpu wanted = per_cpu::when_available) noexcept
        : local_(expected_objects), wanted_(wanted == per_cpu::when_available && blocks::available()) {}
    cpu_pool(const cpu_pool&) = delete;
    cpu_pool& operator=(const cpu_pool&) = delete;
    ~cpu_pool() {
        if (std::byte* const area = area_.load(std::memory_order_relaxed); area != nullptr) {
            Upstream::deallocate(area, area_bytes(), detail::interference_bytes);
        }
    }

    [[nodiscard]] void* acquire() {
        void* block = nullptr;
        std::byte* const area = area_.load(std::memory_order_acquire);
        if (area == nullptr || blocks{area, cpus_}.pop(block) != blocks::outcome::done) [[unlikely]] {
            block = acquire_from_depot();
        }
        received(block);
        detail::unpoison(block, sizeof(T));
        return block;
    }

    void release(void* block) noexcept {
        detail::poison(block, stride);
        handing_over(block);
        std::byte* const area = area_.load(std::memory_order_acquire);
        if (area == nullptr || blocks{area, cpus_}.push(block) != blocks::outcome::done) [[unlikely]] {
            release_to_depot(block);
        }
    }

    // Whether blocks are kept by CPU. False until the first block was acquired.
    [[nodiscard]] bool by_cpu() const noexcept { return area_.load(std::memory_order_relaxed) != nullptr; }

private:
    static constexpr std::size_t alignment = (std::max)(alignof(T), detail::poison_granule);
    static constexpr std::size_t stride = detail::align_up(sizeof(T), alignment);
    static_assert(alignof(T) <= traits.max_alignment);

    using local = thread_caches<stride, alignment, Upstream>;
    static constexpr std::size_t magazine_slots = local::depot_type::magazine_slots;
    static constexpr std::size_t array_slots = 2 * magazine_slots;
    static constexpr std::size_t array_bytes =
        detail::align_up((array_slots + 1) * sizeof(void*), detail::interference_bytes);
    using blocks = detail::cpu_blocks<array_slots, array_bytes>;

    [[nodiscard, gnu::__noinline__]] void* acquire_from_depot() {
        if (!prepare()) {
            return local_.acquire();
        }
        const blocks arrays{area_.load(std::memory_order_acquire), cpus_};
        void* block = nullptr;
        if (const auto was = arrays.pop(block); was != blocks::outcome::refused) {
            return was == blocks::outcome::done ? block : local_.acquire();
        }
        std::array<void*, magazine_slots> batch;
        const std::size_t count = local_.depot().fill(batch.data());
        std::for_each_n(batch.begin(), count, handing_over);
        // The first of them stand last. Another thread may have filled the array since, or this one been moved.
        if (arrays.push_many(batch.data(), count - 1) != blocks::outcome::done) {
            local_.depot().take_back(batch.data(), count - 1);
        }
        return batch[count - 1];
    }

    [[gnu::__noinline__]] void release_to_depot(void* block) noexcept {
        if (!by_cpu()) {
            local_.release(block);
            return;
        }
        const blocks arrays{area_.load(std::memory_order_acquire), cpus_};
        while (true) {
            std::array<void*, magazine_slots> batch;
            if (arrays.pop_many(batch.data(), magazine_slots) == blocks::outcome::done) {
                local_.depot().take_back(batch.data());
            }
            const auto was = arrays.push(block);
            if (was == blocks::outcome::elsewhere) {
                local_.release(block);
            }
            if (was != blocks::outcome::refused) {
                return;
            }
        }
    }

    // Makes the arrays when they are wanted and not there yet; false when there are none.
    [[nodiscard]] bool prepare() noexcept {
        if (!wanted_ || by_cpu()) {
            return wanted_;
        }
        const std::lock_guard alone(making_);
        if (by_cpu()) {
            return true;
        }
        POOLMARK_TRY {
            local_.use_depot();
            cpus_ = static_cast<std::uint32_t>((std::max)(1L, ::sysconf(_SC_NPROCESSORS_CONF)));
            auto* const area =
                static_cast<std::byte*>(allocate_slab<Upstream>(area_bytes(), detail::interference_bytes));
            for (std::uint32_t cpu = 0; cpu != cpus_; ++cpu) {
                ::new (area + cpu * array_bytes) std::size_t{0};
            }
            area_.store(area, std::memory_order_release);
            return true;
        }
        POOLMARK_CATCH(const std::bad_alloc&) {
            return false;
        }
    }

    [[nodiscard]] std::size_t area_bytes() const noexcept { return Upstream::usable(cpus_ * array_bytes); }

    // The sanitizer does not see what passes through the arrays.
    static void handing_over([[maybe_unused]] void* block) noexcept {
#ifdef POOLMARK_HAS_TSAN
        __tsan_release(block);
#endif
    }
    static void received([[maybe_unused]] void* block) noexcept {
#ifdef POOLMARK_HAS_TSAN
        __tsan_acquire(block);
#endif
    }

    std::atomic<std::byte*> area_{nullptr};
    std::uint32_t cpus_ = 0; // written before area_, read after it
    local local_;
    bool wanted_;
    std::mutex making_;
};

static_assert(pool<cpu_pool<int>>);
static_assert(pool<cpu_pool<int, heap_source>>);

} // namespace poolmark
