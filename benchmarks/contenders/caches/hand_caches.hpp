// Caches with a hand that goes round and spares whom a hit has marked.
#pragma once

#include "benchmarks/contenders/caches/policy_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace poolmark {

namespace detail {

// Mark 1: used since the hand was here.
class hand_policy : public simple_policy {
public:
    using simple_policy::simple_policy;

    template <class Nodes>
    void hit(Nodes& nodes, std::uint32_t n) noexcept {
        nodes.set_mark(n, 1);
    }
    template <class Nodes>
    void reset(Nodes& /*nodes*/) noexcept {
        hand_ = 0;
    }

protected:
    std::uint32_t hand_ = 0;
};

} // namespace detail

// CLOCK: an LRU that is nearly as good and writes one bit for a hit. A hand goes round; who was used since it last came
// by is spared once, the next one is forgotten.
//
//        [ used ] [      ] [ used ] [ used ]
//           ▲ hand: spares this one, forgets the next
//
// Good for: mostly hits: a hit moves nothing. The same keys as LRU, roughly.
// Bad for:  scans, which push out everything, as they do with LRU.
// Complexity: O(1) get; put O(entries) in the worst case, O(1) on average. Bytes: as lru_intrusive.
// Threads:  one at a time.
namespace detail {

// The entries stand in a ring in the order of their numbers. Mark 3: no entry.
class clock_policy : public hand_policy {
public:
    using hand_policy::hand_policy;

    template <class Nodes>
    void evict(Nodes& nodes) noexcept {
        for (;;) {
            const std::uint32_t here = hand_ < nodes.first_number() || hand_ >= nodes.end_number()
                                           ? nodes.first_number()
                                           : hand_;
            hand_ = here + 1;
            if (nodes.mark(here) == 0) {
                nodes.remove(here);
                return;
            }
            if (nodes.mark(here) == 1) {
                nodes.set_mark(here, 0);
            }
        }
    }
};

} // namespace detail

template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class clock_cache : public detail::policy_cache<K, V, detail::clock_policy, Hash, Equal> {
public:
    using detail::policy_cache<K, V, detail::clock_policy, Hash, Equal>::policy_cache;
    static constexpr description about{"clock_cache", family::pool, "a ring of entries and a hand that spares those used since it last came by"};
    static constexpr cache_traits traits{};
};

static_assert(local_cache<clock_cache<int, int>>);

// SIEVE: a queue of entries in the order they came, and a hand that goes from the oldest to the newest and forgets the
// first that nobody has used since it last came by. Who is spared stays where it is, so that new keys, most of which
// never come again, are looked at soon and old ones that are used are left alone.
//
//   newest ──► [    ] [used] [    ] [used] [used] ──► oldest
//                              ▲ hand, moving left
//
// Good for: skewed keys, where few are used often: better than LRU at half its work, a hit writes one bit.
// Bad for:  keys used a few times within a short while and never again; loops.
// Complexity: O(1) get; put O(entries) in the worst case, O(1) on average. Bytes: as lru_intrusive.
// Threads:  one at a time.
namespace detail {

class sieve_policy : public hand_policy {
public:
    using hand_policy::hand_policy;

    template <class Nodes>
    void added(Nodes& nodes, std::uint32_t n) noexcept {
        nodes.push_front(0, n);
    }
    template <class Nodes>
    void removed(Nodes& nodes, std::uint32_t n) noexcept {
        if (hand_ == n) {
            hand_ = nodes.previous(n);
        }
        nodes.unlink(n);
    }
    template <class Nodes>
    void evict(Nodes& nodes) noexcept {
        std::uint32_t here = hand_ != 0 ? hand_ : nodes.back(0); // 0 is the end of the list
        while (nodes.mark(here) != 0) {
            nodes.set_mark(here, 0);
            here = nodes.previous(here);
            if (here == 0) {
                here = nodes.back(0);
            }
        }
        hand_ = nodes.previous(here);
        nodes.unlink(here);
        nodes.remove(here);
    }
};

} // namespace detail

template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class sieve_cache : public detail::policy_cache<K, V, detail::sieve_policy, Hash, Equal> {
public:
    using detail::policy_cache<K, V, detail::sieve_policy, Hash, Equal>::policy_cache;
    static constexpr description about{"sieve_cache", family::pool, "a queue and a hand that forgets what nobody used since it last came by"};
    static constexpr cache_traits traits{};
};

static_assert(local_cache<sieve_cache<int, int>>);

} // namespace poolmark
