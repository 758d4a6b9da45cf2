// handoff — one thread acquires and initialises objects, another reads and releases them.
//
// Question:  what does an object cost that is made by one thread and dropped by another?
// Models:    pipelines: requests, log records, messages and network buffers on their way from thread to thread.
// Favours:   whatever moves free storage back in bulk, and does not write to an object to release it.
// Ignores:   more than two threads, objects that live on, size mixes. The objects' own cache lines move between
// the
//            two CPUs in any case, and are part of the figure.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/ring.hpp"
#include "benchmarks/harness/team.hpp"

#include <algorithm>
#include <cstdint>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint64_t batches_under_way = 4;
constexpr std::uint64_t fewest_under_way = 64;

template <class Pool>
class handoff_subject final : public subject {
public:
    explicit handoff_subject(const parameters& where)
        : batch_(static_cast<std::uint64_t>(where.number("batch"))),
          ring_(std::max(batches_under_way * batch_, fewest_under_way)), pool_(batches_under_way * batch_),
          consumer_(1, [this](std::size_t, std::uint64_t batches) { consume(batches); }) {}

    std::uint64_t verify() override {
        verifying_ = true;
        seen_ = digest();
        run(1 + 2000 / batch_);
        rest();
        verifying_ = false;
        return seen_.value();
    }

    void warm() override { consumer_.wake(); }
    void rest() override { consumer_.rest(); }

    void run(std::uint64_t iterations) override {
        consumer_.start(iterations);
        for (std::uint64_t i = 0; i < iterations; ++i) {
            const std::uint64_t end = made_ + batch_;
            ring_.wait_to_write(end);
            for (; made_ != end; ++made_) {
                auto* const object = ::new (pool_.acquire()) value_type;
                object->stamp(made_);
                ring_.at(made_) = object;
                barrier();
            }
            ring_.written(end);
        }
        consumer_.wait();
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return batch_; }

private:
    using value_type = typename Pool::value_type;

    void consume(std::uint64_t batches) {
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < batches; ++i) {
            const std::uint64_t end = dropped_ + batch_;
            ring_.wait_to_read(end);
            for (; dropped_ != end; ++dropped_) {
                value_type* const object = ring_.at(dropped_);
                const std::uint64_t value = object->read();
                sum += value;
                if (verifying_) {
                    seen_.add(value);
                }
                pool_.release(object);
                barrier();
            }
            ring_.read(end);
        }
        sum_ = sum;
    }

    std::uint64_t batch_;
    ring<value_type> ring_;
    bool verifying_ = false;
    digest seen_;
    alignas(128) std::uint64_t made_ = 0;
    alignas(128) std::uint64_t dropped_ = 0;
    volatile std::uint64_t sum_ = 0; // what was read, so that it is read
    Pool pool_;
    team consumer_; // ends first
};

std::vector<point> points_of_handoff() {
    std::vector<point> points;
    for (const std::int64_t bytes : {64, 256}) {
        for (const std::int64_t batch : {1, 64, 1024}) {
            points.push_back({.where = {{"batch", batch}, {"bytes", bytes}, {"threads", 2}},
                              .from = bytes == 64 && batch == 64 ? preset::quick : preset::full});
        }
    }
    return points;
}

const registration registered{{
    .name = "handoff",
    .question = "What does an object cost that one thread makes and another one drops?",
    .operation = "acquire and initialise an object, hand it over, read and release it in another thread",
    .models = "pipelines: requests, log records, messages and buffers on their way from thread to thread",
    .favours = "whatever moves free storage back in bulk, and does not write to an object to release it",
    .ignores = "more than two threads, objects that live on, size mixes",
    .strategies = shared_pool_strategies<handoff_subject>(),
    .points = points_of_handoff(),
}};

} // namespace
} // namespace poolmark::benchmarks
