// A sorted array of which the first element stands in the object itself: a list of what is nearly always one.
//
//   one   │ 1 │ [ A ]                        no heap
//   more  │ 3 │ ──► [ A | B | C |   ]
//
// Good for: the slabs of a pool: a young one has a single slab, and needs no second allocation to remember it.
// Bad for:  elements that must not move. References last until the next insert() or erase().
// Complexity: insert, erase O(elements). Bytes: one element in the object, powers of two on the heap from the second on.
// Threads:  one at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace poolmark::detail {

template <class T>
class few {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

public:
    few() noexcept {} // NOLINT(cppcoreguidelines-pro-type-member-init): there is no element yet
    few(few&& other) noexcept
        : heap_(std::exchange(other.heap_, nullptr)), size_(std::exchange(other.size_, 0)),
          room_(std::exchange(other.room_, 1)) {
        std::memcpy(&one_, &other.one_, sizeof(T));
    }
    few& operator=(few&& other) noexcept {
        few taken(std::move(other));
        std::swap(heap_, taken.heap_);
        std::swap(size_, taken.size_);
        std::swap(room_, taken.room_);
        std::memcpy(&one_, &taken.one_, sizeof(T)); // what this had is on the heap, or nobody's any more
        return *this;
    }
    ~few() {
        if (heap_ != nullptr) { // spares a call
            ::operator delete(heap_);
        }
    }

    [[nodiscard]] T* data() noexcept { return heap_ == nullptr ? &one_ : heap_; }
    [[nodiscard]] const T* data() const noexcept { return heap_ == nullptr ? &one_ : heap_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] T* begin() noexcept { return data(); }
    [[nodiscard]] T* end() noexcept { return data() + size_; }
    [[nodiscard]] const T* begin() const noexcept { return data(); }
    [[nodiscard]] const T* end() const noexcept { return data() + size_; }
    [[nodiscard]] T& operator[](std::size_t place) noexcept { return data()[place]; }
    [[nodiscard]] const T& operator[](std::size_t place) const noexcept { return data()[place]; }

    // The next insert() needs no memory. Throws std::bad_alloc and changes nothing where there is none.
    void make_room_for_one_more() {
        if (size_ == room_) {
            const std::uint32_t room = std::max<std::uint32_t>(8, 2 * room_);
            auto* const larger = static_cast<T*>(::operator new(room * sizeof(T)));
            std::uninitialized_copy(begin(), end(), larger);
            ::operator delete(heap_);
            heap_ = larger;
            room_ = room;
        }
    }
    // There must be room. Returns the new element, which holds anything: whoever fills it in where it stands spares a copy
    // that would wait for all the stores before it.
    T& insert(const T* before) noexcept {
        T* const place = data() + (before - data());
        if (place != end()) {
            std::memmove(place + 1, place, static_cast<std::size_t>(end() - place) * sizeof(T));
        }
        ++size_;
        return *place;
    }
    // The same where there was none.
    T& insert_first() noexcept {
        size_ = 1;
        return *data();
    }
    void erase(const T* gone) noexcept {
        T* const place = data() + (gone - data());
        std::copy(place + 1, end(), place);
        --size_;
    }

private:
    T* heap_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t room_ = 1;
    union {
        T one_; // no more than storage while there is none
    };
};

} // namespace poolmark::detail
