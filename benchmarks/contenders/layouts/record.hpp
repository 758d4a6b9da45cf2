// Records: plain structs that name their fields, so that every layout can store the same ones.
//
//   struct vector2d { double x, y;  fields = { ("x", &x), ("y", &y) } };
//   field<"x">                      a name known when the program is compiled
//   std::string_view{"x"}           a name known only when it runs
//
// Good for: giving one set of fields to a struct, a hash map and a shape, and comparing the three.
// Bad for:  fields that are not numbers: a string's own allocation would drown what is compared.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace poolmark {

// A field's value where the field is known only at run time. Integers of all widths travel as std::int64_t.
using field_value = std::variant<std::int64_t, double>;

// A string literal as a template argument.
template <std::size_t Size>
struct fixed_string {
    char characters[Size]{};

    // NOLINTNEXTLINE(google-explicit-constructor): field<"x"> is the point of it.
    consteval fixed_string(const char (&literal)[Size]) {
        for (std::size_t i = 0; i != Size; ++i) {
            characters[i] = literal[i];
        }
    }
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters, Size - 1}; }
};

// field<"x"> as an argument names a field at compile time: layout.get(object, field<"x">).
template <fixed_string Name>
struct field_name {
    static constexpr std::string_view text = Name.view();
};
template <fixed_string Name>
inline constexpr field_name<Name> field{};

// One entry of a record's `fields`.
template <class Record, class Value>
struct field_entry {
    using value_type = Value;
    std::string_view name;
    Value Record::*member;
};
template <class Record, class Value>
field_entry(const char*, Value Record::*) -> field_entry<Record, Value>;

// A struct with a `record_name` and a tuple `fields` of field_entry, in order of declaration.
template <class R>
concept record = std::is_trivially_copyable_v<R> && requires {
    { R::record_name } -> std::convertible_to<std::string_view>;
    std::tuple_size<std::remove_const_t<decltype(R::fields)>>::value;
};

template <record R>
inline constexpr std::size_t field_count = std::tuple_size_v<std::remove_const_t<decltype(R::fields)>>;

// Calls visit(entry, index) for each field, in order; the index is a std::integral_constant.
template <record R, class Visitor>
constexpr void for_each_field(Visitor&& visit) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (visit(std::get<I>(R::fields), std::integral_constant<std::size_t, I>{}), ...);
    }
    (std::make_index_sequence<field_count<R>>{});
}

// The position of the field called `name`; field_count<R> when there is none. O(fields).
template <record R>
[[nodiscard]] constexpr std::size_t field_position(std::string_view name) noexcept {
    std::size_t found = field_count<R>;
    for_each_field<R>([&](const auto& entry, auto index) {
        if (entry.name == name) {
            found = index;
        }
    });
    return found;
}

// The same for a name that is known when it is compiled. A variable, because GCC may leave a call to run time, and that in
// every read costs more than the read.
template <record R, fixed_string Name>
inline constexpr std::size_t position_of_field = field_position<R>(Name.view());

// The entry of a name known at compile time; an unknown one does not compile.
template <record R, fixed_string Name>
[[nodiscard]] consteval const auto& field_of() {
    static_assert(position_of_field<R, Name> != field_count<R>, "this record has no field of that name");
    return std::get<position_of_field<R, Name>>(R::fields);
}
template <record R, fixed_string Name>
using field_type = typename std::remove_cvref_t<decltype(field_of<R, Name>())>::value_type;

// What the fields need without padding: no layout can go below it.
template <record R>
inline constexpr std::size_t payload_bytes = [] {
    std::size_t bytes = 0;
    for_each_field<R>([&]<class E>(const E&, auto) { bytes += sizeof(typename E::value_type); });
    return bytes;
}();

// How a field travels at run time: as a double, or as a std::int64_t.
template <class Value>
using travelling_type = std::conditional_t<std::floating_point<Value>, double, std::int64_t>;

// The field's own type back. Throws std::bad_variant_access for the other kind of number, std::out_of_range for
// an integer that the field cannot hold: never a value that was cut.
template <class Value>
[[nodiscard]] constexpr Value to_field(const field_value& from) {
    const travelling_type<Value> wide = std::get<travelling_type<Value>>(from);
    if constexpr (std::integral<Value>) {
        if (!std::in_range<Value>(wide)) {
            throw std::out_of_range("poolmark: the value does not fit into the field");
        }
    }
    return static_cast<Value>(wide);
}

// The kind and range check of to_field for a field known by its position.
template <record R>
constexpr void check_field(std::size_t position, const field_value& from) {
    for_each_field<R>([&]<class E>(const E&, auto index) {
        if (index == position) {
            static_cast<void>(to_field<typename E::value_type>(from));
        }
    });
}

} // namespace poolmark
