// Ways to pass a text through three functions, and what each allocates: a field of a line loses the blanks at its end,
// gets a label before and a mark behind, and is read.
//
//   line ──► field ──► trimmed ──► "field=" + text + ";" ──► sum of its characters
//
//   allocations, libstdc++           8 characters   64    what it saves on the row above
//   text_by_value                         0          6    a copy for each parameter
//   text_by_reference                     0          4    the copies at calls; a temporary is still made of the field
//   text_moved                            0          2    the second growth of the result
//   text_reserved                         0          1    views in, one string out that knows its length
//   text_on_stack                         0          0    a std::pmr::string in 1 KiB of the stack
//   text_reused                           0          0    one string kept for all results
//
// Texts whose result is longer than 15 characters leave libstdc++'s string and go to the heap.
//
// Good for: seeing where the allocations of a text pipeline come from, one by one.
// Bad for:  conclusions about other standard libraries, whose small strings are 22 characters long.
#pragma once

#include "pools/description.hpp"
#include "benchmarks/contenders/type_list.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <utility>

namespace poolmark {

namespace detail {

inline constexpr std::string_view text_label = "field=";
inline constexpr char text_mark = ';';

[[nodiscard]] constexpr std::size_t trimmed_length(std::string_view text) noexcept {
    std::size_t length = text.size();
    while (length != 0 && text[length - 1] == ' ') {
        --length;
    }
    return length;
}

[[nodiscard]] constexpr std::uint64_t sum_of(std::string_view text) noexcept {
    std::uint64_t sum = text.size();
    for (const char one : text) {
        sum = sum * 31 + static_cast<unsigned char>(one);
    }
    return sum;
}

// Functions of a library, which the compiler does not see into: else it would move some copies out of the way.
template <class String>
struct by_value_stages {
    [[gnu::noinline]] static String trimmed(String text) {
        text.resize(trimmed_length(text));
        return text;
    }
    [[gnu::noinline]] static String labelled(String text) { return String(text_label) + text + text_mark; }
    [[gnu::noinline]] static std::uint64_t read(String text) { return sum_of(text); }
};

template <class String>
struct by_reference_stages {
    [[gnu::noinline]] static String trimmed(const String& text) { return String(text, 0, trimmed_length(text)); }
    [[gnu::noinline]] static String labelled(const String& text) { return String(text_label) + text + text_mark; }
    [[gnu::noinline]] static std::uint64_t read(const String& text) { return sum_of(text); }
};

struct view_stages {
    [[gnu::noinline]] static std::string_view trimmed(std::string_view text) {
        return text.substr(0, trimmed_length(text));
    }
    template <class String>
    [[gnu::noinline]] static void label(std::string_view text, String& into) {
        into.reserve(text_label.size() + text.size() + 1);
        into.append(text_label).append(text).push_back(text_mark);
    }
    [[gnu::noinline]] static std::uint64_t read(std::string_view text) { return sum_of(text); }
};

} // namespace detail

// String: std::string, or std::pmr::string to have its allocations counted by the default resource.
template <class String>
struct text_by_value {
    static constexpr description about{"text_by_value", family::fresh, "strings as parameters by value, copied"};
    std::uint64_t operator()(std::string_view line) {
        using stages = detail::by_value_stages<String>;
        const String field(line);
        const String trimmed = stages::trimmed(field);
        const String labelled = stages::labelled(trimmed);
        return stages::read(labelled);
    }
};

template <class String>
struct text_by_reference {
    static constexpr description about{"text_by_reference", family::fresh, "strings as parameters by const reference"};
    std::uint64_t operator()(std::string_view line) {
        using stages = detail::by_reference_stages<String>;
        return stages::read(stages::labelled(stages::trimmed(String(line))));
    }
};

template <class String>
struct text_moved {
    static constexpr description about{"text_moved", family::fresh, "one string, moved from function to function"};
    std::uint64_t operator()(std::string_view line) {
        using stages = detail::by_value_stages<String>;
        return stages::read(labelled(stages::trimmed(String(line))));
    }

private:
    [[gnu::noinline]] static String labelled(String text) {
        text.insert(0, detail::text_label);
        text.push_back(detail::text_mark);
        return text;
    }
};

template <class String>
struct text_reserved {
    static constexpr description about{"text_reserved", family::fresh, "string views, and one string reserved"};
    std::uint64_t operator()(std::string_view line) {
        String labelled;
        detail::view_stages::label(detail::view_stages::trimmed(line), labelled);
        return detail::view_stages::read(labelled);
    }
};

template <class String>
struct text_on_stack {
    static constexpr description about{"text_on_stack", family::pool, "string views, and a std::pmr::string on the stack"};
    std::uint64_t operator()(std::string_view line) {
        std::array<std::byte, 1024> room; // NOLINT(*-member-init): the string writes what it reads
        std::pmr::monotonic_buffer_resource resource(room.data(), room.size());
        std::pmr::string labelled(&resource);
        detail::view_stages::label(detail::view_stages::trimmed(line), labelled);
        return detail::view_stages::read(labelled);
    }
};

template <class String>
struct text_reused {
    static constexpr description about{"text_reused", family::free_list, "string views, and one string kept for all"};
    std::uint64_t operator()(std::string_view line) {
        labelled_.clear(); // keeps its memory
        detail::view_stages::label(detail::view_stages::trimmed(line), labelled_);
        return detail::view_stages::read(labelled_);
    }

private:
    String labelled_;
};

// The first is the baseline: what one writes when nobody thinks about it.
template <class String>
using text_ways = type_list<text_by_value<String>, text_by_reference<String>, text_moved<String>,
                            text_reserved<String>, text_on_stack<String>, text_reused<String>>;

} // namespace poolmark
