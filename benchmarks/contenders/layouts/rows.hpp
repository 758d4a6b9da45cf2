// Records in chunks of 1 MiB: whole structs, structs without padding, and each field in a column of its own.
#pragma once

#include "benchmarks/contenders/layouts/row_store.hpp"
#include "benchmarks/contenders/layouts/slotted.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace poolmark {

// Structs side by side in chunks, and the same without the padding inside them.
//
//   slotted_rows    chunk │ header │ [timestamp|level|pad|user_id|...] [timestamp|level|pad|user_id|...] ...
//   packed_rows     chunk │ header │ [timestamp|level|user_id|...][timestamp|level|user_id|...] ...
//
// Good for: millions of small objects: nothing between them but, every megabyte, 64 bytes.
// Bad for:  memory that should go back object by object; packed_rows: fields that others need the address of.
// Complexity: make and destroy O(1), no allocation but a chunk's; get and set by field<N> one move, by a run-time
//           name O(fields). Bytes: the struct, or its fields alone; empty chunks go back with
//           trim() or at the end. Threads: one at a time.
template <record Record, class Allocator = std::allocator<std::byte>>
class slotted_rows : public struct_fields<Record> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    using object = Record;
    static constexpr description about{"slotted_rows", family::layout, "structs side by side in chunks of 1 MiB"};
    static constexpr bool keeps_memory = true;

    slotted_rows() : slotted_rows(Allocator()) {}
    explicit slotted_rows(const Allocator& allocator) : rows_(allocator) {}

    [[nodiscard]] object* make(const Record& values) { return ::new (rows_.acquire()) Record(values); }
    void destroy(object* ended) noexcept { rows_.release(ended); }
    void trim() noexcept { rows_.trim(); }

private:
    detail::row_store<sizeof(Record), sizeof(Record), Allocator> rows_;
};

namespace detail {

// Where each field lies when there is no padding.
template <record Record>
inline constexpr auto packed_offsets = [] {
    std::array<std::size_t, field_count<Record>> offsets{};
    std::size_t next = 0;
    for_each_field<Record>([&]<class E>(const E&, auto index) {
        offsets[index] = next;
        next += sizeof(typename E::value_type);
    });
    return offsets;
}();

// Rows whose fields are read and written one by one where `place(object, index)` says: for layouts that are no structs.
template <record Record, class Object, class Allocator, class Derived>
class placed_fields {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    using object = Object;
    static constexpr bool keeps_memory = true;

    placed_fields() : placed_fields(Allocator()) {}
    explicit placed_fields(const Allocator& allocator) : rows_(allocator) {}

    [[nodiscard]] Object* make(const Record& values) {
        auto* const made = ::new (rows_.acquire()) Object;
        for_each_field<Record>([&](const auto& entry, auto index) {
            const auto value = values.*entry.member;
            std::memcpy(Derived::place(made, index), &value, sizeof value);
        });
        return made;
    }
    void destroy(Object* ended) noexcept { rows_.release(ended); }
    void trim() noexcept { rows_.trim(); }

    template <fixed_string Name>
    [[nodiscard]] field_type<Record, Name> get(const Object* from, field_name<Name> /*name*/) const noexcept {
        return load<field_type<Record, Name>>(Derived::place(from, position_of_field<Record, Name>));
    }
    template <fixed_string Name>
    void set(Object* to, field_name<Name> /*name*/, field_type<Record, Name> value) noexcept {
        std::memcpy(Derived::place(to, position_of_field<Record, Name>), &value, sizeof value);
    }

    [[nodiscard]] field_value get(const Object* from, std::string_view name) const {
        field_value found;
        visit_named(name, [&]<class Value>(std::size_t index, std::type_identity<Value>) {
            found = static_cast<travelling_type<Value>>(load<Value>(Derived::place(from, index)));
        });
        return found;
    }
    void set(Object* to, std::string_view name, const field_value& value) {
        visit_named(name, [&]<class Value>(std::size_t index, std::type_identity<Value>) {
            const Value stored = to_field<Value>(value);
            std::memcpy(Derived::place(to, index), &stored, sizeof stored);
        });
    }

