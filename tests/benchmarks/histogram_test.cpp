// Buckets that grow with their values, and percentiles that are not told when the sample does not carry them.
#include "benchmarks/harness/histogram.hpp"

#include "benchmarks/harness/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace poolmark::benchmarks {
namespace {

TEST(histogram, tells_every_value_to_within_a_bucket) {
    random_source chance(3);
    for (int i = 0; i < 100'000; ++i) {
        const std::uint64_t value = chance.next() >> chance.below(64);
        const std::uint64_t told = histogram::largest_of(histogram::bucket_of(value));
        ASSERT_GE(told, value);
        ASSERT_LE(static_cast<double>(told - value), static_cast<double>(value) / 64) << value;
    }
}

TEST(histogram, has_buckets_that_follow_one_another) {
    for (std::size_t bucket = 0; bucket < 2000; ++bucket) {
        ASSERT_EQ(histogram::bucket_of(histogram::largest_of(bucket)), bucket);
        ASSERT_EQ(histogram::bucket_of(histogram::largest_of(bucket) + 1), bucket + 1);
    }
}

TEST(histogram, agrees_with_sorting) {
    random_source chance(4);
    histogram times;
    std::vector<std::uint64_t> all(50'000);
    for (std::uint64_t& value : all) {
        value = static_cast<std::uint64_t>(std::exp2(static_cast<double>(chance.below(20'000)) / 1000));
        times.add(value);
    }
    std::ranges::sort(all);
    for (const std::uint64_t parts : {500'000U, 900'000U, 990'000U, 999'000U}) {
        const auto exact = static_cast<double>(all[all.size() * parts / 1'000'000 - 1]);
        ASSERT_TRUE(times.percentile(parts).has_value());
        EXPECT_GE(static_cast<double>(*times.percentile(parts)), exact);
        EXPECT_LE(static_cast<double>(*times.percentile(parts)), exact * (1 + 1.0 / 64)) << parts;
    }
    EXPECT_EQ(times.total(), all.size());
    EXPECT_EQ(times.maximum(), all.back());
}

TEST(histogram, tells_no_percentile_that_fewer_than_ten_lie_beyond) {
    histogram times;
    for (std::uint64_t i = 0; i < 99'999; ++i) {
        times.add(i);
    }
    EXPECT_TRUE(times.percentile(999'000).has_value());
    EXPECT_FALSE(times.percentile(999'900).has_value());
    times.add(7);
    EXPECT_TRUE(times.percentile(999'900).has_value());
    EXPECT_FALSE(times.percentile(1'000'000).has_value()) << "the maximum is told as the maximum";
    EXPECT_FALSE(histogram{}.percentile(500'000).has_value());
}

TEST(histogram, shows_each_bucket_that_holds_something_in_order) {
    histogram times;
    for (const std::uint64_t value : {5U, 1000U, 5U, 1001U, 70U}) {
        times.add(value);
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;
    times.visit([&](std::uint64_t largest, std::uint64_t count) { seen.emplace_back(largest, count); });
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected{{5, 2}, {70, 1}, {1007, 2}};
    EXPECT_EQ(seen, expected);
}

} // namespace
} // namespace poolmark::benchmarks
