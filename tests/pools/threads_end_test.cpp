// Threads that end, early and late, and what they leave behind; pools that end before them and after them.
#include "tests/pools/shared_pools.hpp"

#include <array>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <latch>
#include <set>
#include <string>

namespace poolmark::tests {
namespace {

POOLMARK_EVERY_SHARED_POOL(a_threads_end);

TEST_P(a_threads_end, leaves_its_objects_alive_for_others_to_release) {
    const auto storage = GetParam().make();
    for (std::uint64_t round = 0; round != 20; ++round) {
        std::vector<stamped*> left(1500);
        std::jthread([&] {
            for (std::uint64_t i = 0; i != left.size(); ++i) {
                left[i] = storage->make(round << 32U | i << 8U);
            }
        }).join();
        stamped* const fresh = storage->make(7);
        for (std::uint64_t i = 0; i != left.size(); ++i) {
            ASSERT_TRUE(left[i]->has(round << 32U | i << 8U));
        }
        std::jthread([&] {
            for (stamped* const object : left) {
                storage->release(object);
            }
        }).join();
        EXPECT_TRUE(fresh->has(7));
        storage->release(fresh);
    }
}

TEST_P(a_threads_end, gives_its_free_blocks_to_the_other_threads) {
    const auto storage = GetParam().make();
    constexpr std::size_t count = 4000;
    const auto fill_and_drop = [&] {
        std::vector<void*> all(count);
        for (void*& block : all) {
            block = storage->acquire();
        }
        for (void* const block : all) {
            storage->release(block);
        }
    };
    std::jthread(fill_and_drop).join();
    const std::size_t bytes = counted_source::bytes_out;
    for (int i = 0; i != 200; ++i) { // one after the other, and some at once
        in_threads(i % 10 == 0 ? 1 : 2, [&](std::size_t me) { me == 0 ? fill_and_drop() : void(); });
    }
    fill_and_drop();
    EXPECT_LE(counted_source::bytes_out, bytes + bytes / 4) << "what ended threads had is used again";
}

// Everything that there is, on whatever CPU it lies, until there is no more.
std::size_t take_all(shared_storage& storage) {
    std::vector<void*> all;
    for (const std::size_t cpu : {0U, 1U, 0U}) {
        move_to(cpu);
        try {
            while (true) {
                all.push_back(storage.acquire());
            }
        } catch (const std::bad_alloc&) { // nothing is left that this thread could get at
        }
    }
    for (void* const block : all) {
        storage.release(block);
    }
    return all.size();
}

void take_and_give_back(shared_storage& storage, std::size_t count, std::size_t cpu) {
    std::vector<void*> some(count);
    for (void*& block : some) {
        block = storage.acquire();
    }
    move_to(cpu);
    for (void* const block : some) {
        storage.release(block);
    }
}

TEST_P(a_threads_end, loses_no_block) {
    constexpr std::size_t most_threads = 150;
    static_assert(most_threads > detail::near_threads);
    const auto storage = GetParam().make();
    std::jthread([&] { // one of its own, since it is moved about
        take_and_give_back(*storage, (most_threads + 2) * 256, 0); // enough for a magazine in each thread
        counted_source::slabs_left = 0;
        const std::size_t before = take_all(*storage);
        counted_source::slabs_left = counted_source::unlimited; // for the threads' caches
        std::barrier all_have_one(static_cast<std::ptrdiff_t>(most_threads));
        in_threads(most_threads, [&](std::size_t) {
            void* const one = storage->acquire();
            all_have_one.arrive_and_wait();
            storage->release(one);
        });
        counted_source::slabs_left = 0; // from here on, what is lost is missing
        for (std::size_t round = 0; round != 10; ++round) {
            in_threads(1 + round % 4, [&](std::size_t me) {
                take_and_give_back(*storage, before / 8 * me + round + 3, round % 2);
            });
        }
        EXPECT_EQ(take_all(*storage), before);
        counted_source::slabs_left = counted_source::unlimited;
    })
        .join();
}

// Thread-local objects that were made before the thread's first use of a pool are destroyed after the thread has
// given its number back.
struct late_user {
    shared_storage* storage = nullptr;
    stamped* kept = nullptr;
    ~late_user() {
        if (storage != nullptr) {
            EXPECT_TRUE(kept->has(99));
            storage->release(kept);
            std::vector<stamped*> some;
            for (std::uint64_t i = 0; i != 700; ++i) {
                some.push_back(storage->make(i));
            }
            for (std::uint64_t i = 0; i != some.size(); ++i) {
                EXPECT_TRUE(some[i]->has(i));
                storage->release(some[i]);
            }
        }
    }
};

TEST_P(a_threads_end, does_not_keep_its_last_destructors_from_using_the_pool) {
    const auto storage = GetParam().make();
    for (int i = 0; i != 10; ++i) {
        in_threads(2, [&](std::size_t) {
            static thread_local late_user late;
            late.storage = storage.get();
            late.kept = storage->make(99);
        });
    }
    EXPECT_LE(counted_source::bytes_out, std::size_t{1} << 20U);
}

// More threads at once than a pool has quick places for.
TEST_P(a_threads_end, is_the_same_for_the_two_hundredth_thread) {
    constexpr std::size_t threads = 200;
    static_assert(threads > detail::near_threads);
    const auto storage = GetParam().make();
    std::vector<stamped*> made(threads);
    for (int round = 0; round != 2; ++round) {
        std::barrier together(static_cast<std::ptrdiff_t>(threads));
        in_threads(threads, [&](std::size_t me) {
            for (std::uint64_t i = 0; i != 20; ++i) {
                made[me] = storage->make(me << 20U | i << 8U);
                together.arrive_and_wait();
                const std::size_t neighbour = (me + 1) % threads;
                EXPECT_TRUE(made[neighbour]->has(neighbour << 20U | i << 8U));
                together.arrive_and_wait();
                storage->release(made[me]);
            }
        });
    }
}

// More threads than CPUs, again and again, each of which leaves a quarter of its objects to those that come after it.
// POOLMARK_SOAK_SECONDS=60 goes on for a minute, and `--gtest_output=json` has the figures.
TEST_P(a_threads_end, lets_nothing_grow_however_many_there_were) {
    constexpr std::size_t threads = 8, objects = 2000, left = objects / 4;
    const char* const asked = std::getenv("POOLMARK_SOAK_SECONDS");
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(asked == nullptr ? 0 : std::atoi(asked));
    const auto storage = GetParam().make();
    std::vector<std::vector<void*>> mine(threads), inherited(threads);
    const auto generation = [&] {
        in_threads(threads, [&](std::size_t me) {
            for (std::size_t i = 0; i != objects; ++i) {
                mine[me].push_back(storage->acquire());
            }
            for (void* const block : inherited[(me + 1) % threads]) {
                storage->release(block);
            }
            for (; mine[me].size() != left; mine[me].pop_back()) {
                storage->release(mine[me].back());
            }
        });
        mine.swap(inherited);
        mine.assign(threads, {});
    };
    std::size_t generations = 0;
    do {
        generation();
    } while (++generations < 40 || std::chrono::steady_clock::now() < until);
    RecordProperty("threads", std::to_string(threads * generations));
    RecordProperty("bytes", std::to_string(counted_source::bytes_out));
    constexpr std::size_t out_at_once = threads * (objects + left) * sizeof(stamped);
    EXPECT_LE(counted_source::bytes_out, 3 * out_at_once) << threads * generations << " threads have left several times as much";
    for (const std::vector<void*>& each : inherited) {
        for (void* const block : each) {
            storage->release(block);
        }
    }
}

// Pools that end before their threads, after them, and one after the other.

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
