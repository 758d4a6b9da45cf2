// A struct: each field at its own offset, known when the program is compiled.
//
//   object ──► [ x | y ]
//
// Good for: fields that are known beforehand, which is nearly all of them.
// Bad for:  fields that are added at run time; a name known only then must be compared with each field's.
// Complexity: make and destroy one allocation; get and set by field<N> one move, by a run-time name O(fields).
// Bytes:    the fields and their padding. Threads: one at a time.
#pragma once

#include "pools/errors.hpp"
#include "benchmarks/contenders/layouts/record_layout.hpp"
#include "benchmarks/contenders/layouts/records.hpp"

#include <cstddef>

namespace poolmark {

// Reading and writing the fields of a struct, for every layout whose objects are one.
template <record Record>
class struct_fields {
public:
    template <fixed_string Name>
    [[nodiscard]] field_type<Record, Name> get(const Record* from, field_name<Name> /*name*/) const noexcept {
        return from->*field_of<Record, Name>().member;
    }
    template <fixed_string Name>
    void set(Record* to, field_name<Name> /*name*/, field_type<Record, Name> value) noexcept {
        to->*field_of<Record, Name>().member = value;
    }

    [[nodiscard]] field_value get(const Record* from, std::string_view name) const {
        field_value found;
        visit_named(name, [&]<class E>(const E& entry) {
            found = static_cast<travelling_type<typename E::value_type>>(from->*entry.member);
        });
        return found;
    }
    void set(Record* to, std::string_view name, const field_value& value) {
        visit_named(
            name, [&]<class E>(const E& entry) { to->*entry.member = to_field<typename E::value_type>(value); });
    }

    [[nodiscard]] std::uint64_t sweep(const Record* from) const noexcept {
        std::uint64_t sum = 0;
        for_each_field<Record>([&](const auto& entry, auto) { sum += detail::sweep_bits(from->*entry.member); });
        return sum;
    }

private:
    template <class Visitor>
    static void visit_named(std::string_view name, Visitor&& visit) {
        bool known = false;
        for_each_field<Record>([&](const auto& entry, auto) {
            if (!known && entry.name == name) {
                known = true;
                visit(entry);
            }
        });
        if (!known) {
            throw unknown_field(name);
        }
    }
};

template <record Record, class Allocator = std::allocator<std::byte>>
class slotted : public struct_fields<Record> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    using object = Record;
    static constexpr description about{"slotted", family::layout, "a struct: fields at fixed offsets"};

    slotted() = default;
    explicit slotted(const Allocator& allocator) : allocator_(allocator) {}

    [[nodiscard]] object* make(const Record& values) { return detail::new_object<object>(allocator_, values); }
    void destroy(object* ended) noexcept { detail::delete_object(allocator_, ended); }

private:
    [[no_unique_address]] Allocator allocator_;
};

static_assert(record_layout<slotted<vector2d>, vector2d>);
static_assert(sizeof(slotted<vector2d>::object) == 16 && sizeof(slotted<log_record>::object) == 40);

} // namespace poolmark
