// The standard's containers by name, filled with numbers or texts: each as it is over std::allocator and as it is in std::pmr.
//
// Every kind is compiled twice, whatever number of memory resources is compared; who measures calls it through a table of
// functions, a few times for each container and never for an element. Texts are long enough that no string keeps them inside.
#pragma once

#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace poolmark::benchmarks {

inline constexpr std::size_t inner_elements = 128; // of each container inside another one
// What is put into containers: numbers from 0 on, and texts of 33 to 1,000 characters, drawn in advance.
class element_source {
public:
    element_source() {
        random_source chance(workload_seed);
        std::ranges::generate(noise_, [&] { return static_cast<char>('a' + chance.below(26)); });
        for (cut& each : cuts_) {
            each.length = static_cast<std::uint16_t>(shortest + chance.below(longest - shortest + 1));
            each.begin = static_cast<std::uint16_t>(chance.below(noise_.size() - longest));
        }
    }

    void first_text() noexcept { at_ = 0; }
    void first_number() noexcept { next_ = 0; }
    [[nodiscard]] int number() noexcept { return next_++; }
    [[nodiscard]] std::string_view text() noexcept { // another one in each container, so that sizes do not repeat
        const cut& taken = cuts_[at_++ & (cuts_.size() - 1)];
        return {noise_.data() + taken.begin, taken.length};
    }

private:
    static constexpr std::size_t shortest = 33;
    static constexpr std::size_t longest = 1000;
    struct cut {
        std::uint16_t begin;
        std::uint16_t length;
    };

    table<char> noise_ = table<char>(std::size_t{1} << 16U);
    table<cut> cuts_ = table<cut>(std::size_t{1} << 16U);
    std::size_t at_ = 0;
    int next_ = 0;
};

// One kind of container. `place` is where the container itself lies; a null resource is for those that take none.
inline constexpr std::size_t container_bytes = 64;
struct container_functions {
    void (*build)(void* place, std::size_t elements, element_source& from, std::pmr::memory_resource* memory);
    std::uint64_t (*sum)(const void* place);    // of something of each element: a program builds what it reads
    std::uint64_t (*digest)(const void* place); // the same, by order
    void (*drop)(void* place);
    std::size_t value_bytes; // of an element, without what it points to
};
struct container_kind {
    std::string_view name;
    std::size_t inner = 1; // elements in each of its elements
    bool texts = false;
    container_functions plain; // over std::allocator
    container_functions pmr;
};

