// Expiry by a clock that the test holds, and two tiers.
#include "benchmarks/contenders/caches/expiring.hpp"
#include "benchmarks/contenders/caches/lru_intrusive.hpp"
#include "benchmarks/contenders/caches/two_tiers.hpp"
#include "benchmarks/contenders/caches/unbounded_map.hpp"
#include "tests/caches/any_cache.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace poolmark::tests {
namespace {

using std::chrono::nanoseconds;

struct held_clock {
    const nanoseconds* now;
    nanoseconds operator()() const noexcept { return *now; }
};

template <class Found>
using expiring_lru = expiring<lru_intrusive<int, timed<std::string>>, Found, held_clock>;

template <class Found>
class expiring_by : public testing::Test {
protected:
    nanoseconds now{1000};
    expiring_lru<Found> cache{nanoseconds{10}, held_clock{&now}, std::size_t{3}};
};
using ways = testing::Types<found_lazily, found_by_heap, found_by_wheel<1>, found_by_wheel<4>>;
TYPED_TEST_SUITE(expiring_by, ways, );

TYPED_TEST(expiring_by, hits_until_the_time_and_misses_from_then_on) {
    this->cache.put(1, "one");
    this->now += nanoseconds(9);
    ASSERT_NE(this->cache.get(1), nullptr);
    EXPECT_EQ(*this->cache.get(1), "one");
    this->now += nanoseconds(1);
    EXPECT_EQ(this->cache.peek(1), nullptr);
    EXPECT_EQ(this->cache.get(1), nullptr);
    EXPECT_EQ(this->cache.size(), 0U) << "it went when it was asked for";
    EXPECT_FALSE(this->cache.erase(1));
}

TYPED_TEST(expiring_by, begins_anew_when_a_key_is_put_again) {
    this->cache.put(1, "one");
    this->now += nanoseconds(8);
    this->cache.put(1, "two");
    this->now += nanoseconds(8);
    ASSERT_NE(this->cache.get(1), nullptr) << "the first deadline has passed, which is not its any more";
    EXPECT_EQ(*this->cache.get(1), "two");
    this->now += nanoseconds(2);
    EXPECT_EQ(this->cache.get(1), nullptr);
}

TYPED_TEST(expiring_by, does_not_keep_what_has_no_time_to_live) {
    for (const nanoseconds none : {nanoseconds(0), nanoseconds(-5), nanoseconds::min()}) {
        this->cache.put(1, "old");
        std::string value = "the caller's";
        EXPECT_FALSE(this->cache.put(1, std::move(value), none));
        EXPECT_EQ(value, "the caller's");
        EXPECT_EQ(this->cache.get(1), nullptr) << "nor what was there before";
    }
}

TYPED_TEST(expiring_by, stands_still_when_the_clock_goes_backwards) {
    this->cache.put(1, "one");
    this->now -= nanoseconds(500);
    EXPECT_NE(this->cache.get(1), nullptr);
    this->cache.put(2, "two"); // at 1000, for all we know: over at 1010
    this->now += nanoseconds(509);
    EXPECT_NE(this->cache.get(2), nullptr);
    this->now += nanoseconds(1);
    EXPECT_EQ(this->cache.get(1), nullptr);
    EXPECT_EQ(this->cache.get(2), nullptr);
    this->now -= nanoseconds(500);
    EXPECT_EQ(this->cache.peek(1), nullptr) << "nothing lives again";
    EXPECT_EQ(this->cache.get(2), nullptr);
}

TYPED_TEST(expiring_by, never_ends_what_may_live_longer_than_the_clock) {
    this->cache.put(1, "for ever", nanoseconds::max());
    this->now = nanoseconds::max() - nanoseconds(1);
    EXPECT_NE(this->cache.get(1), nullptr);
}

TYPED_TEST(expiring_by, takes_a_clock_that_is_before_its_zero_or_near_its_end) {
    for (const nanoseconds from : {nanoseconds(-1000), nanoseconds::min(), nanoseconds::max() - nanoseconds(30)}) {
        this->now = from;
        expiring_lru<TypeParam> early(nanoseconds(10), held_clock{&this->now}, std::size_t{3});
        early.put(1, "one");
        early.put(2, "two", nanoseconds::max());
        this->now += nanoseconds(9);
        EXPECT_NE(early.get(1), nullptr);
        this->now += nanoseconds(1);
        EXPECT_EQ(early.get(1), nullptr);
        EXPECT_NE(early.get(2), nullptr);
    }
}

TYPED_TEST(expiring_by, keeps_a_value_of_its_own_under_another_key) {
    this->cache.put(1, std::string(50, 'v'));
    const std::string* const own = this->cache.get(1);
    this->now += nanoseconds(10); // over, so that put() removes it
    this->cache.put(2, *own);
    EXPECT_EQ(*this->cache.get(2), std::string(50, 'v'));
}

TYPED_TEST(expiring_by, forgets_the_oldest_as_the_cache_below_does) {
    for (int key = 0; key != 4; ++key) {
        this->cache.put(key, "x");
        static_cast<void>(this->cache.get(0));
    }
    EXPECT_NE(this->cache.peek(0), nullptr);
    EXPECT_EQ(this->cache.peek(1), nullptr);
    this->cache.clear();
    EXPECT_EQ(this->cache.size() + this->cache.deadlines(), 0U);
}

TYPED_TEST(expiring_by, gives_back_what_the_cache_below_refuses) {
    expiring_lru<TypeParam> none(nanoseconds(10), held_clock{&this->now}, std::size_t{0});
    std::string value(100, 'v');
    EXPECT_FALSE(none.put(1, std::move(value)));
    EXPECT_EQ(value, std::string(100, 'v'));
    EXPECT_EQ(get_or_compute(none, 1, [](int) { return std::string("computed"); })->size(), 8U);
}

// A shadow with a map of deadlines, for times to live from 1 to 2^26 and steps of every size.
TYPED_TEST(expiring_by, agrees_with_a_shadow_for_all_spans_of_time) {
    expiring_lru<TypeParam> roomy(nanoseconds(1), held_clock{&this->now}, std::size_t{1000});
    std::map<int, nanoseconds> until;
    std::mt19937 random(5);
    for (int step = 0; step != 1500; ++step) {
        const int key = static_cast<int>(random() % 50);
        this->now += nanoseconds(random() % 3 == 0 ? random() % (1U << (random() % 27)) : 0);
        if (random() % 2 == 0) {
            const nanoseconds to_live(1 + random() % (1U << (random() % 27)));
            roomy.put(key, "x", to_live);
            until[key] = this->now + to_live;
        }
        for (const auto& [each, end] : until) {
            ASSERT_EQ(roomy.peek(each) != nullptr, end > this->now) << step;
        }
        ASSERT_EQ(roomy.get(key) != nullptr, until.count(key) != 0 && until[key] > this->now) << step;
    }
}

template <class Found>
void removes_the_dead_that_nobody_asks_for() {
    nanoseconds now{7};
    expiring_lru<Found> cache(nanoseconds(10), held_clock{&now}, std::size_t{1000});
    for (int key = 0; key != 500; ++key) {
        cache.put(key, "x", nanoseconds(key + 1));
    }
    now += nanoseconds(251);
    static_cast<void>(cache.get(9999)); // any call will do
    EXPECT_LE(cache.size(), 250U);
    EXPECT_GE(cache.size(), 249U);
    now += nanoseconds(100'000'000);
    cache.purge();
    EXPECT_EQ(cache.size(), 0U);
    EXPECT_EQ(cache.deadlines(), 0U);
    expiring_lru<Found> one(nanoseconds(1'000'000), held_clock{&now}, std::size_t{10});
    for (int round = 0; round != 2000; ++round) {
        now += nanoseconds(round % 2);
        one.put(1, "again and again");
    }
    EXPECT_LT(one.deadlines(), 50U) << "records of what was put again do not pile up";
    now += nanoseconds(1'000'003);
    one.purge();
    EXPECT_EQ(one.size(), 0U);
}

TEST(heap_expiring, removes_the_dead_that_nobody_asks_for) { removes_the_dead_that_nobody_asks_for<found_by_heap>(); }
TEST(wheel_expiring, removes_the_dead_that_nobody_asks_for) {
    removes_the_dead_that_nobody_asks_for<found_by_wheel<1>>();
}

TEST(clocks, go_on) {
    const nanoseconds steady = steady_now{}();
    const nanoseconds coarse = coarse_now{}();
    const nanoseconds later = steady_now{}();
    EXPECT_GE(coarse, steady - std::chrono::seconds(1)) << "the same clock, but for a tick";
    EXPECT_LE(coarse, later);
    EXPECT_GE(later, steady);
    EXPECT_GE(coarse_now{}(), coarse);
}

// A store that can be told to refuse.
struct refusing_store : unbounded_map<int, std::string> {
    bool refuses = false;
    template <class U>
    bool put(int key, U&& value) {
        return !refuses && unbounded_map<int, std::string>::put(key, std::forward<U>(value)) != nullptr;
    }
};

TEST(two_tiers, loses_nothing_that_memory_forgets) {
    lru_intrusive<int, std::string> memory(2);
    unbounded_map<int, std::string> below;
    two_tiers tiers(memory, below);
    for (int key = 0; key != 100; ++key) {
        EXPECT_TRUE(tiers.put(key, std::to_string(key)));
    }
    EXPECT_EQ(memory.size(), 2U);
    EXPECT_EQ(tiers.size(), 100U);
    for (int key = 0; key != 100; ++key) {
        const auto found = tiers.get(key);
        ASSERT_TRUE(found);
        EXPECT_EQ(*found, std::to_string(key));
        EXPECT_EQ(memory.peek(key), &*found) << "it was promoted, and is given without a copy";
    }
    EXPECT_TRUE(tiers.erase(3));
    EXPECT_TRUE(tiers.erase(99));
    EXPECT_FALSE(tiers.get(3));
    EXPECT_FALSE(tiers.get(99));
    tiers.clear();
    EXPECT_EQ(memory.size() + below.size(), 0U);
}

TEST(two_tiers, keeps_a_value_of_its_own_anew) {
    lru_intrusive<int, std::string> memory(2);
    unbounded_map<int, std::string> below;
    two_tiers tiers(memory, below);
    tiers.put(1, std::string(50, 'v'));
    const auto found = tiers.get(1);
    tiers.put(1, *found);
    EXPECT_EQ(*tiers.get(1), std::string(50, 'v'));
    EXPECT_EQ(*below.get(1), std::string(50, 'v'));
}

TEST(two_tiers, works_where_memory_keeps_nothing) {
    lru_intrusive<int, std::string> memory(0);
    unbounded_map<int, std::string> below;
    two_tiers tiers(memory, below);
    EXPECT_TRUE(tiers.put(1, "one"));
    const auto found = tiers.get(1);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found.in_cache());
    EXPECT_EQ(*found, "one");
}

TEST(two_tiers, has_no_older_value_when_the_one_below_refuses) {
    lru_intrusive<int, std::string> memory(1);
    refusing_store below;
    two_tiers tiers(memory, below);
    tiers.put(1, "old");
    below.refuses = true;
    EXPECT_TRUE(tiers.put(1, "new")) << "memory has it";
    EXPECT_EQ(*tiers.get(1), "new");
    tiers.put(2, "other"); // pushes it out of memory
    EXPECT_FALSE(tiers.get(1)) << "a miss, not the old one";
}

} // namespace
} // namespace poolmark::tests
