// Which workload measures a cell's memory and its single operations.
//
// The bytes of a block of a storage pool, and how long one acquire takes, does not
// depend on the question that a cell asks, so one workload answers for the cells of
// all others: each pool is compiled for it once. Every other cell answers for itself.
#pragma once

#include "benchmarks/harness/cell.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace poolmark::benchmarks {

inline constexpr std::string_view footprint_proxy = "footprint";

// Whether `footprint` would measure a point of `asked` but does not have the strategy: it lists the leading
// pools only, and compiling it for all others would take longer than it is worth.
[[nodiscard]] inline bool not_measured_by_proxy(const workload& asked, const point& at, std::string_view name) {
    const auto proxy = std::ranges::find(workloads(), footprint_proxy, &workload::name);
    if (proxy == workloads().end() || !at.where.has("live") || !at.where.has("bytes")) {
        return false;
    }
    const auto knows = [&](std::string_view by) {
        return std::ranges::find(proxy->strategies, by, &strategy::name) != proxy->strategies.end();
    };
    return !knows(name) && std::ranges::any_of(asked.strategies, knows, &strategy::name);
}

// A cell that has no such figure. what() is one line that names the fix.
class not_measurable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The subject of `which` or its proxy; made once, because making one may already build objects.
[[nodiscard]] inline std::unique_ptr<subject> make_measurable(const cell& which) {
    const auto proxy = std::ranges::find(workloads(), footprint_proxy, &workload::name);
    if (proxy != workloads().end() && which.at->where.has("live") && which.at->where.has("bytes")) {
        const auto same = std::ranges::find(proxy->strategies, which.by->name(), &strategy::name);
        if (same != proxy->strategies.end() && same->make != nullptr) {
            return same->make(which.at->where);
        }
    }
    return which.make();
}

// `made` as the interface asked for. Throws not_measurable.
template <class Interface>
[[nodiscard]] Interface& as(subject& made, const cell& which, bool has_figure, const char* figure) {
    auto* const found = dynamic_cast<Interface*>(&made);
    if (found == nullptr || !has_figure) {
        throw not_measurable(which.text() + " has no " + figure + ": see poolmark-bench --describe for the points that do");
    }
    return *found;
}

} // namespace poolmark::benchmarks
