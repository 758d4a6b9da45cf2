// Identity after the end: a pool that hands the last address out again shows who takes the new object for the old
// one.
#include "benchmarks/contenders/lifetime/trackers.hpp"
#include "pools/slab_pool.hpp"
#include "pools/slot_map.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <unordered_set>
#include <vector>

namespace poolmark::tests {
namespace {

struct item {
    std::uint64_t value = 0;
    [[nodiscard]] bool operator==(const item&) const = default;
};
struct forgetting : item {
    forget_at_end mark;
};
struct numbered : item {
    serial_id id;
};

TEST(address_tracker, takes_a_new_object_at_the_same_address_for_the_one_that_is_gone) {
    slab_pool<item> pool;
    address_tracker tracker;
    item* const a = create(pool);
    tracker.track(a);
    const auto address = reinterpret_cast<std::uintptr_t>(a);
    destroy(pool, a);
    item* const b = create(pool);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(b), address);
    EXPECT_TRUE(tracker.is_tracked(b)) << "wrong, and what it does: b was never registered";
    destroy(pool, b);
}

TEST(forget_at_end, is_not_fooled_since_the_object_took_its_address_out) {
    slab_pool<forgetting> pool;
    address_tracker tracker;
    forgetting* const a = create(pool);
    a->mark.track_in(tracker);
    EXPECT_TRUE(a->mark.is_tracked_in(tracker));
    const auto address = reinterpret_cast<std::uintptr_t>(a);
    destroy(pool, a);
    forgetting* const b = create(pool);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(b), address);
    EXPECT_FALSE(b->mark.is_tracked_in(tracker));
    EXPECT_EQ(tracker.size(), 0U);
    destroy(pool, b);
}

std::shared_ptr<const item> shared_from(slab_pool<item>& pool) {
    return {create(pool), [&](item* gone) { destroy(pool, gone); }};
}

TEST(weak_registry, is_not_fooled_since_what_it_knew_is_gone) {
    slab_pool<item> pool;
    weak_registry registry;
    auto a = shared_from(pool);
    registry.track(a);
    EXPECT_TRUE(registry.is_tracked(a));
    const auto address = reinterpret_cast<std::uintptr_t>(a.get());
    a = nullptr;
    const auto b = shared_from(pool);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(b.get()), address);
    EXPECT_FALSE(registry.is_tracked(b));
    registry.track(b);
    EXPECT_TRUE(registry.is_tracked(b));
    registry.forget(b);
    EXPECT_FALSE(registry.is_tracked(b));
}

TEST(weak_registry, does_not_take_an_equal_object_for_a_registered_one) {
    weak_registry registry;
    const auto a = std::make_shared<const item>(item{7});
    const auto b = std::make_shared<const item>(item{7});
    ASSERT_EQ(*a, *b);
    registry.track(a);
    EXPECT_TRUE(registry.is_tracked(a));
    EXPECT_FALSE(registry.is_tracked(b));
}

TEST(weak_registry, does_not_grow_with_objects_that_are_gone) {
    weak_registry registry;
    std::vector<std::shared_ptr<const item>> live;
    for (int i = 0; i != 10'000; ++i) {
        live.push_back(std::make_shared<const item>());
        registry.track(live.back());
        if (live.size() == 50) {
            live.clear();
        }
    }
    EXPECT_LE(registry.entries(), 200U);
}

TEST(generation_tracker, is_not_fooled_since_the_slot_has_another_generation) {
    slot_map<item> objects;
    generation_tracker<slot_map<item>::handle> tracker;
    const auto a = objects.create();
    tracker.track(a);
    EXPECT_TRUE(tracker.is_tracked(objects, a));
    const auto address = reinterpret_cast<std::uintptr_t>(objects.try_get(a));
    objects.destroy(a);
    EXPECT_FALSE(tracker.is_tracked(objects, a)) << "it was registered, and is gone";
    const auto b = objects.create();
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(objects.try_get(b)), address);
    EXPECT_FALSE(tracker.is_tracked(b));
    EXPECT_FALSE(tracker.is_tracked(slot_map<item>::none));
    EXPECT_FALSE(tracker.is_tracked(objects.create())) << "a slot that none was ever registered from";
    tracker.track(b);
    tracker.forget(a);
    EXPECT_TRUE(tracker.is_tracked(b)) << "an old handle takes out nothing";
    tracker.forget(b);
    EXPECT_FALSE(tracker.is_tracked(b));
}

