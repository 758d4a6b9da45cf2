// object_pool with objects of all sorts, and pools that move.
#include "pools/object_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace poolmark::tests {
namespace {

// A pool of any type behind functions, so that the check below is compiled once.
struct any_pool {
    std::function<void*()> acquire;
    std::function<void(void*)> release;
    std::function<std::size_t()> live;
    std::size_t bytes = 0;
    std::size_t alignment = 0;
};

template <class T, pool_options Options = pool_options{.checks = check::full}>
any_pool any() {
    const auto pool = std::make_shared<object_pool<T, Options>>();
    return {[pool] { return pool->acquire(); }, [pool](void* block) { pool->release(block); },
            [pool] { return pool->stats().live; }, sizeof(T), alignof(T)};
}

// Fills each block with a byte of its own and looks whether it is still there.
void blocks_are_separate_and_aligned(const any_pool& pool) {
    std::vector<std::pair<unsigned char*, unsigned char>> out;
    for (unsigned i = 0; i != 3000; ++i) {
        if (i % 3 == 2) {
            const std::size_t chosen = (i * 7919u) % out.size();
            pool.release(out[chosen].first);
            out[chosen] = out.back();
            out.pop_back();
        }
        auto* const block = static_cast<unsigned char*>(pool.acquire());
        ASSERT_TRUE(is_aligned(block, pool.alignment));
        std::memset(block, static_cast<int>(i % 251), pool.bytes);
        out.emplace_back(block, static_cast<unsigned char>(i % 251));
    }
    EXPECT_EQ(pool.live(), out.size());
    for (const auto& [block, stamp] : out) {
        for (std::size_t at = 0; at != pool.bytes; ++at) {
            ASSERT_EQ(block[at], stamp) << "byte " << at << " of " << pool.bytes;
        }
        pool.release(block);
    }
    EXPECT_EQ(pool.live(), 0u);
}

TEST(object_pool_of, any_size_and_alignment_keeps_blocks_apart) {
    for (const any_pool& pool : {any<char>(), any<cell<3>>(), any<cell<200>>(), any<cell<24, 8>>(), any<cell<64, 64>>(),
                                 any<cell<4096, 4096>>(), any<cell<3>, pool_options{}>(),
                                 any<cell<4096, 4096>, pool_options{.checks = check::fast, .source = slab_source::heap}>()}) {
        SCOPED_TRACE(pool.bytes);
        blocks_are_separate_and_aligned(pool);
    }
}

struct shape_base {
    shape_base() = default;
    shape_base(const shape_base&) = delete;
    shape_base& operator=(const shape_base&) = delete;
    virtual ~shape_base() = default;
    [[nodiscard]] virtual int corners() const = 0;
};
struct triangle final : shape_base {
    int& gone;
    explicit triangle(int& counter) : gone(counter) {}
    ~triangle() override { ++gone; }
    [[nodiscard]] int corners() const override { return 3; }
};

TEST(object_pool_of, polymorphic_objects_runs_their_destructors) {
    object_pool<triangle> pool;
    int gone = 0;
    triangle* const one = pool.create(gone);
    const shape_base& base = *one;
    EXPECT_EQ(base.corners(), 3);
    static_cast<void>(pool.create(gone));
    pool.destroy(one);
    EXPECT_EQ(gone, 1);
    pool.destroy_all();
    EXPECT_EQ(gone, 2);
}

// Creates its children in its constructor and destroys them in its destructor; throws at the depth that it is told.
struct tree {
    using pool_type = object_pool<tree, pool_options{.checks = check::full}>;
    pool_type& home;
    std::array<tree*, 2> children{};

    tree(pool_type& pool, int depth, int throws_at) : home(pool) {
        try {
            if (depth == throws_at) {
                throw std::runtime_error("here");
            }
            for (tree*& child : children) {
                child = depth == 0 ? nullptr : pool.create(pool, depth - 1, throws_at);
            }
        } catch (...) {
            clear();
            throw;
        }
    }
    tree(const tree&) = delete;
    tree& operator=(const tree&) = delete;
    ~tree() {
        clear();
        home.release(home.acquire()); // and one more on the way out
    }
    void clear() {
        for (tree* const child : children) {
            if (child != nullptr) {
                home.destroy(child);
            }
        }
    }
};

TEST(object_pool_of, objects_that_use_their_own_pool_while_they_begin_and_end) {
    tree::pool_type pool;
    tree* const root = pool.create(pool, 11, -1); // grows while constructors run
    EXPECT_EQ(pool.stats().live, 4095u);
    EXPECT_GT(pool.stats().slabs, 1u);
    EXPECT_THROW(static_cast<void>(pool.create(pool, 5, 2)), std::runtime_error);
    EXPECT_EQ(pool.stats().live, 4095u);
    pool.destroy(root);
    EXPECT_EQ(pool.stats().live, 0u);
    EXPECT_EQ(pool.trim() > 0, true);
    EXPECT_EQ(pool.stats().slabs, 0u);
}

using fully_checked_pool = object_pool<cell<64>, pool_options{.checks = check::full}>;

TEST(object_pool_moved, takes_its_blocks_along) {
    fully_checked_pool from;
    std::vector<cell<64>*> blocks(3000); // several slabs
    from.acquire_n(blocks);
    fully_checked_pool to(std::move(from));
    EXPECT_EQ(to.stats().live, 3000u);
    EXPECT_EQ(from.stats().live, 0u);
    EXPECT_EQ(from.slab_bytes(), 0u);
    EXPECT_THROW(from.release(blocks[0]), other_pools_pointer);
    void* const in_old = from.acquire(); // still a pool
    EXPECT_THROW(to.release(in_old), other_pools_pointer);
    from.release(in_old);
    to.release_n(blocks);
    EXPECT_EQ(to.stats().live, 0u);
}

TEST(object_pool_moved, by_assignment_ends_what_was_there) {
    fully_checked_pool to;
    static_cast<void>(to.acquire());
    to.reset();
    fully_checked_pool from;
    void* const block = from.acquire();
    to = std::move(from);
    EXPECT_EQ(to.stats().live, 1u);
    EXPECT_TRUE(to.owns(block));
    EXPECT_EQ(from.slab_bytes(), 0u);
    to.release(block);
    EXPECT_EQ(to.acquire(), block);
    fully_checked_pool& same = to;
    to = std::move(same);
    EXPECT_EQ(to.stats().live, 1u);
    to.release(block);
    to = fully_checked_pool();
    EXPECT_EQ(to.slab_bytes(), 0u);
}

TEST(object_pool_moved, gives_every_slab_back_once) {
    using rationed_pool = object_pool<cell<64>, pool_options{}, rationed_source>;
    {
        std::vector<rationed_pool> pools(3);
        for (rationed_pool& each : pools) {
            static_cast<void>(each.acquire());
        }
        std::rotate(pools.begin(), pools.begin() + 1, pools.end());
        std::swap(pools[0], pools[2]);
        pools.erase(pools.begin());
        EXPECT_EQ(rationed_source::slabs_out, 2) << "a slab for each, with its stack in it";
    }
    EXPECT_EQ(rationed_source::slabs_out, 0);
}

} // namespace
} // namespace poolmark::tests
