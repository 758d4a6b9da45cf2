// The small object pools: who comes back first, what is counted, and four mistakes that are told apart.
#include "benchmarks/contenders/layouts/records.hpp"
#include "benchmarks/contenders/storage/fixed_pools.hpp"
#include "pools/slot_map.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::tests {
namespace {

// A pool behind functions, so that each check is compiled once.
struct any_pool {
    std::string name;
    std::size_t capacity;
    std::function<void*()> acquire;
    std::function<void(void*)> release;
    std::function<std::size_t()> available;
    std::function<std::size_t()> in_use;
    bool tells_apart;
};

template <class P>
any_pool pool_of(std::size_t capacity) {
    const auto pool = std::make_shared<P>(capacity);
    return {.name = std::string(P::about.name),
            .capacity = capacity,
            .acquire = [pool] { return pool->acquire(); },
            .release = [pool](void* block) { pool->release(block); },
            .available = [pool] { return pool->available(); },
            .in_use = [pool] { return pool->in_use(); },
            .tells_apart = !std::is_same_v<P, scan_pool<vector2d>>};
}

using small_pools = append_t<type_list<scan_pool<vector2d>>, fixed_pools<vector2d>>;

std::vector<any_pool> every_small_pool(std::size_t capacity) {
    std::vector<any_pool> pools;
    for_each_type(small_pools{}, [&]<class P>(std::type_identity<P>) { pools.push_back(pool_of<P>(capacity)); });
    return pools;
}

// Which error a release ends in: its name here.
std::string error_of(any_pool& pool, void* block) {
    try {
        pool.release(block);
    } catch (const double_release&) {
        return "double_release";
    } catch (const interior_pointer&) {
        return "interior_pointer";
    } catch (const other_pools_pointer&) {
        return "other_pools_pointer";
    } catch (const foreign_pointer&) {
        return "foreign_pointer";
    } catch (const not_in_use&) {
        return "not_in_use";
    }
    return "none";
}

void* moved_by(void* block, std::ptrdiff_t bytes) { return static_cast<std::byte*>(block) + bytes; }

TEST(small_pools, tell_four_mistakes_apart_and_are_unharmed) {
    for (any_pool& pool : every_small_pool(4)) {
        SCOPED_TRACE(pool.name);
        const auto expected = [&](const char* error) { return pool.tells_apart ? error : "not_in_use"; };
        std::vector<any_pool> others = every_small_pool(4);
        any_pool& other = *std::find_if(others.begin(), others.end(), [&](auto& p) { return p.name == pool.name; });
        void* const ours = pool.acquire();
        void* const theirs = other.acquire();
        void* const released = pool.acquire();
        pool.release(released);
        vector2d local;
        EXPECT_EQ(error_of(pool, released), expected("double_release"));
        EXPECT_EQ(error_of(pool, &local), expected("foreign_pointer"));
        EXPECT_EQ(error_of(pool, theirs), expected("other_pools_pointer"));
        EXPECT_EQ(error_of(pool, moved_by(theirs, 8)), expected("other_pools_pointer"));
        EXPECT_EQ(error_of(pool, moved_by(ours, 8)), expected("interior_pointer"));
        EXPECT_EQ(error_of(pool, moved_by(ours, 1)), expected("interior_pointer"));
        EXPECT_EQ(error_of(pool, nullptr), expected("foreign_pointer"));
        EXPECT_EQ(pool.in_use(), 1u);
        EXPECT_EQ(other.in_use(), 1u);
        EXPECT_EQ(error_of(pool, ours), "none");
        EXPECT_EQ(error_of(other, theirs), "none");
        EXPECT_EQ(error_of(pool, ours), expected("double_release"));
    }
}

TEST(small_pools, do_not_know_the_pointers_of_a_pool_that_is_gone) {
    any_pool pool = pool_of<index_list_pool<vector2d>>(4);
    void* gone = nullptr;
    {
        any_pool short_lived = pool_of<index_list_pool<vector2d>>(4);
        gone = short_lived.acquire();
        EXPECT_EQ(error_of(pool, gone), "other_pools_pointer");
    }
    EXPECT_EQ(error_of(pool, gone), "foreign_pointer");
}

// A stack of released slots and a list of those out, against which each pool is held after every step.
TEST(small_pools, keep_their_order_and_their_numbers_over_thousands_of_random_steps) {
    for (const std::size_t capacity : {1u, 4u, 16u}) {
        for (any_pool& pool : every_small_pool(capacity)) {
            SCOPED_TRACE(pool.name + " of " + std::to_string(capacity));
            std::mt19937 random(11);
            std::vector<vector2d*> out;
            std::vector<void*> released; // newest last
            int wrong = 0;
            for (int step = 0; step != 4000; ++step) {
                const auto chance = random() % 100;
                if (chance < 50) {
                    if (out.size() == capacity) {
                        EXPECT_THROW(static_cast<void>(pool.acquire()), pool_exhausted);
                    } else {
                        void* const block = pool.acquire();
                        wrong += !released.empty() && released.back() != block;
                        if (!released.empty()) {
                            released.pop_back();
                        }
                        const auto stamp = static_cast<double>(step);
                        out.push_back(::new (block) vector2d{stamp, -stamp});
                    }
                } else if (chance < 95 && !out.empty()) {
                    std::swap(out[random() % out.size()], out.back());
                    wrong += out.back()->x != -out.back()->y;
                    pool.release(out.back());
                    released.push_back(out.back());
                    out.pop_back();
                } else if (!released.empty()) {
                    wrong += error_of(pool, released[random() % released.size()]) == "none";
                }
                wrong += pool.in_use() != out.size() || pool.available() != capacity - out.size();
            }
            EXPECT_EQ(wrong, 0);
        }
    }
}

struct thrower {
    explicit thrower(bool throws) : held(42) {
        if (throws) {
            throw std::runtime_error("as it was told");
        }
    }
    double held;
};

TEST(small_pools, get_the_slot_of_a_constructor_that_throws_back) {
    for_each_type(append_t<type_list<scan_pool<thrower>>, fixed_pools<thrower>>{}, []<class P>(std::type_identity<P>) {
        SCOPED_TRACE(P::about.name);
        P pool(2);
        thrower* const kept = create(pool, false);
        EXPECT_THROW(static_cast<void>(create(pool, true)), std::runtime_error);
        EXPECT_EQ(pool.available(), 1u);
        thrower* const second = create(pool, false); // one more than fits, were the slot lost
        EXPECT_EQ(pool.available(), 0u);
        destroy(pool, second);
        destroy(pool, kept);
    });
}

TEST(small_pools, refuse_a_capacity_that_no_memory_can_hold) {
    for_each_type(small_pools{}, []<class P>(std::type_identity<P>) {
        EXPECT_THROW(P(~std::size_t{0} / 8), std::bad_alloc) << P::about.name;
    });
}

TEST(small_pools, of_no_capacity_are_exhausted_at_once) {
    for (any_pool& pool : every_small_pool(0)) {
        EXPECT_THROW(static_cast<void>(pool.acquire()), pool_exhausted) << pool.name;
        vector2d local;
        EXPECT_NE(error_of(pool, &local), "none") << pool.name;
    }
}

// The pool hands the same address out again: who kept the old pointer now holds the new vector, and no pointer can
// tell. A handle can.
TEST(small_pools, leave_old_pointers_aliasing_the_new_object_where_a_handle_is_stale) {
    for (any_pool& pool : every_small_pool(16)) {
        auto* const first = ::new (pool.acquire()) vector2d{3, 4};
        pool.release(first);
        auto* const second = ::new (pool.acquire()) vector2d{10, 0};
        ASSERT_EQ(first, second) << pool.name << ": reuse is what makes the alias";
        EXPECT_EQ(first->x, 10) << pool.name;
        EXPECT_EQ(error_of(pool, first), "none") << pool.name << ": released through the old pointer, unnoticed";
    }
    slot_map<vector2d> map(16);
    const auto first = map.create(3.0, 4.0);
    const vector2d* const address = map.try_get(first);
    map.destroy(first);
    const auto second = map.create(10.0, 0.0);
    ASSERT_EQ(map.try_get(second), address) << "reuse, here as well";
    EXPECT_EQ(map.try_get(first), nullptr);
    EXPECT_THROW(map.destroy(first), stale_handle);
    EXPECT_EQ(map.get(second).x, 10);
}

TEST(scan_pool, hands_the_slot_just_released_out_again) {
    scan_pool<cell<16>> source(16);
    void* const first = source.acquire();
    source.release(first);
    EXPECT_EQ(source.acquire(), first);
}

TEST(scan_pool, starts_with_the_slot_that_was_built_last) {
    scan_pool<cell<16>> source(4);
    std::array<const std::byte*, 4> out{};
    for (const std::byte*& block : out) {
        block = static_cast<const std::byte*>(source.acquire());
    }
    for (std::size_t i = 1; i != out.size(); ++i) {
        EXPECT_EQ(out[i - 1] - out[i], 16);
    }
}

TEST(scan_pool, counts_what_is_free_and_what_is_in_use) {
    scan_pool<cell<16>> source(5);
    std::vector<void*> out;
    for (std::size_t i = 0; i != 5; ++i) {
        EXPECT_EQ(source.available(), 5 - i);
        EXPECT_EQ(source.in_use(), i);
        out.push_back(source.acquire());
    }
    for (std::size_t i : {2u, 0u, 4u, 1u, 3u}) {
        source.release(out[i]);
    }
    EXPECT_EQ(source.available(), 5u);
    EXPECT_EQ(source.in_use(), 0u);
}

TEST(scan_pool, tells_its_two_errors_apart) {
    static_assert(!std::is_base_of_v<pool_exhausted, not_in_use> &&
                  !std::is_base_of_v<not_in_use, pool_exhausted>);
    scan_pool<cell<16>> source(1);
    void* const block = source.acquire();
    try {
        static_cast<void>(source.acquire());
        FAIL() << "there was a second slot";
    } catch (const pool_exhausted& error) {
        EXPECT_NE(std::string_view(error.what()).find("exhausted"), std::string_view::npos);
    }
    source.release(block);
    try {
        source.release(block);
        FAIL() << "the slot was taken twice";
    } catch (const not_in_use& error) {
        EXPECT_NE(std::string_view(error.what()).find("not in use"), std::string_view::npos);
    }
    EXPECT_EQ(source.available(), 1u);
}

} // namespace
} // namespace poolmark::tests
