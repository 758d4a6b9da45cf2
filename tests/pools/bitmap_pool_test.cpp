// What is peculiar to bitmap_pool: lowest slots first, visits that may release, slabs that go back, exact errors.
#include "pools/bitmap_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace poolmark::tests {
namespace {

using object = cell<48, 8>;
using pool_of_objects = bitmap_pool<object>;

std::vector<void*> filled(pool_of_objects& source, std::size_t count) {
    std::vector<void*> out(count);
    std::generate(out.begin(), out.end(), [&] { return source.acquire(); });
    return out;
}

std::set<void*> live_in(pool_of_objects& source) {
    std::set<void*> seen;
    source.for_each_live([&](object& one) { EXPECT_TRUE(seen.insert(&one).second) << "visited twice"; });
    return seen;
}

TEST(bitmap_pool, hands_out_the_lowest_slots_first) {
    pool_of_objects source(1000);
    const std::vector<void*> out = filled(source, 15 * 64); // the group at hand has no slot left
    EXPECT_TRUE(std::is_sorted(out.begin(), out.end()));
    std::vector<void*> holes(out.begin() + 100, out.begin() + 700);
    std::shuffle(holes.begin(), holes.end(), std::mt19937(5));
    for (void* const block : holes) {
        source.release(block);
    }
    const std::vector<void*> again = filled(source, holes.size());
    std::sort(holes.begin(), holes.end());
    EXPECT_EQ(again, holes);
    EXPECT_EQ(source.acquire(), static_cast<object*>(out.back()) + 1) << "the lowest that was never out";
}

TEST(bitmap_pool, visits_what_is_out_and_nothing_else) {
    pool_of_objects source;
    EXPECT_TRUE(live_in(source).empty());
    std::vector<void*> out = filled(source, 10'000);
    std::shuffle(out.begin(), out.end(), std::mt19937(6));
    for (const std::size_t kept : {10'000u, 5'000u, 1'000u, 1u, 0u}) {
        while (out.size() != kept) {
            source.release(out.back());
            out.pop_back();
        }
        EXPECT_EQ(live_in(source), std::set<void*>(out.begin(), out.end()));
        EXPECT_EQ(source.size(), kept);
    }
}

TEST(bitmap_pool, lets_a_visit_release_what_it_is_given_and_anything_else) {
    pool_of_objects source;
    const std::vector<void*> out = filled(source, 3000);
    std::size_t visits = 0;
    source.for_each_live([&](object& one) {
        ++visits;
        source.release(&one);
    });
    EXPECT_EQ(visits, 3000u);
    EXPECT_EQ(source.size(), 0u);

    static_cast<void>(filled(source, 3000));
    visits = 0;
    source.for_each_live([&](object& one) { // and its neighbour, which must not be visited any more
        ++visits;
        if (source.owns(&one + 1)) {
            source.release(&one + 1);
        }
    });
    EXPECT_EQ(source.size(), visits);
    EXPECT_LE(visits, 1600u);
}

TEST(bitmap_pool, lets_a_visit_acquire) {
    pool_of_objects source;
    const std::vector<void*> out = filled(source, 2000);
    std::size_t visits = 0;
    source.for_each_live([&](object&) {
        if (++visits <= 30'000) {
            static_cast<void>(source.acquire()); // several slabs more
        }
    });
    EXPECT_GE(visits, 2000u);
    EXPECT_GE(source.size(), 4000u);
}

TEST(bitmap_pool, gives_slabs_back_once_nothing_in_them_is_out) {
    {
        bitmap_pool<object, rationed_source> source;
        std::vector<void*> out(200'000);
        std::generate(out.begin(), out.end(), [&] { return source.acquire(); });
        const int most = rationed_source::slabs_out;
        EXPECT_EQ(source.trim(), 0u) << "all in use";
        const std::size_t bytes = source.slab_bytes();
        for (std::size_t i = 1000; i != out.size(); ++i) {
            source.release(out[i]);
        }
        EXPECT_EQ(rationed_source::slabs_out, most) << "not before it is asked for";
        const std::size_t given_back = source.trim();
        EXPECT_GT(given_back, bytes / 2);
        EXPECT_EQ(source.slab_bytes(), bytes - given_back);
        EXPECT_LT(rationed_source::slabs_out, most);
        EXPECT_EQ(source.size(), 1000u);
        for (std::size_t i = 1000; i != out.size(); ++i) { // what is left is in order, and it grows again
            out[i] = source.acquire();
        }
        std::sort(out.begin(), out.end());
        EXPECT_EQ(std::adjacent_find(out.begin(), out.end()), out.end());
        for (void* const block : out) {
            source.release(block);
        }
        source.trim();
        EXPECT_EQ(rationed_source::slabs_out, 0) << "nothing out, nothing kept";
        source.release(source.acquire());
    }
    EXPECT_EQ(rationed_source::slabs_out, 0);
}

TEST(bitmap_pool, keeps_a_slab_for_a_single_block_wherever_in_it_that_is) {
    bitmap_pool<object> source(200'000); // slabs of many blocks
    std::vector<void*> out(50'000);
    std::generate(out.begin(), out.end(), [&] { return source.acquire(); });
    void* const kept = out[30'000];
    for (void* const block : out) {
        if (block != kept) {
            source.release(block);
        }
    }
    source.trim();
    EXPECT_GT(source.slab_bytes(), 0u);
    EXPECT_TRUE(source.owns(kept));
    source.release(kept);
}

TEST(bitmap_pool, goes_on_in_the_middle_of_a_group_after_trim) {
    pool_of_objects source;
    const std::vector<void*> out = filled(source, 10);
    source.trim();
    EXPECT_EQ(source.acquire(), static_cast<object*>(out.back()) + 1);
    EXPECT_EQ(source.size(), 11u);
}

TEST(bitmap_pool, says_what_is_wrong_with_an_address) {
    bitmap_pool<object> source;
    bitmap_pool<object> other;
    auto* const block = static_cast<std::byte*>(source.acquire());
    object outside{};
    EXPECT_THROW(source.release(block + 1), interior_pointer);
    EXPECT_THROW(source.release(block + 8), interior_pointer);
    EXPECT_THROW(source.release(block + sizeof(object)), double_release) << "a slot that is free";
    EXPECT_THROW(source.release(&outside), foreign_pointer);
    EXPECT_THROW(source.release(other.acquire()), foreign_pointer);
    EXPECT_THROW(source.release(nullptr), foreign_pointer);
    EXPECT_THROW(source.release(reinterpret_cast<void*>(~std::uintptr_t{0})), foreign_pointer);
    EXPECT_TRUE(source.owns(block));
    EXPECT_FALSE(source.owns(block + 1) || source.owns(&outside) || source.owns(nullptr));
    source.release(block);
    EXPECT_THROW(source.release(block), double_release);
    EXPECT_EQ(source.size(), 0u);
}

TEST(bitmap_pool, finds_blocks_of_slabs_that_want_the_same_place_in_its_map) {
    bitmap_pool<object, scattered_source> source;
    std::vector<void*> out(30'000);
    std::generate(out.begin(), out.end(), [&] { return source.acquire(); });
    EXPECT_EQ(source.size(), out.size());
    for (void* const block : out) {
        EXPECT_TRUE(source.owns(block));
        source.release(block);
    }
    EXPECT_THROW(source.release(out.front()), double_release);
    EXPECT_EQ(source.size(), 0u);
}

TEST(bitmap_pool, moves_with_all_that_is_out) {
    pool_of_objects source;
    const std::vector<void*> out = filled(source, 5000);
    pool_of_objects taken(std::move(source));
    EXPECT_EQ(taken.size(), 5000u);
    void* const next = taken.acquire();
    EXPECT_EQ(std::count(out.begin(), out.end(), next), 0);
    source = std::move(taken);
    source.release(next);
    EXPECT_EQ(source.size(), 5000u);
}

// Destroys its child, in the same pool, when it is destroyed itself.
struct parent {
    bitmap_pool<parent>* home;
    parent* child = nullptr;
    static inline int destroyed = 0;
    explicit parent(bitmap_pool<parent>& in) : home(&in) {}
    parent(const parent&) = delete;
    parent& operator=(const parent&) = delete;
    ~parent() {
        ++destroyed;
        if (child != nullptr) {
            home->destroy(child);
        }
    }
};

TEST(bitmap_pool, destroys_each_object_once_where_objects_destroy_each_other) {
    parent::destroyed = 0;
    bitmap_pool<parent> family;
    std::vector<parent*> members;
    for (int i = 0; i != 200; ++i) { // parents first, so that they are destroyed before their children
        members.push_back(family.create(family));
    }
    for (std::size_t i = 0; i != 100; ++i) {
        members[i]->child = members[i + 100];
    }
    family.clear();
    EXPECT_EQ(parent::destroyed, 200);
    EXPECT_EQ(family.size(), 0U);
}

TEST(bitmap_pool, runs_no_destructor_where_there_is_no_object) {
    parent::destroyed = 0;
    bitmap_pool<parent> family;
    parent* const one = family.create(family);
    family.destroy(one);
    EXPECT_THROW(family.destroy(one), double_release);
    EXPECT_THROW(family.destroy(nullptr), foreign_pointer);
    EXPECT_EQ(parent::destroyed, 1);
}

} // namespace
} // namespace poolmark::tests
