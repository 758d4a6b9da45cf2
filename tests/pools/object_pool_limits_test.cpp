// Where object_pool ends: at its capacity, at sizes that no address holds, at an upstream with no more memory.
#include "pools/memory/sanitizers.hpp"
#include "pools/errors.hpp"
#include "pools/object_pool.hpp"
#include "tests/pools/cell.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <new>
#include <span>
#include <stdexcept>
#include <vector>

namespace poolmark::tests {
namespace {

using block = cell<64>*;
constexpr std::size_t capacity = 1500; // more than the first slab has
constexpr std::size_t all_there_is = std::numeric_limits<std::size_t>::max();

using throwing_pool = object_pool<cell<64>, pool_options{.capacity = capacity, .when_exhausted = exhausted::throw_error}>;
using null_pool = object_pool<cell<64>, pool_options{.capacity = capacity, .when_exhausted = exhausted::null}>;
using asking_pool = object_pool<cell<64>, pool_options{.capacity = capacity, .when_exhausted = exhausted::callback}>;
using rationed_pool = object_pool<cell<64>, pool_options{.checks = check::fast}, rationed_source>;
using rationed_null_pool = object_pool<cell<64>, pool_options{.when_exhausted = exhausted::null}, rationed_source>;

static_assert(throwing_pool::capacity() == capacity && throwing_pool::traits.fixed_capacity);
static_assert(throwing_pool::traits.max_objects == capacity && !rationed_pool::traits.fixed_capacity);

TEST(object_pool_capacity, is_exact_and_throws) {
    throwing_pool pool(1'000'000);
    std::vector<block> all(capacity);
    for (block& each : all) {
        each = static_cast<block>(pool.acquire());
    }
    EXPECT_THROW(static_cast<void>(pool.acquire()), pool_exhausted);
    EXPECT_THROW(static_cast<void>(pool.create()), pool_exhausted);
    EXPECT_EQ(pool.try_acquire(), nullptr);
    EXPECT_EQ(pool.try_create(), nullptr);
    EXPECT_EQ(pool.stats().live, capacity);
    EXPECT_EQ(pool.stats().never_used, 0u);
    pool.release(all[7]);
    EXPECT_EQ(pool.acquire(), all[7]) << "it goes on after a release";
    EXPECT_THROW(static_cast<void>(pool.acquire()), pool_exhausted);
}

TEST(object_pool_capacity, is_reached_in_several_slabs) {
    throwing_pool pool; // not told how many
    std::vector<block> some(1000);
    pool.acquire_n(some);
    pool.reserve(capacity - 1000);
    EXPECT_EQ(pool.stats().never_used, capacity - 1000);
    EXPECT_THROW(pool.reserve(capacity - 999), std::length_error);
    std::vector<block> too_many(capacity - 999);
    EXPECT_THROW(pool.acquire_n(too_many), std::length_error);
    EXPECT_FALSE(pool.try_acquire_n(too_many));
    EXPECT_EQ(pool.stats().live, 1000u) << "nothing was taken";
    pool.acquire_n(std::span(too_many).first(capacity - 1000));
    EXPECT_EQ(pool.stats().live, capacity);
}

TEST(object_pool_capacity, gives_null_where_it_was_told_to) {
    null_pool pool;
    std::vector<block> all(capacity);
    pool.acquire_n(all);
    EXPECT_EQ(pool.acquire(), nullptr);
    EXPECT_EQ(pool.create(), nullptr);
    EXPECT_EQ(pool.make(), nullptr);
    pool.release(all[0]);
    EXPECT_EQ(pool.acquire(), all[0]);
}

TEST(object_pool_capacity, asks_the_program_where_it_was_told_to) {
    asking_pool pool;
    std::vector<block> all(capacity);
    pool.acquire_n(all);
    EXPECT_THROW(static_cast<void>(pool.acquire()), pool_exhausted) << "there is nobody to ask";
    int asked = 0;
    bool helps = false;
    pool.on_exhausted([&] {
        ++asked;
        if (helps) {
            pool.release(all.back());
            all.pop_back();
        }
        return helps;
    });
    EXPECT_THROW(static_cast<void>(pool.acquire()), pool_exhausted);
    EXPECT_EQ(pool.try_acquire(), nullptr);
    EXPECT_EQ(asked, 2);
    helps = true;
    EXPECT_NE(pool.acquire(), nullptr);
    EXPECT_NE(pool.try_acquire(), nullptr);
    EXPECT_EQ(asked, 4);
    EXPECT_EQ(pool.stats().live, capacity);
    pool.on_exhausted(nullptr);
    EXPECT_THROW(static_cast<void>(pool.acquire()), pool_exhausted);
}

// With std::bad_alloc, or with std::length_error where there is a number that it is beyond.
template <class Action>
bool is_refused(Action&& action) {
    try {
        action();
        return false;
    } catch (const std::bad_alloc&) {
        return true;
    } catch (const std::length_error&) {
        return true;
    }
}

TEST(object_pool_sizes, beyond_every_address_are_refused) {
    object_pool<cell<64>> pool;
    object_pool<char, pool_options{.checks = check::fast}> bytes;
    throwing_pool limited;
    void* const before = pool.acquire();
    const pool_stats found = pool.stats();
    for (const std::size_t objects : {all_there_is, all_there_is - 1, all_there_is / 2, all_there_is / 8, all_there_is / 64,
                                      all_there_is / 64 + 10'000, std::size_t{1} << 57}) {
        SCOPED_TRACE(objects);
        // Nobody has so many pointers; the pool says no before it looks at the first one.
        const std::span<block> huge(static_cast<block*>(nullptr), objects);
        EXPECT_TRUE(is_refused([&] { pool.reserve(objects); }));
        EXPECT_TRUE(is_refused([&] { bytes.reserve(objects); }));
        EXPECT_TRUE(is_refused([&] { pool.acquire_n(huge); }));
        EXPECT_FALSE(pool.try_acquire_n(huge));
        EXPECT_THROW(limited.reserve(objects), std::length_error);
        EXPECT_THROW(limited.acquire_n(huge), std::length_error);
    }
    EXPECT_EQ(pool.stats().slab_bytes, found.slab_bytes);
    EXPECT_EQ(pool.stats().live, 1u);
    pool.release(before);
    EXPECT_EQ(pool.acquire(), before);
}

bool same(const pool_stats& one, const pool_stats& other) {
    return one.live == other.live && one.free == other.free && one.never_used == other.never_used &&
           one.slabs == other.slabs && one.slab_bytes == other.slab_bytes && one.stack_bytes == other.stack_bytes;
}

// How large the slab is that a pool of 1024 objects grows by.
std::size_t next_slab(int failures_before) {
    rationed_pool pool;
    std::vector<void*> out;
    while (pool.stats().never_used != 0 || out.empty()) {
        out.push_back(pool.acquire());
    }
    const pool_stats found = pool.stats();
    for (int i = 0; i != failures_before; ++i) {
        rationed_source::slabs_left = 0;
        EXPECT_THROW(static_cast<void>(pool.acquire()), std::bad_alloc);
        EXPECT_THROW(pool.reserve(50'000), std::bad_alloc);
        EXPECT_EQ(pool.try_acquire(), nullptr);
        EXPECT_TRUE(same(pool.stats(), found));
        rationed_source::slabs_left = rationed_source::unlimited;
    }
    pool.release(out.back());
    out.back() = pool.acquire();
    out.push_back(pool.acquire());
    const std::size_t grown = pool.slab_bytes() - found.slab_bytes;
    for (void* const each : out) {
        pool.release(each);
    }
    return grown;
}

TEST(object_pool_upstream, that_fails_leaves_the_pool_as_it_was) {
    const std::size_t undisturbed = next_slab(0);
    EXPECT_EQ(next_slab(3), undisturbed);
    EXPECT_EQ(rationed_source::slabs_out, 0);
}

// The slab is there, and the stack beside it is not.
TEST(object_pool_upstream, that_fails_at_the_stack_leaves_the_pool_as_it_was) {
    rationed_null_pool pool;
    for (int i = 0; i != 5; ++i) {
        rationed_source::slabs_left = 1;
        EXPECT_EQ(pool.acquire(), nullptr);
        EXPECT_EQ(pool.slab_bytes(), 0u);
        EXPECT_EQ(rationed_source::slabs_out, 0) << "the slab went back";
    }
    rationed_source::slabs_left = rationed_source::unlimited;
    EXPECT_NE(pool.acquire(), nullptr);
    const std::size_t first_slab = pool.slab_bytes();
    rationed_null_pool undisturbed;
    EXPECT_NE(undisturbed.acquire(), nullptr);
    EXPECT_EQ(first_slab, undisturbed.slab_bytes()) << "failed growth does not make the next one larger";
}

#if !defined(POOLMARK_HAS_ASAN) && !defined(POOLMARK_HAS_TSAN)

void leave_little_address_space() {
    const rlimit limit{.rlim_cur = std::size_t{512} << 20, .rlim_max = std::size_t{512} << 20};
    ::setrlimit(RLIMIT_AS, &limit);
}

// False under qemu-user, which takes the limit and does not hold it.
bool address_space_can_be_limited() {
    return in_a_child([] {
        leave_little_address_space();
        return ::mmap(nullptr, std::size_t{1} << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED; // NOLINT
    });
}

// Runs in a process of its own, which has little address space left.
[[noreturn]] void use_up_all_memory() {
    object_pool<cell<64>, pool_options{.checks = check::fast}> pool;
    pool.reserve(1'000'000);
    std::vector<void*> out;
    out.reserve(20'000'000);
    leave_little_address_space();
    try {
        for (;;) {
            out.push_back(pool.acquire());
        }
    } catch (const std::bad_alloc&) {
        const std::size_t live = pool.stats().live;
        pool.release(out.front());
        const bool goes_on = pool.acquire() == out.front() && live == out.size() && live >= 1'000'000;
        std::fprintf(stderr, goes_on ? "went on\n" : "broke\n");
        std::_Exit(goes_on ? 0 : 1);
    }
}

TEST(object_pool_death_test, survives_a_process_with_no_more_memory) {
    if (!address_space_can_be_limited()) {
        GTEST_SKIP() << "a process here can have all the address space that there is";
    }
    EXPECT_EXIT(use_up_all_memory(), testing::ExitedWithCode(0), "went on");
}

#endif

} // namespace
} // namespace poolmark::tests
