// Each step waits for the one before: its time is the clock speed, whoever else uses the core.
#pragma once

#include <cstdint>

namespace poolmark::benchmarks::controls {

class dependent_chain {
public:
    void restart() { value_ = 1; }
    void warm() {}
    [[nodiscard]] std::uint64_t seen() const { return value_; }

    // One multiplication and one addition, each of which waits for its predecessor.
    [[gnu::always_inline]] void run(std::uint64_t steps) {
        std::uint64_t value = value_;
        for (; steps != 0; --steps) {
            value = value * 0x9E37'79B9'7F4A'7C15U + 1;
            asm volatile("" : "+r"(value)); // a hundred steps may not become one
        }
        value_ = value;
    }

private:
    std::uint64_t value_ = 1;
};

} // namespace poolmark::benchmarks::controls
