// A bitmap_pool of objects only. No raw storage goes out, so the pool knows that whatever is out is an object: those
// that are left are destroyed with it.
//
//   { object_set<session> open;  open.create(...);  open.create(...); }   ──► ~session() ~session()
//
// Good for: sets of objects that belong together, come and go one by one, and are visited: sessions, nodes, particles.
// Bad for:  objects that may outlive the set.
// Complexity, bytes: as bitmap_pool; the end is O(slots / 64 + live objects).
// Threads:  one at a time. Movable; not copyable.
#pragma once

#include "pools/storage/bitmap_pool.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace poolmark {

template <class T, upstream_source Upstream = page_source>
class object_set : private bitmap_pool<T, Upstream> {
    using storage = bitmap_pool<T, Upstream>;

public:
    using typename storage::value_type;
    using storage::clear, storage::create, storage::destroy, storage::for_each_live;
    using storage::owns, storage::size, storage::slab_bytes, storage::trim;

    object_set() noexcept = default;
    explicit object_set(std::size_t expected_objects) noexcept : storage(expected_objects) {}
    object_set(object_set&&) noexcept = default;
    object_set& operator=(object_set&& other) noexcept {
        object_set taken(std::move(other));
        storage::swap(taken);
        return *this;
    }
    ~object_set() {
        if constexpr (!std::is_trivially_destructible_v<T>) {
            clear();
        }
    }
};

} // namespace poolmark
