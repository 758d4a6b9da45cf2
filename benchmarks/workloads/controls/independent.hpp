// A step is a number of additions that do not wait for one another: its time is how many of them the core can start
// in a cycle, and those are fewer while a second thread of the core is busy.
#pragma once

#include <cstdint>

namespace poolmark::benchmarks::controls {

class independent {
public:
    void restart() { *this = independent(); }
    void warm() {}
    [[nodiscard]] std::uint64_t seen() const { return a_ ^ b_ ^ c_ ^ d_ ^ e_ ^ f_; }

    // Four additions to each of six numbers: enough to keep every adder busy, and enough beside the loop's own jump.
    [[gnu::always_inline]] void run(std::uint64_t steps) {
        std::uint64_t a = a_, b = b_, c = c_, d = d_, e = e_, f = f_;
        for (; steps != 0; --steps) {
            for (int repeat = 0; repeat != 4; ++repeat) {
                a += 1;
                b += 3;
                c += 5;
                d += 7;
                e += 9;
                f += 11;
                asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f)); // may not be added up at once
            }
        }
        a_ = a, b_ = b, c_ = c, d_ = d, e_ = e, f_ = f;
    }

private:
    std::uint64_t a_ = 0, b_ = 0, c_ = 0, d_ = 0, e_ = 0, f_ = 0;
};

} // namespace poolmark::benchmarks::controls
