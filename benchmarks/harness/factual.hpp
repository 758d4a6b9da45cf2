// A subject that knows more of itself than its time: a share of hits, allocations for each operation.
//
// What it tells must follow from the work and not from the machine: it is asked once, after verify(), and every process
// of a cell must say the same. It ends up beside the nanoseconds in the cell's row.
#pragma once

#include <string_view>
#include <vector>

namespace poolmark::benchmarks {

struct fact {
    std::string_view name; // snake_case; a share as a number from 0 to 1, e.g. hit_ratio
    double value = 0;
};

class factual {
public:
    factual() = default;
    factual(const factual&) = delete;
    factual& operator=(const factual&) = delete;
    virtual ~factual() = default;

    [[nodiscard]] virtual std::vector<fact> facts() const = 0;
};

} // namespace poolmark::benchmarks
