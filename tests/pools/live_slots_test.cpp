// The table that tells a checked pool which slab an address lies in: it may not know, but is never wrong.
#include "pools/object_pool/live_slots.hpp"
#include "pools/object_pool.hpp"
#include "pools/errors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <random>
#include <utility>
#include <vector>

namespace poolmark::tests {
namespace {

constexpr std::size_t stride = 48;

struct piece {
    std::byte* begin;
    std::size_t slot_count;
    std::size_t bytes;
};

class a_table_of_slabs : public testing::Test {
protected:
    // Of so many bytes, `distance` bytes apart, with room for the marks below each.
    void lay_out(std::size_t slabs, std::size_t bytes, std::size_t distance) {
        memory = std::make_unique_for_overwrite<std::byte[]>(slabs * distance + bytes);
        for (std::size_t i = 0; i != slabs; ++i) {
            const std::size_t slot_count = bytes / (stride + sizeof(detail::slot_mark));
            pieces.push_back({memory.get() + i * distance + slot_count * sizeof(detail::slot_mark), slot_count, bytes});
        }
        table.learn(pieces);
    }
    [[nodiscard]] std::size_t found() const {
        std::size_t count = 0;
        for (const piece& each : pieces) {
            for (std::size_t i = 0; i != each.slot_count; ++i) {
                const auto* const mark = table.find(each.begin + i * stride);
                count += mark != nullptr ? 1U : 0U;
                EXPECT_TRUE(mark == nullptr || mark == reinterpret_cast<const detail::slot_mark*>(each.begin) - 1 - i);
            }
        }
        return count;
    }

