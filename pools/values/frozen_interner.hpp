// The texts are all known when the table is made; each then has a place of its own, and a lookup looks at one.
//
//   hash ──low bits──► displacement[bucket] = d        made by trial: d is one with which
//   hash, d ──► slots_[place] ──► { hash, number }     all texts of the bucket fall on places that are free
//
// Good for: field names, keywords, HTTP headers: lists that the program knows, read by any number of threads.
// Bad for:  texts that are not in the list, which are refused; making it, which costs several times a plain table.
// Complexity: intern and find one hash, two loads and one comparison, always; making it O(texts), expected.
// Bytes:    the text, 16 a text and 20 to 45 in the table. Threads: any, since nothing changes.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/values/text_hash.hpp"
#include "pools/values/arena_interner.hpp"
#include "pools/values/interning.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace poolmark {

template <class Hash = detail::text_hash>
class basic_frozen_interner {
public:
    using handle = text_id;
    static constexpr description about{"frozen_interner", family::singleton,
                                       "a perfect hash of texts that are known beforehand"};
    static constexpr interning_traits traits{.thread_safe = true, .frozen = true};

    // Numbers the texts in the order of first mention. Throws std::length_error where two of them have one hash (which
    // takes an enemy, or a bad Hash).
    explicit basic_frozen_interner(std::span<const std::string_view> texts) {
        basic_arena_interner<Hash> distinct;
        for (const std::string_view each : texts) {
            static_cast<void>(distinct.intern(each));
        }
        texts_.reserve(distinct.size());
        for (std::uint32_t i = 0; i != distinct.size(); ++i) {
            const std::string_view each = distinct.text(text_id{i});
            texts_.push_back({characters_.keep(each), static_cast<std::uint32_t>(each.size())});
        }
        place_all();
    }

    [[nodiscard]] std::optional<handle> find(std::string_view text) const noexcept {
        const std::uint64_t hash = Hash{}(text);
        const slot& here = slots_[place_of(hash, displacements_[hash & bucket_mask_])];
        if (here.hash != hash || !here.taken) {
            return std::nullopt;
        }
        const kept& only = texts_[here.number];
        if (only.length != text.size() || !detail::same_bytes(only.text, text.data(), text.size())) {
            return std::nullopt;
        }
        return text_id{here.number};
    }

    [[nodiscard]] handle intern(std::string_view text) const {
        const std::optional<handle> found = find(text);
        if (!found) [[unlikely]] {
            detail::raise<unknown_text>(text);
        }
        return *found;
    }

    void drop(handle /*held*/) const noexcept {}

    [[nodiscard]] std::string_view text(handle held) const noexcept {
        const kept& found = texts_[static_cast<std::size_t>(held)];
        return {found.text, found.length};
    }
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

private:
    struct kept {
        const char* text;
        std::uint32_t length;
    };
    struct slot {
        std::uint64_t hash;
        std::uint32_t number;
        bool taken;
    };

    // Where a hash falls with this displacement.
    [[nodiscard]] std::size_t place_of(std::uint64_t hash, std::uint32_t displacement) const noexcept {
        return detail::fold(hash ^ (displacement * detail::text_hash::key_1), detail::text_hash::key_2) &
               slot_mask_;
    }

    void place_all() {
        const std::size_t buckets = std::bit_ceil(texts_.size() / 4 + 1);
        bucket_mask_ = buckets - 1;
        displacements_.assign(buckets, 0);
        slot_mask_ = std::bit_ceil(texts_.size() + texts_.size() / 4 + 1) - 1;
        slots_.assign(slot_mask_ + 1, slot{});
        std::vector<std::uint64_t> hashes;
        hashes.reserve(texts_.size());
        for (const kept& each : texts_) {
            hashes.push_back(Hash{}({each.text, each.length}));
        }
        const auto bucket_of = [&](std::uint32_t number) { return hashes[number] & bucket_mask_; };
        std::vector<std::uint32_t> sizes(buckets);
        for (const std::uint64_t hash : hashes) {
            ++sizes[hash & bucket_mask_];
        }
        // Bucket by bucket, the fullest first, while there are many free places.
        std::vector<std::uint32_t> order(texts_.size());
        std::iota(order.begin(), order.end(), 0U);
        const auto rank = [&](std::uint32_t number) {
            return std::pair(~sizes[bucket_of(number)], bucket_of(number));
        };
        std::sort(order.begin(), order.end(),
                  [&](std::uint32_t one, std::uint32_t other) { return rank(one) < rank(other); });
        for (std::span<const std::uint32_t> left(order); !left.empty();) {
            const std::size_t bucket = bucket_of(left.front());
            displacements_[bucket] = displacement_for(left.first(sizes[bucket]), hashes);
            left = left.subspan(sizes[bucket]);
        }
    }

    // The first displacement that puts all members on free places, which they then have.
    [[nodiscard]] std::uint32_t displacement_for(std::span<const std::uint32_t> members,
                                                 const std::vector<std::uint64_t>& hashes) {
        constexpr std::uint32_t most_trials = 1U << 20U;
        for (std::uint32_t trial = 0; trial != most_trials; ++trial) {
            std::size_t placed = 0;
            for (; placed != members.size(); ++placed) {
                slot& here = slots_[place_of(hashes[members[placed]], trial)];
                if (here.taken) {
                    break;
                }
                here = {hashes[members[placed]], members[placed], true};
            }
            if (placed == members.size()) {
                return trial;
            }
            while (placed != 0) {
                slots_[place_of(hashes[members[--placed]], trial)] = slot{};
            }
        }
        detail::raise<std::length_error>("poolmark: frozen_interner: two texts have the same hash");
    }

    detail::character_chunks characters_;
    std::vector<kept> texts_;
    std::vector<std::uint32_t> displacements_;
    std::vector<slot> slots_;
    std::uint64_t bucket_mask_ = 0;
    std::uint64_t slot_mask_ = 0;
};

using frozen_interner = basic_frozen_interner<>;

static_assert(interning<frozen_interner>);

} // namespace poolmark
