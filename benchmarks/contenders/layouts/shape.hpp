// What objects of one shape share, and how their fields are found: by name through the shape, or through an inline
// cache that remembers the shape seen last.
//
//   object ──► kind ──► shape { "x" -> 0, "y" -> 1 }                      one for all objects alike
//   access ──► inline cache of "x": { shape seen last, slot there }       one compare instead of a lookup
//
// Good for: layouts that differ in where an object keeps its slots, and in nothing else.
// Bad for:  code that meets many shapes in one place: each change of shape is a lookup again.
// Complexity: get and set by field<N> one compare when the shape is the one seen last, else O(fields); by a run-time
//           name O(fields). Threads: one at a time (the caches change on reads).
#pragma once

#include "pools/errors.hpp"
#include "benchmarks/contenders/layouts/record_layout.hpp"

#include <array>
#include <bit>
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

// The shape of objects that have exactly the fields of Record, in their order.
template <record Record>
inline constexpr shape<Record> shape_of = [] {
    shape<Record> made{};
    for_each_field<Record>([&](const auto& entry, auto index) { made.names[index] = entry.name; });
    return made;
}();

// Object: `kind` points to its shape, slots() points to its values, 64 bits each: a double's pattern, or an
// integer. Throws unknown_field for a name that the object's shape does not have; the object is unchanged then.
template <record Record, class Object>
class shaped_fields {
public:
    template <fixed_string Name>
    [[nodiscard]] field_type<Record, Name> get(const Object* from, field_name<Name> /*name*/) {
        return from_bits<field_type<Record, Name>>(from->slots()[cached_slot<Name>(from)]);
    }
    template <fixed_string Name>
    void set(Object* to, field_name<Name> /*name*/, field_type<Record, Name> value) {
        to->slots()[cached_slot<Name>(to)] = detail::sweep_bits(value);
    }

    [[nodiscard]] field_value get(const Object* from, std::string_view name) const {
        const std::uint64_t bits = from->slots()[checked_slot(from, name)];
        field_value found;
        for_each_field<Record>([&]<class E>(const E& entry, auto) {
            if (entry.name == name) {
                found = from_bits<travelling_type<typename E::value_type>>(bits);
            }
        });
        return found;
    }
    void set(Object* to, std::string_view name, const field_value& value) {
        const std::size_t slot = checked_slot(to, name);
        check_field<Record>(field_position<Record>(name), value);
        to->slots()[slot] = std::visit([](auto number) { return detail::sweep_bits(number); }, value);
    }

    [[nodiscard]] std::uint64_t sweep(const Object* from) const noexcept {
        std::uint64_t sum = 0;
        const std::uint64_t* const slots = from->slots();
        for (std::size_t i = 0; i != field_count<Record>; ++i) {
            sum += slots[i];
        }
        return sum;
    }

private:
    struct inline_cache {
        const shape<Record>* seen = nullptr;
        std::size_t slot = 0;
    };

    template <class Value>
    [[nodiscard]] static Value from_bits(std::uint64_t bits) noexcept {
        if constexpr (std::floating_point<Value>) {
            return std::bit_cast<Value>(bits);
        } else {
            return static_cast<Value>(static_cast<std::int64_t>(bits));
        }
    }

    template <fixed_string Name>
    [[nodiscard]] std::size_t cached_slot(const Object* of) {
        inline_cache& cache = caches_[position_of_field<Record, Name>];
        if (cache.seen != of->kind) [[unlikely]] {
            cache = {of->kind, checked_slot(of, Name.view())}; // throws before the cache changes
        }
        return cache.slot;
    }

    [[nodiscard]] static std::size_t checked_slot(const Object* of, std::string_view name) {
        const std::size_t slot = of->kind->slot_of(name);
        if (slot == field_count<Record>) {
            throw unknown_field(name);
        }
        return slot;
    }

    std::array<inline_cache, field_count<Record>> caches_{};
};

// The values of a record as slots.
template <record Record>
void store_slots(std::uint64_t* slots, const Record& values) noexcept {
    for_each_field<Record>(
        [&](const auto& entry, auto index) { slots[index] = detail::sweep_bits(values.*entry.member); });
}

} // namespace poolmark
