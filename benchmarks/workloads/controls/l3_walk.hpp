// A walk along one cycle through all lines of a working set, in random order: a step is a load from the last level of
// cache that cannot begin before the one before it has ended.
#pragma once

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/ceilings.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/workload.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace poolmark::benchmarks::controls {

inline constexpr std::size_t line_bytes = 64;

// Twice the second level, so that a step seldom finds its line there, and less than half of the third, since others use
// it as well. Where the system does not describe its caches: 4 MiB.
[[nodiscard]] inline std::size_t l3_walk_bytes(const cache_sizes& caches) noexcept {
    const std::size_t wanted = caches.second != 0 ? 2 * caches.second : std::size_t{4} << 20U;
    return caches.third != 0 ? std::min(wanted, caches.third / 2 - line_bytes) : wanted;
}

class l3_walk {
public:
    l3_walk()
        : lines_(static_cast<std::size_t>(
              bounded_live(static_cast<std::int64_t>(l3_walk_bytes(described_caches()) / line_bytes)))) {
        const table<std::uint32_t> order = shuffled_indices(lines_.size());
        for (std::size_t i = 0; i != lines_.size(); ++i) {
            lines_[order[i]] = {.next = &lines_[order[(i + 1) % lines_.size()]], .number = order[i]};
        }
        restart();
    }

    void restart() { at_ = lines_.data(); }
    void warm() { run(lines_.size()); }
    [[nodiscard]] std::uint64_t seen() const { return at_->number; }

    [[gnu::always_inline]] void run(std::uint64_t steps) {
        const line* at = at_;
        for (; steps != 0; --steps) {
            at = at->next;
            keep(at);
        }
        at_ = at;
    }

private:
    struct alignas(line_bytes) line {
        const line* next = nullptr;
        std::uint64_t number = 0;
    };

    table<line> lines_; // on huge pages from 2 MiB on: a step is a miss of the cache, not of the TLB
    const line* at_ = nullptr;
};

} // namespace poolmark::benchmarks::controls
