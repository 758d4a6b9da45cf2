// A sorted array that stands in the object itself while it has few elements: a list of what are nearly always few.
//
//   three │ 3 │ [ A | B | C ]                no heap
//   more  │ 4 │ ──► [ A | B | C | D |   ]
//
// Good for: the slabs of a pool: a young one has up to three, and needs no allocation to remember them.
// Bad for:  elements that must not move. References last until the next insert() or erase().
// Complexity: insert, erase O(elements). Bytes: three elements in the object, powers of two on the heap from the fourth on.
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
          room_(std::exchange(other.room_, own_room)) {
        std::memcpy(own_, other.own_, sizeof(own_));
    }
    few& operator=(few&& other) noexcept {
        few taken(std::move(other));
        std::swap(heap_, taken.heap_);
        std::swap(size_, taken.size_);
        std::swap(room_, taken.room_);
        std::memcpy(own_, taken.own_, sizeof(own_)); // what this had is on the heap, or nobody's any more
        return *this;
    }
    ~few() {
        if (heap_ != nullptr) { // spares a call
            ::operator delete(heap_);
        }
    }

    [[nodiscard]] T* data() noexcept { return heap_ == nullptr ? own_ : heap_; }
    [[nodiscard]] const T* data() const noexcept { return heap_ == nullptr ? own_ : heap_; }
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
    static constexpr std::uint32_t own_room = 3;

    T* heap_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t room_ = own_room;
    union {
        T own_[own_room]; // no more than storage while there are none
    };
};

} // namespace poolmark::detail
