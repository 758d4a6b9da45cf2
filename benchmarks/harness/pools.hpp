// The storage pools as contenders: every pool of the catalog, at each object size, for any subject that is
// written once against the concept.
#pragma once

#include "benchmarks/harness/opaque.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/storage/catalog.hpp"
#include "pools/pool.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>
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

// The sizes that a workload has points for. Each of them costs every pool once more to compile.
template <std::size_t... Bytes>
struct asked_sizes {};
using every_object_size = asked_sizes<64, 16, 256>;

// Calls make(std::integral_constant<std::size_t, bytes>) for one of the sizes that are compiled in.
template <std::size_t... Bytes, class Make>
[[nodiscard]] std::unique_ptr<subject> for_object_bytes(asked_sizes<Bytes...> /*of*/, std::int64_t bytes, Make make) {
    std::unique_ptr<subject> made;
    const auto makes = [&]<std::size_t Size>(std::integral_constant<std::size_t, Size> size) {
#ifdef POOLMARK_ONE_OBJECT_SIZE
        constexpr bool compiled_in = Size == POOLMARK_ONE_OBJECT_SIZE;
#else
        constexpr bool compiled_in = true;
#endif
        if constexpr (compiled_in) {
            if (bytes == static_cast<std::int64_t>(Size)) {
                made = make(size);
                return true;
            }
        }
        return false;
    };
    if (!(makes(std::integral_constant<std::size_t, Bytes>{}) || ...)) {
        throw std::out_of_range("no object of that size is compiled in");
    }
    return made;
}

// Which pools of the catalog a workload can use.
enum class needs {
    any_pool,      // the workload gives everything back together
    single_release // objects come and go one by one: an arena would only grow
};

// How much of the catalog a workload takes. Every further pool costs each workload that takes it three sizes to
// compile, and each of its points a process, so the many take part where their differences show.
enum class takes {
    leading_pools, // those that say so in their description
    every_pool     // the others as well, in the wide preset: the file is compiled once more for them
};

// Where a workload does not choose: the leading pools always, the others where every strategy takes part.
[[nodiscard]] constexpr preset first_preset(const description& about) noexcept {
    return about.leading ? preset::quick : preset::wide;
}

// How a workload may call its pools. The parameter of the second way stands only at the points that ask for it.
enum class calls {
    inlined,          // as the compiler likes
    inlined_or_opaque // at points that say call=opaque, through functions that are never inlined
};
inline constexpr const char* call_parameter = "call";
inline constexpr const char* opaque_call = "opaque";
inline constexpr std::size_t opaque_call_bytes = 64; // compiled at one size: the call costs the same at any

// Where pools with a linear release stop taking part: beyond it, one epoch of theirs would outlast the run.
inline constexpr std::int64_t linear_live_limit = 4096;

