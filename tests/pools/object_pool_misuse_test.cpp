// A checked object_pool used against its contract: it says what was wrong, exactly, and is unharmed.
#include "pools/memory/poison.hpp"
#include "pools/errors.hpp"
#include "tests/pools/misused_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

namespace poolmark::tests {
namespace {

// What a test does to a pool is wrapped into numbered objects before and after, which must all stay intact.
class object_pool_misused : public testing::TestWithParam<check> {
protected:
    static constexpr std::size_t objects = 4000; // several slabs

    void SetUp() override {
        for (std::size_t i = 0; i != objects; ++i) {
            kept.push_back(pool->create(i));
        }
    }
    void TearDown() override {
        is_unharmed();
        for (stamped* const each : kept) {
            pool->destroy(each);
        }
        EXPECT_EQ(pool->stats().live, 0u);
        EXPECT_EQ(other->stats().live, 0u);
    }
    void is_unharmed() {
        EXPECT_EQ(pool->stats().live, kept.size());
        std::size_t broken = 0;
        for (std::size_t i = 0; i != kept.size(); ++i) {
            broken += kept[i]->is(i) ? 0u : 1u;
        }
        EXPECT_EQ(broken, 0u) << "other objects were written over";
        std::vector<stamped*> sorted = kept;
        std::sort(sorted.begin(), sorted.end());
        EXPECT_EQ(pool->live(), sorted);
        goes_on();
    }
    // Half of the objects are replaced by new ones.
    void goes_on() {
        for (std::size_t i = 0; i != kept.size(); i += 2) {
            pool->destroy(kept[i]);
        }
        for (std::size_t i = 0; i != kept.size(); i += 2) {
            kept[i] = pool->create(i);
        }
        for (std::size_t i = 0; i != kept.size(); ++i) {
            ASSERT_TRUE(kept[i]->is(i)) << "a slot was handed out twice";
        }
    }
    // Releases and destroys it; both must throw just this error, which tells the address and the pool.
    template <class Error>
    void is_refused(void* address) {
        const long destroyed = stamped::destroyed;
        for (const bool destroying : {false, true}) {
            try {
                destroying ? pool->destroy(static_cast<stamped*>(address)) : pool->release(address);
                ADD_FAILURE() << "it was taken";
            } catch (const pool_misuse& error) {
                EXPECT_EQ(typeid(error), typeid(Error)) << error.what();
                EXPECT_EQ(error.address(), address);
                EXPECT_EQ(error.pool(), pool->name());
                const std::string text = error.what();
                EXPECT_EQ(text.rfind("poolmark: " + std::string(pool->name()) + ": ", 0), 0u) << text;
                EXPECT_EQ(text.find("(0x") != std::string::npos, address != nullptr) << text;
            }
        }
        EXPECT_EQ(stamped::destroyed, destroyed) << "the check comes before the destructor";
        is_unharmed();
    }

    const std::unique_ptr<misused_pool> pool = make_misused(GetParam());
    const std::unique_ptr<misused_pool> other = make_misused(GetParam());
    std::vector<stamped*> kept;
};

TEST_P(object_pool_misused, finds_a_double_release) {
    for (const std::size_t chosen : {std::size_t{0}, objects / 2, objects - 1}) { // in the oldest and newest slab
        stamped* const released = kept[chosen];
        pool->destroy(released);
        for (const bool written : {false, true}) {
            if (written && GetParam() == check::fast) { // full would report the write, below
                detail::unpoison(released, sizeof(stamped));
                std::memset(static_cast<void*>(released), 0xAB, sizeof(stamped));
            }
            EXPECT_THROW(pool->release(released), double_release);
            EXPECT_THROW(pool->destroy(released), double_release);
        }
        kept[chosen] = pool->create(chosen);
        EXPECT_EQ(kept[chosen], released) << "it is on the stack once";
        is_unharmed();
    }
}

TEST_P(object_pool_misused, finds_pointers_that_it_never_handed_out) {
    alignas(stamped) std::byte on_stack[sizeof(stamped)] = {};
    const auto on_heap = std::make_unique<stamped>(1u);
    is_refused<foreign_pointer>(on_stack);
    is_refused<foreign_pointer>(on_heap.get());
    is_refused<foreign_pointer>(nullptr);
    is_refused<foreign_pointer>(reinterpret_cast<void*>(~std::uintptr_t{0}));
}

TEST_P(object_pool_misused, finds_slots_that_were_never_out) {
    ASSERT_GT(pool->stats().never_used, 1u);
    ASSERT_FALSE(pool->owns(kept.back() + 1)) << "carving goes upwards";
    is_refused<foreign_pointer>(kept.back() + 1);
    pool->reserve(pool->stats().never_used + 5000); // and in a slab of which nothing was ever out
    is_refused<foreign_pointer>(kept.back() + 1);
}

TEST_P(object_pool_misused, finds_pointers_that_are_not_at_a_slots_beginning) {
    for (stamped* const each : {kept.front(), kept[objects / 2], kept.back()}) {
        auto* const bytes = reinterpret_cast<std::byte*>(each);
        for (const int offset : {1, 4, 8, 16, 23}) {
            is_refused<interior_pointer>(bytes + offset);
        }
    }
}

TEST_P(object_pool_misused, finds_blocks_of_another_pool_and_leaves_that_alone) {
    stamped* const theirs = other->create(99);
    is_refused<other_pools_pointer>(theirs);
    EXPECT_TRUE(theirs->is(99));
    other->destroy(theirs);
    is_refused<other_pools_pointer>(theirs);
}

TEST_P(object_pool_misused, takes_none_of_many_when_one_is_bad) {
    stamped outside(1u);
    stamped* const theirs = other->create(5);
    for (stamped* const bad : {&outside, theirs, kept[100], static_cast<stamped*>(nullptr)}) { // 100 twice
        std::vector<stamped*> many(kept.begin() + 50, kept.begin() + 3950);
        many[many.size() / 2] = bad;
        EXPECT_THROW(pool->release_n(many), not_in_use);
        is_unharmed();
        many.back() = bad;
        EXPECT_THROW(pool->release_n(many), not_in_use);
        is_unharmed();
    }
    other->destroy(theirs);
}

TEST_P(object_pool_misused, finds_what_reset_and_trim_have_ended) {
    stamped* const before = other->create(1);
    other->reset();
    EXPECT_THROW(other->release(before), foreign_pointer) << "as if it had never been out";
    stamped* const again = other->create(2);
    EXPECT_EQ(again, before);
    other->destroy(again);
    EXPECT_GT(other->trim(), 0u);
    EXPECT_THROW(other->release(again), not_in_use);
}

INSTANTIATE_TEST_SUITE_P(at, object_pool_misused, testing::Values(check::fast, check::full),
                         [](const auto& level) { return level.param == check::fast ? "fast" : "full"; });

} // namespace
} // namespace poolmark::tests
