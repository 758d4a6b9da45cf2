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
#pragma once

#include "pools/description.hpp"
#include "pools/slots/handle.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace poolmark {

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

} // namespace poolmark
