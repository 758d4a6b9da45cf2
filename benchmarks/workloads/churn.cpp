// churn — a steady live set, in which a random object is replaced by a new one each time.
//
// Question:  what does replacing one object cost while many others stay alive around it?
// Models:    caches, sessions, order books, entity systems: anything long-running with a stable population.
// Favours:   strategies that give the slot just released to the next object, so that it is still in the cache.
// Ignores:   growth, bursts, threads and size mixes. What is released is what is replaced: no idle slots build up.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"

namespace poolmark::benchmarks {
namespace {

// Beyond this no private cache holds the live set, and reading it would only take time.
constexpr std::size_t largest_warmed_bytes = std::size_t{16} << 20;

template <class Pool>
class churn_subject final : public subject {
public:
    explicit churn_subject(const parameters& where)
        : objects_(static_cast<std::size_t>(bounded_live(where.number("live")))), victims_(random_victims(objects_.size())),
          pool_(objects_.size()) {
        for (value_type*& object : objects_) {
            object = make(next_value_++);
        }
    }

    ~churn_subject() override {
        for (value_type* object : objects_) {
            pool_.release(object);
        }
    }

    churn_subject(const churn_subject&) = delete;
    churn_subject& operator=(const churn_subject&) = delete;

    // Also ages the heap: after it, neighbours in memory are no longer neighbours in the live set.
    std::uint64_t verify() override {
        digest seen;
        for (std::size_t i = 0; i < objects_.size(); ++i) {
            seen.add(objects_[victims_[position_ & (victims_.size() - 1)]]->read());
            replace();
        }
        return seen.value();
    }

    void warm() override {
        if (objects_.size() * sizeof(value_type) > largest_warmed_bytes) {
            return;
        }
        std::uint64_t sum = 0;
        for (const value_type* object : objects_) {
            sum += object->read();
        }
        warmed_ = sum;
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            replace();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    using value_type = typename Pool::value_type;

    value_type* make(std::uint64_t value) {
        auto* object = ::new (pool_.acquire()) value_type;
        object->stamp(value);
        return object;
    }

    void replace() {
        value_type*& object = objects_[victims_[position_++ & (victims_.size() - 1)]];
        pool_.release(object);
        barrier(); // a real program does other things in between; without it the two fuse into nothing
        object = make(next_value_++);
        barrier();
    }

    table<value_type*> objects_;
    table<std::uint32_t> victims_;
    std::size_t position_ = 0;
    std::uint64_t next_value_ = 0;
    volatile std::uint64_t warmed_ = 0; // what warm() read, so that it is read
    Pool pool_;
};

std::vector<point> points_of_churn() {
    std::vector<point> points;
    for (const std::int64_t bytes : {64, 16, 256}) {
        for (const std::int64_t live : {1'000, 10'000, 100'000, 1'000'000}) {
            points.push_back({.where = {{"live", live}, {"bytes", bytes}},
                              .from = bytes == 64 && (live == 1'000 || live == 100'000) ? preset::quick : preset::full,
                              .every_allocator_from = live <= 100'000 ? preset::quick : preset::full,
                              .memory = live == 1'000'000 || (bytes == 64 && live == 100'000), // quick shows it here
                              .latency = live == 100'000});
        }
    }
    for (const std::int64_t live : {1'000, 1'000'000}) {
        points.push_back({.where = {{"live", live}, {"bytes", 64}, {call_parameter, opaque_call}},
                          .from = preset::full});
    }
    return points;
}

const registration registered{{
    .name = "churn",
    .question = "What does replacing one object cost while many others stay alive?",
    .operation = "release a random live object, acquire and initialise its successor",
    .models = "caches, sessions, order books, entity systems: a stable population that changes",
    .favours = "strategies that give the slot just released to the next object",
    .ignores = "growth, bursts, threads, size mixes",
    .why = {.text = "A random one of 100,000 objects is seldom in the private caches, so each replacement waits "
                     "for its line; 1,000 objects stay in them. A pool hands out the slot that just came back, so "
                     "the new object needs no further line.",
            .slower = "churn/live=100000,bytes=64/slab_pool@glibc",
            .faster = "churn/live=1000,bytes=64/slab_pool@glibc"},
    .strategies = only_in_quick(
        pool_strategies<churn_subject, needs::single_release, storage_pools, takes::every_pool, calls::inlined_or_opaque>(),
        {"fresh_heap", "object_pool", "slab_pool", "stack_pool", "boost_pool", "std_pmr_pool"}),
    .points = littered_too(points_of_churn(), {"live=100000,bytes=64"}),
}};

} // namespace
} // namespace poolmark::benchmarks
