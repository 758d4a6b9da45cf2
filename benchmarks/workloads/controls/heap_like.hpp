// A small heap: a step gives the oldest block back to the list of its bin and takes
// one from the list of a random bin, or of the next bin that has one. Links are
// loaded soon after they were stored, and a share of the branches is mispredicted.
//
//   bins_[0] ──► [ next | bin | value ] ──► null       `spare` blocks more than are alive, so a bin may be empty
//   bins_[1] ──► null
//
// The random numbers are drawn as it goes and never repeat: an order that did would be learnt by some branch
// predictors, and by one contender sooner than by another.
#pragma once

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/random.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace poolmark::benchmarks::controls {

class heap_like {
public:
    heap_like() { restart(); }

    void restart() {
        at_ = sum_ = 0;
        chance_ = workload_seed;
        bins_.fill(nullptr);
        for (std::size_t i = 0; i != blocks_.size(); ++i) {
            blocks_[i] = {.next = nullptr, .bin = i % bin_count, .value = i};
            if (i < live) {
                live_[i] = &blocks_[i];
            } else {
                put(&blocks_[i]);
            }
        }
    }
    void warm() {}
    [[nodiscard]] std::uint64_t seen() const { return sum_; }

    [[gnu::always_inline]] void run(std::uint64_t steps) {
        for (; steps != 0; --steps) {
            block*& place = live_[at_ % live];
            sum_ += place->value;
            put(place);
            const std::size_t wanted = random_bin();
            std::size_t bin = wanted;
            while (bins_[bin] == nullptr) {
                bin = (bin + 1) % bin_count;
            }
            place = bins_[bin];
            bins_[bin] = place->next;
            place->bin = wanted;
            place->value = ++at_;
            barrier();
        }
    }

private:
    struct alignas(64) block { // a line each, so that where they lie makes no difference
        block* next;
        std::size_t bin;
        std::uint64_t value;
    };
    static constexpr std::size_t bin_count = 8;
    static constexpr std::size_t live = 32;
    static constexpr std::size_t spare = 16;

    [[gnu::always_inline]] void put(block* one) {
        one->next = bins_[one->bin];
        bins_[one->bin] = one;
    }
    [[gnu::always_inline]] std::size_t random_bin() { // the top bits of a linear congruential generator (Knuth's MMIX)
        chance_ = chance_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        return chance_ >> 61U;
    }
    static_assert(bin_count == std::size_t{1} << (64U - 61U));

    std::array<block, live + spare> blocks_;
    std::array<block*, live> live_{};
    std::array<block*, bin_count> bins_{};
    std::uint64_t chance_ = workload_seed;
    std::uint64_t at_ = 0;
    std::uint64_t sum_ = 0;
};

} // namespace poolmark::benchmarks::controls
