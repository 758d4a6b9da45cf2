// One object for each text: what every way to intern can do, whatever it does inside.
//
//   "user_id" ──┐
//   "user_id" ──┴─intern──► handle ──text──► "user_id"        equal texts, wherever they lie: equal handles
//                             └──drop──► gone
//
// Good for: keys that are compared or looked up many times after they have been read once.
// Bad for:  texts used once: interning one costs as much as the lookup that it is to spare.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/errors.hpp"
#include "pools/description.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace poolmark {

// What a way to intern promises.
struct interning_traits {
    bool mortal = false;      // a text that nobody holds any more leaves the table, and its storage goes back
    bool thread_safe = false; // any threads may intern, copy and drop at once
    bool frozen = false;      // made from all its texts; intern() finds them and throws unknown_text for others
};

// A text that a frozen table was not made with.
class POOLMARK_EXPORT unknown_text : public std::out_of_range {
public:
    explicit unknown_text(std::string_view text)
        : std::out_of_range("poolmark: frozen_interner: '" + std::string(text.substr(0, 64)) +
                            "' is not in this table") {}
};

// A way to intern.
//
//   intern(text)   the handle of `text`, any bytes, zeros and none at all included. Throws std::bad_alloc, and
//                  std::length_error for 4 GiB and more; changes nothing then.
//   text(handle)   the text; the view lives as long as the handle
//   drop(handle)   ends a handle. Each once, those of texts that stay as well. Never throws. A handle that owns its
//                  share (a shared_ptr) is over when it is destroyed, shortly after its drop.
//   size()         how many texts there are
//
// Handles compare equal exactly when their texts do. Those still out when the table ends are invalid from then on.
template <class Interner>
concept interning = std::semiregular<typename Interner::handle> && std::equality_comparable<typename Interner::handle> &&
    requires(Interner& table, const Interner& seen, std::string_view text, typename Interner::handle held) {
    { Interner::about } -> std::convertible_to<const description&>;
    { Interner::traits } -> std::convertible_to<const interning_traits&>;
    { table.intern(text) } -> std::same_as<typename Interner::handle>;
    { seen.text(held) }
    noexcept->std::same_as<std::string_view>;
    { table.drop(held) }
    noexcept->std::same_as<void>;
    { seen.size() }
    noexcept->std::same_as<std::size_t>;
};

// Whether CPython's compiler would intern a string constant with this text: ASCII letters, digits and underscores,
// in any order. A digit may stand first; the empty string qualifies.
[[nodiscard]] constexpr bool is_name_like(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

static_assert(is_name_like("hello_world_123") && is_name_like("123abc") && !is_name_like("hello-world"));

namespace detail {
[[nodiscard]] inline std::uint32_t checked_length(std::string_view text) {
    if (text.size() > (std::numeric_limits<std::uint32_t>::max)() - 64) {
        detail::raise<std::length_error>("poolmark: a text of 4 GiB or more cannot be interned");
    }
    return static_cast<std::uint32_t>(text.size());
}
} // namespace detail
} // namespace poolmark
