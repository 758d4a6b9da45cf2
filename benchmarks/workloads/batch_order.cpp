// batch_order — acquire a batch, initialise each object, release them in a given order, again.
//
// Question:  what does reuse cost once the released slots lie in another order than they will be asked for?
// Models:    building and dropping a working set: a parsed document, a frame's particles, an index rebuilt.
// Favours:   LIFO and FIFO favour intrusive lists; shuffled favours a strategy that need not read a released slot
//            to hand it out again. A bump arena never follows anything and is the bound for all of them.
// Ignores:   objects that live on beside the batch, threads, size mixes.
//
// Within a phase the compiler may keep a pool's fields in registers, as it does in a program's loop over a batch; at
// the points that say call=opaque it cannot, and everybody pays for the calls as well.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/filled_table.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/random.hpp"

#include <string_view>

namespace poolmark::benchmarks {
namespace {

template <class Pool>
class batch_subject final : public filled_table<batch_subject<Pool>, typename Pool::value_type> {
    using value_type = typename Pool::value_type;
    using base = filled_table<batch_subject, value_type>;

public:
    explicit batch_subject(const parameters& where)
        : base(static_cast<std::size_t>(bounded_live(where.number("live")))),
          turns_(release_turns(where.word("order"), this->objects_.size())), pool_(turns_.size()) {}

    ~batch_subject() override = default;

    void fill() {
        std::uint64_t next = 0;
        for (value_type*& object : this->objects_) {
            auto* fresh = ::new (pool_.acquire()) value_type;
            fresh->stamp(next++);
            keep(fresh);
            object = fresh;
        }
    }

    void empty() {
        for (const std::uint32_t turn : turns_) {
            value_type* object = this->objects_[turn];
            keep(object); // looked up by everyone, also by those whose release does nothing
            pool_.release(object);
        }
        if constexpr (Pool::traits.reuse == reuse_order::never) {
            pool_.reset();
        }
    }

private:
    table<std::uint32_t> turns_; // which object is released next
    Pool pool_;
};

// 64 bytes at every live count, where the answer turns with the caches; the other sizes where it does not depend
// on them. Every allocator takes part where batches are small enough for all of them to be paired within minutes.
// Opaque calls at both ends: in the cache, where a call is much of the cost, and far out of it.
std::vector<point> points_of_batch_order() {
    std::vector<point> points;
    for (const char* const order : {"lifo", "fifo", "shuffled"}) {
        const bool shuffled = std::string_view(order) == "shuffled";
        for (const std::int64_t bytes : {64, 16, 256}) {
            for (const std::int64_t live : {100, 1'000, 10'000, 100'000, 1'000'000}) {
                const bool quick = bytes == 64 && shuffled && (live == 1'000 || live == 10'000); // an epoch of more cannot be paired closely
                const bool every = bytes == 64 && live <= 100'000;
                points.push_back({.where = {{"order", order}, {"live", live}, {"bytes", bytes}},
                                  .from = quick ? preset::quick : preset::full,
                                  .every_allocator_from = every ? preset::quick : preset::full});
            }
        }
        for (const std::int64_t live : {1'000, 1'000'000}) {
            const bool every = live == 1'000 && std::string_view(order) == "shuffled";
            points.push_back(
                {.where = {{"order", order}, {"live", live}, {"bytes", 64}, {call_parameter, opaque_call}},
                 .from = preset::full,
                 .every_allocator_from = every ? preset::quick : preset::full});
        }
    }
    return points;
}

const registration registered{{
    .name = "batch_order",
    .question = "What does reuse cost when objects are released in another order than they were acquired?",
    .operation = "acquire, initialise and release one object of the batch",
    .models = "building and dropping a working set: a parsed document, a frame's particles, an index rebuilt",
    .favours =
        "LIFO and FIFO favour intrusive lists; shuffled favours strategies that need not read a released slot",
    .ignores = "objects that live on beside the batch, threads, size mixes",
    .why = {.text = "A list through the released slots jumps from one to the next in the order of release. Among "
                     "10,000 shuffled slots each jump waits for the second cache or a later one; 1,000 slots nearly "
                     "fit the first.",
            .slower = "batch_order/order=shuffled,live=10000,bytes=64/slab_pool@glibc",
            .faster = "batch_order/order=shuffled,live=1000,bytes=64/slab_pool@glibc"},
    .strategies = only_in_quick(
        pool_strategies<batch_subject, needs::any_pool, storage_pools, takes::every_pool, calls::inlined_or_opaque>(),
        {"fresh_heap", "object_pool", "slab_pool", "stack_pool", "arena", "boost_pool", "std_pmr_pool"}),
    .points = littered_too(points_of_batch_order(), {"order=shuffled,live=10000,bytes=64"}),
}};

} // namespace
} // namespace poolmark::benchmarks
