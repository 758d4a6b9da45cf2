// Times in buckets whose width grows with them: 64 to each doubling, so that none is off by more than 1.6 %.
//
//   0 1 2 … 63 | 64 … 127 by ones | 128 … 255 by twos | 256 … 511 by fours | …
//
// Good for: times from nanoseconds to seconds in one table, added up over processes without loss.
// Bad for:  telling two times apart that are closer than a bucket.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace poolmark::benchmarks {

class histogram {
public:
    static constexpr unsigned exact_bits = 6;
    static constexpr std::uint64_t exact = std::uint64_t{1} << exact_bits;

    void add(std::uint64_t value) {
        const std::size_t bucket = bucket_of(value);
        if (bucket >= counts_.size()) {
            counts_.resize(bucket + 1);
        }
        ++counts_[bucket];
        ++total_;
        maximum_ = std::max(maximum_, value);
    }

    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
    [[nodiscard]] std::uint64_t maximum() const noexcept { return maximum_; }

    // Calls each(the largest value that the bucket takes, how many there are), empty buckets left out, in order.
    template <class Each>
    void visit(Each&& each) const {
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
            if (counts_[bucket] != 0) {
                each(largest_of(bucket), counts_[bucket]);
            }
        }
    }

    // A value that so many parts of a million are not above; null where fewer than ten are left beyond it, because
    // then it is an accident.
    [[nodiscard]] std::optional<std::uint64_t> percentile(std::uint64_t parts_per_million) const {
        constexpr std::uint64_t million = 1'000'000;
        constexpr std::uint64_t fewest_beyond = 10;
        if (total_ * (million - parts_per_million) < fewest_beyond * million) {
            return std::nullopt;
        }
        std::uint64_t wanted = (total_ * parts_per_million + million - 1) / million;
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
            if (counts_[bucket] >= wanted) {
                return std::min(largest_of(bucket), maximum_);
            }
            wanted -= counts_[bucket];
        }
        return maximum_;
    }

    [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
        if (value < exact) {
            return static_cast<std::size_t>(value);
        }
        const auto doublings = static_cast<unsigned>(std::bit_width(value)) - exact_bits - 1;
        return static_cast<std::size_t>(((doublings + 1) << exact_bits) + ((value >> doublings) - exact));
    }
    [[nodiscard]] static constexpr std::uint64_t largest_of(std::size_t bucket) noexcept {
        if (bucket < exact) {
            return bucket;
        }
        const std::uint64_t doublings = (bucket >> exact_bits) - 1;
        return (((bucket & (exact - 1)) + exact + 1) << doublings) - 1;
    }

private:
    std::vector<std::uint64_t> counts_;
    std::uint64_t total_ = 0;
    std::uint64_t maximum_ = 0;
};

static_assert(histogram::bucket_of(63) == 63 && histogram::bucket_of(64) == 64 && histogram::bucket_of(127) == 127);
static_assert(histogram::bucket_of(128) == 128 && histogram::bucket_of(129) == 128 && histogram::bucket_of(130) == 129);
static_assert(histogram::largest_of(128) == 129 && histogram::largest_of(histogram::bucket_of(1000)) == 1007);

} // namespace poolmark::benchmarks
