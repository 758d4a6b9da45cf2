// The storage pools as contenders: every pool of the catalog, at each object size, for any subject that is
// written once against the concept.
#pragma once

#include "benchmarks/harness/absent.hpp"
#include "benchmarks/harness/workload.hpp"
#include "pools/catalog.hpp"
#include "pools/pool.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace poolmark::benchmarks {

// What is pooled: so many bytes, touched at both ends when it is initialised. Aligned to 8, because that is all
// that every peer promises.
template <std::size_t Bytes>
struct object {
    static_assert(Bytes >= 16 && Bytes % 8 == 0);
    std::uint64_t words[Bytes / 8];

    void stamp(std::uint64_t value) noexcept {
        words[0] = value;
        words[Bytes / 8 - 1] = ~value;
    }
    [[nodiscard]] std::uint64_t read() const noexcept { return words[0] * 3 + words[Bytes / 8 - 1]; }
};

// Calls make(std::integral_constant<std::size_t, bytes>) for one of the sizes that are compiled in.
template <class Make>
[[nodiscard]] std::unique_ptr<subject> for_object_bytes(std::int64_t bytes, Make make) {
    switch (bytes) {
    case 16: return make(std::integral_constant<std::size_t, 16>{});
    case 64: return make(std::integral_constant<std::size_t, 64>{});
    case 256: return make(std::integral_constant<std::size_t, 256>{});
    default: throw std::out_of_range("no object of that size is compiled in");
    }
}

// Which pools of the catalog a workload can use.
enum class needs {
    any_pool,      // the workload gives everything back together
    single_release // objects come and go one by one: an arena would only grow
};

// Where pools with a linear release stop taking part: beyond it, one epoch of theirs would outlast the run.
inline constexpr std::int64_t linear_live_limit = 4096;

namespace detail {

template <template <class> class Subject, template <class> class Catalog, std::size_t Index>
std::unique_ptr<subject> make_pool_subject(const parameters& where) {
    return for_object_bytes(
        where.number("bytes"),
        [&]<std::size_t Bytes>(std::integral_constant<std::size_t, Bytes>) -> std::unique_ptr<subject> {
            return std::make_unique<Subject<type_at<Index, Catalog<object<Bytes>>>>>(where);
        });
}

// One strategy of the list, when it suits.
template <template <class> class Subject, template <class> class Catalog, std::size_t Index>
void add_pool_strategy(std::vector<strategy>& list, needs what, heap_use pools_on) {
    using probe = type_at<Index, Catalog<object<64>>>;
    constexpr bool comes_back_singly = probe::traits.reuse != reuse_order::never;
    if (what == needs::single_release && !comes_back_singly) {
        return;
    }
    const bool fresh = probe::about.kind == family::fresh;
    subject_factory make = nullptr;
    if constexpr (comes_back_singly || resettable_pool<probe>) {
        make = &make_pool_subject<Subject, Catalog, Index>;
    }
    list.push_back({.name = probe::about.name,
                    .heap = fresh ? heap_use::every_allocator : pools_on,
                    .make = make,
                    .live_limit = probe::traits.linear_release ? linear_live_limit : 0});
}

} // namespace detail

// The pools that any threads may share, for workloads with several.
template <template <class> class Subject>
[[nodiscard]] std::vector<strategy> shared_pool_strategies() {
    std::vector<strategy> list;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (detail::add_pool_strategy<Subject, shared_pools, Index>(list, needs::single_release,
                                                                 heap_use::baseline_only),
         ...);
    }
    (std::make_index_sequence<type_count<shared_pools<object<64>>>>{});
    return list;
}

// Every pool of `Catalog` as Subject<Pool>, in the catalog's order, and after them the peers that this build
// lacks. The heap always matters to what is fresh; whether it does to the others is the workload's to say.
template <template <class> class Subject, template <class> class Catalog = storage_pools>
[[nodiscard]] std::vector<strategy> pool_strategies(needs what, heap_use pools_on = heap_use::baseline_only) {
    std::vector<strategy> list;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (detail::add_pool_strategy<Subject, Catalog, Index>(list, what, pools_on), ...);
    }
    (std::make_index_sequence<type_count<Catalog<object<64>>>>{});
    add_absent(list, family::peer);
    return list;
}

} // namespace poolmark::benchmarks
