// Objects of one shape share its list of names; each object holds a pointer to the shape and its values in slots.
//
//   object ──► [ shape* | slot 0 | slot 1 | ... ]
//                 │
//                 └──► shape { "x" -> 0, "y" -> 1 }                     one for all objects alike
//
//   layout ──► inline cache of "x": { shape seen last, slot there }     one compare instead of a lookup
//
// Good for: fields that are looked up by name and yet should cost little more than a struct's.
// Bad for:  code that meets many shapes in one place: each change of shape is a lookup again.
// Complexity: make and destroy one allocation; get and set by field<N> one compare and one move when the shape is
//           the one seen last, else O(fields); by a run-time name O(fields).
// Bytes:    8, and 8 a field. Threads: one at a time (the caches belong to the layout and change on reads).
#pragma once

#include "benchmarks/contenders/layouts/record_layout.hpp"
#include "benchmarks/contenders/layouts/records.hpp"
#include "benchmarks/contenders/layouts/shape.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace poolmark {

namespace detail {
template <record Record>
struct slots_object {
    const shape<Record>* kind;
    std::array<std::uint64_t, field_count<Record>> values; // a double's bits, or an integer

    [[nodiscard]] std::uint64_t* slots() noexcept { return values.data(); }
    [[nodiscard]] const std::uint64_t* slots() const noexcept { return values.data(); }
};
} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class shape_slots : public shaped_fields<Record, detail::slots_object<Record>> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    using object = detail::slots_object<Record>;
    static constexpr description about{"shape_slots", family::layout,
                                       "a shared shape and a slot per field, found through inline caches"};

    shape_slots() = default;
    explicit shape_slots(const Allocator& allocator) : allocator_(allocator) {}

    [[nodiscard]] object* make(const Record& values) {
        object made{&shape_of<Record>, {}};
        store_slots(made.slots(), values);
        return detail::new_object<object>(allocator_, made);
    }
    void destroy(object* ended) noexcept { detail::delete_object(allocator_, ended); }

private:
    [[no_unique_address]] Allocator allocator_;
};

static_assert(record_layout<shape_slots<vector2d>, vector2d>);
static_assert(sizeof(shape_slots<vector2d>::object) == 24 && sizeof(shape_slots<log_record>::object) == 48);

} // namespace poolmark
