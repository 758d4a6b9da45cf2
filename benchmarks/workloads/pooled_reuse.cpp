// pooled_reuse — every pool on top of every heap.
//
// Question:  does a pool still pay on a fast heap, and does it matter which heap the pool stands on?
// Models:    `kept`: one pool for the program's life. `per_batch`: a pool that a request, a frame or a compilation
//            builds, fills, empties and drops.
// Favours:   `kept` favours any pool, since its memory is warm; `per_batch` favours heaps that keep large blocks and
//            pools that do not touch a slab before they need it.
// Ignores:   threads, size mixes, and everything that lives longer than the batch.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"

#include <optional>
#include <string>

namespace poolmark::benchmarks {
namespace {

template <class Pool>
class reuse_subject final : public subject {
public:
    explicit reuse_subject(const parameters& where)
        : kept_(where.word("pool") == "kept"),
          place_(shuffled_indices(static_cast<std::size_t>(bounded_live(where.number("live"))))),
          objects_(place_.size()) {}

    std::uint64_t verify() override {
        begin();
        acquire_all();
        const std::uint64_t seen = digest_of(objects_);
        release_all();
        end();
        return seen;
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            begin();
            acquire_all();
            barrier();
            release_all();
            end();
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return place_.size(); }

private:
    using value_type = typename Pool::value_type;

    void begin() {
        if (!pool_) {
            pool_.emplace(place_.size());
        }
    }
    void end() {
        if (!kept_) {
            pool_.reset();
        }
    }

    void acquire_all() {
        std::uint64_t next = 0;
        for (const std::uint32_t place : place_) {
            auto* const object = ::new (pool_->acquire()) value_type;
            object->stamp(next++);
            objects_[place] = object;
            barrier();
        }
    }

    void release_all() {
        for (value_type* object : objects_) {
            pool_->release(object);
            barrier();
        }
        if constexpr (Pool::traits.reuse == reuse_order::never) {
            pool_->reset();
        }
    }

    bool kept_;
    table<std::uint32_t> place_;
    table<value_type*> objects_;
    std::optional<Pool> pool_;
};

std::vector<point> points_of_pooled_reuse() {
    std::vector<point> points;
    for (const char* const pool : {"kept", "per_batch"}) {
        for (const std::int64_t live : {1'000, 100, 100'000}) {
            const preset from = live == 1'000 ? preset::quick : preset::full;
            points.push_back({.where = {{"pool", pool}, {"live", live}, {"bytes", 64}},
                              .from = from,
                              .every_allocator_from = from});
        }
    }
    return points;
}

// The leading pools, and the one that keeps single blocks of the heap.
template <std::size_t Bytes>
using bounded_alone = type_list<bounded_free_list<object<Bytes>>>;

std::vector<strategy> strategies_of_pooled_reuse() {
    std::vector<strategy> list =
        pool_strategies<reuse_subject, needs::any_pool, heap_backed_pools, takes::leading_pools, calls::inlined, asked_sizes<64>>(
            heap_use::every_allocator);
    for (const strategy& bounded :
         detail::strategies_of<reuse_subject, bounded_alone, calls::inlined, asked_sizes<64>>(heap_use::every_allocator)) {
        list.push_back(bounded);
    }
    return only_in_quick(std::move(list), {"fresh_heap", "object_pool", "bounded_free_list"});
}

const registration registered{{
    .name = "pooled_reuse",
    .question = "Does a pool still pay on a fast heap, and does it matter which heap it stands on?",
    .operation = "acquire, initialise and release one object of a batch, shuffled",
    .models = "a pool for the program's life (kept), or one that each request builds and drops (per_batch)",
    .favours = "kept favours any pool; per_batch favours heaps that keep large blocks",
    .ignores = "threads, size mixes, objects that outlive the batch",
    .why = {.text = "A pool that is kept asks the heap for its slabs once, so the heap hardly matters. One that "
                     "each batch builds and drops asks for large blocks each time and carves them again.",
            .slower = "pooled_reuse/pool=per_batch,live=1000,bytes=64/object_pool@glibc",
            .faster = "pooled_reuse/pool=kept,live=1000,bytes=64/object_pool@glibc"},
    .strategies = strategies_of_pooled_reuse(),
    .points = points_of_pooled_reuse(),
}};

} // namespace
} // namespace poolmark::benchmarks
