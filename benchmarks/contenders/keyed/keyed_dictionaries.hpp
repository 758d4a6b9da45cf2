// Records that own their names: a dictionary or a short list each.
//
//   keyed_map, keyed_unordered_map   record ──► map { "user_id": 7, ... }            a node a field, the name inside
//   keyed_copies                     record ──► [ "user_id" 7 | "event_type" 2 | ]   one block a record, names inside
//
// Good for: records whose fields differ; being what one writes.
// Bad for:  memory: the names weigh more than the values.
// Complexity: get one lookup by text; keyed_copies compares the names one after another.
// Bytes:    a field of a map 80 and more, of a list 40. Threads: one at a time.
#pragma once

#include "benchmarks/contenders/keyed/keyed_records.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace poolmark {

template <class Map>
class keyed_dictionaries {
public:
    using key_type = std::string;
    static constexpr bool is_hashed = std::is_same_v<Map, std::unordered_map<std::string, std::int64_t>>;
    static constexpr description about =
        is_hashed ? description{"keyed_unordered_map", family::layout,
                                "a std::unordered_map with its own names per record"}
                  : description{"keyed_map", family::layout, "a std::map with its own names per record"};

    void add(std::span<const keyed_field> fields) {
        Map made;
        for (const keyed_field& each : fields) {
            made.emplace(each.name, each.value);
        }
        records_.push_back(std::move(made));
    }

    [[nodiscard]] key_type key(std::string_view name) const { return key_type(name); }

    [[nodiscard]] std::int64_t get(std::size_t record, const key_type& key) const {
        const auto found = records_[record].find(key);
        if (found == records_[record].end()) {
            throw unknown_field(key);
        }
        return found->second;
    }

    template <class Visit>
    void visit_keys(std::size_t record, Visit&& visit) const {
        for (const auto& [name, value] : records_[record]) {
            visit(&name, std::string_view(name));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

private:
    std::vector<Map> records_;
};

using keyed_map = keyed_dictionaries<std::map<std::string, std::int64_t>>;
using keyed_unordered_map = keyed_dictionaries<std::unordered_map<std::string, std::int64_t>>;

class keyed_copies {
public:
    using key_type = std::string;
    static constexpr description about{"keyed_copies", family::layout, "a list of names and values per record"};

    void add(std::span<const keyed_field> fields) {
        std::vector<std::pair<std::string, std::int64_t>> made;
        made.reserve(fields.size());
        for (const keyed_field& each : fields) {
            made.emplace_back(each.name, each.value);
        }
        records_.push_back(std::move(made));
    }

    [[nodiscard]] key_type key(std::string_view name) const { return key_type(name); }

    [[nodiscard]] std::int64_t get(std::size_t record, const key_type& key) const {
        for (const auto& [name, value] : records_[record]) {
            if (name == key) {
                return value;
            }
        }
        throw unknown_field(key);
    }

    template <class Visit>
    void visit_keys(std::size_t record, Visit&& visit) const {
        for (const auto& [name, value] : records_[record]) {
            visit(&name, std::string_view(name));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

private:
    std::vector<std::vector<std::pair<std::string, std::int64_t>>> records_;
};

static_assert(keyed_records<keyed_map> && keyed_records<keyed_unordered_map> && keyed_records<keyed_copies>);

} // namespace poolmark
