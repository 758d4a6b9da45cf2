// What the work read back, as one number. Equal work gives equal digests; a pool that loses a write, hands out one
// block twice, or skips work gives another one.
#pragma once

#include <cstdint>

namespace poolmark::benchmarks {

class digest {
public:
    void add(std::uint64_t value) noexcept {
        // One step of FNV-1a over a whole word: depends on the order, so lost and swapped values both show.
        state_ = (state_ ^ value) * 0x100000001b3U;
        state_ ^= state_ >> 29U;
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return state_; }

private:
    std::uint64_t state_ = 0xcbf29ce484222325U;
};

// What comes in an order that depends on how threads run: values that are lost or come twice show, their order does not.
class unordered_digest {
public:
    void add(std::uint64_t value) noexcept {
        digest alone;
        alone.add(value);
        sum_ += alone.value();
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return sum_; }

private:
    std::uint64_t sum_ = 0;
};

// Of a batch: what each of the objects holds.
template <class Objects>
[[nodiscard]] std::uint64_t digest_of(const Objects& objects) noexcept {
    digest seen;
    for (const auto* const object : objects) {
        seen.add(object->read());
    }
    return seen.value();
}

} // namespace poolmark::benchmarks
