// Texts as a reader finds them: distinct, of one length, in a buffer of their own; and handles of interned ones.
#pragma once

#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace poolmark::benchmarks {

// `count` texts of `bytes` each. The number of a text stands at both ends, the rest is noise.
class distinct_texts {
public:
    distinct_texts(std::size_t count, std::size_t bytes) : bytes_(bytes), characters_(count * bytes) {
        for (std::size_t i = 0; i != count; ++i) {
            random_source noise(workload_seed + i);
            std::uint64_t word = 0;
            for (std::size_t at = 0; at != bytes; ++at) {
                if (at % 8 == 0) {
                    word = noise.next();
                }
                characters_[i * bytes + at] = static_cast<char>('0' + (word & 63U));
                word >>= 6U;
            }
            stamp(&characters_[i * bytes], i);
        }
    }

    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        return {&characters_[i * bytes_], bytes_};
    }
    [[nodiscard]] std::size_t size() const noexcept { return characters_.size() / bytes_; }

private:
    // The number of the text in its first bytes, and in its last.
    void stamp(char* text, std::size_t number) const {
        for (std::size_t at = 0; at != std::min<std::size_t>(6, bytes_ / 2); ++at, number >>= 6U) {
            text[at] = text[bytes_ - 1 - at] = static_cast<char>('0' + (number & 63U));
        }
    }

    std::size_t bytes_;
    table<char> characters_;
};

// What a program keeps for each of its keys, found by the handle: an
// array where the handle is a number, a hash map where it is a pointer.
template <class Handle>
class values_by_handle {
public:
    void set(const Handle& key, std::uint64_t value) {
        if constexpr (is_number) {
            const auto index = static_cast<std::size_t>(key);
            values_.resize(std::max(values_.size(), index + 1));
            values_[index] = value;
        } else {
            values_[key] = value;
        }
    }
    [[nodiscard]] std::uint64_t get(const Handle& key) const {
        if constexpr (is_number) {
            return values_[static_cast<std::size_t>(key)];
        } else {
            return values_.find(key)->second;
        }
    }

private:
    static constexpr bool is_number = std::is_enum_v<Handle>;
    template <class Key>
    struct by_hash {
        using type = std::unordered_map<Key, std::uint64_t>;
    };
    struct by_number {
        using type = std::vector<std::uint64_t>;
    };
    typename std::conditional_t<is_number, by_number, by_hash<Handle>>::type values_;
};

} // namespace poolmark::benchmarks
