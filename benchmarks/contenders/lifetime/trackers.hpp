// Ways to say later whether an object is still the one that it was.
#pragma once

#include "pools/description.hpp"
#include "pools/slots/handle.hpp"

#include <algorithm>
#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace poolmark {

// Which objects were registered, by their addresses: what one
// writes first, and what is wrong as soon as one of them is gone.
//
//   register a at 0x40 ──► { 0x40 }      a ends, b begins at 0x40 ──► "b is registered"     though it never was
//
// With n registrations of which at most m live at once, a fresh object is taken for a registered one in a share
// of 1 - m/n of all cases, on any heap that uses addresses again.
//
// Good for: objects that outlive the tracker, or that forget themselves (see forget_at_end).
// Bad for:  everything else. A generation_tracker or a serial_id costs less and is never wrong.
// Complexity: O(1). Bytes: a node of the hash table for each address ever registered. Threads: one at a time.
class address_tracker {
public:
    static constexpr description about{"address_set", family::fresh,
                                       "a set of addresses; one that is used again counts as registered"};

    void track(const void* object) { addresses_.insert(object); }
    void forget(const void* object) noexcept { addresses_.erase(object); }
    // Of an address that was used again: whatever its former object was.
    [[nodiscard]] bool is_tracked(const void* object) const { return addresses_.contains(object); }
    [[nodiscard]] std::size_t size() const noexcept { return addresses_.size(); }

private:
    std::unordered_set<const void*> addresses_;
};

inline constexpr description erasing_address_set_about{
    "erasing_address_set", family::fresh,
    "a set of addresses that each object takes its own out of when it ends"};

// A member of objects that take their addresses out of the tracker when they end. The tracker outlives them.
class forget_at_end {
public:
    forget_at_end() = default;
    forget_at_end(const forget_at_end& /*other*/) noexcept {} // a copy is another object, and not registered
    forget_at_end& operator=(const forget_at_end& /*other*/) noexcept { return *this; }
    ~forget_at_end() {
        if (tracker_ != nullptr) {
            tracker_->forget(this);
        }
    }

    void track_in(address_tracker& tracker) {
        tracker.track(this);
        tracker_ = &tracker;
    }
    [[nodiscard]] bool is_tracked_in(const address_tracker& tracker) const { return tracker.is_tracked(this); }

private:
    address_tracker* tracker_ = nullptr;
};

// Which objects of a slot_map were registered, by their handles: a slot that is used again has another generation.
//
//   handle │ generation 7 │ index 1 │ ──► registered │ - │ 7:1 │ - │     equal: this very object was registered
//
// Good for: side tables beside a slot_map: one load and one comparison a question, and never wrong.
// Bad for:  objects that have no handles; few registered objects among very many slots.
// Complexity: O(1), track amortised.
// Bytes:    a handle for each slot up to the highest registered.
// Threads:  one at a time.
//
// Whether the object still lives, the slot_map knows: is_tracked(map, handle) asks both.
inline constexpr description generation_tracker_about{"generation_tracker", family::free_list,
                                                      "handles of a slot_map, each in the place of its slot"};

template <class Handle>
class generation_tracker {
public:
    static constexpr const description& about = generation_tracker_about;

    void track(Handle object) {
        if (object.index() >= registered_.size()) {
            registered_.resize(std::max<std::size_t>(object.index() + std::size_t{1}, registered_.size() * 2),
                               nobody);
        }
        registered_[object.index()] = object.bits();
    }
    void forget(Handle object) noexcept {
        if (is_tracked(object)) {
            registered_[object.index()] = nobody;
        }
    }

    // Whether this object was registered; it may be gone.
    [[nodiscard]] bool is_tracked(Handle object) const noexcept {
        return object.index() < registered_.size() && registered_[object.index()] == object.bits();
    }
    // Whether it was, and lives.
    template <class Map>
    [[nodiscard]] bool is_tracked(const Map& map, Handle object) const noexcept {
        return is_tracked(object) && map.contains(object);
    }

private:
    // An even generation, which no object's handle has, and neither has none.
    static constexpr typename Handle::word nobody = typename Handle::word{2} << Handle::index_bits;

