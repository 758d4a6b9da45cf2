// What a line of a log becomes: the text form that all event stores read, and what they agree on.
//
//   "ts=1700000000123 level=2 user=42 type=login session=0a1b2c3d ms=13"
//
// Fields are name=value, parted by single blanks, in any order; each of the six names stands once.
//
// Good for: comparing stores of events with the same parser in front of them.
// Bad for:  real logs, which have quotes, nesting and fields that nobody foresaw.
#pragma once

#include "pools/description.hpp"
#include "pools/errors.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace poolmark {

// A line that is no event. The store is as it was.
class malformed_event : public std::invalid_argument {
public:
    explicit malformed_event(std::string_view line)
        : std::invalid_argument("poolmark: not an event: '" + std::string(line.substr(0, 80)) + "'") {}
};

// The fields, numbers first. A store may use an event_field's number as a position.
enum class event_field : std::uint8_t { time, level, user, duration, type, session };
inline constexpr std::array<std::string_view, 6> event_field_names{"ts", "level", "user", "ms", "type", "session"};
inline constexpr std::size_t event_numbers = 4;

// A store of events E.
//
//   parse(line)   an event that was not there before. Throws malformed_event for a line that is none, unknown_field
//                 for a name that events do not have, std::bad_alloc; the store is as it was then.
//   number(event, field)   one of the first four fields
//   text(event, field)     one of the last two; valid as long as the event
//   drop(event)   ends it
template <class E>
concept event_store = requires(E& store, const E& seen, std::string_view line, typename E::event* one) {
    { E::about } -> std::convertible_to<const description&>;
    { store.parse(line) } -> std::same_as<typename E::event*>;
    { seen.number(one, event_field::time) } -> std::same_as<std::int64_t>;
    { seen.text(one, event_field::type) } -> std::convertible_to<std::string_view>;
    { store.drop(one) } noexcept -> std::same_as<void>;
};

namespace detail {

// visit(name, value) for each field of a line, as views into it.
template <class Visit>
void for_each_event_field(std::string_view line, Visit&& visit) {
    std::size_t at = 0;
    while (at < line.size()) {
        const std::size_t end = line.find(' ', at) == line.npos ? line.size() : line.find(' ', at);
        const std::size_t equals = line.find('=', at);
        if (equals >= end || equals == at) {
            throw malformed_event(line);
        }
        visit(line.substr(at, equals - at), line.substr(equals + 1, end - equals - 1));
        at = end + 1;
    }
}

// The value as a number, whole or not at all.
[[nodiscard]] inline bool is_number(std::string_view value, std::int64_t& number) noexcept {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    return error == std::errc() && end == value.data() + value.size();
}

[[nodiscard]] inline std::int64_t number_in(std::string_view value, std::string_view line) {
    std::int64_t number = 0;
    if (!is_number(value, number)) {
        throw malformed_event(line);
    }
    return number;
}

inline constexpr unsigned every_event_field = (1U << event_field_names.size()) - 1;

// Marks a field as seen; throws where it was already.
inline void see_event_field(unsigned& seen, std::size_t field, std::string_view line) {
    if ((seen >> field & 1U) != 0) {
        throw malformed_event(line);
    }
    seen |= 1U << field;
}

} // namespace detail
} // namespace poolmark
