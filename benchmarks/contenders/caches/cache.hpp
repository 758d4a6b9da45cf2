// What a cache is: a place that may remember a value under a key, and may forget it again.
//
//   get(key) ──► hit:  the value, constant
//            └─► miss ──► compute ──► put(key, value)         get_or_compute() and memoize() are this, written once
//
// Good for: code that is generic over where results are kept: in this process, in a file, in a server.
// Bad for:  data that must not be lost: a cache may refuse a value and may forget it at any time.
#pragma once

#include "pools/description.hpp"
#include "pools/values/text_hash.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

namespace poolmark {

// What capacity() says of a cache that never forgets by itself.
inline constexpr std::size_t not_bounded = std::numeric_limits<std::size_t>::max();

// What a cache promises. The contract tests hold each cache to what it says here, and to nothing it does not.
struct cache_traits {
    bool bounded = true;          // holds capacity() at most, and forgets by its own choice to do so
    bool thread_safe = false;     // any threads may call it at once; get() then gives a copy
    bool recency = false;         // when it is full, it forgets exactly the key used longest ago
    bool keeps_the_newest = true; // what was put last is there; false: a rule of its own may drop it at once
    bool collides = false;        // keys share places: a key may be dropped though there is room
};

// A cache of C::value_type under C::key_type.
//
//   get(k)        false on a miss, and else dereferences to a constant value: a pointer, valid until the next put(),
//                 erase() or clear(), where the value lies in this process; a std::optional, a copy, where it lies
//                 elsewhere or threads share it. May be what the cache learns from.
//   put(k, v)     true when the value is kept, under a key that is new or not; in process, a pointer to it. False when
//                 it is not: no capacity, a full disk, a dead server. `v` is moved from only when it is kept, so
//                 the caller never loses it. Whatever it says, this process's caches give no older value from then on.
//                 Throws what copying and std::bad_alloc throw; the cache is as it was then.
//   erase(k)      whether there was one
//   clear()       forgets everything
//   size()        how many keys are there
//   capacity()    how much there may be: keys, or units of the cache's weigher; not_bounded where there is no end.
//                 With capacity 0 nothing is ever kept, and each get() is a miss.
//   about         its name, family and one-line summary
//
// One thread at a time unless it says otherwise. Keys are equal when the cache's Equal says so: in a cache of double,
// 1 and true are 1.0. Where they must differ, the key is a std::variant, whose alternatives never are equal. A key that
// does not equal itself, as NaN, could never be found again: it is not kept. Hash and Equal may throw for a key that is
// new to them, and the cache is as it was; a key that they have taken once they take again.
template <class C>
concept cache = requires(C& c, const C& seen, const typename C::key_type& key, typename C::value_type value) {
    { C::about } -> std::convertible_to<const description&>;
    { static_cast<bool>(c.get(key)) };
    { *c.get(key) } -> std::convertible_to<const typename C::value_type&>;
    { c.put(key, std::move(value)) } -> std::convertible_to<bool>;
    { c.erase(key) } -> std::same_as<bool>;
    c.clear();
    { seen.size() } -> std::same_as<std::size_t>;
    { seen.capacity() } -> std::same_as<std::size_t>;
};

// One whose values lie in this process, for one thread, and are reached without a copy. peek() is a get() from which
// the cache learns nothing.
template <class C>
concept local_cache = cache<C> && requires(C& c, const C& seen, const typename C::key_type& key,
                                           typename C::value_type value) {
    { C::traits } -> std::convertible_to<const cache_traits&>;
    { c.get(key) } -> std::same_as<const typename C::value_type*>;
    { seen.peek(key) } -> std::same_as<const typename C::value_type*>;
    { c.put(key, std::move(value)) } -> std::same_as<const typename C::value_type*>;
};

// A constant value that is in a cache or, where none keeps it, in here. False when there is none. Like the pointer that
// it may be, valid until the next call that changes the cache.
template <class V>
class remembered {
public:
    remembered() = default;
    explicit remembered(const V* there) noexcept : there_(there) {}
    explicit remembered(V&& kept_here) : here_(std::move(kept_here)) {}

