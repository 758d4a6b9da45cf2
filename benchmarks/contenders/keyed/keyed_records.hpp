// Many records with the same few named fields, as they come from a log or from lines of JSON: who owns the names?
//
//   { "user_id": 7, "event_type": 2, "timestamp": 9 }   a million times: 3,000,000 names, 3, or none at run time
//
// Good for: asking what it costs, in time and in bytes, that each record brings its own keys.
// Bad for:  records whose fields differ: the fixed forms refuse them.
#pragma once

#include "pools/description.hpp"
#include "pools/errors.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

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

// Records whose names the program knows: there are none at run time, but for finding out which field is meant.
//
//   keyed_struct    [ user_id event_type timestamp | user_id event_type timestamp | ... ]     rows
//   keyed_columns   [ user_id user_id ... ] [ event_type ... ] [ timestamp ... ]              structure of arrays
//
// Good for: everything whose fields are known; columns where one field of many records is visited.
// Bad for:  fields that come later: an unknown name is refused.
// Complexity: get one load. Bytes: 24 a record, and the vectors' reserve. Threads: one at a time.
namespace detail {
// The position of a name in the schema.
[[nodiscard]] inline std::size_t event_field(std::string_view name) {
    const auto found = std::ranges::find(event_fields, name);
    if (found == event_fields.end()) {
        throw unknown_field(name);
    }
    return static_cast<std::size_t>(found - event_fields.begin());
}

using event_values = std::array<std::int64_t, event_fields.size()>;

// The values of a record in the schema's order; all of them must be there.
[[nodiscard]] inline event_values in_order(std::span<const keyed_field> fields) {
    event_values values{};
    std::array<bool, event_fields.size()> given{};
    for (const keyed_field& each : fields) {
        const std::size_t field = event_field(each.name);
        values[field] = each.value;
        given[field] = true;
    }
    for (std::size_t field = 0; field != given.size(); ++field) {
        if (!given[field]) {
            throw unknown_field(event_fields[field]);
        }
    }
    return values;
}

// What both have in common: names are positions.
struct fixed_keys {
    using key_type = std::size_t;
    [[nodiscard]] static key_type key(std::string_view name) { return event_field(name); }
    template <class Visit>
    static void visit_keys(std::size_t /*record*/, Visit&& visit) {
        for (const std::string_view& name : event_fields) {
            visit(&name, name);
        }
    }
};
} // namespace detail

class keyed_struct : public detail::fixed_keys {
public:
    static constexpr description about{"keyed_struct", family::layout, "a struct per record, in one vector"};

    void add(std::span<const keyed_field> fields) { records_.push_back(detail::in_order(fields)); }
    [[nodiscard]] std::int64_t get(std::size_t record, key_type key) const { return records_[record][key]; }
    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

private:
    std::vector<detail::event_values> records_;
};

class keyed_columns : public detail::fixed_keys {
public:
    static constexpr description about{"keyed_columns", family::layout, "a vector per field"};

    void add(std::span<const keyed_field> fields) {
        const detail::event_values values = detail::in_order(fields);
        for (auto& column : columns_) { // room in all of them before one of them grows
            if (column.size() == column.capacity()) {
                column.reserve(std::max<std::size_t>(16, 2 * column.size()));
            }
        }
        for (std::size_t field = 0; field != columns_.size(); ++field) {
            columns_[field].push_back(values[field]);
        }
    }
    [[nodiscard]] std::int64_t get(std::size_t record, key_type key) const { return columns_[key][record]; }
    [[nodiscard]] std::size_t size() const noexcept { return columns_.front().size(); }

private:
    std::array<std::vector<std::int64_t>, event_fields.size()> columns_;
};

static_assert(keyed_records<keyed_struct> && keyed_records<keyed_columns>);

} // namespace poolmark
