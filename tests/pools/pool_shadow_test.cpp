// Random acquires and releases against a shadow that knows what should be in each live block.
#include "tests/pools/every_pool.hpp"

#include <cstring>
#include <random>
#include <unordered_map>
#include <vector>

namespace poolmark::tests {
namespace {

template <class P>
void agrees_with_the_shadow(std::uint32_t seed) {
    constexpr std::size_t capacity = 3000;
    constexpr int operations = 30'000;
    using value_type = typename P::value_type;
    std::mt19937 random(seed);
    P source(capacity);
    std::vector<void*> live;
    std::unordered_map<void*, std::uint64_t> shadow;
    std::uint64_t next_stamp = 1;
    for (int i = 0; i != operations; ++i) {
        // The share of acquires drifts, so that the pool fills up, drains, and lives in between.
        const bool acquires =
            live.empty() || (live.size() < capacity && random() % 8000 < (i % 12'000 < 6000 ? 5500u : 2500u));
        if (acquires) {
            void* const block = source.acquire();
            ASSERT_TRUE(is_aligned(block, alignof(value_type)));
            ASSERT_TRUE(shadow.emplace(block, next_stamp).second)
                << "operation " << i << ": a live block came again";
            for (std::size_t at = 0; at + sizeof next_stamp <= sizeof(value_type); at += sizeof next_stamp) {
                std::memcpy(static_cast<std::byte*>(block) + at, &next_stamp, sizeof next_stamp);
            }
            ++next_stamp;
            live.push_back(block);
        } else {
            const std::size_t chosen = random() % 3 == 0 ? live.size() - 1 : random() % live.size();
            void* const block = live[chosen];
            for (std::size_t at = 0; at + sizeof next_stamp <= sizeof(value_type); at += sizeof next_stamp) {
                std::uint64_t seen = 0;
                std::memcpy(&seen, static_cast<const std::byte*>(block) + at, sizeof seen);
                ASSERT_EQ(seen, shadow.at(block)) << "operation " << i << ", byte " << at;
            }
            shadow.erase(block);
            live[chosen] = live.back();
            live.pop_back();
            source.release(block);
        }
    }
    for (void* const block : live) {
        source.release(block);
    }
}

TEST(every_pool, agrees_with_a_shadow_over_random_operations) {
    for_every_pool<cell<40, 8>>([]<class P>() {
        for (const std::uint32_t seed : {1u, 20'240u}) {
            agrees_with_the_shadow<P>(seed);
        }
    });
}

} // namespace
} // namespace poolmark::tests
