// What one writes by hand where objects refer to each other by index: a vector, a generation beside each object, and a
// vector of the free indices.
//
//   handle  │ index 1 │ generation 7 │ ──► entries │ A, 3 │ B, 7 │ -, 12 │      free [ 2 ]
//
// Good for: few lines; the object and its generation on one cache line.
// Bad for:  addresses, which change when the vector grows; generations that begin anew; indices of another container,
//           which are not checked: an index that is too large is undefined.
// Complexity: create O(1), amortised, with moves of everything; destroy and try_get O(1).
// Bytes:    8 a slot, where the object's alignment is 8; 12 a slot with the index in the free list.
// Threads:  one at a time.
#pragma once

#include "pools/description.hpp"
#include "pools/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace poolmark {

// The baseline that slot_map is compared with. Objects are assigned to, so T has to allow that.
template <class T>
class vector_index {
public:
    struct handle {
        std::uint32_t index = 0;
        std::uint32_t generation = 0; // odd for an object that lives
    };
    using value_type = T;
    static constexpr description about{"vector_index", family::fresh,
                                       "a vector of objects with generations, and a vector of free indices"};

    explicit vector_index(std::size_t expected_objects) {
        entries_.reserve(expected_objects);
        free_.reserve(expected_objects);
    }

    template <class... Args>
    [[nodiscard]] handle create(Args&&... args) {
        if (free_.empty()) {
            entries_.push_back({T(std::forward<Args>(args)...), 1});
            return {static_cast<std::uint32_t>(entries_.size() - 1), 1};
        }
        const std::uint32_t index = free_.back();
        entry& reused = entries_[index];
        reused.object = T(std::forward<Args>(args)...);
        free_.pop_back();
        return {index, ++reused.generation};
    }

    void destroy(handle which) {
        entry& gone = entries_[which.index];
        if (gone.generation != which.generation) [[unlikely]] {
            throw stale_handle(about.name);
        }
        free_.push_back(which.index);
        ++gone.generation;
    }

    [[nodiscard]] T* try_get(handle which) noexcept {
        entry& found = entries_[which.index];
        return found.generation == which.generation ? &found.object : nullptr;
    }

private:
    struct entry {
        T object;
        std::uint32_t generation;
    };

    std::vector<entry> entries_;
    std::vector<std::uint32_t> free_;
};

} // namespace poolmark
