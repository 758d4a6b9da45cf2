// memo_crossover — is this function worth memoising? Its cost against how often it is asked for the same again.
//
// Question:  from which cost of the body, at which share of hits, does a cache pay?
// Models:    any pure function of a small key: a price, a parsed date, a resolved name, a layout.
// Favours:   the cache at high hit ratios and costly bodies; recomputing everywhere else. The hot keys all fit.
// Ignores:   what else the cache's memory could have held, and values that are costly to copy.
//
// hit_percent of the calls ask for one of 64 keys, the others for one never asked before: each of these is computed, kept
// and forgotten again. body_ns is what the body takes at about 3 GHz, in dependent multiplications: five cycles each.
// What it really takes is the row of `recompute`. functools_lru_cache calls the same body through CPython's C entry.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/caches.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/traces.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t capacity = 1024;
constexpr std::size_t hot_keys = 64;
constexpr std::array<std::int64_t, 7> bodies{0, 10, 30, 100, 300, 1000, 10'000};

// So many dependent steps, which the compiler cannot leave out. The value says nothing of how many there were.
template <std::int64_t BodyNs>
struct body {
    static constexpr int steps = static_cast<int>(BodyNs * 3 / 5);
    [[nodiscard]] POOLMARK_OPAQUE memo_number operator()(memo_number key) const noexcept {
        memo_number work = key;
        for (int i = 0; i < steps; ++i) {
            work = (work ^ (work >> 7U)) * 0x9e3779b97f4a7c15U;
        }
        use(work);
        return key ^ 1U;
    }
};

// No cache: the row that everybody starts with.
template <class Compute>
class recomputing {
public:
    recomputing(std::size_t /*capacity*/, const table<memo_number>& keys) : keys_(&keys) {}
    void call(std::size_t at) { use(Compute{}((*keys_)[at])); }
    [[nodiscard]] memo_answer value(std::size_t at) { return {Compute{}((*keys_)[at]), false}; }

private:
    const table<memo_number>* keys_;
};

template <class Memo>
class crossover_subject final : public subject, public user_counters {
public:
    explicit crossover_subject(const parameters& where)
        : keys_(static_cast<std::size_t>(bounded_live(calls_at(where.number("hit_percent"))))),
          verified_(std::min<std::size_t>(keys_.size(), static_cast<std::size_t>(50'000'000 / (where.number("body_ns") + 20)))),
          memo_((draw(where.number("hit_percent")), capacity), keys_) {}

    std::uint64_t verify() override {
        digest seen;
        hits_.start();
        for (std::size_t at = 0; at != verified_; ++at) {
            const memo_answer found = memo_.value(at);
            seen.add(found.value);
            if (at >= verified_ / 4) { // by then the hot keys are there
                hits_.add(found.hit);
            }
        }
        next_ = verified_ % keys_.size(); // what was just asked for may still be there, and is not asked for again
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            for (std::size_t done = 0; done != chunk; ++done) {
                memo_.call(next_);
                next_ = next_ + 1 == keys_.size() ? 0 : next_ + 1;
            }
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return chunk; }
    [[nodiscard]] std::vector<user_counter> counters() const override { return {{"hit_ratio", hits_.ratio()}}; }

private:
    static constexpr std::size_t chunk = 200; // a multiple of 100: each has its share of hits, evenly spread

    // So many that twice as many new keys come as there is room for, before the first of them comes again.
    static std::int64_t calls_at(std::int64_t percent) {
        return percent > 90 && percent < 100 ? std::int64_t{1} << 18U : std::int64_t{1} << 15U;
    }

    void draw(std::int64_t percent) {
        random_source chance(workload_seed);
        std::size_t fresh = hot_keys;
        std::int64_t owed = 0;
        for (memo_number& key : keys_) {
            owed += percent;
            const bool hot = owed >= 100;
            owed -= hot ? 100 : 0;
            key = scattered_key(hot ? chance.below(hot_keys) : fresh++);
        }
    }

    table<memo_number> keys_;
    std::size_t verified_; // costly bodies are verified on fewer calls: a twentieth of a second of them
    Memo memo_;
    std::size_t next_ = 0;
    hit_counter hits_;
};

// Memo<body> as the subject of the body that the point names.
template <template <class> class Memo>
std::unique_ptr<subject> make_crossover(const parameters& where) {
    const std::int64_t wanted = where.number("body_ns");
    std::unique_ptr<subject> made;
    [&]<std::size_t... At>(std::index_sequence<At...>) {
        static_cast<void>(((bodies[At] == wanted &&
                            (made = std::make_unique<crossover_subject<Memo<body<bodies[At]>>>>(where), true)) || ...));
    }
    (std::make_index_sequence<bodies.size()>{});
    if (made == nullptr) {
        throw std::out_of_range("no body of that cost is compiled in");
    }
    return made;
}

template <template <class...> class Cache>
struct with {
    template <class Compute>
    using memo = local_memo<Cache<memo_number, memo_number>, Compute>;
};

std::vector<strategy> strategies_of_memo_crossover() {
    std::vector<strategy> list{{.about = recompute_about, .make = &make_crossover<recomputing>}};
    const auto add = [&](const description& about, subject_factory make) { list.push_back({.about = about, .make = make}); };
    using number = memo_number;
    add(lru_list_map<number, number>::about, &make_crossover<with<lru_list_map>::memo>);
    add(lru_intrusive<number, number>::about, &make_crossover<with<lru_intrusive>::memo>);
    add(sieve_cache<number, number>::about, &make_crossover<with<sieve_cache>::memo>);
    add(direct_mapped<number, number>::about, &make_crossover<with<direct_mapped>::memo>);
    list.push_back(functools_strategy(&make_crossover<functools_memo>));
    return list;
}

const registration registered{{
    .name = "memo_crossover",
    .question = "From which cost of the body, at which share of hits, does a cache pay?",
    .operation = "the value of one key, from the cache or computed",
    .models = "any pure function of a small key: a price, a parsed date, a resolved name, a layout",
    .favours = "the cache at high hit ratios and costly bodies, recomputing everywhere else; the hot keys all fit",
    .ignores = "what else the cache's memory could have held, and values that are costly to copy",
    .from = preset::full,
    .strategies = strategies_of_memo_crossover(),
    .points = grid({{"body_ns", std::vector<std::int64_t>(std::begin(bodies), std::end(bodies))}, {"hit_percent", {10, 50, 90, 99, 100}}},
                   [](const parameters& at) {
                       const std::int64_t body_ns = at.number("body_ns");
                       return at.number("hit_percent") == 90 && (body_ns == 10 || body_ns == 100 || body_ns == 1000);
                   },
                   preset::full),
}};

} // namespace
} // namespace poolmark::benchmarks
