// The recommended pool's members, one by one. What every pool promises is in the contract tests.
#include "pools/object_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace poolmark::tests {
namespace {

// Counts itself, and throws where it is told to.
struct counted_object {
    static inline int alive = 0;
    int number;
    std::unique_ptr<int> only_movable;

    explicit counted_object(int n) : number(n), only_movable(std::make_unique<int>(n)) {
        if (n < 0) {
            throw std::invalid_argument("negative");
        }
        ++alive;
    }
    counted_object(const counted_object&) = delete;
    counted_object& operator=(const counted_object&) = delete;
    ~counted_object() { --alive; }
};

using pool_of_counted = object_pool<counted_object, pool_options{.checks = check::fast}>;
using plain_pool = object_pool<cell<64>>;

TEST(object_pool, constructs_and_destroys_objects) {
    pool_of_counted pool;
    counted_object* const one = pool.create(17);
    EXPECT_EQ(one->number, 17);
    EXPECT_EQ(*one->only_movable, 17);
    counted_object* const other = pool.try_create(18);
    EXPECT_NE(one, other);
    EXPECT_EQ(counted_object::alive, 2);
    EXPECT_EQ(pool.stats().live, 2u);
    pool.destroy(one);
    pool.destroy(other);
    EXPECT_EQ(counted_object::alive, 0);
    EXPECT_EQ(pool.stats().live, 0u);
    EXPECT_EQ(pool.stats().peak_live, 2u);
}

TEST(object_pool, gives_the_slot_back_when_a_constructor_throws) {
    pool_of_counted pool;
    counted_object* const before = pool.create(1);
    counted_object* const freed = pool.create(2);
    pool.destroy(freed);
    EXPECT_THROW(static_cast<void>(pool.create(-1)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(pool.try_create(-1)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(pool.make(-1)), std::invalid_argument);
    EXPECT_EQ(pool.stats().live, 1u);
    counted_object* const again = pool.create(3);
    counted_object* const fresh = pool.create(4); // one step further: neither twice the same, nor the one that is out
    EXPECT_EQ(again, freed);
    EXPECT_TRUE(fresh != again && fresh != before);
    for (counted_object* const each : {before, again, fresh}) {
        pool.destroy(each);
    }
    EXPECT_EQ(counted_object::alive, 0);
}

TEST(object_pool, lease_destroys_its_object) {
    pool_of_counted pool;
    {
        const pool_of_counted::lease one = pool.make(5);
        pool_of_counted::lease other = pool.make(6);
        EXPECT_EQ(one->number + other->number, 11);
        other = pool.make(7);
        EXPECT_EQ(counted_object::alive, 2);
    }
    EXPECT_EQ(counted_object::alive, 0);
    EXPECT_EQ(pool.stats().live, 0u);
}

TEST(object_pool, hands_out_what_was_released_last) {
    plain_pool pool;
    void* blocks[] = {pool.acquire(), pool.acquire(), pool.acquire()};
    for (void* const block : blocks) {
        pool.release(block);
    }
    EXPECT_EQ(pool.try_acquire(), blocks[2]);
    EXPECT_EQ(pool.acquire(), blocks[1]);
    EXPECT_EQ(pool.acquire(), blocks[0]);
    EXPECT_EQ(static_cast<std::byte*>(pool.acquire()), static_cast<std::byte*>(blocks[2]) + 64) << "then carves on";
}

TEST(object_pool, takes_and_gives_back_many_at_once) {
    plain_pool pool;
    std::vector<cell<64>*> many(5000);
    pool.acquire_n(many);
    EXPECT_EQ(pool.stats().live, 5000u);
    std::vector<cell<64>*> sorted = many;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end());
    pool.release_n(many);
    EXPECT_EQ(pool.stats().live, 0u);
    EXPECT_TRUE(pool.try_acquire_n(many));
    EXPECT_EQ(pool.stats().peak_live, 5000u) << "the released ones first";
    pool.acquire_n({});
    pool.release_n({});
    EXPECT_EQ(pool.stats().live, 5000u);
}

TEST(object_pool, reserve_spares_the_upstream) {
    rationed_source::slabs_out = 0;
    object_pool<cell<64>, pool_options{}, rationed_source> pool;
    std::vector<void*> some;
    for (int i = 0; i != 1500; ++i) { // more than the first slab, with released and uncarved slots left over
        some.push_back(pool.acquire());
    }
    pool.release(some.back());
    pool.reserve(20'000);
    const int slabs = rationed_source::slabs_out;
    rationed_source::slabs_left = 0;
    for (int i = 0; i != 20'000; ++i) {
        static_cast<void>(pool.acquire());
    }
    rationed_source::slabs_left = rationed_source::unlimited;
    EXPECT_EQ(rationed_source::slabs_out, slabs);
    pool.reserve(0);
    EXPECT_EQ(rationed_source::slabs_out, slabs);
}

// Live bits share the slab with the slots: what was asked for must fit all the same, down to the last slot.
TEST(object_pool, reserve_gives_as_many_slots_as_asked_for_where_they_are_tiny) {
    for (std::size_t objects = 64'000; objects < 70'000; objects += 7) {
        object_pool<char, pool_options{.checks = check::fast, .source = slab_source::heap}> pool;
        pool.reserve(objects);
        ASSERT_GE(pool.stats().never_used, objects);
        ASSERT_EQ(pool.stats().slabs, 1u);
    }
}

TEST(object_pool, visits_what_is_out_in_order_of_address) {
    plain_pool pool;
    std::vector<cell<64>*> all(3000);
    pool.acquire_n(all);
    std::vector<cell<64>*> left;
    for (std::size_t i = 0; i != all.size(); ++i) {
        i % 3 == 0 ? left.push_back(all[i]) : pool.release(all[i]);
    }
    std::sort(left.begin(), left.end());
    std::vector<cell<64>*> seen;
    pool.for_each_live([&](cell<64>& each) { seen.push_back(&each); });
    EXPECT_EQ(seen, left);
    pool.reset();
    pool.for_each_live([](cell<64>&) { ADD_FAILURE() << "nothing is out"; });
}

TEST(object_pool, visitor_may_destroy_its_object_and_create_others) {
    pool_of_counted pool;
    for (int i = 0; i != 1000; ++i) {
        static_cast<void>(pool.create(i));
    }
    const std::size_t slabs = pool.stats().slabs;
    int visited = 0;
    pool.for_each_live([&](counted_object& each) {
        ++visited;
        each.number % 2 == 0 ? pool.destroy(&each) : void();
        for (int i = 0; i != 20; ++i) { // so many that the pool grows meanwhile
            static_cast<void>(pool.create(7));
        }
    });
    EXPECT_EQ(visited, 1000);
    EXPECT_GT(pool.stats().slabs, slabs);
    EXPECT_EQ(counted_object::alive, 20'500);
    pool.destroy_all();
    EXPECT_EQ(counted_object::alive, 0);
    EXPECT_EQ(pool.stats().live, 0u);
}

TEST(object_pool, knows_its_own) {
    plain_pool pool;
    plain_pool other;
    auto* const block = static_cast<std::byte*>(pool.acquire());
    const cell<64> outside{};
    EXPECT_TRUE(pool.owns(block));
    EXPECT_FALSE(pool.owns(block + 1));
    EXPECT_FALSE(pool.owns(block + 64)) << "a slot that was never out";
    EXPECT_FALSE(pool.owns(block - 64));
    EXPECT_FALSE(pool.owns(&outside));
    EXPECT_FALSE(pool.owns(nullptr));
    EXPECT_FALSE(pool.owns(other.acquire()));
    pool.release(block);
    EXPECT_TRUE(pool.owns(block)) << "a slot that was out";
}

TEST(object_pool, tells_what_it_holds) {
    plain_pool pool(5000);
    EXPECT_EQ(pool.stats().slab_bytes, 0u) << "nothing before the first object";
    void* const block = pool.acquire();
    EXPECT_GE(pool.slab_bytes(), 5000u * 64);
    EXPECT_EQ(pool.stats().slab_bytes, pool.slab_bytes());
    const pool_stats one = pool.stats();
    EXPECT_EQ(one.live, 1u);
    EXPECT_EQ(one.free, 0u);
    EXPECT_GE(one.never_used, 4999u);
    EXPECT_EQ(one.slabs, 1u);
    EXPECT_GE(one.slab_bytes + one.stack_bytes, 5000u * (64 + sizeof(void*)));
    pool.release(block);
    EXPECT_EQ(pool.stats().free, 1u);
    EXPECT_EQ(pool.stats().live, 0u);
}

} // namespace
} // namespace poolmark::tests
