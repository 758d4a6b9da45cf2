// footprint — objects that stay, in memory as each strategy lays it out, and how much of that memory comes back.
//
// Question:  how many bytes does each object really cost, how many come back, and what does reaching one cost?
// Models:    caches, indexes, scenes, sessions: many small objects that stay, reached in an order of their own.
// Favours:   slots without headers, slabs on huge pages (fewer misses of the TLB), and sources that give back.
// Ignores:   what making and dropping them costs (build, churn), threads, objects of several sizes.
//
// Timed is a walk along a chain through all of them in random order, each holding the address of the next: nothing can
// be looked up ahead, so a step takes as long as the memory that holds the objects, and no strategy can be faster than
// the ceiling of that memory. The subject also stands in for every cell of a storage pool when it is to be weighed or
// its operations are to be timed one by one: neither depends on the question that the cell asks.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/memory.hpp"
#include "benchmarks/harness/per_operation.hpp"
#include "benchmarks/harness/memory_measurable.hpp"

#include <optional>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t steps_per_iteration = 4096; // a stretch of a long chain: it goes on where it stopped
constexpr std::size_t largest_warmed_bytes = std::size_t{1} << 20;

template <class Pool>
class footprint_subject final : public subject, public memory_measurable, public per_operation {
public:
    explicit footprint_subject(const parameters& where)
        : live_(static_cast<std::size_t>(bounded_live(where.number("live")))) {}

    ~footprint_subject() override {
        if (!objects_.empty() && pool_) {
            release();
        }
    }

    std::uint64_t verify() override {
        if (objects_.empty()) {
            objects_.resize(live_);
            build();
            link();
        }
        digest seen;
        for (std::size_t i = 0; i < live_; ++i) {
            seen.add(value_of(at_));
            step();
        }
        return seen.value();
    }

    void warm() override {
        if (live_ * sizeof(value_type) <= largest_warmed_bytes) {
            walk(live_);
        }
    }
    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            walk(steps_per_iteration);
        }
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return steps_per_iteration; }

    [[nodiscard]] std::size_t usual_objects() const override { return live_; }
    void prepare(std::size_t objects) override {
        objects_.assign(objects, nullptr);
        neighbours_.assign(std::min(objects, most_neighbours), 1);
        victims_ = random_victims(objects);
    }
    void build() override {
        pool_.emplace(objects_.size());
        std::uint64_t next = 0;
        for (value_type*& object : objects_) {
            object = make(next++);
        }
    }
    [[nodiscard]] object_sizes sizes() override {
        for (std::size_t i = 0; i < neighbours_.size(); ++i) {
            neighbours_[i] = reinterpret_cast<std::uintptr_t>(objects_[i]);
        }
        std::optional<double> usable;
        if constexpr (Pool::traits.heap_per_object) {
            usable = usable_bytes(neighbours_, sizeof(value_type));
        }
        return {.requested_bytes = sizeof(value_type), .usable_bytes = usable ? usable : slot_bytes(neighbours_),
                .sizeof_bytes = sizeof(value_type), .payload_bytes = sizeof(value_type)};
    }
    bool churn() override {
        if constexpr (comes_back_singly) {
            for (std::size_t i = 0; i < objects_.size(); ++i) {
                replace(i);
            }
        }
        return comes_back_singly;
    }
    void release() override {
        if constexpr (comes_back_singly) {
            for (value_type* const object : objects_) {
                pool_->release(object);
            }
        } else {
            pool_->reset();
        }
        objects_.clear();
    }
    bool end() override {
        pool_.reset();
        return !Pool::traits.heap_per_object;
    }

    [[nodiscard]] std::size_t live_objects() const override { return live_; }
    void time_operations(single_times& times) override {
        prepare(live_);
        pool_.emplace(live_);
        for (std::size_t i = 0; i < live_; ++i) {
            const std::uint64_t begin = times.now();
            objects_[i] = make(i);
            times.grown(times.now() - begin);
        }
        if constexpr (comes_back_singly) {
            for (std::size_t i = 0; i < times.operations(); ++i) {
                if (times.due()) [[unlikely]] {
                    replace_timed(i, times);
                } else {
                    replace(i);
                }
            }
        }
    }

