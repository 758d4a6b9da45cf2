// Pools that give memory back by themselves, and those that do not.
#include "tests/pools/resident_pages.hpp"

#include <span>

namespace poolmark::tests {
namespace {

constexpr std::size_t few = 20'000, many = 10 * few; // 12 MiB at the peak

// So many are out all the time, and one is replaced after the other.
template <class P>
void replace(P& pool, std::vector<block>& live, std::size_t times) {
    for (std::size_t i = 0; i != times; ++i) {
        block& each = live[i % live.size()];
        pool.release(each);
        each = static_cast<block>(pool.acquire());
        std::memset(each, 1, object_bytes);
    }
}
template <class P>
void peak(P& pool, std::vector<block>& live) {
    const std::vector<block> more = acquire_and_write(pool, many - live.size());
    pool.release_n(more);
}

template <class P>
class object_pool_by_itself : public object_pool_memory {};
using trimming_pools = testing::Types<object_pool<cell<object_bytes>, pool_options{.trims = trims::by_itself}, watched_source>,
                                      object_pool<cell<object_bytes>, pool_options{.checks = check::fast, .trims = trims::by_itself}, watched_source>>;
TYPED_TEST_SUITE(object_pool_by_itself, trimming_pools);

TYPED_TEST(object_pool_by_itself, gives_back_after_a_peak_and_again_after_the_next_one) {
    TypeParam pool;
    std::vector<block> live = acquire_and_write(pool, few);
    for (int peaks = 0; peaks != 3; ++peaks) {
        peak(pool, live);
        replace(pool, live, 20 * many); // the longest gap between two trims, twice
        EXPECT_LE(watched_source::resident(), 12 * few / per_page / 10) << peaks;
    }
    EXPECT_EQ(pool.stats().live, few);
    pool.release_n(live);
}

TYPED_TEST(object_pool_by_itself, keeps_what_comes_back_at_once) {
    TypeParam pool;
    std::vector<block> live = acquire_and_write(pool, many);
    const std::size_t at_peak = watched_source::resident();
    for (int times = 0; times != 20; ++times) { // half of them go and come: an eighth was never reached
        pool.release_n(std::span(live).first(many / 2));
        pool.acquire_n(std::span(live).first(many / 2));
    }
    EXPECT_GE(watched_source::resident(), at_peak);
    pool.release_n(live);
}

TYPED_TEST(object_pool_by_itself, trims_nothing_while_objects_are_visited) {
    TypeParam pool;
    std::vector<block> live = acquire_and_write(pool, many);
    pool.release_n(std::span(live).subspan(few)); // one look has seen them idle
    std::size_t visited = 0;
    pool.for_each_live([&](auto& object) {
        ++visited;
        pool.release(&object);
        for (int times = 0; times != 20; ++times) { // enough for the next look
            pool.release(pool.acquire());
        }
    });
    EXPECT_GE(watched_source::resident(), many / per_page);
    EXPECT_EQ(visited, few);
    EXPECT_EQ(pool.stats().live, 0u);
}

TYPED_TEST(object_pool_by_itself, goes_on_where_it_is_moved_to) {
    TypeParam first;
    std::vector<block> live = acquire_and_write(first, few);
    peak(first, live);
    TypeParam pool(std::move(first));
    replace(pool, live, 20 * many);
    EXPECT_LE(watched_source::resident(), 12 * few / per_page / 10);
    pool.release_n(live);
}

TEST_F(object_pool_memory, stays_where_nobody_asked_to_trim) {
    watched_pool pool;
    std::vector<block> live = acquire_and_write(pool, few);
    peak(pool, live);
    replace(pool, live, 20 * many);
    EXPECT_GE(watched_source::resident(), many / per_page);
    pool.release_n(live);
}

} // namespace
} // namespace poolmark::tests
