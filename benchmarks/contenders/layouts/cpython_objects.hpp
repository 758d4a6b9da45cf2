// What CPython puts in front of an object, and the three ways in which it has kept the fields of one: the sizes are
// its own, the fields are 8 bytes each (there a pointer to another object, here the number itself).
//
//   slots        │ collector 16 │ count, type 16 │ fields │
//   3.11         │ dict*, values* │ collector 16 │ count, type 16 │     values ──► │ order │ fields and 3 spare │
//   3.13         │ dict*, weak references* │ collector 16 │ count, type 16 │ order │ fields and 1 spare, at least 4 │
//                   └──► null, until somebody looks at the object's dictionary: then 64 bytes more
//
// Good for: asking what slots save against objects with a dictionary,
//           with CPython's constants and without its bytecode.
// Bad for:  programs: shape_slots has the same idea without the header, a struct has neither.
// Complexity: make one allocation (3.11: two), one more when the dictionary is looked at; fields as shape.hpp says,
//           through one pointer more where the values are out of line.
// Bytes:    16 a row above, rounded up by the heap; see the static_asserts. Threads: one at a time.
#pragma once

#include "pools/memory/align.hpp"
#include "benchmarks/contenders/layouts/record_layout.hpp"
#include "benchmarks/contenders/layouts/records.hpp"
#include "benchmarks/contenders/layouts/shape.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace poolmark {

namespace detail {

template <record Record>
struct object_header {
    void* collector[2] = {};
    std::int64_t references = 1;
    const shape<Record>* kind = &shape_of<Record>;
};

// An object's dictionary that shares its names with all objects of the class and its values with the object.
template <record Record>
struct split_dictionary : object_header<Record> {
    std::uint64_t used = field_count<Record>;
    std::uint64_t version = 0;
    const shape<Record>* keys = &shape_of<Record>;
    std::uint64_t* values = nullptr;
};
static_assert(sizeof(object_header<vector2d>) == 32 && sizeof(split_dictionary<vector2d>) == 64);

// The order in which fields were given values, then the values and room for more.
template <std::size_t OrderBytes, std::size_t Fields>
struct values_block {
    std::array<std::uint8_t, align_up(OrderBytes, 8)> order{};
    std::array<std::uint64_t, Fields> fields{};
};
template <record Record>
using outline_block = values_block<field_count<Record> + 3 + 2, field_count<Record> + 3>;
template <record Record>
inline constexpr std::size_t inline_fields = std::max<std::size_t>(field_count<Record> + 1, 4);
template <record Record>
using inline_block = values_block<inline_fields<Record> + 4, inline_fields<Record>>;

template <record Record>
struct cpython_slots_object : object_header<Record> {
    std::array<std::uint64_t, field_count<Record>> fields{};

    [[nodiscard]] std::uint64_t* slots() noexcept { return fields.data(); }
    [[nodiscard]] const std::uint64_t* slots() const noexcept { return fields.data(); }
};

template <record Record>
struct cpython_outline_object : object_header<Record> {
    outline_block<Record>* values = nullptr; // null once the dictionary has them
    split_dictionary<Record>* dictionary = nullptr;

    [[nodiscard]] std::uint64_t* slots() const noexcept {
        return values != nullptr ? values->fields.data() : dictionary->values;
    }
};

template <record Record>
struct cpython_inline_object : object_header<Record> {
    split_dictionary<Record>* dictionary = nullptr;
    void* weak_references = nullptr;
    inline_block<Record> values;

    [[nodiscard]] std::uint64_t* slots() noexcept { return values.fields.data(); }
    [[nodiscard]] const std::uint64_t* slots() const noexcept { return values.fields.data(); }
};

// Objects of one block each.
template <record Record, class Object, class Allocator>
class one_block_layout : public shaped_fields<Record, Object> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    using object = Object;

    one_block_layout() = default;
    explicit one_block_layout(const Allocator& allocator) : allocator_(allocator) {}

    [[nodiscard]] object* make(const Record& values) {
        object* const made = new_object<object>(allocator_);
        store_slots(made->slots(), values);
        return made;
    }
    void destroy(object* ended) noexcept { delete_object(allocator_, ended); }

protected:
    [[no_unique_address]] Allocator allocator_;
};

} // namespace detail

