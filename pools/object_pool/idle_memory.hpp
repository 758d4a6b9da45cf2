// When an object_pool gives memory back by itself: it counts releases down, and looks at the whole pool where the count ends.
//
//   release ─► --left ─► 0 ─► an eighth of the slots out or fewer, twice running? ─► trim ─► gave little? look more seldom
//
// A look costs O(slabs) and comes after as many releases as half of the slots, a trim after as many again; a trim that gave
// back less than an eighth doubles the gap to the next look, up to 16 times. So whatever the program does, what looks and trims
// cost is divided by at least as many releases as there are slots to look at.
//
// Good for: pools that live for long and peak now and then, in programs without a place to call trim().
// Bad for:  peaks that come again before the pool has been given as many releases: their pages are made resident anew.
// Complexity: tick O(1), one subtraction and one branch. Threads: one at a time.
#pragma once

#include "pools/pool_options.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <type_traits>

namespace poolmark::detail {

class idle_memory {
public:
    // After a release. Whether it is time to look(), which then has to come.
    [[nodiscard]] bool tick() noexcept { return --left_ == 0; }
    // After several.
    [[nodiscard]] bool tick(std::size_t releases) noexcept {
        left_ -= (std::min)(left_, releases);
        return left_ == 0;
    }
    // So many slots there are, of which `live` are out. Whether to trim.
    [[nodiscard]] bool look(std::size_t slot_count, std::size_t live, std::size_t slab_bytes) noexcept {
        const bool idle = slab_bytes >= fewest_bytes && live <= slot_count / 8;
        const bool again = idle && was_idle_;
        was_idle_ = idle && !again;
        wait(slot_count);
        return again;
    }
    // It gave back so much of so much.
    void trimmed(std::size_t bytes, std::size_t slab_bytes, std::size_t slot_count) noexcept {
        gap_ = bytes >= slab_bytes / 8 ? 1 : (std::min)(2 * gap_, longest_gap);
        wait(slot_count);
    }

    // No looks while one of these lives.
    class pause {
    public:
        explicit pause(idle_memory& of) noexcept : of_(of), left_(of.left_) { of.left_ = (std::numeric_limits<std::size_t>::max)(); }
        pause(const pause&) = delete;
        pause& operator=(const pause&) = delete;
        ~pause() { of_.left_ = left_; }

    private:
        idle_memory& of_;
        std::size_t left_;
    };

private:
    static constexpr std::size_t fewest_bytes = std::size_t{1} << 20U; // a smaller pool has nothing to give back that counts
    static constexpr std::size_t fewest_releases = 4096;
    static constexpr std::size_t longest_gap = 16;

    void wait(std::size_t slot_count) noexcept { left_ = gap_ * (std::max)(fewest_releases, slot_count / 2); }

    std::size_t left_ = fewest_releases;
    std::size_t gap_ = 1;
    bool was_idle_ = false;
};

// Where nobody asked for it.
struct no_idle_memory {
    struct pause {
        explicit pause(no_idle_memory& /*of*/) noexcept {}
    };
    [[nodiscard]] static constexpr bool tick(std::size_t /*releases*/ = 1) noexcept { return false; }
    [[nodiscard]] static constexpr bool look(std::size_t /*slot_count*/, std::size_t /*live*/, std::size_t /*slab_bytes*/) noexcept {
        return false;
    }
    static constexpr void trimmed(std::size_t /*bytes*/, std::size_t /*slab_bytes*/, std::size_t /*slot_count*/) noexcept {}
};

template <trims When>
using idle_memory_of = std::conditional_t<When == trims::by_itself, idle_memory, no_idle_memory>;

} // namespace poolmark::detail
