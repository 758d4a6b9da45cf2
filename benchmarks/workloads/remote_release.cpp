// remote_release — threads in a ring: each acquires objects for the next one, and releases those of the one before.
//
// Question:  what does a release cost when every object was acquired by another thread, and all do the same?
// Models:    actors, work stealing, servers whose requests are
//            answered by whoever is free: everybody makes and drops.
// Favours:   whatever lets a thread keep what it was handed; a pool
//            that sends each slot home to its owner pays twice.
// Ignores:   threads that only make or only drop (see handoff), size mixes. With one
//            thread the ring leads back to it: the same work with nothing remote, to
//            compare with. The wall time of all is divided by the objects of all.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/ring.hpp"
#include "benchmarks/harness/team.hpp"

#include <deque>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint64_t objects_a_thread = 1024; // in one iteration: more threads than CPUs take turns within it
constexpr std::uint64_t batches_under_way = 4;

template <class Pool>
class remote_subject final : public subject {
public:
    explicit remote_subject(const parameters& where)
        : batch_(static_cast<std::uint64_t>(where.number("batch"))),
          threads_(static_cast<std::size_t>(where.number("threads"))),
          pool_(threads_ * batches_under_way * batch_),
          helpers_(threads_ - 1, [this](std::size_t helper, std::uint64_t n) { work(helper + 1, n); }) {
        for (std::size_t i = 0; i < threads_; ++i) {
            all_.emplace_back(batches_under_way * batch_);
        }
    }

    std::uint64_t verify() override {
        verifying_ = true;
        run(1);
        rest();
        verifying_ = false;
        digest seen;
        for (const member& each : all_) {
            seen.add(each.seen.value());
        }
        return seen.value();
    }

    void warm() override { helpers_.wake(); }
    void rest() override { helpers_.rest(); }
    [[nodiscard]] bool oversubscribed() const override { return threads_ > cpus(); }

    void run(std::uint64_t iterations) override {
        helpers_.start(iterations);
        work(0, iterations);
        helpers_.wait();
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return threads_ * objects_a_thread; }

private:
    using value_type = typename Pool::value_type;

    struct alignas(128) member { // what a thread hands on, and what it saw of what it was handed
        explicit member(std::uint64_t places) : to_next(places) {}
        ring<value_type> to_next;
        std::uint64_t made = 0;
        std::uint64_t dropped = 0;
        digest seen;
        volatile std::uint64_t sum = 0; // what was read, so that it is read
    };

    // Nobody is more than a batch ahead of the last one, so there
    // is always room to write and nobody waits for himself.
    void work(std::size_t thread, std::uint64_t iterations) {
        member& mine = all_[thread];
        ring<value_type>& from_previous = all_[(thread + threads_ - 1) % threads_].to_next;
        mine.seen = digest();
        for (std::uint64_t left = iterations * (objects_a_thread / batch_); left != 0; --left) {
            make(mine);
            drop(mine, from_previous);
        }
    }

    void make(member& mine) {
        const std::uint64_t end = mine.made + batch_;
        mine.to_next.wait_to_write(end);
        for (; mine.made != end; ++mine.made) {
            auto* const object = ::new (pool_.acquire()) value_type;
            object->stamp(mine.made);
            mine.to_next.at(mine.made) = object;
            barrier();
        }
        mine.to_next.written(end);
    }

    void drop(member& mine, ring<value_type>& from_previous) {
        std::uint64_t sum = 0;
        const std::uint64_t end = mine.dropped + batch_;
        from_previous.wait_to_read(end);
        for (; mine.dropped != end; ++mine.dropped) {
            value_type* const object = from_previous.at(mine.dropped);
            const std::uint64_t value = object->read();
            sum += value;
            if (verifying_) {
                mine.seen.add(value);
            }
            pool_.release(object);
            barrier();
        }
        from_previous.read(end);
        mine.sum = sum;
    }

    std::uint64_t batch_;
    std::size_t threads_;
    bool verifying_ = false;
    std::deque<member> all_;
    Pool pool_;
    team helpers_; // end first
};

const registration registered{{
    .name = "remote_release",
    .question = "What does a release cost when every object was acquired by another thread?",
    .operation =
        "acquire and initialise an object for the next thread, read and release one of the thread before: the "
        "wall time of all, divided by the objects of all",
    .models = "actors, work stealing, servers whose requests are answered by whoever is free",
    .favours = "whatever lets a thread keep what it was handed, and hands over in bulk",
    .ignores = "threads that only make or only drop, idle threads, size mixes",
    .from = preset::full,
    .strategies = shared_pool_strategies<remote_subject, asked_sizes<64>>(),
    .points = grid({{"batch", {64}}, {"bytes", {64}}, {"threads", thread_counts()}},
                   [](const parameters& at) { return at.number("threads") == 2; }),
}};

} // namespace
} // namespace poolmark::benchmarks
