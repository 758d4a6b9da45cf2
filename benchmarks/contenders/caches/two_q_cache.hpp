// 2Q: a key that comes for the first time waits in a short queue; only one that comes again after it has left the queue
// is let in to the LRU behind it. What scans bring never gets that far.
//
//   new ──► in: a queue, a quarter ──► out: keys only, half as many ──► forgotten
//                                       └─ comes again ──► main: an LRU, three quarters
//
// Good for: scans mixed with keys that stay in use.
// Bad for:  keys whose uses all lie close together: they are forgotten once more than with LRU.
// Complexity: O(1). Bytes: 1.5 times those of lru_intrusive, for the keys that it remembers without values.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/policy_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace poolmark {
namespace detail {

// Marks: 0 in, 1 main, 3 out. The published algorithm, with its proportions.
class two_q_policy : public simple_policy {
    static constexpr std::uint32_t in = 0;
    static constexpr std::uint32_t main = 1;
    static constexpr std::uint32_t out = 2;

public:
    static constexpr std::uint32_t lists = 3;
    static constexpr bool ghosts = true;

    explicit two_q_policy(std::size_t capacity) noexcept
        : most_in_(capacity < 4 ? 1 : capacity / 4), most_out_(capacity / 2) {}

    // One more ghost than stays: it is made before the oldest goes.
    [[nodiscard]] static constexpr std::size_t most(std::size_t capacity) noexcept {
        return capacity > not_bounded / 2 ? not_bounded : capacity + capacity / 2 + 1;
    }

    template <class Nodes>
    void hit(Nodes& nodes, std::uint32_t n) noexcept {
        if (nodes.mark(n) == main) {
            nodes.move_to_front(main, n);
        }
    }
    template <class Nodes>
    void added(Nodes& nodes, std::uint32_t n) noexcept {
        nodes.push_front(in, n);
        ++in_count_;
    }
    template <class Nodes>
    void revived(Nodes& nodes, std::uint32_t n) noexcept {
        nodes.set_mark(n, main);
        nodes.push_front(main, n);
    }
    // A ghost that is about to be revived is unlinked and, once there is room, no longer counted.
    void leaves_out() noexcept { --out_count_; }
    template <class Nodes>
    void removed(Nodes& nodes, std::uint32_t n) noexcept {
        in_count_ -= nodes.mark(n) == in ? 1U : 0U;
        nodes.unlink(n);
    }
    template <class Nodes>
    void evict(Nodes& nodes) noexcept {
        const std::uint32_t oldest_main = nodes.back(main);
        if (in_count_ <= most_in_ && oldest_main != main) {
            nodes.unlink(oldest_main);
            nodes.remove(oldest_main);
            return;
        }
        const std::uint32_t oldest_in = nodes.back(in);
        nodes.unlink(oldest_in);
        --in_count_;
        nodes.make_ghost(oldest_in);
        nodes.push_front(out, oldest_in);
        if (++out_count_ > most_out_) {
            const std::uint32_t oldest_out = nodes.back(out);
            nodes.unlink(oldest_out);
            nodes.remove(oldest_out);
            --out_count_;
        }
    }
    template <class Nodes>
    void reset(Nodes& /*nodes*/) noexcept {
        in_count_ = out_count_ = 0;
    }

private:
    std::size_t most_in_;
    std::size_t most_out_;
    std::size_t in_count_ = 0;
    std::size_t out_count_ = 0;
};

} // namespace detail

template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class two_q_cache : public detail::policy_cache<K, V, detail::two_q_policy, Hash, Equal> {
public:
    using detail::policy_cache<K, V, detail::two_q_policy, Hash, Equal>::policy_cache;
    static constexpr description about{"two_q_cache", family::pool, "a queue for new keys, an LRU for those that come again"};
    static constexpr cache_traits traits{};
};

static_assert(local_cache<two_q_cache<int, int>>);

} // namespace poolmark
