// What is asked of a cache again and again: hits alone, or misses alone. One subject each, over anything with the calls of
// benchmarks/harness/caches.hpp.
#pragma once

#include "benchmarks/harness/caches.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/traces.hpp"
#include "benchmarks/harness/memory_measurable.hpp"

namespace poolmark::benchmarks {

// Keys that differ, written where they lie; how many there are.
inline std::size_t scatter(table<memo_number>& keys) {
    for (std::size_t rank = 0; rank != keys.size(); ++rank) {
        keys[rank] = scattered_key(rank);
    }
    return keys.size();
}

// As many keys as there is room for, asked for at random: all of them hit, but for those that share a place.
template <class Memo>
class hits_subject final : public subject, public user_counters {
public:
    explicit hits_subject(const parameters& where)
        : keys_(static_cast<std::size_t>(bounded_live(where.number("capacity")))), order_(random_victims(keys_.size())),
          memo_(scatter(keys_), keys_) {
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
    [[nodiscard]] std::vector<user_counter> counters() const override { return {{"hit_ratio", hits_.ratio()}}; }

private:
    static constexpr std::size_t chunk = 256;

    table<memo_number> keys_;
    table<std::uint32_t> order_; // a power of two
    Memo memo_;
    std::size_t next_ = 0;
    hit_counter hits_;
};

// Eight times as many keys as there is room for, in turn: nobody who forgets the oldest
// ever hits. Measures the bytes of an entry in a cache that is full, and has been for a while.
template <class Memo>
class evictions_subject final : public subject, public user_counters, public memory_measurable {
public:
    explicit evictions_subject(const parameters& where)
        : capacity_(static_cast<std::size_t>(bounded_live(where.number("capacity")))), keys_(rounds_of_keys * capacity_) {
        static_cast<void>(scatter(keys_));
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
    [[nodiscard]] std::vector<user_counter> counters() const override { return {{"hit_ratio", hits_.ratio()}}; }

    // As many entries as there is room for, after as many others were forgotten.
    [[nodiscard]] std::size_t usual_objects() const override { return 300'000; }
    void prepare(std::size_t objects) override {
        keys_.assign(2 * objects, 0);
        static_cast<void>(scatter(keys_));
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
    static constexpr std::size_t rounds_of_keys = 8;
    static constexpr std::size_t chunk = 256;
    static constexpr std::size_t payload = 2 * sizeof(memo_number);

    void start() { memo_ = std::make_unique<Memo>(capacity_, keys_); }

    std::size_t capacity_;
    table<memo_number> keys_;
    std::unique_ptr<Memo> memo_;
    std::size_t next_ = 0;
    hit_counter hits_;
};

} // namespace poolmark::benchmarks
