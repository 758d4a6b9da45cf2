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
#pragma once

#include "benchmarks/contenders/layouts/slotted_rows.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace poolmark {

namespace detail {
template <record Record>
struct column_cell { // the object's first field, as bytes
    std::byte bytes[sizeof(typename std::tuple_element_t<0, std::remove_const_t<decltype(Record::fields)>>::value_type)];
};
} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class columns : public detail::placed_fields<Record, detail::column_cell<Record>, columns<Record, Allocator>> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    using object = detail::column_cell<Record>;
    static constexpr description about{"columns", family::layout, "a structure of arrays, in chunks of 1 MiB"};
    static constexpr bool keeps_memory = true;

    columns() : columns(Allocator()) {}
    explicit columns(const Allocator& allocator) : rows_(allocator) {}

    [[nodiscard]] object* make(const Record& values) {
        auto* const made = ::new (rows_.acquire()) object;
        this->store(made, values);
        return made;
    }
    void destroy(object* ended) noexcept { rows_.release(ended); }
    void trim() noexcept { rows_.trim(); }

    [[nodiscard]] static const std::byte* place(const object* of, std::size_t index) noexcept {
        return store_type::chunk_begin(of) + begins[index] + store_type::number_of(of) * widths[index];
    }
    [[nodiscard]] static std::byte* place(object* of, std::size_t index) noexcept {
        return store_type::chunk_begin(of) + begins[index] + store_type::number_of(of) * widths[index];
    }

private:
    using store_type = detail::row_store<sizeof(object), payload_bytes<Record>, Allocator>;

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

    store_type rows_;
};

static_assert(record_layout<columns<vector2d>, vector2d> && record_layout<columns<log_record>, log_record>);

} // namespace poolmark
