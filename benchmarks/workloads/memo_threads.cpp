// memo_threads — several threads ask one cache, or each its own.
//
// Question:  should threads share a cache, and how?
// Models:    a server's threads that ask for the same popular things; a miss takes about 300 ns.
// Favours:   a cache for each thread, which nobody waits for; sharing it, the more of the keys the others asked for.
// Ignores:   a stampede on one cold key: there single_flight calls once and the others as often as there are threads,
//            which a test proves; and memory: a cache for each thread has its share of the capacity.
//
// The figure is the time of all divided by the calls of all: it halves with twice the threads where nobody is in another's
// way. Each thread goes through its own part of one Zipf trace of skew 0.9.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/caches.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/team.hpp"
#include "benchmarks/harness/traces.hpp"

#include <memory>
#include <vector>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t keys = 100'000;

POOLMARK_OPAQUE memo_number computed(memo_number key) noexcept {
    memo_number work = key;
    for (int i = 0; i < 180; ++i) { // dependent steps, about five cycles each
        work = (work ^ (work >> 7U)) * 0x9e3779b97f4a7c15U;
    }
    use(work);
    return key ^ 1U;
}

// One cache that all threads ask.
template <class Cache>
class shared {
public:
    shared(std::size_t capacity, std::size_t /*threads*/) : cache_(capacity) {}
    [[nodiscard]] memo_number operator()(std::size_t /*thread*/, memo_number key) {
        if constexpr (requires { cache_.get_or_compute(key, computed); }) {
            return cache_.get_or_compute(key, computed);
        } else {
            return get_or_compute(cache_, key, computed);
        }
    }

private:
    Cache cache_;
};

using lru = lru_intrusive<memo_number, memo_number>;

// One for each thread, with its share of the capacity.
class one_each {
public:
    one_each(std::size_t capacity, std::size_t threads) {
        for (std::size_t i = 0; i != threads; ++i) {
            caches_.push_back(std::make_unique<own>(capacity / threads));
        }
    }
    [[nodiscard]] memo_number operator()(std::size_t thread, memo_number key) {
        return *get_or_compute(caches_[thread]->cache, key, computed);
    }

private:
    struct alignas(128) own {
        explicit own(std::size_t capacity) : cache(capacity) {}
        lru cache;
    };
    std::vector<std::unique_ptr<own>> caches_;
};

template <class Way>
class threads_subject final : public subject {
public:
    explicit threads_subject(const parameters& where)
        : shares_(static_cast<std::size_t>(where.number("threads"))),
          trace_(zipf_trace(keys, 0.9, static_cast<std::size_t>(bounded_live(1 << 18U)))),
          way_(static_cast<std::size_t>(where.number("capacity")), shares_.size()),
          helpers_(shares_.size() - 1, [this](std::size_t helper, std::uint64_t n) { work(helper + 1, n); }) {
        for (std::size_t i = 0; i != shares_.size(); ++i) {
            shares_[i].next = i * (trace_.keys.size() / shares_.size());
        }
    }

    std::uint64_t verify() override {
        run(trace_.keys.size() / chunk / shares_.size());
        rest();
        digest all;
        for (const share& each : shares_) {
            all.add(each.sum);
        }
        return all.value();
    }

    void warm() override { helpers_.wake(); }
    void rest() override { helpers_.rest(); }
    void run(std::uint64_t iterations) override {
        helpers_.start(iterations);
        work(0, iterations);
        helpers_.wait();
    }

    [[nodiscard]] bool oversubscribed() const override { return shares_.size() > cpus(); }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return shares_.size() * chunk; }

private:
    static constexpr std::size_t chunk = 128;
    struct alignas(128) share {
        std::size_t next = 0;
        memo_number sum = 0; // of the last run
    };

    void work(std::size_t thread, std::uint64_t iterations) {
        share& mine = shares_[thread];
        mine.sum = 0;
        for (std::uint64_t done = 0; done != iterations * chunk; ++done) {
            mine.sum += way_(thread, trace_.keys[mine.next]);
            mine.next = mine.next + 1 == trace_.keys.size() ? 0 : mine.next + 1;
        }
    }

    std::vector<share> shares_;
    trace trace_;
    Way way_;
    team helpers_; // ends first
};

template <class Way>
std::unique_ptr<subject> make_threads(const parameters& where) {
    return std::make_unique<threads_subject<Way>>(where);
}

const registration registered{{
    .name = "memo_threads",
    .question = "Should threads share a cache, and how?",
    .operation = "the value of one key, in one of the threads",
    .models = "a server's threads that ask for the same popular things; a miss takes about 300 ns",
    .favours = "a cache for each thread, which nobody waits for; sharing, the more of the keys others asked for",
    .ignores = "a stampede on one cold key, where single_flight calls once",
    .from = preset::full,
    .strategies = {{.about = locked_cache_about, .make = &make_threads<shared<locked_cache<lru>>>},
                   {.about = sharded_cache_about, .make = &make_threads<shared<sharded_cache<lru>>>},
                   {.about = single_flight_about, .make = &make_threads<shared<single_flight<lru>>>},
                   {.about = cache_per_thread_about, .make = &make_threads<one_each>}},
    .points = grid({{"capacity", {10'000, 1000}}, {"threads", {1, 2, 4}}},
                   [](const parameters& at) { return at.number("capacity") == 10'000 && at.number("threads") == 2; },
                   preset::full),
}};

} // namespace
} // namespace poolmark::benchmarks
