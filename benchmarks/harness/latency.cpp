#include "benchmarks/harness/cell_commands.hpp"

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/events.hpp"
#include "benchmarks/harness/histogram.hpp"
#include "benchmarks/harness/footprint_proxy.hpp"
#include "benchmarks/harness/per_operation.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace poolmark::benchmarks {
namespace {

constexpr double units_per_ns = 10; // buckets count tenths of nanoseconds
constexpr std::size_t slowest_shown = 32;
constexpr std::size_t empty_readings = 20'001;

double rounded(double ns) { return std::round(ns * units_per_ns) / units_per_ns; }

// Nanoseconds from the ticks of one process.
class ruler {
public:
    explicit ruler(double ns_per_tick) : ns_per_tick_(ns_per_tick) {}
    [[nodiscard]] double ns(std::uint64_t ticks) const { return static_cast<double>(ticks) * ns_per_tick_; }
    [[nodiscard]] std::uint64_t units(std::uint64_t ticks) const {
        return static_cast<std::uint64_t>(std::llround(ns(ticks) * units_per_ns));
    }

private:
    double ns_per_tick_;
};

// Two readings with nothing in between: what each time below holds of the clock itself. The median.
std::uint64_t timer_ticks(const tick_clock& clock) {
    std::vector<std::uint64_t> readings(empty_readings);
    for (std::uint64_t& ticks : readings) {
        const std::uint64_t begin = clock.now();
        barrier();
        ticks = clock.now() - begin;
    }
    std::ranges::nth_element(readings, readings.begin() + empty_readings / 2);
    return readings[empty_readings / 2];
}

json distribution(const histogram& times) {
    struct level {
        const char* name;
        std::uint64_t parts_per_million;
    };
    constexpr std::array levels{level{"50", 500'000},   level{"90", 900'000},    level{"99", 990'000},
                                level{"99.9", 999'000}, level{"99.99", 999'900}, level{"99.999", 999'990}};
    json percentiles = json::object();
    for (const auto& [name, parts] : levels) {
        if (const auto found = times.percentile(parts)) {
            percentiles[name] = static_cast<double>(*found) / units_per_ns;
        }
    }
    json buckets = json::array();
    times.visit([&](std::uint64_t largest, std::uint64_t count) {
        buckets.push_back({static_cast<double>(largest) / units_per_ns, count});
    });
    return {{"samples", times.total()},
            {"percentiles", percentiles},
            {"maximum_ns", static_cast<double>(times.maximum()) / units_per_ns},
            {"histogram", buckets}};
}

template <class Ticks> // of the i-th
json distribution(std::size_t count, const ruler& by, Ticks ticks) {
    histogram times;
    for (std::size_t i = 0; i < count; ++i) {
        times.add(by.units(ticks(i)));
    }
    return distribution(times);
}

// The slowest operations of the growing, in the order of the stream: [which one, nanoseconds].
json slowest(const table<std::uint64_t>& ticks, const ruler& by) {
    std::vector<std::size_t> order(ticks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto shown = static_cast<std::ptrdiff_t>(std::min(slowest_shown, order.size()));
    std::partial_sort(order.begin(), order.begin() + shown, order.end(),
                      [&](std::size_t a, std::size_t b) { return ticks[a] > ticks[b]; });
    std::sort(order.begin(), order.begin() + shown);
    json all = json::array();
    std::for_each(order.begin(), order.begin() + shown,
                  [&](std::size_t i) { all.push_back({i, rounded(by.ns(ticks[i]))}); });
    return all;
}

long involuntary_switches() {
    rusage use{};
    ::getrusage(RUSAGE_THREAD, &use);
    return use.ru_nivcsw;
}

} // namespace

int report_latency(const cell& which, const allocators::proof& heap, latency_plan plan) {
    const std::unique_ptr<subject> made = make_measurable(which);
    auto& ours = as<per_operation>(*made, which, which.at->latency, "single operations to time");
    single_times times(ours.live_objects(), plan.operations, plan.period);
    const std::uint64_t timer = timer_ticks(times.clock());
    const long switches = involuntary_switches();
    ours.time_operations(times);
    const long disturbed = involuntary_switches() - switches;
    const ruler by(times.clock().ns_per_tick());
    const auto& release = times.release_ticks();
    const auto& acquire = times.acquire_ticks();
    const std::size_t timed = times.timed();
    say({{"event", "latency"},
         {"operations", plan.operations},
         {"period", plan.period},
         {"clock", times.clock().name()},
         {"timer_ns", rounded(by.ns(timer))},
         {"replace", distribution(timed, by, [&](std::size_t i) { return release[i] + acquire[i]; })},
         {"acquire", distribution(timed, by, [&](std::size_t i) { return acquire[i]; })},
         {"release", distribution(timed, by, [&](std::size_t i) { return release[i]; })},
         {"grow", distribution(times.grow_ticks().size(), by, [&](std::size_t i) { return times.grow_ticks()[i]; })},
         {"growth", slowest(times.grow_ticks(), by)},
         {"involuntary_switches", disturbed},
         {"allocator", as_json(heap)}});
    return 0;
}

} // namespace poolmark::benchmarks
