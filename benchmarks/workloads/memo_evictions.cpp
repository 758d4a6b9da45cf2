// memo_evictions — a result is not there, is computed, and another one has to go.
//
// Question:  what does a miss cost in a cache that is full, and what does an entry weigh?
// Models:    caches that are too small for what they are asked: a crawler's, a proxy's, any scan.
// Favours:   what keeps its nodes; who forgets by number and not by freeing a block.
// Ignores:   the work behind the miss: the value of a key is the key (memo_crossover has both).
//
// Eight times as many keys as there is room for, in turn: nobody who forgets the oldest ever hits. W-TinyLFU does, because
// it refuses new keys that are no more popular than those it has: its hit ratio says how often it had less to do.
#include "benchmarks/harness/caches.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/traces.hpp"
#include "benchmarks/harness/weighable.hpp"

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t rounds_of_keys = 8;

void scatter(table<memo_number>& keys) {
    for (std::size_t rank = 0; rank != keys.size(); ++rank) {
        keys[rank] = scattered_key(rank);
    }
}

template <class Memo>
class evictions_subject final : public subject, public factual, public weighable {
public:
    explicit evictions_subject(const parameters& where)
        : capacity_(static_cast<std::size_t>(bounded_live(where.number("capacity")))), keys_(rounds_of_keys * capacity_) {
        scatter(keys_);
    }

    std::uint64_t verify() override {
        start();
        digest seen;
        hits_.start();
        for (std::size_t at = 0; at != 2 * keys_.size(); ++at) {
            const memo_answer found = memo_->value(at % keys_.size());
            seen.add(found.value);
            hits_.add(found.hit);
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            for (std::size_t done = 0; done != chunk; ++done) {
                memo_->call(next_);
                next_ = next_ + 1 == keys_.size() ? 0 : next_ + 1;
            }
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return chunk; }
    [[nodiscard]] std::vector<fact> facts() const override { return {{"hit_ratio", hits_.ratio()}}; }

    // As many entries as there is room for, after as many others were forgotten.
    [[nodiscard]] std::size_t usual_objects() const override { return 300'000; }
    void prepare(std::size_t objects) override {
        keys_.assign(2 * objects, 0);
        scatter(keys_);
        capacity_ = objects;
        if constexpr (!Memo::local) { // its keys are objects, which are there before the cache
            start();
        }
    }
    void build() override {
        if constexpr (Memo::local) {
            start();
        }
        for (std::size_t at = 0; at != keys_.size(); ++at) {
            memo_->call(at);
        }
    }
    [[nodiscard]] object_sizes sizes() override {
        return {.requested_bytes = payload, .usable_bytes = std::nullopt, .sizeof_bytes = payload, .payload_bytes = payload};
    }
    void release() override { memo_->clear(); }
    bool end() override {
        memo_.reset();
        return true;
    }

private:
    static constexpr std::size_t chunk = 256;
    static constexpr std::size_t payload = 2 * sizeof(memo_number);

    void start() { memo_ = std::make_unique<Memo>(capacity_, keys_); }

    std::size_t capacity_;
    table<memo_number> keys_;
    std::unique_ptr<Memo> memo_;
    std::size_t next_ = 0;
    hit_counter hits_;
};

std::vector<strategy> strategies_of_memo_evictions() {
    std::vector<strategy> list;
    add_cache_strategies<evictions_subject>(list, []<class C>(std::type_identity<C>) { return C::traits.bounded; });
    list.push_back(functools_strategy(&make_memo_subject<functools_memo<>, evictions_subject>));
    list.push_back(cpython_call_strategy(&make_memo_subject<cpython_call_memo, evictions_subject>));
    return list;
}

const registration registered{{
    .name = "memo_evictions",
    .question = "What does a miss cost in a cache that is full?",
    .operation = "miss one key, keep its value and forget another",
    .models = "caches that are too small for what they are asked: a crawler's, a proxy's, any scan",
    .favours = "what keeps its nodes, and who forgets by number and not by freeing a block",
    .ignores = "the work behind the miss: the value of a key is the key",
    .strategies = strategies_of_memo_evictions(),
    .points = {{.where = {{"capacity", 1000}}, .every_allocator_from = preset::full, .memory = true},
               {.where = {{"capacity", 100'000}}, .every_allocator_from = preset::full},
               {.where = {{"capacity", 10'000}}, .from = preset::full, .every_allocator_from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
