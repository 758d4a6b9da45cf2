// memo_hits — a function's result is asked for again, and the cache has it.
//
// Question:  what does a hit cost?
// Models:    memoised functions, resolved names, parsed templates: everything that was computed a moment ago.
// Favours:   maps that remember no order, direct_mapped most; a policy that writes on each hit pays for it here.
// Ignores:   misses (memo_evictions), hit ratios (memo_traces), values that are costly to copy.
//
// functools_lru_cache finds keys made beforehand and hands out the value's object; cpython_call is the same call without
// a cache. Keys that share a place in direct_mapped are misses: its hit ratio says how many.
#include "benchmarks/harness/caches.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/traces.hpp"

namespace poolmark::benchmarks {
namespace {

template <class Memo>
class hits_subject final : public subject, public factual {
public:
    explicit hits_subject(const parameters& where)
        : keys_(static_cast<std::size_t>(bounded_live(where.number("capacity")))), order_(random_victims(keys_.size())),
          memo_(filled(keys_), keys_) {
        for (std::size_t at = 0; at != keys_.size(); ++at) {
            memo_.call(at);
        }
    }

    std::uint64_t verify() override {
        digest seen;
        hits_.start();
        for (const std::uint32_t at : order_) {
            const memo_answer found = memo_.value(at);
            seen.add(found.value);
            hits_.add(found.hit);
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            for (std::size_t done = 0; done != chunk; ++done) {
                memo_.call(order_[next_++ & (order_.size() - 1)]);
            }
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return chunk; }
    [[nodiscard]] std::vector<fact> facts() const override { return {{"hit_ratio", hits_.ratio()}}; }

private:
    static constexpr std::size_t chunk = 256;

    // The keys, written where they lie; how many there are.
    static std::size_t filled(table<memo_number>& keys) {
        for (std::size_t rank = 0; rank != keys.size(); ++rank) {
            keys[rank] = scattered_key(rank);
        }
        return keys.size();
    }

    table<memo_number> keys_;
    table<std::uint32_t> order_; // a power of two
    Memo memo_;
    std::size_t next_ = 0;
    hit_counter hits_;
};

std::vector<strategy> strategies_of_memo_hits() {
    std::vector<strategy> list;
    add_cache_strategies<hits_subject>(list, [](auto) { return true; });
    list.push_back(functools_strategy(&make_memo_subject<functools_memo<>, hits_subject>));
    list.push_back(cpython_call_strategy(&make_memo_subject<cpython_call_memo, hits_subject>));
    return list;
}

const registration registered{{
    .name = "memo_hits",
    .question = "What does a hit in a cache cost?",
    .operation = "find the value of one key that is there",
    .models = "memoised functions, resolved names, parsed templates: what was computed a moment ago",
    .favours = "maps that remember no order; a policy that writes on each hit pays for it here",
    .ignores = "misses, hit ratios, values that are costly to copy",
    .strategies = strategies_of_memo_hits(),
    .points = {{.where = {{"capacity", 1000}}, .every_allocator_from = preset::full},
               {.where = {{"capacity", 100'000}}, .every_allocator_from = preset::full},
               {.where = {{"capacity", 100}}, .from = preset::full, .every_allocator_from = preset::full},
               {.where = {{"capacity", 10'000}}, .from = preset::full, .every_allocator_from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
