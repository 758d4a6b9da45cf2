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

#include "pools/errors.hpp"
#include "pools/layouts/record_layout.hpp"
#include "pools/layouts/records.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace poolmark {

// What the objects of one kind have in common. Slots are in the order of the record's fields; their types are the
// record's, as an engine that tracks the types of fields per shape would know them.
template <record Record>
struct shape {
    std::array<std::string_view, field_count<Record>> names;

    // The slot of a field; field_count when the shape has none of that name. O(fields), and not inlined: it is
    // what the inline caches spare.
    [[nodiscard, gnu::noinline]] std::size_t slot_of(std::string_view name) const noexcept {
        std::size_t slot = 0;
        while (slot != names.size() && names[slot] != name) {
            ++slot;
        }
        return slot;
    }
};

template <record Record, class Allocator = std::allocator<std::byte>>
class shape_slots {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    static constexpr description about{"shape_slots", family::layout,
                                       "a shared shape and a slot per field, found through inline caches"};

    struct object {
        const shape<Record>* kind;
        std::array<std::uint64_t, field_count<Record>> slots; // a double's bits, or an integer
    };

    shape_slots() = default;
    explicit shape_slots(const Allocator& allocator) : allocator_(allocator) {}

    [[nodiscard]] object* make(const Record& values) {
        object made{&own_shape, {}};
        for_each_field<Record>(
            [&](const auto& entry, auto index) { made.slots[index] = detail::sweep_bits(values.*entry.member); });
        return detail::new_object<object>(allocator_, made);
    }
    void destroy(object* ended) noexcept { detail::delete_object(allocator_, ended); }

    template <fixed_string Name>
    [[nodiscard]] field_type<Record, Name> get(const object* from, field_name<Name> /*name*/) noexcept {
        return from_bits<field_type<Record, Name>>(from->slots[cached_slot<Name>(from)]);
    }
    template <fixed_string Name>
    void set(object* to, field_name<Name> /*name*/, field_type<Record, Name> value) noexcept {
        to->slots[cached_slot<Name>(to)] = detail::sweep_bits(value);
    }

    [[nodiscard]] field_value get(const object* from, std::string_view name) const {
        const std::uint64_t bits = from->slots[checked_slot(from, name)];
        field_value found;
        for_each_field<Record>([&]<class E>(const E& entry, auto) {
            if (entry.name == name) {
                found = from_bits<travelling_type<typename E::value_type>>(bits);
            }
        });
        return found;
    }
    void set(object* to, std::string_view name, const field_value& value) {
        const std::size_t slot = checked_slot(to, name);
        check_field<Record>(field_position<Record>(name), value);
        to->slots[slot] = std::visit([](auto number) { return detail::sweep_bits(number); }, value);
    }

    [[nodiscard]] std::uint64_t sweep(const object* from) const noexcept {
        std::uint64_t sum = 0;
        for (const std::uint64_t slot : from->slots) {
            sum += slot;
        }
        return sum;
    }

private:
    struct inline_cache {
        const shape<Record>* seen = nullptr;
        std::size_t slot = 0;
    };

    static constexpr shape<Record> own_shape = [] {
        shape<Record> made{};
        for_each_field<Record>([&](const auto& entry, auto index) { made.names[index] = entry.name; });
        return made;
    }();

    template <class Value>
    [[nodiscard]] static Value from_bits(std::uint64_t bits) noexcept {
        if constexpr (std::floating_point<Value>) {
            return std::bit_cast<Value>(bits);
        } else {
            return static_cast<Value>(static_cast<std::int64_t>(bits));
        }
    }

    template <fixed_string Name>
    [[nodiscard]] std::size_t cached_slot(const object* of) noexcept {
        inline_cache& cache = caches_[field_position<Record>(field_of<Record, Name>().name)];
        if (cache.seen != of->kind) [[unlikely]] {
            cache = {of->kind, of->kind->slot_of(Name.view())};
        }
        return cache.slot;
    }

    [[nodiscard]] static std::size_t checked_slot(const object* of, std::string_view name) {
        const std::size_t slot = of->kind->slot_of(name);
        if (slot == field_count<Record>) {
            throw unknown_field(name);
        }
        return slot;
    }

    std::array<inline_cache, field_count<Record>> caches_{};
    [[no_unique_address]] Allocator allocator_;
};

static_assert(record_layout<shape_slots<vector2d>, vector2d>);
static_assert(sizeof(shape_slots<vector2d>::object) == 24 && sizeof(shape_slots<log_record>::object) == 48);

} // namespace poolmark
