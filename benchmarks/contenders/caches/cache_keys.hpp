// What the caches ask of keys and values, and how a hash becomes 32 good bits.
//
//   std::hash of an integer is often the integer ──spread──► bits that depend on all of it
#pragma once

#include "pools/values/text_hash.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace poolmark::detail {

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

} // namespace poolmark::detail
