// What only level full finds, what checked pools say at their end, and what the sanitizers are told.
#include "pools/memory/poison.hpp"
#include "pools/errors.hpp"
#include "pools/leaks.hpp"
#include "tests/pools/misused_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace poolmark::tests {
namespace {

// As a program does that keeps a pointer too long. ASan would end it there.
void write_after_release(void* block, std::size_t at) {
    detail::unpoison(block, sizeof(stamped));
    static_cast<unsigned char*>(block)[at] ^= 0x10;
    detail::poison(block, sizeof(stamped));
}

TEST(object_pool_full_checks, find_a_write_to_each_byte_of_a_free_block) {
    const auto pool = make_misused(check::full);
    stamped* const kept = pool->create(1);
    for (std::size_t at = 0; at != sizeof(stamped); ++at) {
        stamped* const released = pool->create(2);
        pool->destroy(released);
        write_after_release(released, at);
        try {
            static_cast<void>(pool->acquire());
            ADD_FAILURE() << "byte " << at << " was not looked at";
        } catch (const use_after_release& error) {
            EXPECT_EQ(error.address(), released);
            EXPECT_EQ(error.pool(), pool->name());
            EXPECT_NE(std::string(error.what()).find("written to after its release"), std::string::npos);
        }
        EXPECT_EQ(pool->stats().live, 1u) << "the block is still free";
        EXPECT_THROW(pool->release(released), double_release);
        stamped* const again = pool->create(3);
        EXPECT_EQ(again, released) << "and the next call goes on with it";
        pool->destroy(again);
    }
    pool->destroy(kept);
}

TEST(object_pool_full_checks, take_none_of_many_where_a_free_block_was_written_to) {
    const auto pool = make_misused(check::full);
    std::vector<stamped*> many(100);
    pool->acquire_n(many);
    pool->release_n(many);
    write_after_release(many[50], 3);
    std::vector<stamped*> again(100);
    EXPECT_THROW(pool->acquire_n(again), use_after_release);
    EXPECT_EQ(pool->stats().live, 0u);
    pool->acquire_n(again);
    EXPECT_EQ(pool->stats().live, 100u);
    EXPECT_EQ(pool->try_create(1)->words[0], 1u);
    pool->reset();
}

TEST(object_pool_full_checks, give_null_from_try_create_where_a_free_block_was_written_to) {
    const auto pool = make_misused(check::full);
    stamped* const released = pool->create(1);
    pool->destroy(released);
    write_after_release(released, 0);
    EXPECT_EQ(pool->try_create(2), nullptr);
    EXPECT_EQ(pool->try_create(2), released);
    pool->destroy(released);
}

TEST(object_pool_full_checks, know_whose_thread_the_pool_is) {
    const auto pool = make_misused(check::full);
    stamped* const block = pool->create(1);
    std::vector<stamped*> many(3);
    std::thread([&] {
        EXPECT_THROW(static_cast<void>(pool->acquire()), wrong_thread);
        EXPECT_THROW(pool->acquire_n(many), wrong_thread);
        EXPECT_THROW(pool->reserve(1), wrong_thread);
        EXPECT_EQ(pool->try_create(1), nullptr);
        EXPECT_THROW(pool->destroy(block), wrong_thread);
        EXPECT_THROW(pool->release_n(std::span(&block, 1)), wrong_thread);
        try {
            pool->release(block);
            ADD_FAILURE() << "it was taken";
        } catch (const wrong_thread& error) {
            EXPECT_EQ(error.address(), block);
        }
        pool->bind();
        pool->release(block);
    }).join();
    EXPECT_EQ(pool->stats().live, 0u);
    EXPECT_THROW(static_cast<void>(pool->acquire()), wrong_thread) << "it was given away";
    pool->bind();
    pool->destroy(pool->create(2));
}

leak_report last_report;
int reports = 0;

class object_pool_leaks : public testing::TestWithParam<check> {
protected:
    void SetUp() override {
        reports = 0;
        before = set_leak_handler([](const leak_report& found) noexcept {
            last_report = found;
            ++reports;
        });
    }
    void TearDown() override { set_leak_handler(before); }
    leak_handler before = nullptr;
};

TEST_P(object_pool_leaks, are_reported_with_their_number_and_the_lowest_addresses) {
    auto pool = make_misused(GetParam());
    const std::string name(pool->name());
    std::vector<stamped*> many(5000);
    pool->acquire_n(many);
    std::sort(many.begin(), many.end());
    pool->release_n(std::span(many).first(4980));
    pool.reset();
    EXPECT_EQ(reports, 1);
    EXPECT_EQ(last_report.pool, name);
    EXPECT_EQ(last_report.blocks, 20u);
    EXPECT_EQ(last_report.bytes, sizeof(stamped));
    EXPECT_TRUE(std::equal(last_report.addresses.begin(), last_report.addresses.end(), many.begin() + 4980));
}

TEST_P(object_pool_leaks, are_few_addresses_and_then_null) {
    auto pool = make_misused(GetParam());
    stamped* const forgotten = pool->create(1);
    pool->destroy(pool->create(2));
    pool->move_away_and_back();
    pool.reset();
    EXPECT_EQ(reports, 1) << "not by the pools that were moved from";
    EXPECT_EQ(last_report.blocks, 1u);
    EXPECT_EQ(last_report.addresses[0], forgotten);
    EXPECT_EQ(last_report.addresses[1], nullptr);
}

TEST_P(object_pool_leaks, are_none_after_reset_or_where_all_came_back) {
    auto pool = make_misused(GetParam());
    pool->destroy(pool->create(1));
    static_cast<void>(pool->create(2));
    pool->reset();
    pool->destroy(pool->create(3));
    pool.reset();
    EXPECT_EQ(reports, 0);
}

TEST_P(object_pool_leaks, are_reported_by_the_pool_that_is_assigned_to) {
    object_pool<stamped, pool_options{.checks = check::fast}> pool;
    static_cast<void>(pool.create(1u));
    pool = object_pool<stamped, pool_options{.checks = check::fast}>();
    EXPECT_EQ(reports, 1);
    EXPECT_EQ(pool.stats().live, 0u);
}

INSTANTIATE_TEST_SUITE_P(at, object_pool_leaks, testing::Values(check::fast, check::full),
                         [](const auto& level) { return level.param == check::fast ? "fast" : "full"; });

#ifdef POOLMARK_HAS_ASAN

void use_after_destroy(check level, bool writes) {
    const auto pool = make_misused(level);
    volatile std::uint64_t* const word = pool->create(1)->words;
    pool->destroy(pool->live().front());
    if (writes) {
        word[1] = 1;
    } else {
        static_cast<void>(word[1]);
    }
}

TEST(object_pool_death_test, dies_of_a_use_after_release) {
    for (const check level : {check::off, check::fast, check::full}) {
        EXPECT_DEATH(use_after_destroy(level, false), "use-after-poison");
        EXPECT_DEATH(use_after_destroy(level, true), "use-after-poison");
    }
}

TEST(object_pool_death_test, dies_of_a_use_of_a_block_that_was_found_written_to) {
    const auto pool = make_misused(check::full);
    stamped* const released = pool->create(1);
    pool->destroy(released);
    write_after_release(released, 0);
    EXPECT_THROW(static_cast<void>(pool->acquire()), use_after_release);
    EXPECT_DEATH(static_cast<void>(*static_cast<volatile std::uint64_t*>(released->words)), "use-after-poison");
}

#endif

} // namespace
} // namespace poolmark::tests
