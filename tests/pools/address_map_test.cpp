// The map from addresses to records, on addresses that nobody owns: it must never read what they point to.
#include "pools/memory/address_map.hpp"
#include "pools/memory/exact_division.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace poolmark::tests {
namespace {

struct record {
    std::uintptr_t base = 0;
    std::size_t bytes = 0;
    [[nodiscard]] bool covers(std::uintptr_t address) const noexcept { return address - base < bytes; }
};
using map_of_records = detail::address_map<record, 4096>;

const void* at(std::uintptr_t address) { return reinterpret_cast<const void*>(address); }

TEST(address_map, that_is_empty_finds_nothing) {
    const map_of_records map;
    for (const std::uintptr_t address : {std::uintptr_t{0}, std::uintptr_t{4096}, ~std::uintptr_t{0}}) {
        EXPECT_EQ(map.find(address), nullptr);
        EXPECT_FALSE(map.probe(address)->covers(address));
    }
}

TEST(address_map, finds_every_granule_of_a_record_and_nothing_beside_it) {
    std::vector<record*> table(map_of_records::places_for(5));
    map_of_records map;
    map.rest_on(table.data(), table.size());
    record one{0x7f0000010000, 5 * 4096};
    map.add(at(one.base), one.bytes, &one);
    for (std::uintptr_t address = one.base; address != one.base + one.bytes; address += 512) {
        EXPECT_EQ(map.probe(address), &one);
        EXPECT_EQ(map.find(address), &one);
    }
    EXPECT_EQ(map.find(one.base - 1), nullptr);
    EXPECT_EQ(map.find(one.base + one.bytes), nullptr);
}

TEST(address_map, tells_records_apart_that_want_the_same_place) {
    std::vector<record*> table(map_of_records::places_for(4));
    map_of_records map;
    map.rest_on(table.data(), table.size());
    std::vector<record> records;
    for (std::uintptr_t i = 0; i != 4; ++i) {
        records.push_back({i * table.size() * 4096 + 0x10000000, 4096});
    }
    for (record& one : records) {
        map.add(at(one.base), one.bytes, &one);
    }
    for (record& one : records) {
        EXPECT_EQ(map.find(one.base + 100), &one);
    }
    EXPECT_EQ(map.find(4 * table.size() * 4096 + 0x10000000), nullptr) << "wants that place, and is not there";
}

template <std::size_t Stride>
void divides() {
    for (std::size_t offset = 0; offset != 20 * Stride; ++offset) {
        const std::size_t quotient = detail::exact_quotient<Stride>(offset);
        if (offset % Stride == 0) {
            ASSERT_EQ(quotient, offset / Stride) << Stride;
        } else {
            ASSERT_GT(quotient, std::size_t{1} << 40) << Stride << " does not divide " << offset;
        }
    }
}

TEST(exact_quotient, is_the_quotient_or_larger_than_any) {
    divides<1>();
    divides<3>();
    divides<8>();
    divides<24>();
    divides<72>();
    divides<4096>();
    divides<5000>();
    EXPECT_GT(detail::exact_quotient<24>(~std::size_t{0} - 23), std::size_t{1} << 40) << "one below the beginning";
}

} // namespace
} // namespace poolmark::tests
