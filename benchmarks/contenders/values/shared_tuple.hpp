// A sequence that never changes and is shared by all its copies. The empty one is one object for the whole process.
//
//   shared_tuple<int>{1, 2} ──┐
//   a copy of it            ──┴──► [ count | size | 1 | 2 ]
//   shared_tuple<int>{}     ──┐
//   made of an empty range  ──┼──► [ immortal | 0 ]           there before the program runs; never counted
//   moved from              ──┘
//
// Good for: small keys and rows that are passed around much and never changed.
// Bad for:  sequences that change: each change is another tuple.
// Complexity: copy and drop O(1), one atomic count; of the empty tuple no write at all.
// Bytes:    16 and the items, from the heap; none for the empty tuple. Threads: any.
#pragma once

#include "pools/memory/align.hpp"
#include "benchmarks/contenders/values/singletons.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace poolmark {

namespace detail {
struct alignas(16) tuple_head {
    constexpr tuple_head(std::uint32_t owners, std::size_t items) noexcept : count(owners), size(items) {}
    immortal_bit count;
    std::size_t size;
};
inline constinit tuple_head empty_tuple{immortal_bit::bit, 0};
} // namespace detail

template <class T>
class shared_tuple {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(detail::tuple_head));

public:
    shared_tuple() noexcept = default;
    shared_tuple(std::initializer_list<T> items)
        : shared_tuple(std::span<const T>(items.begin(), items.size())) {}
    explicit shared_tuple(std::span<const T> items)
        : head_(items.empty() ? &detail::empty_tuple : made_of(items)) {}
    shared_tuple(const shared_tuple& other) noexcept : head_(other.head_) { head_->count.retain(); }
    shared_tuple(shared_tuple&& other) noexcept : head_(std::exchange(other.head_, &detail::empty_tuple)) {}
    shared_tuple& operator=(shared_tuple other) noexcept {
        std::swap(head_, other.head_);
        return *this;
    }
    ~shared_tuple() {
        if (head_->count.release()) {
            end(head_);
        }
    }

    [[nodiscard]] std::span<const T> items() const noexcept {
        return {reinterpret_cast<const T*>(head_ + 1), head_->size};
    }
    [[nodiscard]] const void* identity() const noexcept { return head_; }
    [[nodiscard]] std::uint32_t count() const noexcept { return head_->count.count(); }
    [[nodiscard]] friend bool operator==(const shared_tuple& one, const shared_tuple& other) noexcept {
        return one.head_ == other.head_ || std::ranges::equal(one.items(), other.items());
    }

private:
    [[nodiscard]] static detail::tuple_head* made_of(std::span<const T> items) {
        const std::size_t bytes = sizeof(detail::tuple_head) + detail::checked_bytes(items.size(), sizeof(T));
        auto* const head = ::new (::operator new(bytes)) detail::tuple_head(1, items.size());
        std::uninitialized_copy(items.begin(), items.end(), reinterpret_cast<T*>(head + 1));
        return head;
    }

    // Not inlined: the compiler would see the empty tuple arrive here, which its count keeps from happening.
    [[gnu::noinline]] static void end(detail::tuple_head* last) noexcept {
        std::destroy_at(last);
        ::operator delete(last);
    }

    detail::tuple_head* head_ = &detail::empty_tuple;
};

} // namespace poolmark
