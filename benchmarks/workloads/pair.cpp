// pair — one object, acquired, initialised and given back, again and again.
//
// Question:  what does a single acquire and release cost when everything is warm?
// Models:    short-lived temporaries: a node, a message, a box that dies before the next one is made.
// Favours:   whatever hands back the slot it just received, and anything the compiler can inline.
// Ignores:   cache misses, growth, order and threads. A flattering question, asked first because everyone does.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t expected_live = 64;

template <class Pool>
class pair_subject final : public subject {
public:
    explicit pair_subject(const parameters&) {}

    std::uint64_t verify() override {
        digest seen;
        for (std::uint64_t i = 0; i < 1000; ++i) {
            auto* object = make(i);
            seen.add(object->read());
            pool_.release(object);
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            auto* object = make(i);
            pool_.release(object);
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    using value_type = typename Pool::value_type;

    value_type* make(std::uint64_t value) {
        auto* object = ::new (pool_.acquire()) value_type;
        object->stamp(value);
        escape(object);
        return object;
    }

    Pool pool_{expected_live};
};

// The loop with nothing in it: what the harness itself adds to each operation.
class empty_loop final : public subject {
public:
    std::uint64_t verify() override { return 0; }
    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            barrier();
        }
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }
};

std::unique_ptr<subject> make_empty_loop(const parameters&) { return std::make_unique<empty_loop>(); }

std::vector<strategy> strategies_of_pair() {
    std::vector<strategy> list =
        pool_strategies<pair_subject, needs::single_release, storage_pools, takes::every_pool, calls::inlined_or_opaque>();
    list.push_back({empty_loop_about, heap_use::baseline_only, make_empty_loop, role::limit});
    return only_in_quick(std::move(list), {"fresh_heap", "object_pool", "slab_pool", "stack_pool", "boost_pool",
                                           "std_pmr_pool", "empty_loop"});
}

const registration registered{{
    .name = "pair",
    .question = "What does one acquire and release cost when everything is warm?",
    .operation = "acquire, initialise and release one object",
    .models = "short-lived temporaries: a node, a message, a box that dies before the next one is made",
    .favours = "whatever hands back the slot it just received, and anything the compiler can inline",
    .ignores = "cache misses, growth, release order and threads",
    .why = {.text = "A heap is a call that finds the size class of each request, and another one that finds it "
                     "again for the block. A pool of one type is inlined into the loop: it takes the slot that it "
                     "got back a moment ago.",
            .slower = "pair/bytes=64/fresh_heap@glibc",
            .faster = "pair/bytes=64/slab_pool@glibc"},
    .strategies = strategies_of_pair(),
    .points = {{.where = {{"bytes", 16}}, .from = preset::full},
               {.where = {{"bytes", 64}}},
               {.where = {{"bytes", 256}}, .from = preset::full},
               {.where = {{"bytes", 64}, {call_parameter, opaque_call}}, .from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
