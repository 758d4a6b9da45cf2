// Objects built once, at compile time, and never destroyed; each is found by its key, which is its position.
//
//   get(k), k < N ──► &objects_[k]     the same object each time: equal keys have one identity
//   get(k), other ──► null             not in here; the caller knows what to do instead
//
// Good for: tiny domains that everything mentions: small integers, one-character strings, none, true, false.
// Bad for:  large domains, or keys that are in the table half of the time: the branch is then mispredicted.
// Complexity: O(1): a comparison and an address. Bytes: the objects, read-only where the table is constexpr.
// Threads:  any.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace poolmark {

template <class T, std::size_t N>
class immortal_table {
public:
    static_assert(N != 0 && N <= (std::size_t{1} << 16), "each object is an argument of one constructor");
    static_assert(std::is_trivially_destructible_v<T>, "immortal: nothing may have to happen at the end");

    // make(k) returns the object of key k, which is built in place. Declare the table constexpr, or constinit const.
    template <class Make>
    requires std::same_as<std::invoke_result_t<Make&, std::size_t>, T>
    constexpr explicit immortal_table(Make make) : immortal_table(make, std::make_index_sequence<N>{}) {}
    immortal_table(const immortal_table&) = delete; // a copy would have other identities
    immortal_table& operator=(const immortal_table&) = delete;
    ~immortal_table() = default;

    // Null for a key that is not in the table. A negative key is a large one, and so not in the table either.
    [[nodiscard]] constexpr const T* get(std::uint64_t key) const noexcept {
        return key < N ? std::addressof(objects_[key]) : nullptr;
    }

    // By the address alone: the object, which may be anybody's, is not read.
    [[nodiscard]] bool contains(const T* object) const noexcept {
        // One comparison instead of two: an address below the first is a large distance.
        return reinterpret_cast<std::uintptr_t>(object) - reinterpret_cast<std::uintptr_t>(data()) < N * sizeof(T);
    }

    [[nodiscard]] constexpr const T* data() const noexcept { return objects_.data(); }
    [[nodiscard]] static constexpr std::size_t size() noexcept { return N; }

private:
    template <class Make, std::size_t... Keys>
    constexpr immortal_table(Make& make, std::index_sequence<Keys...> /*keys*/) : objects_{make(Keys)...} {}

    std::array<T, N> objects_;
};

} // namespace poolmark
