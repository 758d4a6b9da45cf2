#include "benchmarks/harness/cell.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace poolmark::benchmarks {

std::string cell::text() const {
    return std::string(asked->name) + "/" + at->where.text() + "/" + std::string(by->name);
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
    const std::string_view where = first == last ? "" : text.substr(first + 1, last - first - 1);
    const std::string_view by = text.substr(last + 1);
    const auto at = std::ranges::find_if(asked->points, [&](const point& p) { return p.where.text() == where; });
    const auto found = std::ranges::find(asked->strategies, by, &strategy::name);
    if (at == asked->points.end() || found == asked->strategies.end() || found->make == nullptr) {
        throw unknown_cell("no cell '" + std::string(text) + "' in workload " + std::string(name) +
                           ": see poolmark-bench --benchmark_list_tests");
    }
    if (const std::string reason = excluded(*found, *at); !reason.empty()) {
        throw unknown_cell("no cell '" + std::string(text) + "': " + reason);
    }
    return {&*asked, &*at, &*found};
}

std::string digest_text(std::uint64_t digest) {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(digest));
    return text.data();
}

} // namespace poolmark::benchmarks
