// Three stores of parsed events, from what one writes when nobody thinks about it to all the tricks at once.
//
//   dictionary_events   event ──► unordered_map { "ts": 17..., "type": "login", ... }      every name a string again
//   string_events       event ──► [ 17... | 2 | 42 | 13 | "login" | "0a1b2c3d" ]           a struct, with strings
//   interned_events     event ──► [ box* | box* | box* | box* | symbol 9 | 0a1b2c3d ]      names and types by symbol,
//                                    └──► table of small integers, or a box of its own     numbers by Boxing, from a slab
//
//   allocations an event, with a type of 20 characters, libstdc++: 9, 2 and one for each integer outside of the table
//   (with plain_value: none)
//
// Good for: asking what interning, slots and a table of small integers gain together, and which of them gains it.
// Bad for:  lines with fields that are not among the six.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/events/events.hpp"
#include "benchmarks/contenders/layouts/record_layout.hpp"
#include "pools/slab_pool.hpp"
#include "pools/values/boxed_int_table.hpp"
#include "benchmarks/contenders/values/boxes.hpp"
#include "benchmarks/contenders/events/symbol_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>

namespace poolmark {

namespace detail {

template <class Allocator, class T>
using rebound = typename std::allocator_traits<Allocator>::template rebind_alloc<T>;
template <class Allocator>
using event_string = std::basic_string<char, std::char_traits<char>, rebound<Allocator, char>>;

// The position of a field's name. Throws unknown_field.
[[nodiscard]] inline std::size_t event_field_of(std::string_view name) {
    const auto found = std::find(event_field_names.begin(), event_field_names.end(), name);
    if (found == event_field_names.end()) {
        throw unknown_field(name);
    }
    return static_cast<std::size_t>(found - event_field_names.begin());
}

} // namespace detail

template <class Allocator = std::allocator<std::byte>>
class dictionary_events {
    using string = detail::event_string<Allocator>;
    using value = std::variant<std::int64_t, string>;
    struct rebound_hash { // the standard's is for strings of the standard's allocator
        std::size_t operator()(const string& text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    using hash = std::conditional_t<std::is_same_v<string, std::string>, std::hash<std::string>, rebound_hash>;

public:
    using event = std::unordered_map<string, value, hash, std::equal_to<>,
                                     detail::rebound<Allocator, std::pair<const string, value>>>;
    static constexpr description about{"dictionary_events", family::fresh,
                                       "an unordered_map of names and values for each event"};

    explicit dictionary_events(const Allocator& allocator = Allocator()) : allocator_(allocator) {}

    [[nodiscard]] event* parse(std::string_view line) {
        auto* const made = detail::new_object<event>(
            allocator_, typename event::allocator_type(allocator_));
        try {
            fill(*made, line);
        } catch (...) {
            drop(made);
            throw;
        }
        return made;
    }
    [[nodiscard]] std::int64_t number(const event* from, event_field field) const {
        return std::get<std::int64_t>(from->at(name_of(field)));
    }
    [[nodiscard]] std::string_view text(const event* from, event_field field) const {
        return std::get<string>(from->at(name_of(field)));
    }
    void drop(event* ended) noexcept { detail::delete_object(allocator_, ended); }

private:
    void fill(event& made, std::string_view line) {
        unsigned seen = 0;
        detail::for_each_event_field(line, [&](std::string_view name, std::string_view text) {
            const std::size_t field = detail::event_field_of(name);
            detail::see_event_field(seen, field, line);
            if (field < event_numbers) {
                made.emplace(string(name, allocator_), detail::number_in(text, line));
            } else {
                made.emplace(string(name, allocator_), string(text, allocator_));
            }
        });
        if (seen != detail::every_event_field) {
            throw malformed_event(line);
        }
    }

    // As a program has it: a key made of a literal at each access; these are short enough for no allocation.
    [[nodiscard]] string name_of(event_field field) const {
        return string(event_field_names[static_cast<std::size_t>(field)], allocator_);
    }

    [[no_unique_address]] Allocator allocator_;
};

template <class Allocator = std::allocator<std::byte>>
class string_events {
    using string = detail::event_string<Allocator>;

public:
    struct event {
        std::array<std::int64_t, event_numbers> numbers;
        string type;
        string session;
    };
    static constexpr description about{"string_events", family::layout, "a struct with strings for each event"};

    explicit string_events(const Allocator& allocator = Allocator()) : allocator_(allocator) {}

