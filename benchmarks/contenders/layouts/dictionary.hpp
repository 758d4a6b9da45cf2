// A hash map from field names to values in every object: what a dynamic language's objects are, taken literally.
//
//   object ──► map ──► { "x": 1.0, "y": 2.0 }     the names are stored again in each object
//
// Good for: being the same code over any map, so that two maps can be compared (see the headers that name one).
// Bad for:  anything a struct can do.
// Complexity: make and destroy one map; get and set one lookup by string; sweep visits the map's entries.
// Bytes:    the map's. Threads: one at a time.
#pragma once

#include "pools/errors.hpp"
#include "benchmarks/contenders/layouts/record_layout.hpp"
#include "benchmarks/contenders/layouts/records.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace poolmark {

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

} // namespace poolmark
