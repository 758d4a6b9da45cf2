// Mapped slabs that ended with their pools, kept warm for the next one: a pool that lives for a moment pays for no
// system call and for no first touch of a page.
//
//   pool ends ──give──► │ oldest │ ... │ newest │ ──take, same size──► next pool
//                           │ beyond most_bytes, or trim_slab_cache()
//                           ▼
//                         munmap
//
// Bounds:   most_bytes in all, for the whole process, in at most most_slabs pieces of at most largest_bytes each;
//           the oldest go when a new one needs their room. What is kept stays resident.
// Threads:  any. A slab that comes while others are at the cache goes back to the kernel instead; nobody waits.
// fork:     parent and child have a cache each. Where another thread was at the cache in that moment, the child's stays
//           shut: its slabs come from the kernel and go back there, and what was kept stays unused.
// Exit:     nothing is destroyed, so that pools with static storage may end at any time.
// Good for: sizes that come again, as those of pools that grow by the same steps do.
// Bad for:  zeros: a slab comes as its last pool left it.
// Complexity: take, give O(most_slabs), which is 32. Bytes: a page, beside what is kept.
#pragma once

#include "pools/memory/process.hpp"
#include "pools/memory/young_blocks.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

namespace poolmark::detail {

class slab_cache {
public:
    static constexpr const char* name_in_process = "slabs 1";
    static constexpr std::size_t most_bytes = std::size_t{32} << 20; // what glibc keeps of blocks that come again
    static constexpr std::size_t largest_bytes = most_bytes;
    static constexpr std::size_t most_slabs = 32;

    // A slab of exactly so many bytes, at a page's beginning, with anything in it; null when there is none at hand.
    [[nodiscard]] void* take(std::size_t bytes) noexcept {
        if (bytes > largest_bytes || !enter()) {
            return nullptr;
        }
        void* found = nullptr;
        for (std::size_t i = count_; i-- != 0;) { // the newest is the warmest
            if (kept_[i].bytes == bytes) {
                found = kept_[i].memory;
                remove(i);
                break;
            }
        }
        leave();
        return found;
    }

    // Keeps the slab, or gives it back to the kernel.
    void give(void* memory, std::size_t bytes) noexcept {
        if (bytes > largest_bytes || !enter()) {
            ::munmap(memory, bytes);
            return;
        }
        std::array<slab, most_slabs> gone;
        std::size_t going = 0;
        while (count_ == most_slabs || bytes_ + bytes > most_bytes) {
            gone[going++] = kept_[0];
            remove(0);
        }
        kept_[count_++] = {memory, bytes};
        bytes_ += bytes;
        leave();
        unmap(gone, going); // others need not wait for the kernel
    }

    // Gives everything back; returns the bytes. 0 also where another thread is at the cache.
    std::size_t trim() noexcept {
        if (!enter()) {
            return 0;
        }
        const std::array<slab, most_slabs> gone = kept_;
        const std::size_t going = std::exchange(count_, 0);
        const std::size_t bytes = std::exchange(bytes_, 0);
        leave();
        unmap(gone, going);
        return bytes;
    }

    // What is kept now; 0 where another thread is at the cache.
    [[nodiscard]] std::size_t bytes() noexcept {
        if (!enter()) {
            return 0;
        }
        const std::size_t now = bytes_;
        leave();
        return now;
    }

private:
    struct slab {
        void* memory;
        std::size_t bytes;
    };

    // Never waits for long: whoever holds it may be a thread that is not there any more, after a fork.
    [[nodiscard]] bool enter() noexcept {
        for (int tries = 0; tries != 64; ++tries) {
            if (!busy_.test(std::memory_order_relaxed) && !busy_.test_and_set(std::memory_order_acquire)) {
                return true;
            }
        }
        return false;
    }
    void leave() noexcept { busy_.clear(std::memory_order_release); }

    void remove(std::size_t place) noexcept {
        bytes_ -= kept_[place].bytes;
        std::copy(kept_.begin() + place + 1, kept_.begin() + count_, kept_.begin() + place);
        --count_;
    }
    static void unmap(const std::array<slab, most_slabs>& gone, std::size_t count) noexcept {
        for (std::size_t i = 0; i != count; ++i) {
            ::munmap(gone[i].memory, gone[i].bytes);
        }
    }

    std::atomic_flag busy_;
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
    std::array<slab, most_slabs> kept_{}; // oldest first
};

// One for the process, which ends with it.
[[nodiscard]] inline slab_cache& kept_slabs() noexcept { return process_wide<slab_cache>(); }

} // namespace poolmark::detail

namespace poolmark {

// Gives back what is kept for pools to come, and returns its bytes: the process's mapped slabs (at most 32 MiB, see
// memory/slab_cache.hpp; none where another thread is at them in this moment) and the calling thread's small blocks (at
// most 7 KiB, see memory/young_blocks.hpp). Pools that live are not touched. Any thread, at any time; one system call a
// slab, of which there are at most 32.
inline std::size_t trim_slab_cache() noexcept { return detail::kept_slabs().trim() + detail::young_blocks::trim(); }

} // namespace poolmark
