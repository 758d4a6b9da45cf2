// A record as a dictionary from the names of its fields to their values.
#pragma once

#include "benchmarks/contenders/layouts/record_layout.hpp"
#include "benchmarks/contenders/layouts/records.hpp"
#include "pools/description.hpp"
#include "pools/errors.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#ifdef POOLMARK_HAS_ABSEIL
#include <absl/container/flat_hash_map.h>
#endif

namespace poolmark {

// A hash map from field names to values in every object: what a dynamic language's objects are, taken literally.
//
//   object ──► map ──► { "x": 1.0, "y": 2.0 }     the names are stored again in each object
//
// Good for: being the same code over any map, so that two maps can be compared (see the headers that name one).
// Bad for:  anything a struct can do.
// Complexity: make and destroy one map; get and set one lookup by string; sweep visits the map's entries.
// Bytes:    the map's. Threads: one at a time.

// Map: a hash map from std::string to field_value whose allocator is Allocator, rebound.
template <record Record, class Allocator, class Map>
class dictionary {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    struct object {
        Map fields;
    };

    dictionary() = default;
    explicit dictionary(const Allocator& allocator) : allocator_(allocator) {}

    [[nodiscard]] object* make(const Record& values) {
        object* const made = detail::new_object<object>(allocator_, empty());
        try {
            made->fields.reserve(
                field_count<Record>); // growing step by step would make the map look worse than it is
            for_each_field<Record>([&]<class E>(const E& entry, auto) {
                made->fields.emplace(entry.name, travelling_type<typename E::value_type>{values.*entry.member});
            });
        } catch (...) {
            destroy(made);
            throw;
        }
        return made;
    }
    void destroy(object* ended) noexcept { detail::delete_object(allocator_, ended); }

    template <fixed_string Name>
    [[nodiscard]] field_type<Record, Name> get(const object* from, field_name<Name> /*name*/) const {
        using value_type = field_type<Record, Name>;
        // Looked up with a check, as a dictionary's users do; no range check: that was done when it was written.
        const field_value& found = from->fields.at(key<Name>);
        return static_cast<value_type>(std::get<travelling_type<value_type>>(found));
    }
    template <fixed_string Name>
    void set(object* to, field_name<Name> /*name*/, field_type<Record, Name> value) {
        to->fields.at(key<Name>) = travelling_type<field_type<Record, Name>>{value};
    }

    [[nodiscard]] field_value get(const object* from, std::string_view name) const {
        const auto found = from->fields.find(std::string(name));
        if (found == from->fields.end()) {
            throw unknown_field(name);
        }
        return found->second;
    }
    void set(object* to, std::string_view name, const field_value& value) {
        const auto found = to->fields.find(std::string(name));
        if (found == to->fields.end()) {
            throw unknown_field(name);
        }
        check_field<Record>(field_position<Record>(name), value);
        found->second = value;
    }

    [[nodiscard]] std::uint64_t sweep(const object* from) const noexcept {
        std::uint64_t sum = 0;
        for (const auto& [name, value] : from->fields) {
            sum += std::visit([](auto number) { return detail::sweep_bits(number); }, value);
        }
        return sum;
    }

private:
    // A name known at compile time is made into a key once: the lookup hashes and compares it, and does not copy it.
    template <fixed_string Name>
    static inline const std::string key{field_of<Record, Name>().name};

    static constexpr std::size_t longest_inline_name = 15;
    // Longer names would be kept on the heap by std::string itself, past Allocator and its counts.
    static_assert([] {
        bool fits = true;
        for_each_field<Record>(
            [&](const auto& entry, auto) { fits = fits && entry.name.size() <= longest_inline_name; });
        return fits;
    }());

    [[nodiscard]] object empty() const { return object{Map(typename Map::allocator_type(allocator_))}; }

    [[no_unique_address]] Allocator allocator_;
};

// One std::unordered_map<std::string, field_value> in every object.
//
//   object ──► { buckets* , ... } ──► [ node* | node* | ... ] ──► node [ next | name | value | hash ] ──► ...
//
// Good for: showing what "an object is a dictionary" costs with the map everybody has.
// Bad for:  time and memory: an allocation for the table and one for every field.
// Complexity: make O(fields) allocations; get and set one lookup (libstdc++ 12 compares the
//           names one after another in maps of up to 20 entries, and hashes in larger ones).
// Bytes:    64 a field besides the map's 56 and its buckets, before the heap's own rounding.
// Threads:  one at a time.
namespace detail {
template <class Allocator>
using unordered_fields = std::unordered_map<
    std::string, field_value, std::hash<std::string>, std::equal_to<>,
    typename std::allocator_traits<Allocator>::template rebind_alloc<std::pair<const std::string, field_value>>>;
} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class unordered_map : public dictionary<Record, Allocator, detail::unordered_fields<Allocator>> {
public:
    using dictionary<Record, Allocator, detail::unordered_fields<Allocator>>::dictionary;
    static constexpr description about{"unordered_map", family::layout,
                                       "a std::unordered_map of fields per object"};
};

static_assert(record_layout<unordered_map<vector2d>, vector2d>);

// One absl::flat_hash_map<std::string, field_value> in every object.
//
//   object ──► { control*, slots*, ... } ──► [ control bytes | name value | name value | ... ]
//
// Good for: showing what is left of a dictionary's cost when its table is a good one.
// Bad for:  small objects: the table has room for 2^n - 1 fields and control bytes for 16 more.
// Complexity: make two allocations, the object and its table; get and set one hash and one probe.
// Bytes:    48 a slot and one control byte, for 3, 7, 15, ... slots; the map's 40 themselves.
// Threads:  one at a time.
inline constexpr description flat_hash_map_about{"flat_hash_map", family::layout,
                                                 "an absl::flat_hash_map of fields per object", "libabsl-dev",
#ifdef POOLMARK_HAS_ABSEIL
                                                 true
#else
                                                 false
#endif
};

#ifdef POOLMARK_HAS_ABSEIL

namespace detail {
template <class Allocator>
using flat_fields = absl::flat_hash_map<
    std::string, field_value, absl::container_internal::hash_default_hash<std::string>,
    absl::container_internal::hash_default_eq<std::string>,
    typename std::allocator_traits<Allocator>::template rebind_alloc<std::pair<const std::string, field_value>>>;
} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class flat_hash_map : public dictionary<Record, Allocator, detail::flat_fields<Allocator>> {
public:
    using dictionary<Record, Allocator, detail::flat_fields<Allocator>>::dictionary;
    static constexpr const description& about = flat_hash_map_about;
};

static_assert(record_layout<flat_hash_map<vector2d>, vector2d>);

#endif

} // namespace poolmark
