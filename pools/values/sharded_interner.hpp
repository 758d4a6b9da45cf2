// Interned texts that any threads share: the hash says which of 16 tables, each with a mutex of its own.
//
//   intern("user_id") ──hash──► shard 11 │ mutex │ table │        others work in shards 0 to 10 and 12 to 15
//   drop, not the last handle ──► count - 1                       without the mutex
//   drop of the last          ──► the mutex, count - 1 again, and only if that is 0 the entry goes
//
// A count goes from 0 to 1 and from 1 to 0 only under the mutex, so that a text which is about to leave cannot be
// handed out again in between, and one that was just handed out again does not leave.
//
// Good for: threads that parse the same kind of thing.
// Bad for:  one thread (weak_interner); one text that everybody interns all the time: that is one mutex and one line.
// Complexity: as weak_interner, and a lock. Bytes: as weak_interner, 16 times at least. Threads: any.
#pragma once

#include "pools/threads/forkable_mutex.hpp"
#include "pools/values/interned.hpp"
#include "pools/values/interning.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

namespace poolmark {

template <std::size_t Shards = 16, class Hash = detail::text_hash>
class basic_sharded_interner {
public:
    using handle = const interned*;
    static constexpr description about{"sharded_interner", family::pool,
                                       "16 tables with a mutex each, counts that are atomic"};
    static constexpr interning_traits traits{.mortal = true, .thread_safe = true};

    [[nodiscard]] handle intern(std::string_view text) {
        const std::uint32_t hash = table::hash_of(text);
        shard& home = shard_of(hash);
        const std::lock_guard lock(home.mutex);
        return home.entries.intern(text, hash, 1);
    }

    [[nodiscard]] handle retain(handle held) noexcept {
        counting::add(*held);
        return held;
    }

    void drop(handle held) noexcept {
        if (!counting::take_unless_last(*held)) {
            shard& home = shard_of(held->hash());
            const std::lock_guard lock(home.mutex);
            if (counting::take(*held)) {
                home.entries.erase(held);
            }
        }
    }

    [[nodiscard]] std::string_view text(handle held) const noexcept { return held->text(); }

    // Of the moment; exact only while nobody else is at work.
    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t sum = 0;
        for (const shard& each : shards_) {
            const std::lock_guard lock(each.mutex);
            sum += each.entries.size();
        }
        return sum;
    }

private:
    using counting = detail::atomic_counting;
    using table = detail::interned_table<counting, Hash>;
    static_assert(Shards != 0 && Shards <= 256 && (Shards & (Shards - 1)) == 0);

    struct alignas(128) shard { // two lines: neighbours are fetched in pairs
        mutable detail::forkable_mutex mutex;
        table entries;
    };

    // By the upper bits: the lower ones say where in the table.
    [[nodiscard]] shard& shard_of(std::uint32_t hash) noexcept { return shards_[(hash >> 24U) & (Shards - 1)]; }

    std::array<shard, Shards> shards_;
};

using sharded_interner = basic_sharded_interner<>;

static_assert(interning<sharded_interner>);

} // namespace poolmark