// Four bits: eight lives to a slot. After the last one the slot is empty for ever, so no number comes twice.
struct short_lives {
    using word = std::uint32_t;
    static constexpr unsigned index_bits = 28;
    static constexpr unsigned generation_bits = 4;
};

TEST(generation_tracker, retires_a_slot_whose_generations_ran_out) {
    slot_map<item, short_lives> objects;
    generation_tracker<slot_map<item, short_lives>::handle> tracker;
    std::vector<slot_map<item, short_lives>::handle> all;
    for (int i = 0; i != 200; ++i) {
        const auto fresh = objects.create();
        ASSERT_FALSE(tracker.is_tracked(fresh)) << i;
        tracker.track(fresh);
        for (const auto old : all) {
            ASSERT_FALSE(objects.contains(old));
        }
        all.push_back(fresh);
        objects.destroy(fresh);
        EXPECT_THROW(objects.destroy(fresh), stale_handle);
    }
    EXPECT_GE(objects.retired(), 200U / 8);
}

TEST(generation_tracker, is_never_wrong_in_ten_million_questions) {
    constexpr std::size_t live = 1000;
    constexpr int rounds = 10'000;
    slot_map<item> objects;
    generation_tracker<slot_map<item>::handle> tracker;
    std::vector<slot_map<item>::handle> handles(live);
    std::size_t wrong = 0;
    for (int round = 0; round != rounds; ++round) {
        for (auto& each : handles) {
            each = objects.create();
            wrong += tracker.is_tracked(each);
            tracker.track(each);
        }
        for (const auto each : handles) {
            objects.destroy(each);
        }
    }
    EXPECT_EQ(wrong, 0U);
}

TEST(serial_id, is_not_fooled_and_not_copied) {
    slab_pool<numbered> pool;
    serial_tracker tracker;
    numbered* const a = create(pool);
    tracker.track(a->id);
    EXPECT_TRUE(tracker.is_tracked(a->id));
    const numbered copy = *a;
    EXPECT_FALSE(tracker.is_tracked(copy.id));
    const auto address = reinterpret_cast<std::uintptr_t>(a);
    destroy(pool, a);
    numbered* const b = create(pool);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(b), address);
    EXPECT_FALSE(tracker.is_tracked(b->id));
    tracker.track(b->id);
    tracker.forget(b->id);
    EXPECT_EQ(tracker.size(), 1U);
    destroy(pool, b);
}

TEST(serial_id, never_gives_a_number_twice_in_any_thread) {
    std::vector<std::vector<std::uint64_t>> drawn(4);
    std::vector<std::jthread> team;
    for (auto& mine : drawn) {
        team.emplace_back([&mine] {
            for (int i = 0; i != 5000; ++i) {
                mine.push_back(serial_id().number());
            }
        });
    }
    team.clear();
    std::unordered_set<std::uint64_t> all{0}; // which none is
    for (const auto& each : drawn) {
        all.insert(each.begin(), each.end());
    }
    EXPECT_EQ(all.size(), 20'001U);
}

// The share of wrong answers: 1 - peak live / registrations.
TEST(address_tracker, is_wrong_as_often_as_the_live_population_says) {
    constexpr std::size_t registrations = 20'000;
    for (const std::size_t live : {std::size_t{1}, std::size_t{10}, std::size_t{1000}, std::size_t{10'000}}) {
        slab_pool<item> pool;
        address_tracker tracker;
        std::vector<item*> queue; // the oldest goes when `live` are there
        std::size_t wrong = 0;
        for (std::size_t i = 0; i != registrations; ++i) {
            if (queue.size() >= live) {
                destroy(pool, queue[i - live]);
            }
            queue.push_back(create(pool));
            wrong += tracker.is_tracked(queue.back());
            tracker.track(queue.back());
        }
        EXPECT_EQ(wrong, registrations - live);
        for (std::size_t i = registrations - live; i != registrations; ++i) {
            destroy(pool, queue[i]);
        }
    }
}

} // namespace
} // namespace poolmark::tests