namespace detail {

template <class C>
inline constexpr bool is_string = requires(const C& text) { text.c_str(); };
template <class C>
inline constexpr bool holds_elements = requires { typename C::value_type; } && !is_string<C>;

// Of a text; of a container in a set, its first element's, which costs next to nothing: two that are equal are never put
// into one set. May throw as far as the library knows, so that it keeps the hash in each node: of its own it would do so for
// std::string and not for std::pmr::string, and the difference would pass for the memory resource's.
struct kept_hash {
    template <class T>
    [[nodiscard]] std::size_t operator()(const T& value) const {
        if constexpr (is_string<T>) {
            return std::hash<std::string_view>{}(value);
        } else if constexpr (holds_elements<T>) {
            return (*this)(*value.begin());
        } else {
            return std::hash<T>{}(value);
        }
    }
};
template <class T>
using hash_for = std::conditional_t<std::same_as<T, int>, std::hash<int>, kept_hash>;

struct plain_types {
    using string = std::string;
    template <class T>
    using vector = std::vector<T>;
    template <class T>
    using list = std::list<T>;
    template <class T>
    using set = std::unordered_set<T, hash_for<T>>;
    template <class T>
    using map = std::map<int, T>;
    template <class T>
    using hash_map = std::unordered_map<int, T>;
};
struct pmr_types {
    using string = std::pmr::string;
    template <class T>
    using vector = std::pmr::vector<T>;
    template <class T>
    using list = std::pmr::list<T>;
    template <class T>
    using set = std::pmr::unordered_set<T, hash_for<T>>;
    template <class T>
    using map = std::pmr::map<int, T>;
    template <class T>
    using hash_map = std::pmr::unordered_map<int, T>;
};

template <class C>
[[nodiscard]] typename C::allocator_type allocator_over([[maybe_unused]] std::pmr::memory_resource* memory) {
    if constexpr (std::constructible_from<typename C::allocator_type, std::pmr::memory_resource*>) {
        return typename C::allocator_type(memory);
    } else {
        return {};
    }
}

template <class C>
void fill(C& filled, std::size_t elements, element_source& from);

template <class C>
void add_one(C& to, element_source& from) {
    using value = typename C::value_type;
    constexpr bool at_back = requires { to.emplace_back(); };
    if constexpr (std::same_as<value, int>) {
        if constexpr (at_back) {
            to.emplace_back(from.number());
        } else {
            to.emplace(from.number());
        }
    } else if constexpr (is_string<value>) {
        const std::string_view text = from.text();
        if constexpr (at_back) {
            to.emplace_back(text.data(), text.size());
        } else {
            to.emplace(text.data(), text.size());
        }
    } else if constexpr (!holds_elements<value>) { // a map's entry, in order: looking for places is the processor's question
        if constexpr (is_string<typename C::mapped_type>) {
            to.emplace_hint(to.end(), from.number(), from.text());
        } else {
            to.emplace_hint(to.end(), from.number(), 1);
        }
    } else if constexpr (at_back) {
        fill(to.emplace_back(), inner_elements, from);
    } else {
        value inner{typename value::allocator_type(to.get_allocator())};
        fill(inner, inner_elements, from);
        to.emplace(std::move(inner));
    }
}

template <class C>
void fill(C& filled, std::size_t elements, element_source& from) {
    if constexpr (requires { filled.reserve(elements); }) {
        filled.reserve(elements);
    }
    for (std::size_t left = elements; left != 0; --left) {
        add_one(filled, from);
    }
}

template <class Value, class Seen>
void look_at(const Value& value, Seen& seen) {
    if constexpr (std::same_as<Value, int>) {
        seen.add(static_cast<std::uint64_t>(value));
    } else if constexpr (is_string<Value>) {
        const auto first = static_cast<unsigned char>(value.front());
        const auto last = static_cast<unsigned char>(value.back());
        seen.add((value.size() << 16U) + (std::uint64_t{first} << 8U) + last);
    } else if constexpr (holds_elements<Value>) {
        for (const auto& each : value) {
            look_at(each, seen);
        }
    } else {
        look_at(value.first, seen);
        look_at(value.second, seen);
    }
}

struct sum_of {
    std::uint64_t all = 0;
    void add(std::uint64_t value) noexcept { all += value; }
    [[nodiscard]] std::uint64_t value() const noexcept { return all; }
};

template <class C>
[[nodiscard]] C& container_at(void* place) {
    return *std::launder(static_cast<C*>(place));
}
template <class C, class Seen>
[[nodiscard]] std::uint64_t look_at_all(const void* place) {
    Seen seen;
    look_at(*std::launder(static_cast<const C*>(place)), seen);
    return seen.value();
}

template <class C>
[[nodiscard]] constexpr container_functions functions_of() {
    static_assert(sizeof(C) <= container_bytes);
    return {.build =
                [](void* place, std::size_t elements, element_source& from, std::pmr::memory_resource* memory) {
                    fill(*::new (place) C(allocator_over<C>(memory)), elements, from);
                },
            .sum = look_at_all<C, sum_of>,
            .digest = look_at_all<C, benchmarks::digest>,
            .drop = [](void* place) { std::destroy_at(&container_at<C>(place)); },
            .value_bytes = sizeof(typename C::value_type)};
}

template <template <class> class Kind>
[[nodiscard]] constexpr container_kind kind_of(std::string_view name) {
    constexpr bool nested = holds_elements<typename Kind<plain_types>::value_type>;
    return {.name = name, .inner = nested ? inner_elements : 1, .texts = name.ends_with("string"),
            .plain = functions_of<Kind<plain_types>>(), .pmr = functions_of<Kind<pmr_types>>()};
}

// S: the types of one of the two families.
template <class S> using vector_int = typename S::template vector<int>;
template <class S> using vector_string = typename S::template vector<typename S::string>;
template <class S> using set_int = typename S::template set<int>;
template <class S> using set_string = typename S::template set<typename S::string>;
template <class S> using vector_vector_int = typename S::template vector<vector_int<S>>;
template <class S> using vector_vector_string = typename S::template vector<vector_string<S>>;
template <class S> using vector_set_int = typename S::template vector<set_int<S>>;
template <class S> using vector_set_string = typename S::template vector<set_string<S>>;
template <class S> using set_vector_int = typename S::template set<vector_int<S>>;
template <class S> using set_vector_string = typename S::template set<vector_string<S>>;
template <class S> using set_set_int = typename S::template set<set_int<S>>;
template <class S> using set_set_string = typename S::template set<set_string<S>>;
template <class S> using list_int = typename S::template list<int>;
template <class S> using list_string = typename S::template list<typename S::string>;
template <class S> using map_int = typename S::template map<int>;
template <class S> using map_string = typename S::template map<typename S::string>;
template <class S> using unordered_map_int = typename S::template hash_map<int>;
template <class S> using unordered_map_string = typename S::template hash_map<typename S::string>;
template <class S> using list_map_int = typename S::template list<map_int<S>>;

} // namespace detail

// The twelve of the paper in its order (a set is an unordered_set, vector_set_int a vector of sets of int), then lists and maps.
inline constexpr std::array container_kinds{
    detail::kind_of<detail::vector_int>("vector_int"),
    detail::kind_of<detail::vector_string>("vector_string"),
    detail::kind_of<detail::set_int>("set_int"),
    detail::kind_of<detail::set_string>("set_string"),
    detail::kind_of<detail::vector_vector_int>("vector_vector_int"),
    detail::kind_of<detail::vector_vector_string>("vector_vector_string"),
    detail::kind_of<detail::vector_set_int>("vector_set_int"),
    detail::kind_of<detail::vector_set_string>("vector_set_string"),
    detail::kind_of<detail::set_vector_int>("set_vector_int"),
    detail::kind_of<detail::set_vector_string>("set_vector_string"),
    detail::kind_of<detail::set_set_int>("set_set_int"),
    detail::kind_of<detail::set_set_string>("set_set_string"),
    detail::kind_of<detail::list_int>("list_int"),
    detail::kind_of<detail::list_string>("list_string"),
    detail::kind_of<detail::map_int>("map_int"),
    detail::kind_of<detail::map_string>("map_string"),
    detail::kind_of<detail::unordered_map_int>("unordered_map_int"),
    detail::kind_of<detail::unordered_map_string>("unordered_map_string"),
    detail::kind_of<detail::list_map_int>("list_map_int"),
};

[[nodiscard]] inline const container_kind& container_named(std::string_view name) {
    const auto found = std::ranges::find(container_kinds, name, &container_kind::name);
    if (found == container_kinds.end()) {
        throw std::out_of_range("no container of that name");
    }
    return *found;
}

} // namespace poolmark::benchmarks