namespace detail {

// Whether a workload can use a pool at all: what it cannot use is not compiled.
template <needs What>
struct usable {
    template <class Pool>
    struct test : std::bool_constant<Pool::traits.reuse != reuse_order::never ||
                                     (What == needs::any_pool && resettable_pool<Pool>)> {};
};

// The pools that this compilation of the file is for. The build compiles a file that takes every pool twice, so that the
// program for the smaller presets is built without the others.
// Its templates are others each time, or a linker would take one list for both: GCC makes functions weak whose arguments
// are templates, even those of an unnamed namespace.
#ifdef POOLMARK_OTHER_POOLS
inline namespace for_the_others {
template <class Pools>
using compiled_pools = others_of<Pools>;
#else
inline namespace for_the_leading {
template <class Pools>
using compiled_pools = leading_of<Pools>;
#endif

template <template <class> class Catalog, needs What>
struct taken {
    template <std::size_t Bytes>
    using of = filtered_t<compiled_pools<Catalog<object<Bytes>>>, usable<What>::template test>;
};

// Those that any threads may share: few, and all in every build.
template <std::size_t Bytes>
using shared_taken = filtered_t<shared_pools<object<Bytes>>, usable<needs::single_release>::template test>;

template <template <class> class Subject, template <std::size_t> class Taken, calls How, std::size_t Index, class Sizes>
std::unique_ptr<subject> make_pool_subject(const parameters& where) {
    return for_object_bytes(
        Sizes{}, where.number("bytes"),
        [&]<std::size_t Bytes>(std::integral_constant<std::size_t, Bytes>) -> std::unique_ptr<subject> {
            using pool = type_at<Index, Taken<Bytes>>;
            if constexpr (How == calls::inlined_or_opaque && Bytes == opaque_call_bytes) {
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
    if (traits.max_objects != pool_traits::unlimited) {
        by.live_limit = static_cast<std::int64_t>(traits.max_objects);
        by.live_limit_reason = "its slots are part of its type, and no more";
    }
}

// The heap always matters to what takes its blocks from there one by one, and never to a pool with pages of its own.
[[nodiscard]] constexpr heap_use heap_of(const pool_traits& traits, heap_use pools_on) {
    if (traits.heap_per_object) {
        return heap_use::every_allocator;
    }
    return traits.memory == backing::heap ? pools_on : heap_use::baseline_only;
}

// One strategy of the list.
template <template <class> class Subject, template <std::size_t> class Taken, calls How, std::size_t Index, class Sizes>
void add_pool_strategy(std::vector<strategy>& list, heap_use pools_on) {
    using probe = type_at<Index, Taken<64>>;
    list.push_back({.about = probe::about,
                    .heap = heap_of(probe::traits, pools_on),
                    .make = probe::about.installed() // a library that is opened at run time may be gone
                                ? &make_pool_subject<Subject, Taken, How, Index, Sizes>
                                : nullptr,
                    .from = first_preset(probe::about)});
    limit_live_objects(list.back(), probe::traits);
}

template <template <class> class Subject, template <std::size_t> class Taken, calls How, class Sizes>
[[nodiscard]] std::vector<strategy> strategies_of(heap_use pools_on) {
    std::vector<strategy> list;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (add_pool_strategy<Subject, Taken, How, Index, Sizes>(list, pools_on), ...);
    }
    (std::make_index_sequence<type_count<Taken<64>>>{});
    return list;
}

} // namespace for_the_others or for_the_leading
} // namespace detail

// Adds the peers that this build lacks, each from the preset from which it would take part. They have no factory, so
// nothing can run them; their row says what to install.
inline void add_absent_pools(std::vector<strategy>& list, bool leading_only) {
    for (const description& absent : peers_with_a_package) {
        if (!absent.available && (absent.leading || !leading_only)) {
            list.push_back({.about = absent, .from = first_preset(absent)});
        }
    }
}

#ifdef POOLMARK_OTHER_POOLS
inline namespace for_the_others {
#else
inline namespace for_the_leading {
#endif

// The pools that any threads may share, for workloads with several.
template <template <class> class Subject, class Sizes = every_object_size>
[[nodiscard]] std::vector<strategy> shared_pool_strategies() {
    std::vector<strategy> list =
        detail::strategies_of<Subject, detail::shared_taken, calls::inlined, Sizes>(heap_use::baseline_only);
    for (strategy& by : list) {
        if (by.about.kind != family::peer) {
            by.from = preset::quick;
        }
    }
    return list;
}

// The pools of `Catalog` that the workload can use as Subject<Pool>, in the catalog's order, and after them the peers
// that this build lacks. The heap always matters to what takes its blocks from there one by one; whether it does to
// other pools on the heap is the workload's to say.
template <template <class> class Subject, needs What, template <class> class Catalog = storage_pools,
          takes Which = takes::leading_pools, calls How = calls::inlined, class Sizes = every_object_size>
[[nodiscard]] std::vector<strategy> pool_strategies(heap_use pools_on = heap_use::baseline_only) {
    std::vector<strategy> list =
        detail::strategies_of<Subject, detail::taken<Catalog, What>::template of, How, Sizes>(pools_on);
    add_absent_pools(list, Which == takes::leading_pools);
    return list;
}

} // namespace for_the_others or for_the_leading
} // namespace poolmark::benchmarks
