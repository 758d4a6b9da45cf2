// scan_pool, improved one step at a time: four other books for the same slots. Each tells a double release, a foreign
// pointer, another pool's and an interior one apart, which scan_pool does not.
//
//   swap_erase_pool  one search, and the last of the list in the place of the one that leaves
//   hash_set_pool    a std::unordered_set of those out
//   flag_pool        a flag in each slot that says whether it is out
//   index_list_pool  one array of numbers: the next free slot, or a mark that this one is out
//
// Good for: seeing what each step gains. Bad for: pools that grow.
#pragma once

#include "benchmarks/contenders/storage/fixed_pool.hpp"
#include "benchmarks/contenders/type_list.hpp"

#include <cstddef>
#include <cstdint>
#include <new>
#include <unordered_set>
#include <vector>

namespace poolmark {

namespace detail {

// The first fix that one would make. The search remains, and swapping shuffles the list, so that no order of release is
// always found early.
struct searched_once : list_of_out {
    static constexpr description about{"swap_erase_pool", family::pool,
                                       "fixed slots; release searches those in use once and swaps with the last"};
    using list_of_out::list_of_out;
    [[nodiscard]] bool erase(const auto& /*slots*/, void* block) noexcept {
        const auto at = found(block);
        if (at == out_.end()) {
            return false;
        }
        *at = out_.back();
        out_.pop_back();
        return true;
    }
};

// What one writes who has heard that a search costs O(n). Shows that O(1) is not yet fast: each acquire() allocates a
// node and each release() frees one, to spare an allocation. 8 bytes an object for the table, and a heap block of 16
// for each that is out.
class set_of_out : public usual_books {
public:
    static constexpr description about{"hash_set_pool", family::pool,
                                       "fixed slots; those in use stand in a std::unordered_set"};
    template <class Slots>
    explicit set_of_out(const Slots& slots) {
        out_.reserve(slots.capacity()); // the table; the nodes come and go
    }
    void insert(const auto& /*slots*/, void* slot) { out_.insert(slot); }
    [[nodiscard]] bool erase(const auto& /*slots*/, void* block) { return out_.erase(block) != 0; }

private:
    std::unordered_set<void*> out_;
};

// Tells a double release at once, on the cache line that is being released anyway. Bad for objects whose size is a power
// of two: the flag and its padding make the slot larger by alignof(T).
struct flags_in_slots : usual_books {
    static constexpr description about{"flag_pool", family::pool,
                                       "fixed slots, with a flag in each that says it is out"};
    static constexpr std::size_t bytes_in_slot = 1;
    template <class Slots>
    explicit flags_in_slots(const Slots& slots) {
        for (std::size_t i = 0; i != slots.capacity(); ++i) {
            flag_of(slots, slots.at(i)) = idle;
        }
    }
    void insert(const auto& slots, void* slot) noexcept { flag_of(slots, slot) = out; }
    [[nodiscard]] bool erase(const auto& slots, void* block) noexcept {
        if (slots.number_of(block) == slots.none || flag_of(slots, block) != out) [[unlikely]] {
            return false;
        }
        flag_of(slots, block) = idle;
        return true;
    }

private:
    static constexpr std::byte idle{0};
    static constexpr std::byte out{1};
    [[nodiscard]] static std::byte& flag_of(const auto& slots, void* slot) noexcept {
        return static_cast<std::byte*>(slot)[slots.object_bytes];
    }
};

//   first_ ──► 2          slots   │ A │ B │ - │ - │
//                         next_   │out│out│ 3 │end│       2 ──► 3 ──► end
//
// The list of those free and the marks of those out are one array of 4 bytes an object, and released slots are not
// written to. release() has a division by a constant.
class numbered_books : public usual_books {
public:
    static constexpr description about{"index_list_pool", family::free_list,
                                       "fixed slots; a list of free ones by number, beside them"};
    template <class Slots>
    explicit numbered_books(const Slots& slots)
        : next_(slots.capacity() <= end ? slots.capacity() : throw std::bad_array_new_length(), end),
          available_(slots.capacity()) {
        for (std::size_t i = slots.capacity(); i != 0; --i) {
            next_[i - 1] = first_;
            first_ = static_cast<std::uint32_t>(i - 1);
        }
    }
    template <class Slots>
    [[nodiscard]] void* take(const Slots& slots) {
        if (first_ == end) [[unlikely]] {
            throw pool_exhausted();
        }
        const std::uint32_t taken = first_;
        first_ = next_[taken];
        next_[taken] = out;
        --available_;
        return slots.at(taken);
    }
    template <class Slots>
    [[nodiscard]] bool give_back(const Slots& slots, void* block) noexcept {
        const std::size_t number = slots.number_of(block);
        if (number == slots.none || next_[number] != out) [[unlikely]] {
            return false;
        }
        next_[number] = first_;
        first_ = static_cast<std::uint32_t>(number);
        ++available_;
        return true;
    }
    [[nodiscard]] std::size_t available() const noexcept { return available_; }

private:
    static constexpr std::uint32_t out = ~std::uint32_t{0};
    static constexpr std::uint32_t end = out - 1;

    std::vector<std::uint32_t> next_;
    std::uint32_t first_ = end;
    std::size_t available_;
};

} // namespace detail

template <class T, upstream_source Upstream = page_source>
using swap_erase_pool = fixed_pool<T, detail::listed_books<detail::searched_once>, Upstream>;
template <class T, upstream_source Upstream = page_source>
using hash_set_pool = fixed_pool<T, detail::listed_books<detail::set_of_out>, Upstream>;
template <class T, upstream_source Upstream = page_source>
using flag_pool = fixed_pool<T, detail::listed_books<detail::flags_in_slots>, Upstream>;
template <class T, upstream_source Upstream = page_source>
using index_list_pool = fixed_pool<T, detail::numbered_books, Upstream>;

// What the workload small_object_pool compares besides the leading pools, of which scan_pool is one.
template <class T>
using fixed_pools = type_list<swap_erase_pool<T>, hash_set_pool<T>, flag_pool<T>, index_list_pool<T>>;

static_assert(pool<flag_pool<int, heap_source>> && pool<index_list_pool<int>>);

} // namespace poolmark
