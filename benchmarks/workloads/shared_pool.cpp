// shared_pool — several threads acquire and release batches of objects from one pool, all at once.
//
// Question:  what do threads that share a pool take from one another?
// Models:    servers, task schedulers, parallel parsers: everybody works for himself, with one pool for all.
// Favours:   whatever keeps some free storage near each thread or CPU.
// Ignores:   objects that change threads (see remote_release, handoff), idle threads, size mixes. The
//            figure is the wall time of all divided by the objects of all: it halves with twice the threads
//            where nobody is in another's way. With more threads than CPUs an epoch is over before the
//            scheduler's slice is: they take turns, and whoever holds a lock is seldom put off his CPU.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/team.hpp"

#include <vector>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint64_t objects_a_thread = 2000; // in one iteration: more threads than CPUs take turns within it

template <class Pool>
class shared_subject final : public subject {
public:
    explicit shared_subject(const parameters& where)
        : batch_(static_cast<std::size_t>(where.number("batch"))),
          shares_(static_cast<std::size_t>(where.number("threads"))), pool_(batch_ * shares_.size()),
          helpers_(shares_.size() - 1,
                   [this](std::size_t helper, std::uint64_t n) { work(shares_[helper + 1], n); }) {
        for (share& each : shares_) {
            each.objects = table<value_type*>(batch_);
        }
    }

    std::uint64_t verify() override {
        verifying_ = true;
        run(1);
        rest();
        verifying_ = false;
        digest all;
        for (const share& each : shares_) {
            all.add(each.seen.value());
        }
        return all.value();
    }

    void warm() override { helpers_.wake(); }
    void rest() override { helpers_.rest(); }

    void run(std::uint64_t iterations) override {
        helpers_.start(iterations);
        work(shares_.front(), iterations);
        helpers_.wait();
    }

    [[nodiscard]] bool oversubscribed() const override { return shares_.size() > cpus(); }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override {
        return shares_.size() * (objects_a_thread / batch_) * batch_;
    }

private:
    using value_type = typename Pool::value_type;

    struct alignas(128) share { // a thread's own
        table<value_type*> objects;
        digest seen;
    };

    void work(share& mine, std::uint64_t iterations) {
        mine.seen = digest();
        for (std::uint64_t left = iterations * (objects_a_thread / batch_); left != 0; --left) {
            std::uint64_t next = left;
            for (value_type*& object : mine.objects) {
                object = ::new (pool_.acquire()) value_type;
                object->stamp(next++);
                barrier();
            }
            if (verifying_) {
                for (const value_type* object : mine.objects) {
                    mine.seen.add(object->read());
                }
            }
            for (value_type* object : mine.objects) {
                pool_.release(object);
                barrier();
            }
        }
    }

    std::size_t batch_;
    std::vector<share> shares_;
    bool verifying_ = false;
    Pool pool_;
    team helpers_; // end first
};

const registration registered{{
    .name = "shared_pool",
    .question = "What do threads that share a pool take from one another?",
    .operation =
        "acquire, initialise and release one object of a batch, in one of the threads: the wall time of all, "
        "divided by the objects of all",
    .models = "servers, task schedulers, parallel parsers: everybody works for himself, with one pool for all",
    .favours = "whatever keeps some free storage near each thread or CPU",
    .ignores = "objects that change threads, idle threads, size mixes",
    .why = {.text = "A locked pool writes to the line of its lock for each object, so the line moves between the "
                     "CPUs each time. With magazines of its own a thread touches nothing shared until one is full "
                     "or empty.",
            .slower = "shared_pool/batch=100,bytes=64,threads=2/locked_pool@glibc",
            .faster = "shared_pool/batch=100,bytes=64,threads=2/local_pool@glibc"},
    .strategies = only_in_quick(shared_pool_strategies<shared_subject, asked_sizes<64>>(),
                                {"fresh_heap", "local_pool", "treiber_pool", "locked_pool"}),
    .points = grid({{"batch", {100, 1}}, {"bytes", {64}}, {"threads", thread_counts()}},
                   [](const parameters& at) { return at.number("batch") == 100 && at.number("threads") == 2; }),
}};

} // namespace
} // namespace poolmark::benchmarks
