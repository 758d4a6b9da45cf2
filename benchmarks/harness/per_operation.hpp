// A subject whose operations can be timed one by one: it grows from nothing, then objects come and go.
//
// Every operation of the growing is timed, because a pool that asks for more memory does so rarely; of the coming and
// going one in `period`, at gaps drawn in advance, so that no regular habit of a pool stays in step with the clock.
#pragma once

#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/tick_clock.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace poolmark::benchmarks {

// What is to be timed, and the ticks that were read. All memory is there, and touched, before the first operation.
class single_times {
public:
    single_times(std::size_t live, std::size_t operations, std::size_t period)
        : operations_(operations), gaps_(gap_count), grow_(live), release_(operations / period * 2 + 2),
          acquire_(release_.size()) {
        random_source chance(workload_seed + 7);
        std::ranges::generate(gaps_, [&] { return static_cast<std::uint32_t>(1 + chance.below(2 * period - 1)); });
        left_ = gaps_[0];
    }

    [[nodiscard]] std::size_t operations() const noexcept { return operations_; }
    [[nodiscard]] std::uint64_t now() const noexcept { return clock_.now(); }
    [[nodiscard]] const tick_clock& clock() const noexcept { return clock_; }

    void grown(std::uint64_t ticks) noexcept { grow_[grown_++] = ticks; }

    // Whether the next operation is one of those that are timed.
    [[nodiscard]] bool due() noexcept {
        if (--left_ != 0) [[likely]] {
            return false;
        }
        left_ = gaps_[timed_ & (gap_count - 1)];
        return timed_ < release_.size();
    }
    void replaced(std::uint64_t release_ticks, std::uint64_t acquire_ticks) noexcept {
        release_[timed_] = release_ticks;
        acquire_[timed_++] = acquire_ticks;
    }

    // How many more replacements can be kept.
    [[nodiscard]] std::size_t room() const noexcept { return release_.size() - timed_; }

    [[nodiscard]] std::size_t timed() const noexcept { return timed_; }
    [[nodiscard]] const table<std::uint64_t>& grow_ticks() const noexcept { return grow_; }
    [[nodiscard]] const table<std::uint64_t>& release_ticks() const noexcept { return release_; }
    [[nodiscard]] const table<std::uint64_t>& acquire_ticks() const noexcept { return acquire_; }

private:
    static constexpr std::size_t gap_count = std::size_t{1} << 15U;

    std::size_t operations_;
    table<std::uint32_t> gaps_;
    std::uint32_t left_ = 1;
    std::size_t grown_ = 0;
    std::size_t timed_ = 0;
    table<std::uint64_t> grow_;
    table<std::uint64_t> release_;
    table<std::uint64_t> acquire_;
    tick_clock clock_;
};

class per_operation {
public:
    per_operation() = default;
    per_operation(const per_operation&) = delete;
    per_operation& operator=(const per_operation&) = delete;
    virtual ~per_operation() = default;

    // How many objects live once it has grown.
    [[nodiscard]] virtual std::size_t live_objects() const = 0;

    // Grows to them, then replaces random ones, and reports to `times` the operations that it asks for.
    virtual void time_operations(single_times& times) = 0;
};

} // namespace poolmark::benchmarks