    std::unique_ptr<std::byte[]> memory;
    std::vector<piece> pieces;
    detail::live_slots<stride> table;
};

TEST_F(a_table_of_slabs, finds_every_slot_of_one_slab_and_nothing_else) {
    lay_out(1, 1000, 0);
    EXPECT_EQ(found(), pieces[0].slot_count);
    for (std::size_t offset = 1; offset != stride; ++offset) {
        EXPECT_EQ(table.find(pieces[0].begin + offset), nullptr);
    }
    EXPECT_EQ(table.find(pieces[0].begin - stride), nullptr);
    EXPECT_EQ(table.find(pieces[0].begin + pieces[0].slot_count * stride), nullptr);
    EXPECT_EQ(table.find(nullptr), nullptr);
    EXPECT_EQ(table.find(&table), nullptr);
}

TEST_F(a_table_of_slabs, finds_every_slot_of_slabs_that_share_no_page) {
    for (const std::size_t bytes : {std::size_t{20'000}, std::size_t{3} << 20}) { // below and above 16 MiB in all
        pieces.clear();
        lay_out(7, bytes, bytes + 65'536);
        EXPECT_EQ(found(), 7 * pieces[0].slot_count);
        EXPECT_EQ(table.find(pieces[3].begin + pieces[3].slot_count * stride), nullptr);
    }
}

TEST_F(a_table_of_slabs, finds_every_slot_of_slabs_that_small_tables_would_have_collide) {
    lay_out(3, 20'000, std::size_t{16} << 20);
    EXPECT_EQ(found(), 3 * pieces[0].slot_count);
}

TEST_F(a_table_of_slabs, is_never_wrong_where_slabs_share_pages) {
    lay_out(64, 700, 700);
    const std::size_t known = found();
    EXPECT_GT(known, 0U);
    EXPECT_LT(known, 64 * pieces[0].slot_count);
}

TEST_F(a_table_of_slabs, forgets_slabs_that_went) {
    lay_out(5, 5000, 10'000);
    const piece gone = pieces.back();
    pieces.pop_back();
    table.learn(pieces);
    EXPECT_EQ(found(), 4 * pieces[0].slot_count);
    EXPECT_EQ(table.find(gone.begin), nullptr);
    pieces.clear();
    table.learn(pieces);
    EXPECT_EQ(table.find(gone.begin), nullptr);
}

struct tiny {
    char value;
};
using checked_pool = object_pool<tiny, pool_options{.checks = check::fast}>;

TEST(the_slot_taken_last, is_out_once) {
    checked_pool pool;
    void* const older = pool.acquire();
    void* const newest = pool.acquire();
    pool.release(newest);
    EXPECT_THROW(pool.release(newest), double_release);
    EXPECT_THROW(pool.release(nullptr), foreign_pointer);
    pool.release(older);
    EXPECT_THROW(pool.release(older), double_release);
    EXPECT_THROW(pool.release(newest), double_release);
}

TEST(the_slot_taken_last, goes_with_its_pool_and_is_forgotten_with_a_reset) {
    checked_pool pool;
    void* const newest = pool.acquire();
    checked_pool other(std::move(pool));
    EXPECT_THROW(pool.release(newest), other_pools_pointer); // NOLINT(bugprone-use-after-move): it is empty
    EXPECT_EQ(other.stats().live, 1U);
    other.release(newest);
    EXPECT_EQ(other.acquire(), newest);
    other.reset();
    EXPECT_THROW(other.release(newest), foreign_pointer);
}

TEST(the_slot_taken_last, stays_out_when_the_pool_is_trimmed) {
    checked_pool pool;
    std::vector<void*> out(5000);
    for (void*& each : out) {
        each = pool.acquire();
    }
    void* const newest = out.back();
    for (void* const each : out) {
        if (each != newest) {
            pool.release(each);
        }
    }
    EXPECT_GT(pool.trim(), 0U);
    pool.release(newest);
    EXPECT_THROW(pool.release(newest), double_release);
}

// Whatever was taken and put before: what is free is refused, what is out is taken.
TEST(every_slot, is_out_or_free_and_never_both) {
    checked_pool pool;
    std::vector<void*> out;
    std::vector<void*> free;
    std::mt19937 random(7);
    for (int step = 0; step != 20'000; ++step) {
        const bool growing = step / 500 % 2 == 0; // and shrinking, so that most is taken back after much was taken
        if (out.empty() || random() % 8 < (growing ? 5 : 3)) {
            out.push_back(pool.acquire());
            std::erase(free, out.back());
        } else {
            const std::size_t newest = out.size() - 1;
            std::swap(out[newest - random() % std::min<std::size_t>(out.size(), random() % 3 == 0 ? 100 : 1)], out[newest]);
            pool.release(out.back());
            free.push_back(out.back());
            out.pop_back();
        }
        if (step % 3000 == 2999) {
            pool.trim();
            std::erase_if(free, [&](const void* slot) { return !pool.owns(slot); });
        }
        if (!free.empty()) {
            EXPECT_THROW(pool.release(free[random() % free.size()]), double_release);
            EXPECT_THROW(pool.release(free.back()), double_release);
        }
        ASSERT_EQ(pool.stats().live, out.size());
    }
    for (void* const each : out) {
        pool.release(each);
    }
    EXPECT_EQ(pool.stats().live, 0U);
}

struct ends_twice {
    std::uint64_t value;
    object_pool<ends_twice, pool_options{.checks = check::fast}>* pool;
    bool* refused;
    ~ends_twice() {
        try {
            pool->destroy(this);
        } catch (const double_release&) {
            *refused = true;
        }
    }
};

TEST(a_slot, is_not_out_while_its_destructor_runs) {
    object_pool<ends_twice, pool_options{.checks = check::fast}> pool;
    for (const std::size_t others : {0U, 1U, 100U}) { // it is the newest, and is not
        bool refused = false;
        auto* const object = static_cast<ends_twice*>(pool.acquire());
        ::new (static_cast<void*>(object)) ends_twice{1U, &pool, &refused};
        std::vector<void*> newer(others);
        for (void*& each : newer) {
            each = pool.acquire();
        }
        pool.destroy(object);
        EXPECT_TRUE(refused);
        for (void* const each : newer) {
            pool.release(each);
        }
    }
    EXPECT_EQ(pool.stats().live, 0U);
}

} // namespace
} // namespace poolmark::tests
