// How a program that treats every value as an object carries its integers around.
//
//   std::int64_t ──box──► handle ──unbox──► the same std::int64_t
//                           └──drop──► gone
//
// A handle is whatever stands for the value in between: the value itself, a pointer to a box, or a word that is
// one or the other. The rivals differ in how often a handle costs an allocation.
//
// Good for: comparing what boxing costs, with the program around it unchanged.
// Bad for:  values that are shared: a handle has one owner, and drop() ends it.
#pragma once

#include "pools/description.hpp"

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace poolmark {

// A boxed integer: nothing but the value. No count, no type word: what is compared is where boxes come from.
struct boxed_int {
    std::int64_t value;
};

static_assert(sizeof(boxed_int) == 8 && std::is_trivially_destructible_v<boxed_int>);

// A way to box integers.
//
//   box     a handle that stands for `value`, any std::int64_t. Throws std::bad_alloc when it needs a box and there
//           is no memory.
//   unbox   the value that a live handle stands for. Never throws.
//   drop    ends a handle that box() of the same object returned. Each handle once, handles of shared boxes too:
//           the owner need not know which ones those are. Never throws. Move the handle in: one that owns its box
//           keeps it alive through every copy.
//   about   its name, family and one-line summary
//
// Handles still out when the boxing ends are invalid from then on. One thread at a time, unless it says otherwise.
template <class B>
concept boxing = std::default_initializable<B> && std::semiregular<typename B::handle> &&
                 requires(B& b, std::int64_t value, typename B::handle boxed) {
                     { B::about } -> std::convertible_to<const description&>;
                     { b.box(value) } -> std::same_as<typename B::handle>;
                     { b.unbox(boxed) } noexcept -> std::same_as<std::int64_t>;
                     { b.drop(std::move(boxed)) } noexcept -> std::same_as<void>;
                 };

} // namespace poolmark
