#include "benchmarks/harness/cell.hpp"

#include "benchmarks/harness/litter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <deque>

namespace poolmark::benchmarks {

namespace {

constexpr std::int64_t most_threads = 1024;

const point* find_point(const workload& asked, std::string_view where);

// A point of the list, on a heap that was in use before; `where` ends with that parameter.
const point* find_littered(const workload& asked, std::string_view where, std::size_t at) {
    const std::string_view word = where.substr(at + heap_parameter.size() + 2);
    const point* const clean = find_point(asked, where.substr(0, at));
    if (clean == nullptr) {
        return nullptr;
    }
    static_cast<void>(occupancy_of(word)); // throws where there is no such heap
    std::vector<parameters::entry> entries = clean->where.entries();
    entries.emplace_back(std::string(heap_parameter), std::string(word));
    static std::deque<point> littered; // cells point into it
    littered.push_back(*clean);
    littered.back().where = parameters(std::move(entries));
    return &littered.back();
}

// The listed point with that text; or one that differs from it in nothing but its threads. The list goes by the CPUs that
// a process may use, and a contender may use others than the process that made the list.
const point* find_point(const workload& asked, std::string_view where) {
    if (const std::size_t at = where.find("," + std::string(heap_parameter) + "="); at != std::string_view::npos) {
        return find_littered(asked, where, at);
    }
    const auto listed = std::ranges::find_if(asked.points, [&](const point& at) { return at.where.text() == where; });
    if (listed != asked.points.end()) {
        return &*listed;
    }
    constexpr std::string_view key = "threads=";
    std::int64_t threads = 0;
    if (const std::size_t found = where.find(key); found != std::string_view::npos) {
        std::from_chars(where.data() + found + key.size(), where.data() + where.size(), threads);
    }
    if (threads < 1 || threads > most_threads) {
        return nullptr;
    }
    for (const point& at : asked.points) {
        if (at.where.has("threads") && at.where.with("threads", threads).text() == where) {
            static std::deque<point> unlisted; // cells point into it
            unlisted.push_back(at);
            unlisted.back().where = at.where.with("threads", threads);
            return &unlisted.back();
        }
    }
    return nullptr;
}

} // namespace

std::string cell::text() const {
    return std::string(asked->name) + "/" + at->where.text() + "/" + std::string(by->name());
}

std::vector<cell> all_cells() {
    std::vector<cell> cells;
    for (const workload& asked : workloads()) {
        for (const point& at : asked.points) {
            for (const strategy& by : asked.strategies) {
                if (by.make != nullptr && excluded(by, at).empty()) {
                    cells.push_back({&asked, &at, &by});
                }
            }
        }
    }
    return cells;
}

cell find_cell(std::string_view text) {
    const std::size_t first = text.find('/');
    const std::size_t last = text.rfind('/');
    const std::string_view name = text.substr(0, first);
    const auto asked = std::ranges::find(workloads(), name, &workload::name);
    if (asked == workloads().end()) {
        throw unknown_cell("unknown workload '" + std::string(name) + "': see poolmark-bench --benchmark_list_tests");
    }
    if (asked->points.empty()) {
        throw unknown_cell(std::string(name) + " has no points of its own; bring one with " + std::string(asked->brought));
    }
    const std::string_view where = first == last ? "" : text.substr(first + 1, last - first - 1);
    const std::string_view by = text.substr(last + 1);
    const point* const at = find_point(*asked, where);
    const auto found = std::ranges::find(asked->strategies, by, &strategy::name);
    if (at == nullptr || found == asked->strategies.end() || found->make == nullptr) {
        throw unknown_cell("no cell '" + std::string(text) + "' in workload " + std::string(name) +
                           ": see poolmark-bench --benchmark_list_tests");
    }
    if (const std::string reason = excluded(*found, *at); !reason.empty()) {
        throw unknown_cell("no cell '" + std::string(text) + "': " + reason);
    }
    return {&*asked, at, &*found};
}

std::string digest_text(std::uint64_t digest) {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(digest));
    return text.data();
}

} // namespace poolmark::benchmarks
