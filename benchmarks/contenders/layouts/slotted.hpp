// A record as a struct of its own, from the heap, from a memory resource, with a flag.
#pragma once

#include "benchmarks/contenders/layouts/record_layout.hpp"
#include "benchmarks/contenders/layouts/records.hpp"
#include "pools/errors.hpp"

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <new>

namespace poolmark {

// A struct: each field at its own offset, known when the program is compiled.
//
//   object ──► [ x | y ]
//
// Good for: fields that are known beforehand, which is nearly all of them.
// Bad for:  fields that are added at run time; a name known only then must be compared with each field's.
// Complexity: make and destroy one allocation; get and set by field<N> one move, by a run-time name O(fields).
// Bytes:    the fields and their padding. Threads: one at a time.

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

// A struct with one flag more: what the pool object of the textbooks is, with its "in use" inside.
//
//   object ──► [ x | y | in_use | padding ]
//
// Good for: showing what one bit costs where the other fields are 8 bytes wide: as much as a field.
// Bad for:  many small objects: put the flags beside them (see bitmap_pool, index_list_pool).
// Complexity: that of slotted. Bytes: slotted's and 8. Threads: one at a time.
template <record Record, class Allocator = std::allocator<std::byte>>
class flagged : public struct_fields<Record> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    struct object : Record {
        bool in_use = true;
    };
    static constexpr description about{"flagged", family::layout, "a struct with a flag that says it is in use"};

    flagged() = default;
    explicit flagged(const Allocator& allocator) : allocator_(allocator) {}

    [[nodiscard]] object* make(const Record& values) { return detail::new_object<object>(allocator_, object{values}); }
    void destroy(object* ended) noexcept { detail::delete_object(allocator_, ended); }

private:
    [[no_unique_address]] Allocator allocator_;
};

static_assert(record_layout<flagged<vector2d>, vector2d>);
static_assert(sizeof(flagged<vector2d>::object) == 24 && sizeof(flagged<log_record>::object) == 48);

// A struct from the standard library's pool resource: what std::pmr makes of compact objects.
//
//   make ──virtual──► unsynchronized_pool_resource ──► blocks of the struct's size class ──► Allocator
//
// Good for: putting structs into a pool without a pool of one's own.
// Bad for:  speed and bytes at once: a virtual call for each object, and size classes that round up.
// Complexity: make and destroy O(1) and a virtual call each. Bytes: the struct rounded up to a size class, and a bit.
// Threads:  one at a time.
namespace detail {

// An allocator as a memory resource, up to a page's alignment.
template <class Allocator>
class allocator_resource final : public std::pmr::memory_resource {
public:
    explicit allocator_resource(const Allocator& allocator) : allocator_(allocator) {}

private:
    template <std::size_t Bytes>
    struct alignas(Bytes) unit {
        std::byte bytes[Bytes];
    };
    template <class Unit>
    using traits_of = typename std::allocator_traits<Allocator>::template rebind_traits<Unit>;

    template <class Unit>
    [[nodiscard]] void* take(std::size_t bytes) {
        typename traits_of<Unit>::allocator_type from(allocator_);
        return traits_of<Unit>::allocate(from, (bytes + sizeof(Unit) - 1) / sizeof(Unit));
    }
    template <class Unit>
    void give(void* block, std::size_t bytes) {
        typename traits_of<Unit>::allocator_type to(allocator_);
        traits_of<Unit>::deallocate(to, static_cast<Unit*>(block), (bytes + sizeof(Unit) - 1) / sizeof(Unit));
    }

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (alignment > 4096) {
            throw std::bad_alloc();
        }
        return alignment <= 16 ? take<unit<16>>(bytes) : alignment <= 64 ? take<unit<64>>(bytes) : take<unit<4096>>(bytes);
    }
    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        alignment <= 16 ? give<unit<16>>(block, bytes)
        : alignment <= 64 ? give<unit<64>>(block, bytes) : give<unit<4096>>(block, bytes);
    }
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }

    [[no_unique_address]] Allocator allocator_;
};

} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class slotted_pmr : public struct_fields<Record> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    using object = Record;
    static constexpr description about{"slotted_pmr", family::layout,
                                       "a struct from a std::pmr::unsynchronized_pool_resource"};
    static constexpr bool keeps_memory = true;

    slotted_pmr() : slotted_pmr(Allocator()) {}
    explicit slotted_pmr(const Allocator& allocator) : upstream_(allocator), pool_(&upstream_) {}

    [[nodiscard]] object* make(const Record& values) {
        return ::new (pool_.allocate(sizeof(Record), alignof(Record))) Record(values);
    }
    void destroy(object* ended) noexcept { pool_.deallocate(ended, sizeof(Record), alignof(Record)); }

private:
    detail::allocator_resource<Allocator> upstream_;
    std::pmr::unsynchronized_pool_resource pool_;
};

static_assert(record_layout<slotted_pmr<vector2d>, vector2d>);

} // namespace poolmark
