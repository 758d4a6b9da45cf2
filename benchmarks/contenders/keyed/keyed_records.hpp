// Many records with the same few named fields, as they come from a log or from lines of JSON: who owns the names?
//
//   { "user_id": 7, "event_type": 2, "timestamp": 9 }   a million times: 3,000,000 names, 3, or none at run time
//
// Good for: asking what it costs, in time and in bytes, that each record brings its own keys.
// Bad for:  records whose fields differ: the fixed forms refuse them.
#pragma once

#include "pools/description.hpp"
#include "pools/errors.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace poolmark {

// One field as it is read: the name lies in the reader's buffer, which is used again for the next record.
struct keyed_field {
    std::string_view name;
    std::int64_t value;
};

// The fields that the fixed forms know.
inline constexpr std::array<std::string_view, 3> event_fields{"user_id", "event_type", "timestamp"};

// A store of records.
//
//   add(fields)          one more record with copies of these. Throws std::bad_alloc, and unknown_field where the store
//                        has a fixed list of names; changes nothing then.
//   key(name)            the name, prepared for many lookups. Throws std::bad_alloc, or unknown_field as add() does.
//   get(record, key)     the value. Throws unknown_field when the record has no such field.
//   visit_keys(record, visit)   calls visit(address, text) for each object that holds one of the record's names
//   size()               how many records there are
//
// One thread at a time; get() is const but may write to what the key remembers.
template <class R>
concept keyed_records = std::default_initializable<R> &&
    requires(R& records, const R& seen, std::span<const keyed_field> fields, std::string_view name,
             const typename R::key_type& key, void (*visit)(const void*, std::string_view)) {
    { R::about } -> std::convertible_to<const description&>;
    { records.add(fields) } -> std::same_as<void>;
    { records.key(name) } -> std::same_as<typename R::key_type>;
    { seen.get(std::size_t{}, key) } -> std::same_as<std::int64_t>;
    { seen.visit_keys(std::size_t{}, visit) } -> std::same_as<void>;
    { seen.size() }
    noexcept->std::same_as<std::size_t>;
};

} // namespace poolmark
