// A number that no other object of the process ever has: 64 bits, drawn in order, never used again.
//
//   counter ──1,024 at a time──► thread ──one at a time──► object │ id 4711 │
//
// Good for: keys of side tables, logs, files: what an address is often taken for.
// Bad for:  objects of a few bytes; finding the object that belongs to an id.
// Complexity: O(1), one locked addition in 1,024. Bytes: 8 an object. Threads: any.
#pragma once

#include "pools/description.hpp"

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <unordered_set>

namespace poolmark {

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

} // namespace poolmark
