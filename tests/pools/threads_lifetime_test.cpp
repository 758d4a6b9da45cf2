// Pools that end before their threads, after them, and one after the other.
#include "tests/pools/shared_pools.hpp"

#include <array>
#include <barrier>
#include <latch>
#include <set>

namespace poolmark::tests {
namespace {

POOLMARK_EVERY_SHARED_POOL(a_pools_end);

TEST_P(a_pools_end, may_come_before_that_of_its_threads) {
    std::latch used(4);
    std::latch gone(1);
    auto storage = GetParam().make();
    std::vector<std::jthread> threads;
    for (int i = 0; i != 4; ++i) {
        threads.emplace_back([&] {
            storage->release(storage->acquire());
            static_cast<void>(storage->acquire());
            used.arrive_and_wait();
            gone.wait();
        });
    }
    used.wait();
    storage.reset();
    EXPECT_EQ(counted_source::slabs_out, 0);
    gone.count_down();
}

TEST_P(a_pools_end, leaves_nothing_behind_for_the_next_one_at_the_same_place) {
    constexpr std::size_t threads = 3;
    std::unique_ptr<shared_storage> storage;
    std::barrier together(static_cast<std::ptrdiff_t>(threads));
    in_threads(threads, [&](std::size_t me) {
        for (std::uint64_t round = 0; round != 50; ++round) {
            if (me == round % threads) {
                storage = GetParam().make();
            }
            together.arrive_and_wait();
            std::vector<stamped*> mine;
            for (std::uint64_t i = 0; i != 300; ++i) {
                mine.push_back(storage->make(me << 40U | i << 8U));
            }
            for (std::uint64_t i = 0; i != mine.size(); ++i) {
                EXPECT_TRUE(mine[i]->has(me << 40U | i << 8U));
                storage->release(mine[i]);
            }
            together.arrive_and_wait();
            if (me == round * 7 % threads) {
                storage.reset();
            }
            together.arrive_and_wait();
        }
    });
}

TEST_P(a_pools_end, matters_to_no_other_pool) {
    const auto first = GetParam().make();
    const auto second = GetParam().make();
    std::unique_ptr<shared_storage> third = GetParam().make();
    std::array<std::vector<stamped*>, 2> left;
    in_threads(2, [&](std::size_t me) {
        for (std::uint64_t i = 0; i != 1000; ++i) {
            left[me].push_back(first->make(i));
            left[me].push_back(second->make(i));
            third->release(third->acquire());
        }
    });
    third.reset();
    std::set<void*> blocks;
    for (const std::vector<stamped*>& of_one : left) {
        for (std::size_t i = 0; i != of_one.size(); ++i) {
            EXPECT_TRUE(of_one[i]->has(i / 2));
            EXPECT_TRUE(blocks.insert(of_one[i]).second);
            (i % 2 == 0 ? first : second)->release(of_one[i]);
        }
    }
    // What the first pool hands out was never the second's.
    std::set<void*> of_second;
    for (std::size_t i = 1; i < left[0].size(); i += 2) {
        of_second.insert(left[0][i]);
    }
    for (int i = 0; i != 1000; ++i) {
        EXPECT_EQ(of_second.count(first->acquire()), 0U);
    }
}

TEST_P(a_pools_end, gives_everything_back_where_pools_come_and_go) {
    for (int i = 0; i != 500; ++i) {
        const auto storage = GetParam().make();
        storage->release(storage->acquire());
    }
    EXPECT_EQ(counted_source::slabs_out, 0);
}

} // namespace
} // namespace poolmark::tests
