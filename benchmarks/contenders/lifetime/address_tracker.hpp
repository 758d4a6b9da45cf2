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
#pragma once

#include "pools/description.hpp"

#include <cstddef>
#include <unordered_set>

namespace poolmark {

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

} // namespace poolmark
