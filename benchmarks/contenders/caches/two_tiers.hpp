// A small quick cache over a large slow one: memory over a file, a database or a server.
//
//   get ──► memory ── hit ──► there it is               put ──► below, then memory      (write-through)
//             └─ miss ──► below ── hit ──► into memory as well (promotion)
//
// What memory forgets is not demoted, since it is below already: nothing is lost that the one below has kept. Where it
// refuses a value (a full disk, a dead server), its older value is erased and memory alone has the new one. A server
// that answered neither call and comes back with its old data may give that once memory has forgotten the key.
//
// Good for: results that outlive the process or are shared, with keys that come again within it.
// Bad for:  values that others change below: memory does not hear of it (see expiring).
// Complexity: a hit in memory costs what memory costs; all else what the one below costs.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace poolmark {

inline constexpr description two_tiers_about{"two_tiers", family::pool, "an LRU in memory over a store"};

// Both outlive it.
template <local_cache Memory, cache Below>
class two_tiers {
    static_assert(std::is_same_v<typename Memory::key_type, typename Below::key_type> &&
                      std::is_same_v<typename Memory::value_type, typename Below::value_type>,
                  "both tiers have the same keys and values");

public:
    using key_type = typename Memory::key_type;
    using value_type = typename Memory::value_type;
    static constexpr const description& about = two_tiers_about;
    static constexpr cache_traits traits{.bounded = true};

    two_tiers(Memory& memory, Below& below) noexcept : memory_(&memory), below_(&below) {}

    // Valid until the next call of any kind, since a hit below changes memory.
    [[nodiscard]] remembered<value_type> get(const key_type& key) {
        if (const value_type* const hit = memory_->get(key)) {
            return remembered<value_type>(hit);
        }
        auto hit = below_->get(key);
        if (!hit) {
            return {};
        }
        value_type value(*std::move(hit)); // moves out of a copy, copies what is constant
        if (const value_type* const kept = memory_->put(key, std::move(value))) {
            return remembered<value_type>(kept);
        }
        return remembered<value_type>(std::move(value));
    }

    template <class U = value_type>
    bool put(const key_type& key, U&& value) {
        if constexpr (!std::is_same_v<U, value_type>) { // it may lie in memory, as what get() gave does
            return put(key, value_type(std::forward<U>(value)));
        } else {
            return put_own(key, std::move(value));
        }
    }

    bool erase(const key_type& key) {
        const bool was_below = below_->erase(key);
        return memory_->erase(key) || was_below;
    }
    void clear() {
        below_->clear();
        memory_->clear();
    }
    // As many as there are below, which has all that memory has unless it refused some.
    [[nodiscard]] std::size_t size() const { return std::max(below_->size(), memory_->size()); }
    [[nodiscard]] std::size_t capacity() const { return std::max(below_->capacity(), memory_->capacity()); }

private:
    bool put_own(const key_type& key, value_type&& value) {
        memory_->erase(key); // whatever fails below, memory never has an older value than the one below
        const bool stored = static_cast<bool>(below_->put(key, value_type(value)));
        if (!stored) {
            static_cast<void>(below_->erase(key));
        }
        return memory_->put(key, std::move(value)) != nullptr || stored;
    }

    Memory* memory_;
    Below* below_;
};

} // namespace poolmark