private:
    using value_type = typename Pool::value_type;
    static constexpr bool comes_back_singly = Pool::traits.reuse != reuse_order::never;

    value_type* make(std::uint64_t value) {
        auto* object = ::new (pool_->acquire()) value_type;
        object->stamp(value);
        barrier();
        return object;
    }
    [[nodiscard]] value_type*& victim(std::size_t turn) { return objects_[victims_[turn & (victims_.size() - 1)]]; }
    void replace(std::size_t turn) {
        value_type*& object = victim(turn);
        pool_->release(object);
        barrier();
        object = make(turn);
    }
    void replace_timed(std::size_t turn, single_times& times) {
        value_type*& object = victim(turn);
        value_type* leaving = object;
        keep(leaving); // looked up before the clock starts
        const std::uint64_t begin = times.now();
        pool_->release(leaving);
        barrier();
        const std::uint64_t middle = times.now();
        object = make(turn);
        const std::uint64_t end = times.now();
        times.replaced(middle - begin, end - middle);
    }

    // The first word of an object is the address of the next one, the last word its value.
    void link() {
        const table<std::uint32_t> order = shuffled_indices(live_);
        for (std::size_t i = 0; i < live_; ++i) {
            value_type* const object = objects_[order[i]];
            object->words[0] = reinterpret_cast<std::uintptr_t>(objects_[order[(i + 1) % live_]]);
            object->words[sizeof(value_type) / 8 - 1] = order[i];
        }
        at_ = objects_[order[0]];
    }
    [[nodiscard]] static std::uint64_t value_of(const value_type* object) {
        return object->words[sizeof(value_type) / 8 - 1];
    }
    void step() { at_ = reinterpret_cast<const value_type*>(at_->words[0]); }
    void walk(std::size_t steps) {
        const value_type* at = at_;
        for (std::size_t i = 0; i < steps; ++i) {
            at = reinterpret_cast<const value_type*>(at->words[0]);
            keep(at);
        }
        at_ = at;
    }

    std::size_t live_;
    table<value_type*> objects_;
    table<std::uintptr_t> neighbours_;
    table<std::uint32_t> victims_;
    const value_type* at_ = nullptr;
    std::optional<Pool> pool_;
};

const registration registered{{
    .name = "footprint",
    .question = "How many bytes does each object really cost, how many come back, and what does reaching one cost?",
    .operation = "go from one live object to the next along a chain in random order",
    .models = "caches, indexes, scenes, sessions: many small objects that stay",
    .favours = "slots without headers, slabs on huge pages, sources that give memory back",
    .ignores = "what making and dropping objects costs, threads, objects of several sizes",
    .why = {.text = "glibc keeps a header beside each block and rounds its size up, on small pages; slabs of two "
                     "megabytes and more have neither and lie on huge pages. A step of the walk is a cache miss "
                     "for everyone, and on small pages often a miss of the TLB as well."},
    .strategies = only_in_quick(
        pool_strategies<footprint_subject, needs::any_pool, storage_pools>(),
        {"fresh_heap", "object_pool", "slab_pool", "stack_pool", "arena", "boost_pool", "std_pmr_pool"}),
    .points = {{.where = {{"live", 100'000}, {"bytes", 64}}, .from = preset::full, .memory = true},
               {.where = {{"live", 1'000}, {"bytes", 64}}, .from = preset::full, .memory = true},
               {.where = {{"live", 100'000}, {"bytes", 16}}, .from = preset::full, .memory = true},
               {.where = {{"live", 100'000}, {"bytes", 256}}, .from = preset::full, .memory = true}},
}};

} // namespace
} // namespace poolmark::benchmarks
