// The slots of object_pool, without types and without policies: taken from a stack of released slots, and carved from
// slabs when that is empty.
//
//   put ──► top_stack ──► take              released slots, newest first
//   slab    │ out │ free │ out │ free │ never used yet │
//                                     ▲ bump_          ▲ end_
//
// Good for: one place for growth, reservation, trimming and iteration, none of which the hot paths pay for.
// Bad for:  use by itself: it checks nothing and constructs nothing.
// Complexity: take, put O(1) with no call; the others say so.
// Bytes:    see top_stack and slab_directory. Threads: one at a time.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/object_pool/free_map.hpp"
#include "pools/object_pool/slab_directory.hpp"
#include "pools/object_pool/top_stack.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <type_traits>
#include <utility>

namespace poolmark::detail {

template <std::size_t Stride, std::size_t Alignment, upstream_source Upstream, bool LiveMarks>
class slot_store {
public:
    using directory = slab_directory<Stride, Alignment, Upstream, LiveMarks>;
    using slab = typename directory::slab;
    using free_stack = typename directory::free_stack;

    explicit slot_store(std::size_t expected_objects) noexcept : slabs_(expected_objects) {}
    slot_store(slot_store&& other) noexcept
        : free_(std::move(other.free_)), bump_(std::exchange(other.bump_, address{})),
          end_(std::exchange(other.end_, address{})), current_(std::exchange(other.current_, nullptr)),
          carve_mark_(other.carve_mark_), room_(std::exchange(other.room_, {})), slabs_(std::move(other.slabs_)) {}
    slot_store& operator=(slot_store&& other) noexcept {
        std::swap(free_, other.free_);
        std::swap(bump_, other.bump_);
        std::swap(end_, other.end_);
        std::swap(current_, other.current_);
        std::swap(carve_mark_, other.carve_mark_);
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
    void put(void* slot, unmarked /*mark*/) noexcept { free_.push(slot); }
    void put(void* slot, slot_mark* mark) noexcept { free_.push(slot, *mark); }
    void put(void* /*slot*/, placed /*mark*/) noexcept { free_.take_back(); }
    void place(void* slot, slot_mark& mark) noexcept { free_.place(slot, mark); } // for put()

    // With marks. The last of the slots taken since another one was put: it is out, without a look at its mark.
    [[nodiscard]] bool is_newest(const void* slot) const noexcept { return free_.lends(slot); }
    void forget_newest() noexcept { free_.settle(); }
    [[nodiscard]] bool is_out(const void* slot, slot_mark mark) const noexcept { // which is not the newest
        return mark != slot_mark::none && !free_.has(slot, mark);
    }

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
        if constexpr (LiveMarks) {
            *--carve_mark_ = slot_mark::out;
        }
        return reinterpret_cast<void*>(fresh); // NOLINT(performance-no-int-to-ptr): it came from a pointer
    }

    // Carving goes on in a slab that has slots left. False when there is none. O(slabs).
    bool carve_elsewhere() noexcept {
        write_back();
        for (slab& each : slabs_.all()) {
            if (each.carved != each.slot_count) {
                start(each);
                return true;
            }
        }
        return false;
    }

    // A new slab of at least `fewest` and at most `most` slots. Throws std::bad_alloc and changes nothing where there is no memory.
    const slab& grow(std::size_t fewest, std::size_t most) {
        if constexpr (LiveMarks) {
            const std::size_t left = lending_stack::most_slots - slot_count();
            if (fewest > left) {
                raise<std::bad_alloc>();
            }
            most = (std::min)(most, left);
        }
        slab& fresh = slabs_.grow(fewest, most);
        if (fresh.stack != nullptr) {
            free_.move_to(fresh.stack);
            give_back(std::exchange(room_, {}));
        } else {
            POOLMARK_TRY {
                make_room_for(slabs_.slot_count());
            }
            POOLMARK_CATCH(...) {
                slabs_.drop(fresh); // as if nothing had been tried
                POOLMARK_RETHROW;
            }
        }
        slabs_.keep(fresh);
        if (bump_ == end_) {
            write_back();
            start(fresh);
        }
        return fresh;
    }

    // The first slab, where is_new() and the capacity is for first_slots(). Throws as grow().
    [[nodiscard]] bool is_new() const noexcept { return slabs_.is_new(); }
    const slab& begin() {
        const slab& first = slabs_.begin();
        free_.begin_in(first.stack);
        start(first);
        return first;
    }

    // Everything that is out is forgotten; the slabs stay. O(slabs).
    void reset() noexcept {
        free_.clear();
        bump_ = end_ = address{};
        current_ = nullptr;
        for (slab& each : slabs_.all()) {
            each.carved = 0;
            poison(each.begin, each.slot_count * Stride);
        }
    }

    // Makes everything that can be taken resident, where the upstream can. O(bytes).
    void prefault() noexcept;

    struct trimmed {
        std::size_t slab_bytes = 0; // of slabs that went back whole
        std::size_t page_bytes = 0; // of pages inside slabs that stay, whose contents went back
    };

