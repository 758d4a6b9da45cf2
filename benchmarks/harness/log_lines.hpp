// A generated log: lines as event stores read them, with so many types of event and so large a share of small numbers.
#pragma once

#include "benchmarks/harness/random.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace poolmark::benchmarks {

class log_lines {
public:
    // `small_percent` of the users and durations are at most 256,
    // the others above. Sessions never come twice but by chance.
    log_lines(std::size_t count, std::int64_t kinds, std::int64_t small_percent) {
        random_source chance(workload_seed);
        const auto number = [&](std::uint64_t most) {
            const bool small = static_cast<std::int64_t>(chance.below(100)) < small_percent;
            return static_cast<unsigned long long>(small ? chance.below(257) : 257 + chance.below(most));
        };
        unsigned long long time = 1'700'000'000'000;
        for (std::size_t i = 0; i != count; ++i) {
            char line[160];
            time += chance.below(50);
            const auto user = number(100'000);
            const auto duration = number(60'000);
            const int length = std::snprintf(
                line, sizeof line, "ts=%llu level=%u user=%llu type=service.event_%06u session=%08x ms=%llu", time,
                static_cast<unsigned>(chance.below(5)), user,
                static_cast<unsigned>(chance.below(static_cast<std::uint64_t>(kinds))),
                static_cast<unsigned>(chance.next()), duration);
            begins_.push_back(static_cast<std::uint32_t>(text_.size()));
            text_.insert(text_.end(), line, line + length);
        }
        begins_.push_back(static_cast<std::uint32_t>(text_.size()));
    }

    [[nodiscard]] std::size_t size() const noexcept { return begins_.size() - 1; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        return {text_.data() + begins_[i], begins_[i + 1] - begins_[i]};
    }

private:
    table<char> text_;
    table<std::uint32_t> begins_;
};

} // namespace poolmark::benchmarks
