// A value that is counted, that can refuse to be copied, and that says when it was moved from.
#pragma once

#include <cstdint>
#include <stdexcept>

namespace poolmark::tests {

struct copy_refused : std::runtime_error {
    copy_refused() : std::runtime_error("refused") {}
};

struct probe {
    static inline int alive = 0;
    static inline bool refuses_copies = false;
    static constexpr std::int64_t moved_from = -1;

    probe(std::int64_t n) : number(n) { ++alive; } // converts on purpose
    probe(const probe& other) : number(other.number) {
        if (refuses_copies) {
            throw copy_refused();
        }
        ++alive;
    }
    probe(probe&& other) noexcept : number(other.number) {
        other.number = moved_from;
        ++alive;
    }
    probe& operator=(const probe&) = delete;
    ~probe() {
        number = -2; // whoever reads it after its end does not find what it was
        --alive;
    }

    std::int64_t number;
};

// The nth allocation from now on fails, once; 0: none does.
void fail_allocation(int nth);

} // namespace poolmark::tests
