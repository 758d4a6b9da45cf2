// User counters: what a subject reports beside its time, a share of hits, allocations for each operation.
//
// The counters must follow from the work and not from the machine: it is asked once, after verify(), and every process
// of a cell must say the same. It ends up beside the nanoseconds in the cell's row.
#pragma once

#include <string_view>
#include <vector>

namespace poolmark::benchmarks {

struct user_counter {
    std::string_view name; // snake_case; a share as a number from 0 to 1, e.g. hit_ratio
    double value = 0;
};

class user_counters {
public:
    user_counters() = default;
    user_counters(const user_counters&) = delete;
    user_counters& operator=(const user_counters&) = delete;
    virtual ~user_counters() = default;

    [[nodiscard]] virtual std::vector<user_counter> counters() const = 0;
};

} // namespace poolmark::benchmarks
