// A cell: one strategy of one workload at one point. Its text is workload/parameters/strategy.
#pragma once

#include "benchmarks/harness/workload.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::benchmarks {

struct cell {
    const workload* asked = nullptr;
    const point* at = nullptr;
    const strategy* by = nullptr;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::unique_ptr<subject> make() const { return by->make(at->where); }
    [[nodiscard]] cell baseline() const { return {asked, at, &asked->strategies.front()}; }
};

// A cell that is not there. what() is one line that names the fix.
class unknown_cell : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Each cell that this build can run, in the order of the workloads, points and strategies.
[[nodiscard]] std::vector<cell> all_cells();

// The cell whose text this is. Throws unknown_cell.
[[nodiscard]] cell find_cell(std::string_view text);

// A digest as pages show it: 16 hexadecimal digits.
[[nodiscard]] std::string digest_text(std::uint64_t digest);

} // namespace poolmark::benchmarks
