// How the fields of an object are stored: what every layout can do, whatever it does inside.
//
//   make(values) ──► object* ──get/set by field, sweep──► destroy
//
// Good for: asking what per-object dynamism costs, in time and in bytes, with everything else equal.
// Bad for:  columns: a layout here is one object with its fields, not one field of many objects.
#pragma once

#include "pools/description.hpp"
#include "benchmarks/contenders/layouts/record.hpp"

#include <bit>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace poolmark {

// A layout L of objects with the fields of Record. L is L<Record, Allocator>; each object, and everything it owns,
// comes from Allocator, fresh: std::allocator<std::byte> unless another is given, rebound as needed. A layout that says
// `keeps_memory` takes memory for many objects at once, and has given all of it back when it ends.
//
//   L(), L(allocator)
//   make(values)            a new object with these values. Throws std::bad_alloc.
//   destroy(object)         ends it and gives its storage back. Never throws.
//   get(object, field<N>)   one field, by a name known at compile time, in the field's own type
//   set(object, field<N>, value)
//   get(object, name)       the same by a name known at run time, as a field_value. Throws unknown_field.
//   set(object, name, value)     also std::bad_variant_access or std::out_of_range when the value is not the field's
//   sweep(object)           the fields' bits added up, wrapping, each as 64 bits: visits all fields, and does not
//                           depend on their order
//   object                  what make() returns a pointer to; sizeof(object) leaves out what it points to
//
// The layout must outlive its objects. One thread at a time.
template <class L, class Record>
concept record_layout =
    record<Record> && std::same_as<typename L::record_type, Record> && std::default_initializable<L> &&
    std::constructible_from<L, const typename L::allocator_type&> &&
    requires(L& layout, const Record& values, typename L::object* object, const typename L::object* seen,
             std::string_view name, const field_value& value) {
        { L::about } -> std::convertible_to<const description&>;
        { layout.make(values) } -> std::same_as<typename L::object*>;
        { layout.destroy(object) } noexcept -> std::same_as<void>;
        { layout.get(seen, name) } -> std::same_as<field_value>;
        { layout.set(object, name, value) } -> std::same_as<void>;
        { layout.sweep(seen) } noexcept -> std::same_as<std::uint64_t>;
    };

namespace detail {

// One field as 64 bits, as sweep() adds it: doubles by their pattern, integers sign-extended.
[[nodiscard]] constexpr std::uint64_t sweep_bits(double value) noexcept { return std::bit_cast<std::uint64_t>(value); }
template <std::integral Value>
[[nodiscard]] constexpr std::uint64_t sweep_bits(Value value) noexcept {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

static_assert(sweep_bits(std::int32_t{-1}) == sweep_bits(std::int64_t{-1}));

// new and delete through an allocator: nothing is lost when the constructor throws.
template <class Object, class Allocator, class... Args>
[[nodiscard]] Object* new_object(const Allocator& from, Args&&... args) {
    using traits = typename std::allocator_traits<Allocator>::template rebind_traits<Object>;
    typename traits::allocator_type allocator(from);
    Object* const storage = traits::allocate(allocator, 1);
    try {
        return std::construct_at(storage, std::forward<Args>(args)...);
    } catch (...) {
        traits::deallocate(allocator, storage, 1);
        throw;
    }
}
template <class Object, class Allocator>
void delete_object(const Allocator& from, Object* object) noexcept {
    using traits = typename std::allocator_traits<Allocator>::template rebind_traits<Object>;
    typename traits::allocator_type allocator(from);
    std::destroy_at(object);
    traits::deallocate(allocator, object, 1);
}

} // namespace detail
} // namespace poolmark
