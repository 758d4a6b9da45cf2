// Your own type as a workload: every pool on every heap, with the lifetimes that your program has. See
// examples/my_type.hpp.
//
//   struct order { explicit order(std::uint64_t number); std::uint64_t digest() const; ... };
//   inline const poolmark::benchmarks::own_workload<order> orders{{.name = "orders", .live = {1'000, 100'000}}};
//
// Objects are really constructed and destroyed, so what the constructor takes from the heap is part of the
// figure.
//
// Good for: the answer for your type instead of for 64 bytes that own nothing.
// Bad for:  objects that threads hand to one another, arrays, types of many sizes.
#pragma once

#include "benchmarks/harness/own_subjects.hpp"
#include "benchmarks/harness/pools.hpp"

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

namespace poolmark::benchmarks {

// In which order objects die.
enum class lifetime {
    lifo,     // a batch: the youngest first
    fifo,     // a batch: the oldest first
    shuffled, // a batch: in no order
    random    // a population: one of them, any one, is replaced by a new one
};

struct own_options {
    std::string_view name;                // lower case, digits and _: part of each cell's identity
    std::vector<std::int64_t> live{1000}; // objects alive at once; a point for each
    lifetime pattern = lifetime::random;
};

// The n-th object: T::make(n), or T(n), or T(), whichever there is.
template <class T>
struct made_by_number {
    [[nodiscard]] T operator()(std::uint64_t n) const {
        if constexpr (requires {
                          { T::make(n) } -> std::same_as<T>;
                      }) {
            return T::make(n);
        } else if constexpr (std::is_constructible_v<T, std::uint64_t>) {
            return T(n);
        } else {
            static_assert(
                std::is_default_constructible_v<T>,
                "own_workload: say how the n-th object is made, e.g. with `static order make(std::uint64_t n)`");
            return T();
        }
    }
};

// What an object holds, as a number: object.digest(), or its bytes where equal objects have equal bytes.
template <class T>
struct read_by_digest {
    [[nodiscard]] std::uint64_t operator()(const T& object) const {
        if constexpr (requires {
                          { object.digest() } -> std::convertible_to<std::uint64_t>;
                      }) {
            return object.digest();
        } else {
            static_assert(std::has_unique_object_representations_v<T>,
                          "own_workload: say what an object holds, e.g. with `std::uint64_t digest() const`");
            return detail::digest_of_bytes(&object, sizeof(T));
        }
    }
};

// Registers the workload. Make and Digest are for types that cannot be given members: callables with no state.
template <class T, class Make = made_by_number<T>, class Digest = read_by_digest<T>>
class own_workload {
public:
    explicit own_workload(const own_options& asked)
        : registered_(detail::describe_own(asked.name, asked.live, text(asked.pattern), sizeof(T),
                                           asked.pattern == lifetime::random
                                               ? strategies<replaced>(needs::single_release)
                                               : strategies<batched>(needs::any_pool))) {}

private:
    template <class Pool>
    using batched = detail::own_batch<Pool, Make, Digest>;
    template <class Pool>
    using replaced = detail::own_population<Pool, Make, Digest>;

    [[nodiscard]] static constexpr std::string_view text(lifetime pattern) noexcept {
        switch (pattern) {
        case lifetime::lifo: return "lifo";
        case lifetime::fifo: return "fifo";
        case lifetime::shuffled: return "shuffled";
        case lifetime::random: return "random";
        }
        return "unknown";
    }

    // An object that owns something takes it from the process's heap, whichever pool it lies in.
    template <template <class> class Subject>
    [[nodiscard]] static std::vector<strategy> strategies(needs what) {
        constexpr heap_use pools_on =
            std::is_trivially_destructible_v<T> ? heap_use::baseline_only : heap_use::every_allocator;
        std::vector<strategy> list;
        for_each_type(storage_pools<T>{}, [&]<class Pool>(std::type_identity<Pool>) {
            constexpr bool comes_back_singly = Pool::traits.reuse != reuse_order::never;
            if constexpr (comes_back_singly || resettable_pool<Pool>) {
                if (comes_back_singly || what == needs::any_pool) {
                    list.push_back(detail::own_strategy<Pool>(pools_on, [](const parameters& where) {
                        return std::unique_ptr<subject>(std::make_unique<Subject<Pool>>(where));
                    }));
                }
            }
        });
        add_absent_pools(list, false);
        return list;
    }

    registration registered_;
};

} // namespace poolmark::benchmarks
