// memo_traces — each policy under each kind of use, with what it keeps, its time and its bytes in one row.
//
// Question:  which policy hits most often, and what does it cost to have it?
// Models:    programs whose keys are popular to different degrees (zipf), that read everything once (scan), that go round
//            in a loop a little too long for the cache, and that do two of these at the same time (mixed).
// Favours:   zipf: who keeps what came often; loop: who does not forget the oldest; scan: nobody, cheap misses.
// Ignores:   popularity that changes: bring a trace of your own with --trace=FILE for that.
//
// hit_ratio is that of the whole trace from an empty cache, and follows from it: anybody may compute it again. Where the
// trace has sizes, byte_hit_ratio counts the bytes that were hit. The value of a key is the key: a miss costs what the
// cache makes of it, so the time is the policy's own. What a program gains is memo_crossover's to say.
#include "benchmarks/harness/caches.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/traces.hpp"
#include "benchmarks/harness/memory_measurable.hpp"

namespace poolmark::benchmarks {
namespace {

// As long as it takes for the misses of the beginning not to count: a table of 2 MB, or 16 for a million keys.
std::size_t accesses_of(const parameters& where) {
    const bool many = where.number("keys") > 200'000;
    return static_cast<std::size_t>(bounded_live(many ? std::int64_t{1} << 21U : std::int64_t{1} << 18U));
}

template <class Memo>
class traces_subject final : public subject, public user_counters, public memory_measurable {
public:
    explicit traces_subject(const parameters& where)
        : capacity_(static_cast<std::size_t>(where.number("capacity"))), trace_(make_trace(where, accesses_of(where))) {}

    std::uint64_t verify() override {
        start();
        digest seen;
        hits_.start();
        for (std::size_t at = 0; at != trace_.keys.size(); ++at) {
            const memo_answer found = memo_->value(at);
            seen.add(found.value);
            hits_.add(found.hit, trace_.bytes.empty() ? 0 : trace_.bytes[at]);
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            for (std::size_t done = 0; done != chunk; ++done) {
                memo_->call(next_);
                next_ = next_ + 1 == trace_.keys.size() ? 0 : next_ + 1;
            }
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return chunk; }
    [[nodiscard]] std::vector<user_counter> counters() const override {
        std::vector<user_counter> counters{{"hit_ratio", hits_.ratio()}};
        if (!trace_.bytes.empty()) {
            counters.push_back({"byte_hit_ratio", hits_.byte_ratio()});
        }
        return counters;
    }

    // What an entry weighs does not depend on the trace: as many as there is room for, after as many others.
    [[nodiscard]] std::size_t usual_objects() const override { return 300'000; }
    void prepare(std::size_t objects) override {
        trace_ = loop_trace(2 * objects, 2 * objects);
        capacity_ = objects;
    }
    void build() override {
        start();
        for (std::size_t at = 0; at != trace_.keys.size(); ++at) {
            memo_->call(at);
        }
    }
    [[nodiscard]] object_sizes sizes() override {
        constexpr std::size_t payload = 2 * sizeof(memo_number);
        return {.requested_bytes = payload, .usable_bytes = std::nullopt, .sizeof_bytes = payload, .payload_bytes = payload};
    }
    void release() override { memo_->clear(); }
    bool end() override {
        memo_.reset();
        return true;
    }

private:
    static constexpr std::size_t chunk = mix_period; // so that each iteration of `mixed` has its share of a scan

    void start() { memo_ = std::make_unique<Memo>(capacity_, trace_.keys); }

    std::size_t capacity_;
    trace trace_;
    std::unique_ptr<Memo> memo_;
    std::size_t next_ = 0;
    hit_counter hits_;
};

std::vector<strategy> strategies_of_memo_traces() {
    std::vector<strategy> list;
    add_cache_strategies<traces_subject>(list, []<class C>(std::type_identity<C>) { return C::traits.bounded; });
    return list;
}

// A loop over a quarter more than the cache holds, and a scan through a hundred times as much.
std::vector<point> points_of_memo_traces() {
    std::vector<point> points;
    const auto add = [&](parameters where, preset from) {
        points.push_back({.where = std::move(where), .from = from, .every_allocator_from = preset::full, .memory = points.empty()});
    };
    for (const std::int64_t skew : {90, 60, 80, 100, 120}) {
        for (const std::int64_t capacity : {1000, 100, 10'000}) {
            if (skew != 90 && capacity != 1000) {
                continue; // one sweep of each
            }
            add({{"trace", "zipf"}, {"skew_percent", skew}, {"keys", 100'000}, {"capacity", capacity}},
                skew == 90 && capacity == 1000 ? preset::quick : preset::full);
        }
    }
    add({{"trace", "mixed"}, {"skew_percent", 90}, {"keys", 100'000}, {"capacity", 1000}}, preset::full);
    add({{"trace", "loop"}, {"keys", 1250}, {"capacity", 1000}}, preset::quick);
    add({{"trace", "scan"}, {"keys", 100'000}, {"capacity", 1000}}, preset::full);
    add({{"trace", "zipf"}, {"skew_percent", 90}, {"keys", 1'000'000}, {"capacity", 10'000}}, preset::full);
    return points;
}

const registration registered{{
    .name = "memo_traces",
    .question = "Which policy hits most often, and what does it cost to have it?",
    .operation = "ask for one key; on a miss, keep its value",
    .models = "programs whose keys are popular to different degrees, that read everything once, or go round in a loop",
    .favours = "zipf: who keeps what came often; loop: who does not forget the oldest; scan: cheap misses",
    .ignores = "the work behind a miss, and popularity that changes: --trace=FILE brings a trace of your own",
    .from = preset::full,
    .strategies = strategies_of_memo_traces(),
    .points = points_of_memo_traces(),
}};

} // namespace
} // namespace poolmark::benchmarks