    [[nodiscard]] std::uint64_t sweep(const Object* from) const noexcept {
        std::uint64_t sum = 0;
        for_each_field<Record>([&]<class E>(const E&, auto index) {
            sum += sweep_bits(load<typename E::value_type>(Derived::place(from, index)));
        });
        return sum;
    }

protected:
    using store_type = row_store<sizeof(Object), payload_bytes<Record>, Allocator>;

private:
    template <class Value>
    [[nodiscard]] static Value load(const std::byte* from) noexcept {
        Value value;
        std::memcpy(&value, from, sizeof value);
        return value;
    }
    template <class Visitor>
    static void visit_named(std::string_view name, Visitor&& visit) {
        bool known = false;
        for_each_field<Record>([&]<class E>(const E& entry, auto index) {
            if (!known && entry.name == name) {
                known = true;
                visit(std::size_t{index}, std::type_identity<typename E::value_type>{});
            }
        });
        if (!known) {
            throw unknown_field(name);
        }
    }

    store_type rows_;
};

template <record Record>
struct packed_object {
    std::byte bytes[payload_bytes<Record>];
};

} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class packed_rows : public detail::placed_fields<Record, detail::packed_object<Record>, Allocator,
                                                 packed_rows<Record, Allocator>> {
public:
    using packed_rows::placed_fields::placed_fields;
    static constexpr description about{"packed_rows", family::layout, "fields with no padding, in chunks of 1 MiB"};

    [[nodiscard]] static const std::byte* place(const detail::packed_object<Record>* of, std::size_t index) noexcept {
        return of->bytes + detail::packed_offsets<Record>[index];
    }
    [[nodiscard]] static std::byte* place(detail::packed_object<Record>* of, std::size_t index) noexcept {
        return of->bytes + detail::packed_offsets<Record>[index];
    }
};

static_assert(record_layout<slotted_rows<vector2d>, vector2d> && record_layout<packed_rows<vector2d>, vector2d>);
static_assert(sizeof(slotted_rows<log_record>::object) == 40 && sizeof(packed_rows<log_record>::object) == 36);

// A structure of arrays: each field of all objects side by side. An object is known by the address of its first
// field; where the others are follows from that.
//
//   chunk (1 MiB, aligned to it)
//     │ header │ x x x x x x x ... │ y y y y y y y ... │
//                    ▲ object 3           ▲ its y: the chunk's begin, plus where column y begins, plus 3 * 8
//
// Good for: sweeps over one field of many objects, which then read nothing else; no padding anywhere.
// Bad for:  all fields of one object: a cache line for each; code that wants a reference to a whole object.
// Complexity: make and destroy O(fields), no allocation but a chunk's; get and set by field<N> a mask, a division by
//           a constant and a move; by a run-time name O(fields). Bytes: the fields; empty chunks go back
//           with trim() or at the end. Threads: one at a time.
namespace detail {
template <record Record>
struct column_cell { // the object's first field, as bytes
    std::byte bytes[sizeof(typename std::tuple_element_t<0, std::remove_const_t<decltype(Record::fields)>>::value_type)];
};
} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class columns : public detail::placed_fields<Record, detail::column_cell<Record>, Allocator, columns<Record, Allocator>> {
    using base = detail::placed_fields<Record, detail::column_cell<Record>, Allocator, columns>;
    using store_type = typename base::store_type;

public:
    using typename base::object;
    using base::base;
    static constexpr description about{"columns", family::layout, "a structure of arrays, in chunks of 1 MiB"};

    [[nodiscard]] static const std::byte* place(const object* of, std::size_t index) noexcept {
        return store_type::chunk_begin(of) + begins[index] + store_type::number_of(of) * widths[index];
    }
    [[nodiscard]] static std::byte* place(object* of, std::size_t index) noexcept {
        return store_type::chunk_begin(of) + begins[index] + store_type::number_of(of) * widths[index];
    }

private:
    static constexpr auto widths = [] {
        std::array<std::size_t, field_count<Record>> bytes{};
        for_each_field<Record>(
            [&]<class E>(const E&, auto index) { bytes[index] = sizeof(typename E::value_type); });
        return bytes;
    }();
    // Where each column begins in a chunk, aligned to 8.
    static constexpr auto begins = [] {
        std::array<std::size_t, field_count<Record>> offsets{};
        std::size_t next = store_type::header_bytes;
        for (std::size_t i = 0; i != offsets.size(); ++i) {
            offsets[i] = next;
            next = detail::align_up(next + store_type::rows * widths[i], 8);
        }
        return offsets;
    }();
    static_assert(field_count<Record> <= 8, "the gaps between columns have 64 bytes");
    static_assert(begins.back() + store_type::rows * widths.back() <= detail::row_chunk_bytes);
};

static_assert(record_layout<columns<vector2d>, vector2d> && record_layout<columns<log_record>, log_record>);

} // namespace poolmark
