// Buffers of one size that are kept when they come back, and what the next owner finds in one.
//
//   take() ──► │ header 64 │ bytes ... │        give(buffer, used) ──► idle, newest first
//
//   zeroed     the whole buffer is zeroed when it is taken: the default
//   wiped      the used part is zeroed when it comes back: idle memory holds nothing either, and little is written
//              where little was used; whoever wrote beyond `used` has broken a promise, and shows it to the next
//   previous   nothing is zeroed: the next owner sees what the last one wrote. Opted in by this name, never by default
//
// Good for: large buffers, whose first touch costs page faults: from 64 KiB on little else matters.
// Bad for:  buffers of a few bytes, which the heap hands out as fast; memory that should go back: trim() it.
// Complexity: take O(1) and O(bytes) where it zeroes; give O(1) and O(used) where it wipes; a new buffer the heap's.
// Bytes:    64 a buffer, and 8 for the list. Threads: one at a time.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/description.hpp"
#include "pools/memory/poison.hpp"
#include "pools/errors.hpp"
#include "pools/memory/upstream.hpp"

#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <vector>

namespace poolmark {

enum class contents {
    zeroed,  // zeroed at take()
    wiped,   // the used part zeroed at give()
    previous // whatever the last owner left
};

template <upstream_source Upstream = heap_source>
class basic_buffer_pool {
public:
    static constexpr description about{"buffer_pool", family::free_list,
                                       "buffers of one size that are kept, zeroed when they are taken"};
    static constexpr description wiped_about{"buffer_pool_wiped", family::free_list,
                                             "buffers of one size that are kept, the used part zeroed on return"};

    // Throws std::bad_array_new_length for a size that no memory can hold.
    explicit basic_buffer_pool(std::size_t bytes, contents found = contents::zeroed)
        : bytes_(bytes), block_bytes_(checked(bytes)), found_(found) {}
    basic_buffer_pool(const basic_buffer_pool&) = delete;
    basic_buffer_pool& operator=(const basic_buffer_pool&) = delete;
    ~basic_buffer_pool() { // buffers still out are invalid from here on
        while (all_ != nullptr) {
            end(all_, &detail::deallocate_slab<Upstream>);
        }
    }

    // `bytes()` bytes, aligned to 64. Throws std::bad_alloc, and nothing has changed then.
    [[nodiscard]] std::byte* take() {
        if (idle_.empty()) [[unlikely]] {
            return take_new();
        }
        std::byte* const buffer = idle_.back();
        idle_.pop_back();
        header_of(buffer)->out = true;
        detail::unpoison(buffer, bytes_);
        if (found_ == contents::zeroed) {
            std::memset(buffer, 0, bytes_);
        }
        return buffer;
    }

    // `used`: how many bytes from the beginning may have been written to; the rest is as take() handed it out.
    // Throws std::out_of_range where that is more than there are, double_release for an idle buffer and
    // other_pools_pointer for one of another buffer_pool; changes nothing then. Any other pointer is undefined.
    void give(std::byte* buffer, std::size_t used = whole) {
        header* const of = header_of(buffer);
        if (of->home != this || !of->out) [[unlikely]] {
            refuse(buffer);
        }
        if (used != whole && used > bytes_) [[unlikely]] {
            detail::raise<std::out_of_range>("poolmark: buffer_pool: more bytes used than the buffer has");
        }
        if (found_ == contents::wiped) {
            std::memset(buffer, 0, used == whole ? bytes_ : used);
        }
        of->out = false;
        idle_.push_back(buffer); // there is room: take_new() saw to that
        detail::poison(buffer, bytes_);
    }

    // Gives all idle buffers back, past whatever the upstream would keep.
    void trim() noexcept {
        for (std::byte* const buffer : idle_) {
            end(header_of(buffer), &deallocate_for_good<Upstream>);
        }
        idle_.clear();
    }

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t idle() const noexcept { return idle_.size(); }
    [[nodiscard]] std::size_t made() const noexcept { return made_; } // idle and out

    static constexpr std::size_t whole = (std::numeric_limits<std::size_t>::max)();

private:
    static constexpr std::size_t header_bytes = 64;
    struct header {
        const basic_buffer_pool* home;
        header* next; // of all that were made
        header* previous;
        bool out;
    };
    static_assert(sizeof(header) <= header_bytes);

    [[nodiscard]] static std::size_t checked(std::size_t bytes) {
        if (bytes > whole / 4) {
            detail::raise<std::bad_array_new_length>();
        }
        return detail::align_up(bytes, 8) + header_bytes;
    }
    [[nodiscard]] static header* header_of(std::byte* buffer) noexcept {
        return reinterpret_cast<header*>(buffer - header_bytes);
    }

    [[nodiscard, gnu::__noinline__]] std::byte* take_new() {
        if (idle_.capacity() <= made_) { // twice as much, so that giving back never allocates
            idle_.reserve(2 * made_ + 8);
        }
        auto* const block = static_cast<std::byte*>(allocate_slab<Upstream>(block_bytes_, header_bytes));
        auto* const made = ::new (static_cast<void*>(block)) header{this, all_, nullptr, true};
        if (all_ != nullptr) {
            all_->previous = made;
        }
        all_ = made;
        ++made_;
        std::byte* const buffer = block + header_bytes;
        if (found_ != contents::previous) {
            std::memset(buffer, 0, bytes_);
        }
        return buffer;
    }

    void end(header* gone, detail::slab_deallocation* deallocate) noexcept {
        (gone->previous != nullptr ? gone->previous->next : all_) = gone->next;
        if (gone->next != nullptr) {
            gone->next->previous = gone->previous;
        }
        detail::unpoison(reinterpret_cast<std::byte*>(gone) + header_bytes, bytes_);
        deallocate(gone, block_bytes_, header_bytes);
        --made_;
    }

    [[gnu::__noreturn__, gnu::__noinline__, gnu::__cold__]] void refuse(std::byte* buffer) const {
        if (header_of(buffer)->home != this) {
            detail::raise<other_pools_pointer>(about.name, buffer);
        }
        detail::raise<double_release>(about.name, buffer);
    }

    std::vector<std::byte*> idle_;
    header* all_ = nullptr;
    std::size_t made_ = 0;
    std::size_t bytes_;
    std::size_t block_bytes_;
    contents found_;
};

using buffer_pool = basic_buffer_pool<>;

// The rival without a pool: calloc, which knows which pages the kernel has zeroed already.
inline constexpr description fresh_calloc_about{"fresh_calloc", family::fresh, "calloc and free for each buffer"};

} // namespace poolmark
