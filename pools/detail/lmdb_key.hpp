// What a key is called in LMDB, and what lies beside its value.
//
//   1 to 510 bytes:  key            ──► [ checksum 8 | value ]
//   any other:       hash, 511 long ──► [ checksum 8 | key bytes 8 | key | value ]
#pragma once

#include "pools/detail/checksum.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace poolmark::detail {

class lmdb_key {
public:
    static constexpr std::size_t longest = 511; // LMDB's own limit, unless it was built otherwise

    // What says whose folder it is: of the hashes' length, and none of them.
    [[nodiscard]] static std::string_view mark() noexcept {
        static const std::string text(longest, '!');
        return text;
    }

    explicit lmdb_key(std::string_view key) noexcept : key_(key), name_(key) {
        if (key.empty() || key.size() >= longest) {
            hash_.fill('#'); // of a length that no plain key has
            for (const std::uint64_t seed : {1U, 2U}) {
                const std::uint64_t number = checksum(key, seed);
                std::memcpy(&hash_[seed * 8], &number, sizeof number);
            }
            name_ = {hash_.data(), hash_.size()};
        }
    }
    lmdb_key(const lmdb_key&) = delete;
    lmdb_key& operator=(const lmdb_key&) = delete;

    [[nodiscard]] std::string_view text() const noexcept { return name_; }

    [[nodiscard]] std::size_t bytes_with(std::string_view value) const noexcept { return before() + value.size(); }

    void write_with(std::string_view value, char* into, bool checked) const noexcept {
        const std::uint64_t sum = checked ? sum_with(value) : 0;
        std::memcpy(into, &sum, sizeof sum);
        if (is_hashed()) {
            const std::uint64_t size = key_.size();
            std::memcpy(into + 8, &size, sizeof size);
            std::memcpy(into + 16, key_.data(), key_.size());
        }
        if (!value.empty()) {
            std::memcpy(into + before(), value.data(), value.size());
        }
    }

    // The value in what was found; nothing when it is damaged, or another key's with the same hash.
    [[nodiscard]] std::optional<std::string> value_in(std::string_view found, bool checked) const {
        if (found.size() < before() || (is_hashed() && (load_8(found.data() + 8) != key_.size() ||
                                                        found.substr(16, key_.size()) != key_))) {
            return std::nullopt;
        }
        const std::string_view value = found.substr(before());
        if (checked && load_8(found.data()) != sum_with(value)) {
            return std::nullopt;
        }
        return std::optional<std::string>(std::in_place, value);
    }

private:
    [[nodiscard]] bool is_hashed() const noexcept { return name_.size() == longest; }
    [[nodiscard]] std::size_t before() const noexcept { return is_hashed() ? 16 + key_.size() : 8; }
    [[nodiscard]] std::uint64_t sum_with(std::string_view value) const noexcept {
        return entry_sum(key_, value, 1);
    }

    std::string_view key_;
    std::string_view name_;
    std::array<char, longest> hash_; // NOLINT(cppcoreguidelines-pro-type-member-init): only of keys that need one
};

} // namespace poolmark::detail
