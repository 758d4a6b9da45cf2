// Constructs an object in given storage, from the arguments of a constructor or, for an aggregate, its members.
//
//   construct<point>(slot, 1, 2)      point(1, 2), which a C++20 compiler takes for aggregates as well, but Clang
//                                     before 16 does not: point{1, 2} there
#pragma once

#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace poolmark::detail {

template <class T, class... Args>
[[nodiscard]] T* construct(void* storage, Args&&... args) noexcept(std::is_nothrow_constructible_v<T, Args...>) {
    if constexpr (std::is_constructible_v<T, Args...> || !std::is_aggregate_v<T>) {
        return std::construct_at(static_cast<T*>(storage), std::forward<Args>(args)...);
    } else {
        return ::new (storage) T{std::forward<Args>(args)...};
    }
}

} // namespace poolmark::detail
