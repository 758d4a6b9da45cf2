// Records that share their names: each field points to an interned one, or each record to a list of them.
//
//   keyed_interned   record ──► [ name* 7 | name* 2 | name* 9 ]          names ──► "user_id", "event_type", ... once
//   keyed_shape      record ──► shape*, [ 7 | 2 | 9 ]                    shape ──► [ name* | name* | name* ]
//
// A lookup compares pointers; of a shape, the one seen last with this key, before anything else.
//
// Good for: records whose names are few and not known when the program is compiled.
// Bad for:  names with as many values as there are records; for shapes, fields in ever new orders.
// Complexity: get O(fields) comparisons of pointers; with a shape one, when it is the one seen last.
// Bytes:    a field 16, or 8; a record 24 and a block, or 16 and a block. Threads: one at a time.
#pragma once

#include "benchmarks/contenders/keyed/keyed_records.hpp"
#include "pools/values/interner.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace poolmark {

class keyed_interned {
public:
    using key_type = const interned*;
    static constexpr description about{"keyed_interned", family::layout,
                                       "pointers to interned names, with values"};

    void add(std::span<const keyed_field> fields) {
        std::vector<std::pair<const interned*, std::int64_t>> made;
        made.reserve(fields.size());
        for (const keyed_field& each : fields) {
            made.emplace_back(names_.intern(each.name), each.value);
        }
        records_.push_back(std::move(made));
    }

    // A name that no record has becomes known by being asked for.
    [[nodiscard]] key_type key(std::string_view name) { return names_.intern(name); }

    [[nodiscard]] std::int64_t get(std::size_t record, key_type key) const {
        for (const auto& [name, value] : records_[record]) {
            if (name == key) {
                return value;
            }
        }
        throw unknown_field(key->text());
    }

    template <class Visit>
    void visit_keys(std::size_t record, Visit&& visit) const {
        for (const auto& [name, value] : records_[record]) {
            visit(name, name->text());
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

private:
    immortal_interner names_; // the store's end is theirs: nothing is counted
    std::vector<std::vector<std::pair<const interned*, std::int64_t>>> records_;
};

class keyed_shape {
    using shape = std::vector<const interned*>; // the names, in the order of the slots

public:
    struct key_type {
        const interned* name;
        mutable const shape* seen = nullptr; // where it was found last
        mutable std::size_t slot = 0;
    };
    static constexpr description about{"keyed_shape", family::layout,
                                       "a shared list of names, and values per record"};

    void add(std::span<const keyed_field> fields) {
        const shape& kind = shape_of(fields);
        auto slots = std::make_unique_for_overwrite<std::int64_t[]>(fields.size());
        std::ranges::transform(fields, slots.get(), &keyed_field::value);
        records_.push_back({&kind, std::move(slots)});
    }

    [[nodiscard]] key_type key(std::string_view name) { return {.name = names_.intern(name)}; }

    [[nodiscard]] std::int64_t get(std::size_t record, const key_type& key) const {
        const kept& one = records_[record];
        if (key.seen != one.kind) [[unlikely]] {
            find(*one.kind, key);
        }
        return one.slots[key.slot];
    }

    template <class Visit>
    void visit_keys(std::size_t record, Visit&& visit) const {
        for (const interned* name : *records_[record].kind) {
            visit(name, name->text());
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }
    [[nodiscard]] std::size_t shapes() const noexcept { return shapes_.size(); }

private:
    struct kept {
        const shape* kind;
        std::unique_ptr<std::int64_t[]> slots;
    };

    // The shape with these names in this order; the one of the record before is tried first.
    [[nodiscard]] const shape& shape_of(std::span<const keyed_field> fields) {
        wanted_.clear();
        for (const keyed_field& each : fields) {
            wanted_.push_back(names_.intern(each.name));
        }
        if (!records_.empty() && *records_.back().kind == wanted_) {
            return *records_.back().kind;
        }
        const auto known = std::ranges::find(shapes_, wanted_);
        return known != shapes_.end() ? *known : shapes_.emplace_back(wanted_);
    }

    static void find(const shape& in, const key_type& key) {
        const auto found = std::ranges::find(in, key.name);
        if (found == in.end()) {
            throw unknown_field(key.name->text());
        }
        key.slot = static_cast<std::size_t>(found - in.begin());
        key.seen = &in;
    }

    immortal_interner names_;
    std::deque<shape> shapes_; // records point to them
    shape wanted_;
    std::vector<kept> records_;
};

static_assert(keyed_records<keyed_interned> && keyed_records<keyed_shape>);

} // namespace poolmark
