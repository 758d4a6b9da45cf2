// A reference to a slot that knows when its object is gone: the slot's index, and which of its objects is meant.
//
//   handle64   │ generation 32 │ index 32 │     each slot lives 2^30 times at least
//   handle32   │ generation 10 │ index 22 │     4,194,304 slots, each of which lives 511 times
//
// A generation is odd while its object lives, so no handle is 0, and `none` is.
//
// Good for: references between objects that come and go: half of a pointer's size, or all of it, and never dangling.
// Bad for:  an object that is known to outlive its users; a pointer is one load less.
#pragma once

#include "pools/memory/upstream.hpp"

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace poolmark {

// How the bits of a handle are shared out. A type of one's own with the same members makes handles that no other map
// takes:  struct texture_handle : poolmark::handle32 {};
struct handle32 {
    using word = std::uint32_t;
    static constexpr unsigned index_bits = 22;
    static constexpr unsigned generation_bits = 10;
};
struct handle64 {
    using word = std::uint64_t;
    static constexpr unsigned index_bits = 32;
    static constexpr unsigned generation_bits = 32;
};

template <class H>
concept handle_layout = std::unsigned_integral<typename H::word> && H::index_bits >= 1 && H::index_bits <= 32 &&
                        H::generation_bits >= 2 && H::generation_bits <= 32 &&
                        H::index_bits + H::generation_bits == sizeof(typename H::word) * 8;

template <class T, handle_layout Layout, upstream_source Upstream>
class slot_map;

// T may be incomplete, so that a T can hold handles of its own kind: slot_map<T> cannot be asked for its handle there.
template <class T, handle_layout Layout = handle64>
class slot_handle {
public:
    using word = typename Layout::word;
    static constexpr unsigned index_bits = Layout::index_bits;

    constexpr slot_handle() noexcept = default; // none

    // The handle as a number, for a file or a log, and back; none where the number is not one of a handle.
    [[nodiscard]] constexpr word bits() const noexcept { return bits_; }
    [[nodiscard]] static constexpr slot_handle from_bits(word bits) noexcept {
        const bool odd = (bits >> Layout::index_bits & 1) != 0;
        return odd ? slot_handle(bits) : slot_handle();
    }

    [[nodiscard]] constexpr std::uint32_t index() const noexcept {
        return static_cast<std::uint32_t>(bits_ & ((word{1} << Layout::index_bits) - 1));
    }
    [[nodiscard]] constexpr std::uint32_t generation() const noexcept {
        return static_cast<std::uint32_t>(bits_ >> Layout::index_bits);
    }
    // What the slot of a live object is marked with: the generation, or all of a handle of 32 bits.
    [[nodiscard]] constexpr std::uint32_t stamp() const noexcept {
        return static_cast<std::uint32_t>(bits_ >> (sizeof(word) * 8 - 32));
    }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return bits_ != 0; }
    [[nodiscard]] constexpr auto operator<=>(const slot_handle&) const noexcept = default;

private:
    template <class, handle_layout, upstream_source>
    friend class slot_map;
    constexpr explicit slot_handle(word bits) noexcept : bits_(bits) {}
    word bits_ = 0;
};

} // namespace poolmark

template <class T, poolmark::handle_layout Layout>
struct std::hash<poolmark::slot_handle<T, Layout>> {
    [[nodiscard]] std::size_t operator()(poolmark::slot_handle<T, Layout> of) const noexcept {
        return std::hash<typename Layout::word>{}(of.bits());
    }
};
