#include "benchmarks/harness/workload.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace poolmark::benchmarks {
namespace {

std::vector<workload>& list() {
    static std::vector<workload> registered; // built on first use: registrations run before main, in any order
    return registered;
}

bool smoke = false;

} // namespace

registration::registration(workload&& added) {
#ifdef POOLMARK_ONE_OBJECT_SIZE // a build for tests: every strategy at every kind of point, at a third of the compile time
    std::erase_if(added.points, [](const point& at) {
        return at.where.has("bytes") && at.where.number("bytes") != POOLMARK_ONE_OBJECT_SIZE;
    });
#endif
    std::vector<workload>& all = list();
    if (const auto known = std::ranges::find(all, added.name, &workload::name); known != all.end()) {
        if (known->strategies.empty() || known->strategies.front().from != preset::quick) {
            std::swap(*known, added); // the links may come in any order
        }
        for (strategy& more : added.strategies) {
            if (std::ranges::find(known->strategies, more.name(), &strategy::name) == known->strategies.end()) {
                known->strategies.push_back(more);
            }
        }
        return;
    }
    all.insert(std::ranges::upper_bound(all, added.name, {}, &workload::name), std::move(added));
}

const std::vector<workload>& workloads() { return list(); }

std::vector<strategy> only_in_quick(std::vector<strategy> all, std::initializer_list<std::string_view> named) {
    for (strategy& by : all) {
        if (std::ranges::find(named, by.name()) == named.end()) {
            by.from = std::max(by.from, preset::full);
        } else {
            by.from = preset::quick;
        }
    }
    return all;
}

std::vector<point> littered_too(std::vector<point> all, std::initializer_list<std::string_view> named) {
    for (point& at : all) {
        at.littered = std::ranges::find(named, at.where.text()) != named.end();
    }
    return all;
}

std::vector<point> grid(const std::vector<axis>& axes, bool (*in_quick)(const parameters&), preset every_allocator_from) {
    std::vector<std::vector<parameters::entry>> combinations{{}};
    for (const axis& next : axes) {
        std::vector<std::vector<parameters::entry>> longer;
        for (const std::vector<parameters::entry>& one : combinations) {
            for (const parameters::value& value : next.values) {
                longer.push_back(one);
                longer.back().emplace_back(next.name, value);
            }
        }
        combinations = std::move(longer);
    }
    std::vector<point> points;
    for (std::vector<parameters::entry>& one : combinations) {
        parameters where(std::move(one));
        const preset from = in_quick(where) ? preset::quick : preset::full;
        points.push_back({.where = std::move(where), .from = from, .every_allocator_from = every_allocator_from});
    }
    return points;
}

std::string excluded(const strategy& by, const point& at) {
    const std::int64_t live = at.where.has("live") ? at.where.number("live") : 0;
    if (by.live_limit != 0 && live > by.live_limit) {
        return std::string(by.live_limit_reason) + ": not run above " + std::to_string(by.live_limit);
    }
    if (by.one_thread && at.where.has("threads") && at.where.number("threads") > 1) {
        return "it is for one thread";
    }
    return "";
}

void ask_also(std::string_view parameter, const std::vector<point>& more) {
    for (workload& asked : list()) {
        if (std::ranges::any_of(asked.points, [&](const point& at) { return at.where.has(parameter); })) {
            asked.points.insert(asked.points.end(), more.begin(), more.end());
        }
    }
}

void ask_at(std::string_view name, point more) {
    if (const auto asked = std::ranges::find(list(), name, &workload::name); asked != list().end()) {
        asked->points.push_back(std::move(more));
    }
}

void set_smoke(bool on) noexcept { smoke = on; }

std::int64_t bounded_live(std::int64_t live) noexcept { return smoke ? std::min(live, smoke_live) : live; }

} // namespace poolmark::benchmarks
