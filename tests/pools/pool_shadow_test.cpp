// Random acquires and releases against a shadow that knows what should be in each live block.
#include "tests/pools/cell.hpp"
#include "tests/pools/erased_pool.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <unordered_set>
#include <utility>
#include <vector>

namespace poolmark::tests {
namespace {

// The live blocks of a pool, each filled with a stamp of its own.
class shadow {
    struct entry {
        unsigned char* block;
        std::uint64_t stamp;
    };

public:
    explicit shadow(const pool_kind& kind, erased_pool& source) : of_(kind.of), source_(source) {}

    [[nodiscard]] std::size_t size() const { return live_.size(); }

    void acquire() {
        auto* const block = static_cast<unsigned char*>(source_.acquire());
        misaligned_ += !is_aligned(block, of_.alignment);
        twice_ += !addresses_.insert(block).second;
        for (std::size_t at = 0; at < of_.bytes; at += sizeof next_stamp_) {
            std::memcpy(block + at, &next_stamp_, std::min(sizeof next_stamp_, of_.bytes - at));
        }
        live_.push_back({block, next_stamp_++});
    }

    void release(std::size_t index) {
        const entry chosen = std::exchange(live_[index], live_.back());
        live_.pop_back();
        give_back(chosen);
    }

    // Releases the first `count` in the order in which they stand; the rest moves up.
    void release_first(std::size_t count) {
        const auto end = live_.begin() + static_cast<std::ptrdiff_t>(count);
        std::for_each(live_.begin(), end, [&](const entry& one) { give_back(one); });
        live_.erase(live_.begin(), end);
    }

    void put_oldest_first() { std::ranges::sort(live_, std::ranges::less{}, &entry::stamp); }
    void put_newest_first() { std::ranges::sort(live_, std::ranges::greater{}, &entry::stamp); }
    void shuffle(std::mt19937& random) { std::shuffle(live_.begin(), live_.end(), random); }

    void expect_nothing_wrong() const {
        expect_none(misaligned_, "misaligned blocks");
        expect_none(twice_, "live blocks that were handed out again");
        expect_none(overwritten_, "words that changed while their block was out");
    }

private:
    void give_back(const entry& one) {
        for (std::size_t at = 0; at < of_.bytes; at += sizeof one.stamp) {
            overwritten_ +=
                std::memcmp(one.block + at, &one.stamp, std::min(sizeof one.stamp, of_.bytes - at)) != 0;
        }
        addresses_.erase(one.block);
        source_.release(one.block);
    }

    shape of_;
    erased_pool& source_;
    std::vector<entry> live_;
    std::unordered_set<const void*> addresses_;
    std::uint64_t next_stamp_ = 1;
    std::size_t misaligned_ = 0;
    std::size_t twice_ = 0;
    std::size_t overwritten_ = 0;
};

void agrees_with_the_shadow(const pool_kind& kind, std::uint32_t seed) {
    const std::size_t capacity = objects_for(kind.traits, 3000);
    std::mt19937 random(seed);
    const auto source = kind.make(capacity);
    shadow live(kind, *source);
    for (int i = 0; i != 30'000; ++i) {
        // The share of acquires drifts, so that the pool fills up, drains, and lives in between.
        const unsigned acquires = i % 12'000 < 6000 ? 5500 : 2500;
        if (live.size() == 0 || (live.size() < capacity && random() % 8000 < acquires)) {
            live.acquire();
        } else {
            live.release(random() % 3 == 0 ? live.size() - 1 : random() % live.size());
        }
    }
    live.release_first(live.size());
    live.expect_nothing_wrong();
}

TEST(every_pool, agrees_with_a_shadow_over_random_operations) {
    for_every_pool(usual, [](const pool_kind& kind) {
        for (const std::uint32_t seed : {1u, 20'240u}) {
            agrees_with_the_shadow(kind, seed);
        }
    });
}

// Grows to a random size, shrinks to another, in each order in turn: oldest first, newest first, shuffled.
void agrees_with_the_shadow_in_waves(const pool_kind& kind, std::uint32_t seed) {
    const std::size_t most = objects_for(kind.traits, 6000); // some slabs more than the first
    std::mt19937 random(seed);
    const auto source = make_unprepared(kind, most);
    shadow live(kind, *source);
    for (int wave = 0; wave != 12; ++wave) {
        const std::size_t peak = live.size() + random() % (most - live.size() + 1);
        while (live.size() < (wave == 5 ? most : peak)) { // once as many as there may be
            live.acquire();
        }
        switch (wave % 3) {
        case 0: live.put_oldest_first(); break;
        case 1: live.put_newest_first(); break;
        default: live.shuffle(random); break;
        }
        live.release_first(random() % (live.size() + 1));
    }
    live.release_first(live.size());
    live.expect_nothing_wrong();
}

TEST(every_pool, keeps_live_blocks_apart_while_it_grows_and_shrinks_in_every_order) {
    for (const shape of : {usual, shape{12, 4}}) {
        for_every_pool(of, [](const pool_kind& kind) { agrees_with_the_shadow_in_waves(kind, 77); });
    }
}

} // namespace
} // namespace poolmark::tests
