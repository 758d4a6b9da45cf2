// thread_churn — threads that are born, release what a dead thread left, leave objects of their own, and die.
//
// Question:  what do objects cost whose threads come and go?
// Models:    a thread for each request or task, thread pools that
//            grow and shrink, plug-ins with threads of their own.
// Favours:   whatever gives a dead thread's free storage to the living, and sets up little for a new one.
// Ignores:   threads that live on (see shared_pool), size mixes. Births and deaths are part of the
//            figure, since what a pool does then is the question; empty_loop is what they take
//            alone. The wall time of a generation is divided by the objects of all its threads.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/generations.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/table.hpp"

#include <vector>

namespace poolmark::benchmarks {
namespace {

template <class Pool>
class churning_subject final : public subject {
public:
    explicit churning_subject(const parameters& where)
        : objects_(static_cast<std::size_t>(where.number("objects"))),
          shares_(static_cast<std::size_t>(where.number("threads"))), pool_(objects_ * shares_.size()) {
        for (share& each : shares_) {
            each.left = table<value_type*>(objects_);
        }
    }

    ~churning_subject() override {
        for (const share& each : shares_) {
            for (value_type* object : each.left) {
                if (object != nullptr) {
                    pool_.release(object);
                }
            }
        }
    }

    churning_subject(const churning_subject&) = delete;
    churning_subject& operator=(const churning_subject&) = delete;

    std::uint64_t verify() override {
        run(3); // what the first generation leaves is read by the second, and again
        digest all;
        for (const share& each : shares_) {
            all.add(each.seen.value());
        }
        return all.value();
    }

    void run(std::uint64_t iterations) override {
        generations(iterations, shares_.size(), [this](std::size_t k) { live(shares_[k]); });
    }

    // The one that bears the others shares a CPU with them.
    void rest() override { outlive_the_dead(); }
    [[nodiscard]] bool oversubscribed() const override { return true; }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return shares_.size() * objects_; }

private:
    using value_type = typename Pool::value_type;

    struct alignas(128) share { // what the threads of one place hand down
        table<value_type*> left;
        std::uint64_t next = 0;
        digest seen;
    };

    void live(share& mine) {
        for (value_type*& object : mine.left) {
            if (object != nullptr) {
                mine.seen.add(object->read());
                pool_.release(object);
                barrier();
            }
            object = ::new (pool_.acquire()) value_type;
            object->stamp(mine.next++);
            barrier();
        }
    }

    std::size_t objects_;
    std::vector<share> shares_;
    Pool pool_;
};

// Births and deaths alone.
class idle_generations final : public subject {
public:
    explicit idle_generations(const parameters& where)
        : threads_(static_cast<std::size_t>(where.number("threads"))),
          objects_(static_cast<std::uint64_t>(where.number("objects"))) {}
    std::uint64_t verify() override { return 0; }
    void run(std::uint64_t iterations) override {
        generations(iterations, threads_, [](std::size_t) { barrier(); });
    }
    void rest() override { outlive_the_dead(); }
    [[nodiscard]] bool oversubscribed() const override { return true; }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return threads_ * objects_; }

private:
    std::size_t threads_;
    std::uint64_t objects_;
};

std::unique_ptr<subject> make_idle(const parameters& where) { return std::make_unique<idle_generations>(where); }

std::vector<strategy> strategies_of_thread_churn() {
    std::vector<strategy> list = shared_pool_strategies<churning_subject, asked_sizes<64>>();
    list.push_back({empty_loop_about, heap_use::baseline_only, make_idle, role::limit});
    return list;
}

const registration registered{{
    .name = "thread_churn",
    .question = "What do objects cost whose threads come and go?",
    .operation =
        "release an object that a dead thread left, acquire and initialise one to leave behind: the wall time "
        "of a generation with its births and deaths, divided by the objects of all its threads",
    .models = "a thread for each request or task, thread pools that grow and shrink",
    .favours = "whatever gives a dead thread's free storage to the living, and sets up little for a new one",
    .ignores = "threads that live on, size mixes",
    .from = preset::full,
    .strategies = strategies_of_thread_churn(),
    .points = grid({{"objects", {1000}}, {"bytes", {64}}, {"threads", thread_counts()}},
                   [](const parameters& at) { return at.number("threads") == 2; }),
}};

} // namespace
} // namespace poolmark::benchmarks