    // Gives back slabs of which nothing is out and, where the upstream can and `discard_pages` says so, the contents
    // of pages in which nothing is out. Free slots are then handed out lowest address first; many of them at
    // a slab's end count as never used. before_drop(slab) is called for each slab that goes. Without the memory for a
    // map of the slots it does nothing.
    // O(slots / 64 + free * log slabs + slabs^2).
    template <class BeforeDrop>
    trimmed trim(bool discard_pages, BeforeDrop&& before_drop) noexcept {
        write_back();
        POOLMARK_TRY {
            const free_map<directory> map(slabs_, free_);
            return trim_by(map, discard_pages, before_drop);
        }
        POOLMARK_CATCH(const std::bad_alloc&) { // nothing was changed
        }
        return {};
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
    [[nodiscard]] std::size_t available() const noexcept { return free_.size() + (slot_count() - carved()); }
    [[nodiscard]] std::size_t free_slots() const noexcept { return free_.size(); }
    [[nodiscard]] std::size_t slot_count() const noexcept { return slabs_.slot_count(); }
    // Slots that were ever out: the most that were out at once, since reset(), of the slots that trim() has left. O(slabs).
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
    // Of the stack, where it does not stand in a slab.
    [[nodiscard]] std::size_t stack_bytes() const noexcept { return room_.bytes; }

private:
    // Addresses as a type that no store to an object can alias; see top_stack.
    enum class address : std::uintptr_t {};

    struct block {
        void* memory = nullptr;
        std::size_t bytes = 0;
    };

    void start(const slab& in) noexcept {
        current_ = in.begin;
        bump_ = static_cast<address>(reinterpret_cast<std::uintptr_t>(in.slot(in.carved)));
        end_ = static_cast<address>(reinterpret_cast<std::uintptr_t>(in.end()));
        if constexpr (LiveMarks) {
            carve_mark_ = reinterpret_cast<slot_mark*>(in.begin) - in.carved;
        }
    }
    // The directory learns how far carving came.
    void write_back() noexcept {
        if (current_ != nullptr) {
            slab& in = *slabs_.find(current_);
            in.carved = carved_in(in);
        }
    }

    void make_room_for(std::size_t slot_count) {
        if (free_stack::bytes_for(slot_count) > room_.bytes) {
            move_stack_to(new_room(slot_count));
        }
    }
    // A power of two where it may be kept: it then fits the next pool, whatever its type.
    [[nodiscard]] static std::size_t room_for(std::size_t slot_count) noexcept {
        const std::size_t bytes = free_stack::bytes_for(slot_count);
        const bool is_kept = discarding_source<Upstream> && bytes >= small_slab_bytes && bytes <= slab_cache::largest_bytes;
        return Upstream::usable(is_kept ? std::bit_ceil(bytes) : bytes);
    }
    [[nodiscard]] static block new_room(std::size_t slot_count) {
        const std::size_t bytes = room_for(slot_count);
        return {allocate_slab<Upstream>(bytes, alignof(top_stack::entry)), bytes};
    }
    void move_stack_to(const block& memory) noexcept {
        free_.move_to(memory.memory);
        give_back(std::exchange(room_, memory));
    }
    static void give_back(const block& memory) noexcept {
        if (memory.memory != nullptr) {
            Upstream::deallocate(memory.memory, memory.bytes, alignof(top_stack::entry));
        }
    }
    static void give_back_for_good(const block& memory) noexcept {
        if (memory.memory != nullptr) {
            deallocate_for_good<Upstream>(memory.memory, memory.bytes, alignof(top_stack::entry));
        }
    }

    // In slot_store_trim.hpp.
    template <class BeforeDrop>
    trimmed trim_by(const free_map<directory>& map, bool discard_pages, BeforeDrop& before_drop);
    void fit_stack(const free_map<directory>& map);
    void forget_long_tail(slab& in, const free_map<directory>& map, std::size_t position) noexcept;
    std::size_t discard_free_pages(const slab& in, const free_map<directory>& map, std::size_t position) noexcept;
    std::size_t discard_stack_pages() noexcept;

    // What `act` does to the whole pages between two addresses; returns what it returns, or their bytes.
    template <class Act>
    static std::size_t whole_pages(std::byte* begin, std::byte* end, Act&& act) noexcept {
        const auto first = align_up(reinterpret_cast<std::uintptr_t>(begin), page_size());
        const auto last = align_down(reinterpret_cast<std::uintptr_t>(end), page_size());
        if (first >= last) {
            return 0;
        }
        std::byte* const at = begin + (first - reinterpret_cast<std::uintptr_t>(begin));
        if constexpr (std::is_void_v<decltype(act(at, last - first))>) {
            act(at, last - first);
            return last - first;
        } else {
            return act(at, last - first);
        }
    }

    free_stack free_;
    address bump_{};
    address end_{};
    std::byte* current_ = nullptr; // the slab that bump_ is in, by its begin
    [[no_unique_address]] std::conditional_t<LiveMarks, slot_mark*, unmarked> carve_mark_{}; // above the next slot's
    block room_;                   // the stack's memory, where it does not stand in a slab
    directory slabs_;
};

} // namespace poolmark::detail

#include "pools/object_pool/slot_store_trim.hpp"
