// The slots of object_pool, without types and without policies: taken from a stack of released slots, and carved from
// slabs when that is empty.
//
//   put ──► split_stack ──► take            released slots, newest first
//   slab    │ out │ free │ out │ free │ never used yet │
//                                     ▲ bump_          ▲ end_
//
// Good for: one place for growth, reservation, trimming and iteration, none of which the hot paths pay for.
// Bad for:  use by itself: it checks nothing and constructs nothing.
// Complexity: take, put O(1) with no call; the others say so.
// Bytes:    see split_stack and slab_directory. Threads: one at a time.
#pragma once

#include "pools/object_pool/free_map.hpp"
#include "pools/object_pool/slab_directory.hpp"
#include "pools/object_pool/split_stack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace poolmark::detail {

template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveBits>
class slot_store {
public:
    using directory = slab_directory<Stride, Alignment, Upstream, LiveBits>;
    using slab = typename directory::slab;

    explicit slot_store(std::size_t expected_objects) noexcept : slabs_(expected_objects) {}
    slot_store(slot_store&& other) noexcept
        : free_(std::move(other.free_)), bump_(std::exchange(other.bump_, address{})),
          end_(std::exchange(other.end_, address{})), current_(std::exchange(other.current_, nullptr)),
          room_(std::exchange(other.room_, {})), slabs_(std::move(other.slabs_)) {}
    slot_store& operator=(slot_store&& other) noexcept {
        std::swap(free_, other.free_);
        std::swap(bump_, other.bump_);
        std::swap(end_, other.end_);
        std::swap(current_, other.current_);
        std::swap(room_, other.room_);
        slabs_ = std::move(other.slabs_);
        return *this;
    }
    ~slot_store() { give_back(room_); }

    // Null when every slot there is is out.
    [[nodiscard]] void* take() noexcept {
        if (void* const released = free_.pop(); released != nullptr) [[likely]] {
            return released;
        }
        return carve();
    }
    // There is room: the stack was made for every slot there is.
    void put(void* slot) noexcept { free_.push(slot); }

    // The next slot that was never out, or null when this slab has no more.
    [[nodiscard]] void* carve() noexcept {
        const address fresh = bump_;
        if (fresh == end_) [[unlikely]] {
            return nullptr;
        }
        if (fresh == address{}) {
            __builtin_unreachable(); // no slab begins at null, and the caller need not test for it again
        }
        bump_ = static_cast<address>(static_cast<std::uintptr_t>(fresh) + Stride);
        return reinterpret_cast<void*>(fresh); // NOLINT(performance-no-int-to-ptr): it came from a pointer
    }

    // Carving goes on in a slab that has slots left. False when there is none. O(slabs).
    bool carve_elsewhere() noexcept {
        write_back();
        for (slab& each : slabs_.all()) {
            if (each.carved != each.slots) {
                start(each);
                return true;
            }
        }
        return false;
    }

    // A new slab of at least `fewest` and at most `most` slots. Throws
    // std::bad_alloc and changes nothing where there is no memory.
    const slab& grow(std::size_t fewest, std::size_t most) {
        slab& fresh = slabs_.grow(fewest, most);
        try {
            make_room_for(slabs_.slots());
        } catch (...) {
            slabs_.drop(fresh); // as if nothing had been tried
            throw;
        }
        slabs_.keep(fresh);
        if (bump_ == end_) {
            write_back();
            start(fresh);
        }
        return fresh;
    }

    // Everything that is out is forgotten; the slabs stay. O(slabs).
    void reset() noexcept {
        free_.resize(0);
        bump_ = end_ = address{};
        current_ = nullptr;
        for (slab& each : slabs_.all()) {
            each.carved = 0;
            poison(each.begin, each.slots * Stride);
        }
    }

