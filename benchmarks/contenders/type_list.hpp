// A list of types, and the two things done with one: a visit of each, and joining.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>

namespace poolmark {

template <class... Types>
struct type_list {
    static constexpr std::size_t size = sizeof...(Types);
};

namespace detail {
template <class First, class Second>
struct append;
template <class... Firsts, class... Seconds>
struct append<type_list<Firsts...>, type_list<Seconds...>> {
    using type = type_list<Firsts..., Seconds...>;
};
} // namespace detail

template <class First, class Second>
using append_t = typename detail::append<First, Second>::type;

namespace detail {
template <class... Lists>
struct join {
    using type = type_list<>;
};
template <class First, class... Rest>
struct join<First, Rest...> {
    using type = append_t<First, typename join<Rest...>::type>;
};
} // namespace detail

template <class... Lists>
using join_t = typename detail::join<Lists...>::type;

namespace detail {
template <class List, template <class> class Keep>
struct filtered;
template <class... Types, template <class> class Keep>
struct filtered<type_list<Types...>, Keep> {
    using type = join_t<std::conditional_t<Keep<Types>::value, type_list<Types>, type_list<>>...>;
};
} // namespace detail

// The types of a list of which Keep<Type>::value is true, in the same order.
template <class List, template <class> class Keep>
using filtered_t = typename detail::filtered<List, Keep>::type;

namespace detail {
// Pools that honour alignments up to `Most` only: for stricter types they are not in the lists, and not expanded.
template <class T, std::size_t Most, class... Pools>
using aligned_up_to = std::conditional_t<alignof(T) <= Most, type_list<Pools...>, type_list<>>;
} // namespace detail

// visit(std::type_identity<T>{}) for each T, in order: for_each_type(list{}, []<class T>(std::type_identity<T>) {});
template <class... Types, class Visitor>
constexpr void for_each_type(type_list<Types...> /*list*/, Visitor&& visit) {
    (visit(std::type_identity<Types>{}), ...);
}

// How many types a list has, and the one at a position.
template <class List>
inline constexpr std::size_t type_count = List::size;

namespace detail {
template <std::size_t Index, class List>
struct at;
template <std::size_t Index, class... Types>
struct at<Index, type_list<Types...>> : std::tuple_element<Index, std::tuple<Types...>> {};
} // namespace detail

template <std::size_t Index, class List>
using type_at = typename detail::at<Index, List>::type;

static_assert(std::is_same_v<type_at<1, type_list<int, char>>, char>);
static_assert(append_t<type_list<int>, type_list<char, long>>::size == 3);
static_assert(std::is_same_v<join_t<type_list<int>, type_list<>, type_list<char>>, type_list<int, char>>);

} // namespace poolmark
