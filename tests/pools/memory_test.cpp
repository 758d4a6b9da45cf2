// Below the pools: slabs from the kernel, the map from addresses to records, what sanitizers are told.
#include "benchmarks/contenders/storage/catalog.hpp"
#include "pools/memory/address_map.hpp"
#include "pools/memory/exact_division.hpp"
#include "pools/memory/upstream.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#ifdef POOLMARK_HAS_ASAN
#include <sanitizer/lsan_interface.h>
#endif

namespace poolmark::tests {
namespace {

TEST(page_source, aligns_slabs_of_2_mib_and_more_to_2_mib) {
    for (const std::size_t bytes : {std::size_t{2} << 20, (std::size_t{2} << 20) + 1, std::size_t{10} << 20}) {
        void* const slab = page_source::allocate(bytes, 4096);
        EXPECT_TRUE(is_aligned(slab, page_source::huge_page_bytes)) << bytes;
        std::memset(slab, 1, page_source::usable(bytes)); // all of it is ours
        page_source::deallocate(slab, bytes, 4096);
    }
}

TEST(page_source, hands_out_zeroes) {
    auto* const slab = static_cast<unsigned char*>(page_source::allocate(10'000, 64));
    for (std::size_t i = 0; i != page_source::usable(10'000); ++i) {
        ASSERT_EQ(slab[i], 0);
    }
    page_source::deallocate(slab, 10'000, 64);
}

TEST(page_source, throws_bad_alloc_where_there_is_no_such_memory) {
    EXPECT_THROW(static_cast<void>(page_source::allocate(std::size_t{1} << 46, 4096)), std::bad_alloc);
    EXPECT_THROW(static_cast<void>(page_source::allocate(~std::size_t{0} - 4096, 4096)), std::bad_alloc);
}

TEST(heap_source, aligns_as_it_is_asked) {
    for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        void* const slab = heap_source::allocate(8192, alignment);
        EXPECT_TRUE(is_aligned(slab, alignment));
        heap_source::deallocate(slab, 8192, alignment);
    }
}

// The map from addresses to records, on addresses that nobody owns: it must never read what they point to.

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

// What AddressSanitizer and LeakSanitizer are told. In other builds there is nothing to see.
#ifdef POOLMARK_HAS_ASAN

namespace poolmark::tests {
namespace {

template <class P>
void read_after_release() {
    P source(4);
    auto* const block = static_cast<volatile char*>(source.acquire());
    block[0] = 1;
    source.release(const_cast<char*>(block));
    static_cast<void>(block[0]);
}

template <class P>
void read_past_the_end() {
    P source(4);
    auto* const block = static_cast<volatile char*>(source.acquire());
    static_cast<void>(block[sizeof(typename P::value_type)]);
}

TEST(poison_death_test, our_own_pools_die_of_a_use_after_release) {
    for_each_type(append_t<own_pools<cell<24>>, own_pools<cell<24>, heap_source>>{},
                  []<class P>(std::type_identity<P>) {
                      SCOPED_TRACE(P::about.name);
                      EXPECT_DEATH(read_after_release<P>(), "use-after-poison");
                  });
}

TEST(poison_death_test, our_own_pools_die_of_a_read_into_a_slot_that_is_not_out) {
    for_each_type(own_pools<cell<20>>{}, []<class P>(std::type_identity<P>) {
        SCOPED_TRACE(P::about.name);
        EXPECT_DEATH(read_past_the_end<P>(), "AddressSanitizer");
    });
}

TEST(poison, leaves_heap_memory_that_held_a_pool_as_it_found_it) {
    for (int i = 0; i != 3; ++i) {
        slab_pool<cell<64>, heap_source> source;
        source.release(source.acquire());
    }
    auto* const block = static_cast<char*>(heap_source::allocate(64 << 10, 64));
    for (std::size_t at = 0; at != (64u << 10); ++at) {
        block[at] = 1;
    }
    heap_source::deallocate(block, 64 << 10, 64);
}

TEST(poison, lets_the_leak_check_see_what_pooled_objects_own) {
    slab_pool<std::string> slabs;
    stack_pool<std::string> magazines;
    // The only pointers to these texts are in mapped pages, and so are the only pointers to the strings.
    struct holder {
        std::string* one;
        std::string* other;
    };
    slab_pool<holder> holders;
    auto* const held = create(holders, holder{create(slabs, 1000, 'x'), create(magazines, 1000, 'y')});
    EXPECT_EQ(__lsan_do_recoverable_leak_check(), 0);
    destroy(slabs, held->one);
    destroy(magazines, held->other);
    destroy(holders, held);
}

} // namespace
} // namespace poolmark::tests

#endif
