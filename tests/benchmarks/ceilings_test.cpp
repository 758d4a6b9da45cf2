// What the machine can do at most: that each bound is there and makes sense beside the others. How fast it is, no test
// may say, but that memory is not faster than the first cache holds on any machine.
#include "benchmarks/harness/ceilings.hpp"

#include "benchmarks/harness/memory.hpp"
#include "benchmarks/harness/per_operation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t kilo = 1024;

TEST(ceilings, choose_sizes_that_lie_in_one_level_each) {
    const chase_sizes sizes = sizes_to_chase({48 * kilo, 1280 * kilo, 48 * kilo * kilo, std::size_t{24} << 30U});
    EXPECT_EQ(sizes.first, 24 * kilo);
    EXPECT_EQ(sizes.second, 640 * kilo);
    EXPECT_EQ(sizes.third, 24 * kilo * kilo);
    EXPECT_EQ(sizes.memory, 192 * kilo * kilo);
}

TEST(ceilings, leave_out_a_level_that_is_not_there_or_not_clear_of_the_one_below) {
    const chase_sizes two = sizes_to_chase({32 * kilo, 512 * kilo, 0, std::size_t{8} << 30U});
    EXPECT_EQ(two.third, 0U);
    EXPECT_EQ(two.memory, 32 * kilo * kilo) << "four times as much as any last level that is not described";
    EXPECT_EQ(sizes_to_chase({32 * kilo, 64 * kilo, 0, std::size_t{8} << 30U}).second, 0U);
    const chase_sizes nothing = sizes_to_chase({});
    EXPECT_EQ(nothing.first + nothing.second + nothing.third + nothing.memory, 0U);
}

TEST(ceilings, are_all_there_and_in_order) {
    std::map<std::string_view, ceiling> found;
    for (const ceiling& one : measure_ceilings()) {
        EXPECT_GT(one.ns, 0) << one.name;
        EXPECT_LE(one.low, one.ns) << one.name;
        EXPECT_GE(one.high, one.ns) << one.name;
        EXPECT_FALSE(one.what.empty());
        found.emplace(one.name, one);
    }
    for (const char* const name : {"empty_loop", "timer", "atomic_rmw", "page_fault"}) {
        EXPECT_EQ(found.count(name), 1U) << name;
    }
    if (found.count("l1_latency") != 0 && found.count("dram_latency") != 0) {
        EXPECT_LT(found["l1_latency"].low, found["dram_latency"].high);
        EXPECT_LT(found["l1_latency"].bytes, found["dram_latency"].bytes);
    }
}

TEST(slot_bytes, is_the_usual_gap_whatever_lies_between_slabs) {
    table<std::uintptr_t> addresses;
    for (std::uintptr_t slab : {0x900000U, 0x100000U, 0x500000U}) {
        for (std::uintptr_t slot = 0; slot < 100; ++slot) {
            addresses.push_back(slab + 80 * (99 - slot));
        }
    }
    EXPECT_EQ(slot_bytes(addresses), 80.0);
    table<std::uintptr_t> one{0x1000};
    EXPECT_EQ(slot_bytes(one), std::nullopt);
}

TEST(usable_bytes, covers_what_was_asked_for) {
    std::vector<void*> blocks(100);
    table<std::uintptr_t> addresses;
    for (void*& block : blocks) {
        block = ::operator new(40);
        addresses.push_back(reinterpret_cast<std::uintptr_t>(block));
    }
    const auto usable = usable_bytes(addresses, 40);
    if (usable) {
        EXPECT_GE(*usable, 40);
        EXPECT_LT(*usable, 200);
    }
    EXPECT_EQ(usable_bytes(addresses, 1 << 20), std::nullopt) << "an answer that cannot be true";
    for (void* const block : blocks) {
        ::operator delete(block);
    }
    EXPECT_EQ(usable_bytes({}, 1), std::nullopt);
}

TEST(single_times, are_one_in_so_many_at_gaps_that_differ) {
    constexpr std::size_t operations = 160'000;
    single_times times(10, operations, 16);
    std::map<std::size_t, int> gaps;
    std::size_t last = 0;
    for (std::size_t i = 0; i < operations; ++i) {
        if (times.due()) {
            times.replaced(1, 2);
            ++gaps[i - last];
            last = i;
        }
    }
    EXPECT_NEAR(static_cast<double>(times.timed()), operations / 16.0, operations / 16.0 / 20);
    EXPECT_GT(gaps.size(), 25U) << "each gap from 1 to 31";
}

TEST(tick_clock, goes_forward_and_knows_its_unit) {
    const tick_clock clock;
    const std::uint64_t before = clock.now();
    const std::uint64_t after = clock.now();
    EXPECT_LE(before, after);
    EXPECT_GT(clock.ns_per_tick(), 0.05);
    EXPECT_LE(clock.ns_per_tick(), 10);
}

} // namespace
} // namespace poolmark::benchmarks
