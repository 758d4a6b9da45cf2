// How many instructions this thread has executed in user mode, where the CPU's counters can be had.
//
// Good for: saying why a time differs, in a run of its own.
// Bad for:  a run that is timed: reading it is a system call, and many virtual machines have no counters at all.
#pragma once

#include <cstdint>
#include <string>

namespace poolmark::benchmarks {

class instruction_counter {
public:
    instruction_counter();
    instruction_counter(const instruction_counter&) = delete;
    instruction_counter& operator=(const instruction_counter&) = delete;
    ~instruction_counter();

    // Why there is nothing to count with; empty when there is.
    [[nodiscard]] const std::string& unavailable() const noexcept { return unavailable_; }

    // Since it was made; 0 when unavailable.
    [[nodiscard]] std::int64_t value() const noexcept;

private:
    int counter_ = -1;
    std::string unavailable_;
};

} // namespace poolmark::benchmarks
