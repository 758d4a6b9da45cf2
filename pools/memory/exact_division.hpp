// Which slot an offset belongs to, and whether it is the slot's beginning: one multiplication for both.
//
// A stride is odd * 2^n. Modulo 2^64 an odd number has an inverse, so offset * inverse, rotated right by n, is the
// quotient where the stride divides the offset. Everything else lands above the largest possible quotient, since the
// map is one to one: a single comparison with the number of slots refuses interior and foreign addresses alike.
// (Granlund and Montgomery, "Division by Invariant Integers using Multiplication", exact division.)
//
// Good for: addresses that must be exact. A power of two costs a rotation only.
// Bad for:  rounding down: the quotient of an offset that is no multiple means nothing.
#pragma once

#include <bit>
#include <cstddef>

namespace poolmark::detail {

// The number x with odd * x == 1 modulo 2^64.
[[nodiscard]] constexpr std::size_t inverse_of_odd(std::size_t odd) noexcept {
    std::size_t inverse = odd; // right in the lowest 3 bits; each step doubles them
    for (int bits = 3; bits < 64; bits *= 2) {
        inverse *= 2 - odd * inverse;
    }
    return inverse;
}

// offset / Stride where that is exact; otherwise a number above every exact quotient.
template <std::size_t Stride>
[[nodiscard]] constexpr std::size_t exact_quotient(std::size_t offset) noexcept {
    static_assert(Stride != 0 && sizeof(std::size_t) == 8);
    constexpr int shift = std::countr_zero(Stride);
    constexpr std::size_t inverse = inverse_of_odd(Stride >> shift);
    return std::rotr(offset * inverse, shift);
}

static_assert(inverse_of_odd(1) == 1 && inverse_of_odd(3) * 3 == 1 && inverse_of_odd(12'345) * 12'345 == 1);
static_assert(exact_quotient<24>(0) == 0 && exact_quotient<24>(24) == 1 && exact_quotient<24>(72'000) == 3000);
static_assert(exact_quotient<24>(12) > ~std::size_t{0} / 24 && exact_quotient<64>(8) > ~std::size_t{0} / 64);
static_assert(exact_quotient<1>(77) == 77);

} // namespace poolmark::detail