    std::vector<typename Handle::word> registered_;
};

// A number that no other object of the process ever has: 64 bits, drawn in order, never used again.
//
//   counter ──1,024 at a time──► thread ──one at a time──► object │ id 4711 │
//
// Good for: keys of side tables, logs, files: what an address is often taken for.
// Bad for:  objects of a few bytes; finding the object that belongs to an id.
// Complexity: O(1), one locked addition in 1,024. Bytes: 8 an object. Threads: any.
class serial_id {
public:
    serial_id() noexcept : number_(next()) {}
    serial_id(const serial_id& /*other*/) noexcept : serial_id() {} // a copy is another object
    serial_id& operator=(const serial_id& /*other*/) noexcept { return *this; }
    ~serial_id() = default;

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; } // never 0

private:
    [[nodiscard]] static std::uint64_t next() noexcept {
        if ((mine_ & (batch - 1)) == 0) [[unlikely]] {
            mine_ = batches_.fetch_add(1, std::memory_order_relaxed) * batch;
        }
        return ++mine_;
    }

    static constexpr std::uint64_t batch = 1024; // half a millennium at a billion a second
    static inline constinit std::atomic<std::uint64_t> batches_{0};
    static inline constinit thread_local std::uint64_t mine_ = 0; // the last one that was drawn

    std::uint64_t number_;
};

// Which objects were registered, by their numbers.
class serial_tracker {
public:
    static constexpr description about{"serial_id", family::free_list,
                                       "a set of 64-bit numbers that are never used again"};

    void track(const serial_id& object) { numbers_.insert(object.number()); }
    void forget(const serial_id& object) noexcept { numbers_.erase(object.number()); }
    [[nodiscard]] bool is_tracked(const serial_id& object) const { return numbers_.contains(object.number()); }
    [[nodiscard]] std::size_t size() const noexcept { return numbers_.size(); }

private:
    std::unordered_set<std::uint64_t> numbers_;
};

// Which objects were registered, by weak pointers: an object that is gone is not registered any more.
//
//   address ──► weak_ptr ──► control block │ alive? │
//
// Asked for an object, it compares addresses and then owners, never values: an object that equals a registered one
// is another one. Python's WeakSet hashes and compares what it refers to, and takes such an object for the other.
//
// Good for: objects that std::shared_ptr owns already, seldom asked for.
// Bad for:  anything hot: a hash, a node and a control block a question (see generation_tracker).
// Complexity: O(1); track amortised over the sweeps that drop what is gone.
// Bytes:    a node of 56, and the control block of each registered object for as long as it is registered.
// Threads:  one at a time.
class weak_registry {
public:
    static constexpr description about{"weak_registry", family::fresh,
                                       "weak pointers by address; what is gone is not registered any more"};

    void track(const std::shared_ptr<const void>& object) {
        if (entries_.size() >= sweep_at_) {
            sweep();
        }
        entries_.insert_or_assign(object.get(), object);
    }
    void forget(const std::shared_ptr<const void>& object) noexcept { entries_.erase(object.get()); }

    [[nodiscard]] bool is_tracked(const std::shared_ptr<const void>& object) const {
        const auto found = entries_.find(object.get());
        return found != entries_.end() && !object.owner_before(found->second) &&
               !found->second.owner_before(object);
    }

    // Drops the entries of objects that are gone.
    void sweep() {
        std::erase_if(entries_, [](const auto& entry) { return entry.second.expired(); });
        sweep_at_ = std::max<std::size_t>(64, entries_.size() * 2);
    }
    [[nodiscard]] std::size_t entries() const noexcept { return entries_.size(); }

private:
    std::unordered_map<const void*, std::weak_ptr<const void>> entries_;
    std::size_t sweep_at_ = 64;
};

} // namespace poolmark
