// plf::colony as storage: a list of groups of cells, with a skipfield that says which cells are free.
//
//   group ◄──► [ cell | cell | .... | cell ] + [ 0 0 2 2 0 ]  ◄──► group
//
// Good for: what it is made for, which a pool does not ask of it: visiting all elements quickly, through iterators.
// Bad for:  release by address, as here: the colony searches its groups for the one that holds the
//           block. Who keeps the iterator that insertion returns (24 bytes) does not pay for that.
// Complexity: acquire O(1); release O(groups), a group being up to 8,192 cells; reset O(groups).
// Bytes:    2 an object, and a header a group. Empty groups go back to the heap, all but one.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/packages.hpp"
#include "benchmarks/contenders/peers/raw_cell.hpp"
#include "pools/pool.hpp"

#include <cstddef>

#ifdef POOLMARK_HAS_PLF_COLONY
#include <plf_colony.h>

#include <algorithm>
#endif

namespace poolmark {

inline constexpr description plf_colony_pool_about{"plf_colony", family::peer,
                                                   "plf::colony of raw cells, released by address",
                                                   "libplf-colony-dev", has_plf_colony};

#ifdef POOLMARK_HAS_PLF_COLONY

template <class T>
class plf_colony_pool {
public:
    using value_type = T;
    static constexpr const description& about = plf_colony_pool_about;
    static constexpr pool_traits traits{
        .reuse = reuse_order::unspecified, .memory = backing::heap, .linear_release = true};

    plf_colony_pool() : plf_colony_pool(0) {}
    explicit plf_colony_pool(std::size_t expected_objects) { cells_.reserve(std::min(expected_objects, most)); }
    plf_colony_pool(const plf_colony_pool&) = delete;
    plf_colony_pool& operator=(const plf_colony_pool&) = delete;
    ~plf_colony_pool() = default;

    [[nodiscard]] void* acquire() { return &*cells_.emplace(); }

    void release(void* block) noexcept { cells_.erase(cells_.get_iterator(static_cast<cell*>(block))); }

    void reset() noexcept { cells_.clear(); }

private:
    using cell = detail::raw_cell_for<T>;
    static constexpr std::size_t most = std::size_t{1} << 20;
    static_assert(alignof(T) <= traits.max_alignment);

    plf::colony<cell> cells_;
};

static_assert(resettable_pool<plf_colony_pool<int>>);

#endif

} // namespace poolmark
