// The storage pools as contenders: every pool of the catalog, at each object size, for any subject that is written
// once against the concept.
#pragma once

#include "benchmarks/harness/absent.hpp"
#include "benchmarks/harness/opaque.hpp"
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

// How a workload may call its pools. The parameter of the second way stands only at the points that ask for it.
enum class calls {
    inlined,          // as the compiler likes
    inlined_or_opaque // at points that say call=opaque, through functions that are never inlined
};
inline constexpr const char* call_parameter = "call";
inline constexpr const char* opaque_call = "opaque";

// Where pools with a linear release stop taking part: beyond it, one epoch of theirs would outlast the run.
inline constexpr std::int64_t linear_live_limit = 4096;

namespace detail {

template <template <class> class Subject, template <class> class Catalog, std::size_t Index, calls How>
std::unique_ptr<subject> make_pool_subject(const parameters& where) {
    return for_object_bytes(where.number("bytes"), [&]<std::size_t Bytes>(std::integral_constant<std::size_t, Bytes>)
                                                       -> std::unique_ptr<subject> {
        using pool = type_at<Index, Catalog<object<Bytes>>>;
        if constexpr (How == calls::inlined_or_opaque) {
            if (where.has(call_parameter) && where.word(call_parameter) == opaque_call) {
                return std::make_unique<Subject<opaque_calls<pool>>>(where);
            }
        }
        return std::make_unique<Subject<pool>>(where);
    });
}

inline void limit_live_objects(strategy& by, const pool_traits& traits) {
    if (traits.linear_release) {
        by.live_limit = linear_live_limit;
        by.live_limit_reason = "its release takes time in proportion to the live objects";
    }
    if (traits.most_objects != pool_traits::unlimited) {
        by.live_limit = static_cast<std::int64_t>(traits.most_objects);
        by.live_limit_reason = "its slots are part of its type, and no more";
    }
}

// One strategy of the list, when it suits.
template <template <class> class Subject, template <class> class Catalog, std::size_t Index, calls How>
void add_pool_strategy(std::vector<strategy>& list, needs what, heap_use pools_on) {
    using probe = type_at<Index, Catalog<object<64>>>;
    constexpr bool comes_back_singly = probe::traits.reuse != reuse_order::never;
    if (what == needs::single_release && !comes_back_singly) {
        return;
    }
    subject_factory make = nullptr;
    if constexpr (comes_back_singly || resettable_pool<probe>) {
        make = &make_pool_subject<Subject, Catalog, Index, How>;
    }
    list.push_back({.name = probe::about.name,
                    .heap = probe::traits.heap_per_object ? heap_use::every_allocator : pools_on,
                    .make = make});
    limit_live_objects(list.back(), probe::traits);
}

} // namespace detail

// Every pool of `Catalog` as Subject<Pool>, in the catalog's order, and after them the peers that this build lacks.
// The heap always matters to what takes its blocks from there one by one; whether it does to the others is the
// workload's to say.
template <template <class> class Subject, template <class> class Catalog = storage_pools, calls How = calls::inlined>
[[nodiscard]] std::vector<strategy> pool_strategies(needs what, heap_use pools_on = heap_use::baseline_only) {
    std::vector<strategy> list;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (detail::add_pool_strategy<Subject, Catalog, Index, How>(list, what, pools_on), ...);
    }(std::make_index_sequence<type_count<Catalog<object<64>>>>{});
    add_absent(list, family::peer);
    return list;
}

} // namespace poolmark::benchmarks