    [[nodiscard]] event* parse(std::string_view line) {
        event made{{}, string(allocator_), string(allocator_)};
        unsigned seen = 0;
        detail::for_each_event_field(line, [&](std::string_view name, std::string_view text) {
            const std::size_t field = detail::event_field_of(name);
            detail::see_event_field(seen, field, line);
            if (field < event_numbers) {
                made.numbers[field] = detail::number_in(text, line);
            } else {
                (field == event_numbers ? made.type : made.session) = text;
            }
        });
        if (seen != detail::every_event_field) {
            throw malformed_event(line);
        }
        return detail::new_object<event>(allocator_, std::move(made));
    }
    [[nodiscard]] std::int64_t number(const event* from, event_field field) const noexcept {
        return from->numbers[static_cast<std::size_t>(field)];
    }
    [[nodiscard]] std::string_view text(const event* from, event_field field) const noexcept {
        return field == event_field::type ? from->type : from->session;
    }
    void drop(event* ended) noexcept { detail::delete_object(allocator_, ended); }

private:
    [[no_unique_address]] Allocator allocator_;
};

inline constexpr description interned_events_about{
    "interned_events", family::pool, "slots from a slab, interned names and types, small integers from a table"};
inline constexpr description interned_plain_events_about{
    "interned_plain_events", family::pool, "slots from a slab, interned names and types, integers inside"};

// Symbols: a symbol_table; its first numbers are the fields'. Boxing: see boxing.hpp. Sessions hardly come twice, so
// they are not interned: their 8 characters lie in the event.
template <class Boxing = boxed_int_table<>, symbol_table Symbols = hashed_symbols>
class interned_events {
    static constexpr std::size_t session_characters = 8;

public:
    struct event {
        std::array<typename Boxing::handle, event_numbers> numbers;
        std::array<char, session_characters> session;
        symbol type;
    };
    static constexpr const description& about =
        std::is_same_v<Boxing, plain_value> ? interned_plain_events_about : interned_events_about;

    interned_events() {
        for (const std::string_view name : event_field_names) {
            static_cast<void>(symbols_.symbol_of(name));
        }
    }
    interned_events(const interned_events&) = delete;
    interned_events& operator=(const interned_events&) = delete;

    [[nodiscard]] event* parse(std::string_view line) {
        std::array<std::int64_t, event_numbers> numbers{};
        event made{};
        unsigned seen = 0;
        detail::for_each_event_field(line, [&](std::string_view name, std::string_view text) {
            const std::size_t field = field_of(name);
            detail::see_event_field(seen, field, line);
            if (field < event_numbers) {
                numbers[field] = detail::number_in(text, line);
            } else if (field == event_numbers) {
                made.type = symbols_.symbol_of(text);
            } else if (text.size() == session_characters) {
                text.copy(made.session.data(), session_characters);
            } else {
                throw malformed_event(line);
            }
        });
        if (seen != detail::every_event_field) {
            throw malformed_event(line);
        }
        return keep(made, numbers);
    }

    [[nodiscard]] std::int64_t number(const event* from, event_field field) const noexcept {
        return boxes_.unbox(from->numbers[static_cast<std::size_t>(field)]);
    }
    [[nodiscard]] std::string_view text(const event* from, event_field field) const noexcept {
        return field == event_field::type ? symbols_.text_of(from->type)
                                          : std::string_view(from->session.data(), session_characters);
    }
    void drop(event* ended) noexcept {
        for (const auto boxed : ended->numbers) {
            boxes_.drop(boxed);
        }
        destroy(events_, ended);
    }

    [[nodiscard]] const Symbols& symbols() const noexcept { return symbols_; }

private:
    // A name is looked up among all symbols: names that events do not have are not added.
    [[nodiscard]] std::size_t field_of(std::string_view name) {
        if constexpr (requires(const Symbols& seen) { seen.find(name); }) {
            const symbol found = symbols_.find(name);
            if (found < event_field_names.size()) [[likely]] {
                return found;
            }
            throw unknown_field(name);
        } else {
            return detail::event_field_of(name);
        }
    }

    // Boxes the numbers one after the other; where that fails, those already boxed are dropped.
    [[nodiscard]] event* keep(event& made, const std::array<std::int64_t, event_numbers>& numbers) {
        std::size_t boxed = 0;
        void* const slot = events_.acquire();
        try {
            for (; boxed != event_numbers; ++boxed) {
                made.numbers[boxed] = boxes_.box(numbers[boxed]);
            }
        } catch (...) {
            while (boxed != 0) {
                boxes_.drop(made.numbers[--boxed]);
            }
            events_.release(slot);
            throw;
        }
        return ::new (slot) event(made);
    }

    Symbols symbols_;
    Boxing boxes_;
    slab_pool<event> events_;
};

static_assert(event_store<dictionary_events<>> && event_store<string_events<>>);
static_assert(event_store<interned_events<>> && event_store<interned_events<plain_value>>);

} // namespace poolmark
