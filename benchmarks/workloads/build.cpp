// build — a pool and n objects in it, from nothing, and all of it dropped together.
//
// Question:  what do n objects cost from nothing, the pool's construction, first touch and end included?
// Models:    a tree parsed once, an index loaded, a level built: a pool that lives as long as one batch.
// Favours:   at a million objects, pools that carve slots as they need them, and large slabs, which fault in
//            fewer and larger pages. Below, whatever stands on the heap, inside itself, or on slabs that are kept for the
//            next pool: that memory is still there from the round before, where pages come zeroed from the kernel again.
// Ignores:   reuse, order, threads, and what objects cost after they are built. Blocks that a pool's end does not
//            give back (the heap's, a process-wide pool's) are released in the order in which they were acquired.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/filled_table.hpp"
#include "benchmarks/harness/pools.hpp"

#include <optional>

namespace poolmark::benchmarks {
namespace {

template <class Pool>
class build_subject final : public filled_table<build_subject<Pool>, typename Pool::value_type> {
    using value_type = typename Pool::value_type;
    using base = filled_table<build_subject, value_type>;

public:
    explicit build_subject(const parameters& where) : base(static_cast<std::size_t>(bounded_live(where.number("live")))) {}

    void fill() {
        Pool& pool = pool_.emplace(this->objects_.size());
        std::uint64_t next = 0;
        for (value_type*& object : this->objects_) {
            object = ::new (pool.acquire()) value_type;
            object->stamp(next++);
            barrier();
        }
    }

    void empty() {
        if constexpr (Pool::traits.blocks_outlive_pool()) {
            for (value_type* const object : this->objects_) {
                pool_->release(object);
                barrier();
            }
        }
        pool_.reset();
    }

private:
    std::optional<Pool> pool_;
};

std::vector<point> points_of_build() {
    std::vector<point> points;
    for (const std::int64_t bytes : {64, 16, 256}) {
        for (const std::int64_t live : {1'000, 10'000, 100'000, 1'000'000}) {
            const bool quick = bytes == 64 && live == 10'000;
            points.push_back({.where = {{"live", live}, {"bytes", bytes}},
                              .from = quick ? preset::quick : preset::full,
                              .every_allocator_from = quick || live == 1'000 ? preset::quick : preset::full});
        }
    }
    return points;
}

const registration registered{{
    .name = "build",
    .question = "What do n objects cost from nothing, the pool's construction, first touch and end included?",
    .operation = "acquire and initialise one object, with its share of the pool's construction and end",
    .models = "a tree parsed once, an index loaded, a level built: a pool that lives as long as one batch",
    .favours = "lazy carving and large slabs at a million; below, pools on the heap or on slabs that are kept, whose "
               "memory is still there",
    .ignores = "reuse, release order, threads, what objects cost after they are built",
    .why = {.text = "A pool that gives its pages back asks the kernel for zeroed memory each time, and the first touch "
                     "of each page is a fault. The heap, and slabs that are kept, were touched before.",
            .slower = "build/live=10000,bytes=64/arena@glibc",
            .faster = "build/live=10000,bytes=64/object_pool@glibc"},
    .strategies = only_in_quick(
        pool_strategies<build_subject, needs::any_pool, storage_pools, takes::every_pool>(),
        {"fresh_heap", "object_pool", "slab_pool", "stack_pool", "arena", "boost_pool", "std_pmr_pool"}),
    .points = points_of_build(),
}};

} // namespace
} // namespace poolmark::benchmarks
