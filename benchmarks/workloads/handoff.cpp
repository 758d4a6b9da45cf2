// handoff — one thread acquires and initialises objects, another reads and releases them.
//
// Question:  what does an object cost that is made by one thread and dropped by another?
// Models:    pipelines: requests, log records, messages and network buffers on their way from thread to thread.
// Favours:   whatever moves free storage back in bulk, and does not write to an object to release it.
// Ignores:   threads that do both (see remote_release), objects that live on, size mixes. The objects' own cache
//            lines move between two CPUs in any case, and are part of the figure. With more than two threads
//            there are several such pairs over one pool; the wall time of all is divided by the objects of all.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/ring.hpp"
#include "benchmarks/harness/team.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <stdexcept>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint64_t batches_under_way = 4;
constexpr std::uint64_t fewest_under_way = 64;

template <class Pool>
class handoff_subject final : public subject {
public:
    explicit handoff_subject(const parameters& where)
        : batch_(static_cast<std::uint64_t>(where.number("batch"))), pairs_(pairs_of(where.number("threads"))),
          pool_(pairs_ * batches_under_way * batch_),
          helpers_(2 * pairs_ - 1, [this](std::size_t helper, std::uint64_t n) { work(helper + 1, n); }) {
        for (std::uint64_t i = 0; i < pairs_; ++i) {
            all_.emplace_back(std::max(batches_under_way * batch_, fewest_under_way));
        }
    }

    std::uint64_t verify() override {
        verifying_ = true;
        run(1 + 2000 / batch_);
        rest();
        verifying_ = false;
        digest seen;
        for (const pair& each : all_) {
            seen.add(each.seen.value());
        }
        return seen.value();
    }

    void warm() override { helpers_.wake(); }
    void rest() override { helpers_.rest(); }
    [[nodiscard]] bool oversubscribed() const override { return 2 * pairs_ > cpus(); }

    void run(std::uint64_t iterations) override {
        helpers_.start(iterations);
        work(0, iterations);
        helpers_.wait();
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return pairs_ * batch_; }

private:
    using value_type = typename Pool::value_type;

    struct alignas(128) pair {
        explicit pair(std::uint64_t places) : queue(places) {}
        ring<value_type> queue;
        alignas(128) std::uint64_t made = 0;
        alignas(128) std::uint64_t dropped = 0;
        digest seen;
        volatile std::uint64_t sum = 0; // what was read, so that it is read
    };

    static std::uint64_t pairs_of(std::int64_t threads) {
        if (threads % 2 != 0) {
            throw std::invalid_argument("handoff: threads work in pairs, so give an even number of them");
        }
        return static_cast<std::uint64_t>(threads / 2);
    }

    void work(std::size_t thread, std::uint64_t batches) {
        thread % 2 == 0 ? produce(all_[thread / 2], batches) : consume(all_[thread / 2], batches);
    }

    void produce(pair& mine, std::uint64_t batches) {
        for (std::uint64_t i = 0; i < batches; ++i) {
            const std::uint64_t end = mine.made + batch_;
            mine.queue.wait_to_write(end);
            for (; mine.made != end; ++mine.made) {
                auto* const object = ::new (pool_.acquire()) value_type;
                object->stamp(mine.made);
                mine.queue.at(mine.made) = object;
                barrier();
            }
            mine.queue.written(end);
        }
    }

    void consume(pair& mine, std::uint64_t batches) {
        std::uint64_t sum = 0;
        mine.seen = digest();
        for (std::uint64_t i = 0; i < batches; ++i) {
            const std::uint64_t end = mine.dropped + batch_;
            mine.queue.wait_to_read(end);
            for (; mine.dropped != end; ++mine.dropped) {
                value_type* const object = mine.queue.at(mine.dropped);
                const std::uint64_t value = object->read();
                sum += value;
                if (verifying_) {
                    mine.seen.add(value);
                }
                pool_.release(object);
                barrier();
            }
            mine.queue.read(end);
        }
        mine.sum = sum;
    }

    std::uint64_t batch_;
    std::uint64_t pairs_;
    bool verifying_ = false;
    std::deque<pair> all_;
    Pool pool_;
    team helpers_; // end first
};

std::vector<point> points_of_handoff() {
    std::vector<point> points;
    for (const std::int64_t bytes : {64, 256}) {
        for (const std::int64_t batch : {1, 64, 1024}) {
            for (const std::int64_t threads : thread_counts(2)) {
                if (threads == 2 || (bytes == 64 && batch == 64)) {
                    points.push_back(
                        {.where = {{"batch", batch}, {"bytes", bytes}, {"threads", threads}},
                         .from = bytes == 64 && batch == 64 && threads == 2 ? preset::quick : preset::full});
                }
            }
        }
    }
    return points;
}

const registration registered{{
    .name = "handoff",
    .question = "What does an object cost that one thread makes and another one drops?",
    .operation =
        "acquire and initialise an object, hand it over, read and release it in another thread: the wall "
        "time of all pairs, divided by the objects of all",
    .models = "pipelines: requests, log records, messages and buffers on their way from thread to thread",
    .favours = "whatever moves free storage back in bulk, and does not write to an object to release it",
    .ignores = "threads that both make and drop, objects that live on, size mixes",
    .why = {.text = "Blocks pile up with the thread that frees them and run out where they are taken, so the heap "
                     "passes them on a few at a time, under a lock. A pool with magazines passes on whole "
                     "magazines, each by one exchange of a pointer.",
            .slower = "handoff/batch=64,bytes=64,threads=2/fresh_heap@glibc",
            .faster = "handoff/batch=64,bytes=64,threads=2/local_pool@glibc"},
    .strategies = only_in_quick(shared_pool_strategies<handoff_subject, asked_sizes<64, 256>>(),
                                {"fresh_heap", "local_pool", "treiber_pool", "locked_pool"}),
    .points = points_of_handoff(),
}};

} // namespace
} // namespace poolmark::benchmarks
