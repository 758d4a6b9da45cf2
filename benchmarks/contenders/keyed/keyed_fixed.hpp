// Records whose names the program knows: there are none at run time, but for finding out which field is meant.
//
//   keyed_struct    [ user_id event_type timestamp | user_id event_type timestamp | ... ]     rows
//   keyed_columns   [ user_id user_id ... ] [ event_type ... ] [ timestamp ... ]              structure of arrays
//
// Good for: everything whose fields are known; columns where one field of many records is visited.
// Bad for:  fields that come later: an unknown name is refused.
// Complexity: get one load. Bytes: 24 a record, and the vectors' reserve. Threads: one at a time.
#pragma once

#include "benchmarks/contenders/keyed/keyed_records.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace poolmark {

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