    [[nodiscard]] explicit operator bool() const noexcept { return there_ != nullptr || here_.has_value(); }
    [[nodiscard]] const V& operator*() const noexcept { return there_ != nullptr ? *there_ : *here_; }
    [[nodiscard]] const V* operator->() const noexcept { return &**this; }
    [[nodiscard]] bool in_cache() const noexcept { return there_ != nullptr; }

private:
    const V* there_ = nullptr;
    std::optional<V> here_;
};

// What `where` has under `key`, and otherwise compute(key), which it is given to keep. An exception of compute() passes
// through and nothing is kept. compute() may use the same cache, also recursively. Without a copy where `where` is a
// local_cache (a `remembered`); else a copy, constant as well.
template <cache C, class F>
[[nodiscard]] auto get_or_compute(C& where, const typename C::key_type& key, F&& compute) {
    using value_type = typename C::value_type;
    if constexpr (requires { where.get_or_compute(key, std::forward<F>(compute)); }) {
        return where.get_or_compute(key, std::forward<F>(compute)); // it has a way of its own: see single_flight
    } else if constexpr (local_cache<C>) {
        if (const value_type* const hit = where.get(key)) {
            return remembered<value_type>(hit);
        }
        value_type value = std::forward<F>(compute)(key);
        if (const value_type* const kept = where.put(key, std::move(value))) {
            return remembered<value_type>(kept);
        }
        return remembered<value_type>(std::move(value)); // not kept, so not moved from
    } else {
        if (const auto hit = where.get(key)) {
            return value_type(*hit);
        }
        value_type value = std::forward<F>(compute)(key);
        static_cast<void>(where.put(key, value_type(value)));
        return value;
    }
}

// A function of one argument that remembers its results in a cache. The cache outlives it.
template <cache C, class F>
class memoized {
public:
    memoized(C& where, F compute) : where_(&where), compute_(std::move(compute)) {}
    [[nodiscard]] auto operator()(const typename C::key_type& key) { return get_or_compute(*where_, key, compute_); }

private:
    C* where_;
    F compute_;
};

template <cache C, class F>
[[nodiscard]] memoized<C, std::decay_t<F>> memoize(C& where, F&& compute) {
    return {where, std::forward<F>(compute)};
}

// What the caches ask of keys and values, and how a hash becomes 32 good bits.
//
//   std::hash of an integer is often the integer ──spread──► bits that depend on all of it
namespace detail {

template <class K, class Hash>
concept hashed_by = requires(const Hash& hash, const K& key) {
    { hash(key) } -> std::convertible_to<std::size_t>;
};

// Both say that they take other types than the key itself: a std::string_view for a std::string, with no copy.
template <class Hash, class Equal>
concept transparent = requires {
    typename Hash::is_transparent;
    typename Equal::is_transparent;
};

template <class K, class V, class Hash, class Equal>
struct checked_cache_types {
    static_assert(hashed_by<K, Hash>,
                  "a cache finds keys by their hash: give the key's type a std::hash, or name a Hash of your own");
    static_assert(std::is_object_v<K> && std::is_object_v<V> && !std::is_const_v<K> && !std::is_const_v<V> &&
                      !std::is_array_v<K> && !std::is_array_v<V>,
                  "keys and values are plain object types");
    static_assert(std::is_nothrow_move_constructible_v<K> && std::is_nothrow_move_constructible_v<V>,
                  "a cache moves keys and values, which must not throw: keep this one in a std::unique_ptr");
    static constexpr bool fine = true;
};

[[nodiscard]] constexpr std::uint32_t spread(std::size_t hash) noexcept {
    return static_cast<std::uint32_t>(fold(hash ^ text_hash::key_2, text_hash::key_1) >> 32U);
}

// Hashing one of these again costs less than keeping its hash, and cannot fail.
template <class K, class Hash>
inline constexpr bool hashed_quickly = (std::is_arithmetic_v<K> || std::is_enum_v<K> || std::is_pointer_v<K>) &&
                                       std::is_nothrow_invocable_v<const Hash&, const K&>;

} // namespace detail

} // namespace poolmark