    // Makes everything that can be taken resident, where the upstream can. O(bytes).
    void prefault() noexcept {
        if constexpr (discarding_source<Upstream>) {
            // All of a slab's pages: after trim(), any of them may lack its contents.
            for (const slab& each : slabs_.all()) {
                auto* const first = static_cast<std::byte*>(each.memory);
                const std::size_t used = align_up(static_cast<std::size_t>(each.end() - first), Upstream::page_bytes);
                whole_pages(first, first + std::min(used, each.bytes), &Upstream::prefault);
            }
            if (room_.memory != nullptr) {
                Upstream::prefault(room_.memory, room_.bytes);
            }
        }
    }

    struct trimmed {
        std::size_t slab_bytes = 0; // of slabs that went back whole
        std::size_t page_bytes = 0; // of pages inside slabs that stay, whose contents went back
    };

    // Gives back slabs of which nothing is out and, where the upstream can and `discard_pages` says so, the contents
    // of pages in which nothing is out. Free slots are then handed out lowest address first. before_drop(slab) is
    // called for each slab that goes. Without the memory for a map of the slots it does nothing.
    // O(slots / 64 + free * log slabs + slabs^2).
    template <class BeforeDrop>
    trimmed trim(bool discard_pages, BeforeDrop&& before_drop) noexcept {
        write_back();
        try {
            const free_map<directory> map(slabs_, free_);
            return trim_by(map, discard_pages, before_drop);
        } catch (const std::bad_alloc&) {
            return {};
        }
    }

    // visit(address) for each slot that is out, in order of address. Throws std::bad_alloc where there is no memory
    // for a map of the slots. The visitor may put() the slot it is given and may take(): what it takes is not visited.
    template <class Visitor>
    void for_each_used(Visitor&& visit) {
        write_back();
        const free_map<directory> map(slabs_, free_);
        for (std::size_t position = 0; position != map.slabs().size(); ++position) {
            const slab& in = map.slabs()[position];
            map.for_each_used(position, [&](std::size_t index) { visit(static_cast<void*>(in.slot(index))); });
        }
    }

    // Slots that can be taken before the pool has to grow. O(slabs).
    [[nodiscard]] std::size_t available() const noexcept { return free_.size() + (slots() - carved()); }
    [[nodiscard]] std::size_t free_slots() const noexcept { return free_.size(); }
    [[nodiscard]] std::size_t slots() const noexcept { return slabs_.slots(); }
    // Slots that were ever out: the most that were out at once,
    // since reset(), in the slabs that trim() has left. O(slabs).
    [[nodiscard]] std::size_t carved() const noexcept {
        std::size_t sum = 0;
        for (const slab& each : slabs_.all()) {
            sum += carved_in(each);
        }
        return sum;
    }
    [[nodiscard]] std::size_t carved_in(const slab& of) const noexcept {
        return of.begin == current_ ? (static_cast<std::uintptr_t>(bump_) - reinterpret_cast<std::uintptr_t>(current_)) / Stride
                                    : of.carved;
    }
    [[nodiscard]] const directory& slabs() const noexcept { return slabs_; }
    [[nodiscard]] std::size_t stack_bytes() const noexcept { return room_.bytes; }

private:
    // Addresses as a type that no store to an object can alias; see split_stack.
    enum class address : std::uintptr_t {};

    struct block {
        void* memory = nullptr;
        std::size_t bytes = 0;
    };

    void start(const slab& in) noexcept {
        current_ = in.begin;
        bump_ = static_cast<address>(reinterpret_cast<std::uintptr_t>(in.slot(in.carved)));
        end_ = static_cast<address>(reinterpret_cast<std::uintptr_t>(in.end()));
    }
    // The directory learns how far carving came.
    void write_back() noexcept {
        if (current_ != nullptr) {
            slab& in = *slabs_.find(current_);
            in.carved = carved_in(in);
        }
    }