// Layouts whose objects get a dictionary when somebody looks at it, and keep it from then on. The object keeps its
// values. touch() throws std::bad_alloc and changes nothing then.
template <class L>
concept touchable_layout = requires(L& layout, typename L::object* object) {
    { layout.touch(object) } -> std::same_as<const std::uint64_t*>; // the values, as the dictionary knows them
};

template <record Record, class Allocator = std::allocator<std::byte>>
class cpython_slots : public detail::one_block_layout<Record, detail::cpython_slots_object<Record>, Allocator> {
public:
    using cpython_slots::one_block_layout::one_block_layout;
    static constexpr description about{"cpython_slots", family::layout, "CPython's object with __slots__, in its sizes"};
};

template <record Record, class Allocator = std::allocator<std::byte>>
class cpython_outline_values : public shaped_fields<Record, detail::cpython_outline_object<Record>> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    using object = detail::cpython_outline_object<Record>;
    static constexpr description about{"cpython_outline_values", family::layout,
                                       "CPython 3.11's object: a shared shape, values in a block of their own"};

    cpython_outline_values() = default;
    explicit cpython_outline_values(const Allocator& allocator) : allocator_(allocator) {}

    [[nodiscard]] object* make(const Record& values) {
        object* const made = detail::new_object<object>(allocator_);
        try {
            made->values = detail::new_object<block>(allocator_);
        } catch (...) {
            detail::delete_object(allocator_, made);
            throw;
        }
        store_slots(made->slots(), values);
        return made;
    }
    void destroy(object* ended) noexcept {
        block* values = ended->values;
        if (ended->dictionary != nullptr) {
            values = reinterpret_cast<block*>(reinterpret_cast<std::byte*>(ended->dictionary->values) -
                                              offsetof(block, fields));
            detail::delete_object(allocator_, ended->dictionary);
        }
        detail::delete_object(allocator_, values);
        detail::delete_object(allocator_, ended);
    }

    // The dictionary takes the values over: from here on every access goes through it.
    const std::uint64_t* touch(object* seen) {
        if (seen->dictionary == nullptr) {
            seen->dictionary = detail::new_object<detail::split_dictionary<Record>>(allocator_);
            seen->dictionary->values = seen->values->fields.data();
            seen->values = nullptr;
        }
        return seen->dictionary->values;
    }

private:
    using block = detail::outline_block<Record>;
    [[no_unique_address]] Allocator allocator_;
};

template <record Record, class Allocator = std::allocator<std::byte>>
class cpython_inline_values
    : public detail::one_block_layout<Record, detail::cpython_inline_object<Record>, Allocator> {
    using whole = detail::one_block_layout<Record, detail::cpython_inline_object<Record>, Allocator>;

public:
    using object = typename whole::object;
    using whole::whole;
    static constexpr description about{"cpython_inline_values", family::layout,
                                       "CPython 3.13's object: a shared shape, values inside"};

    void destroy(object* ended) noexcept {
        if (ended->dictionary != nullptr) {
            detail::delete_object(this->allocator_, ended->dictionary);
        }
        whole::destroy(ended);
    }

    // The dictionary points into the object: accesses stay as fast as they were.
    const std::uint64_t* touch(object* seen) {
        if (seen->dictionary == nullptr) {
            seen->dictionary = detail::new_object<detail::split_dictionary<Record>>(this->allocator_);
            seen->dictionary->values = seen->slots();
        }
        return seen->dictionary->values;
    }
};

// Two fields and five, with the heap's rounding to 16 what CPython
// 3.11 and 3.13 take: 48 and 80, 96 and 128, 96 and 112 bytes.
static_assert(sizeof(cpython_slots<vector2d>::object) == 48 && sizeof(cpython_slots<log_record>::object) == 72);
static_assert(sizeof(cpython_outline_values<vector2d>::object) == 48 && sizeof(detail::outline_block<vector2d>) == 48);
static_assert(sizeof(detail::outline_block<log_record>) == 80);
static_assert(sizeof(cpython_inline_values<vector2d>::object) == 88);
static_assert(sizeof(cpython_inline_values<log_record>::object) == 112);
static_assert(record_layout<cpython_slots<vector2d>, vector2d> && !touchable_layout<cpython_slots<vector2d>>);
static_assert(record_layout<cpython_outline_values<vector2d>, vector2d>);
static_assert(record_layout<cpython_inline_values<vector2d>, vector2d>);
static_assert(touchable_layout<cpython_outline_values<vector2d>> && touchable_layout<cpython_inline_values<vector2d>>);

} // namespace poolmark