    void make_room_for(std::size_t slots) {
        if (slots * sizeof(split_stack::entry) > room_.bytes) {
            move_stack_to(Upstream::usable(checked_bytes(slots, sizeof(split_stack::entry))));
        }
    }
    void move_stack_to(std::size_t bytes) {
        const block larger{Upstream::allocate(bytes, alignof(split_stack::entry)), bytes};
        free_.move_to(larger.memory);
        give_back(std::exchange(room_, larger));
    }
    static void give_back(const block& memory) noexcept {
        if (memory.memory != nullptr) {
            Upstream::deallocate(memory.memory, memory.bytes, alignof(split_stack::entry));
        }
    }

    template <class BeforeDrop>
    trimmed trim_by(const free_map<directory>& map, bool discard_pages, BeforeDrop& before_drop) noexcept;
    std::size_t discard_free_pages(const slab& in, const free_map<directory>& map, std::size_t position) noexcept;
    void shrink_stack() noexcept;

    // What `act` does to the whole pages between two addresses; returns their bytes.
    template <class Act>
    static std::size_t whole_pages(std::byte* begin, std::byte* end, Act&& act) noexcept {
        const auto first = align_up(reinterpret_cast<std::uintptr_t>(begin), Upstream::page_bytes);
        const auto last = align_down(reinterpret_cast<std::uintptr_t>(end), Upstream::page_bytes);
        if (first >= last) {
            return 0;
        }
        act(begin + (first - reinterpret_cast<std::uintptr_t>(begin)), last - first);
        return last - first;
    }

    split_stack free_;
    address bump_{};
    address end_{};
    std::byte* current_ = nullptr; // the slab that bump_ is in, by its begin
    block room_;                   // the stack's memory
    directory slabs_;
};

template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveBits>
template <class BeforeDrop>
auto slot_store<Stride, Alignment, Upstream, LiveBits>::trim_by(const free_map<directory>& map, bool discard_pages,
                                                               BeforeDrop& before_drop) noexcept -> trimmed {
    trimmed given;
    free_.resize(0);
    // From the highest slab to the lowest, and in each from the highest slot: what is pushed last is taken first.
    for (std::size_t position = slabs_.all().size(); position-- != 0;) {
        slab& in = slabs_.all()[position];
        if (map.used(position) == 0) {
            given.slab_bytes += in.bytes;
            if (in.begin == current_) {
                bump_ = end_ = address{};
                current_ = nullptr;
            }
            before_drop(std::as_const(in));
            slabs_.drop(in);
            continue;
        }
        map.for_each_free_downwards(position, [&](std::size_t index) { free_.push(in.slot(index)); });
        if (discard_pages) {
            given.page_bytes += discard_free_pages(in, map, position);
        }
    }
    shrink_stack();
    return given;
}

template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveBits>
std::size_t slot_store<Stride, Alignment, Upstream, LiveBits>::discard_free_pages(const slab& in,
                                                                                 const free_map<directory>& map,
                                                                                 std::size_t position) noexcept {
    std::size_t bytes = 0;
    if constexpr (discarding_source<Upstream>) {
        std::byte* from = in.begin; // behind the last slot in use
        map.for_each_used(position, [&](std::size_t index) {
            bytes += whole_pages(from, in.slot(index), &Upstream::discard);
            from = in.slot(index + 1);
        });
        bytes += whole_pages(from, in.end(), &Upstream::discard);
    }
    return bytes;
}

// The stack's memory shrinks to what the remaining slots need, or stays where there is no memory to move to.
template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveBits>
void slot_store<Stride, Alignment, Upstream, LiveBits>::shrink_stack() noexcept {
    if (slabs_.slots() == 0) {
        free_.move_to(nullptr);
        give_back(std::exchange(room_, {}));
        return;
    }
    const std::size_t needed = Upstream::usable(slabs_.slots() * sizeof(split_stack::entry));
    if (needed < room_.bytes) {
        try {
            move_stack_to(needed);
        } catch (const std::bad_alloc&) { // the larger one serves as well
        }
    }
    if constexpr (discarding_source<Upstream>) {
        whole_pages(reinterpret_cast<std::byte*>(free_.end()), static_cast<std::byte*>(room_.memory) + room_.bytes,
                    &Upstream::discard);
    }
}

} // namespace poolmark::detail
