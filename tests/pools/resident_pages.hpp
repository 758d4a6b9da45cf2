// Which pages of a mapping are in memory, and pools whose pages a test watches.
#pragma once

#include "pools/object_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <sys/auxv.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

namespace poolmark::tests {

inline const std::size_t page_bytes = ::getauxval(AT_PAGESZ);

[[nodiscard]] inline const std::byte* page_of(const void* address) {
    return reinterpret_cast<const std::byte*>(reinterpret_cast<std::uintptr_t>(address) & ~(page_bytes - 1));
}

// How many of the pages from `first` on are resident.
[[nodiscard]] inline std::size_t resident_pages(const std::byte* first, std::size_t pages) {
    std::vector<unsigned char> state(pages);
    if (::mincore(const_cast<std::byte*>(first), pages * page_bytes, state.data()) != 0) {
        return pages;
    }
    return static_cast<std::size_t>(
        std::count_if(state.begin(), state.end(), [](unsigned char s) { return s & 1; }));
}

// False where the kernel calls pages resident that nobody has touched: some sandboxes do.
[[nodiscard]] inline bool can_see_residency() {
    constexpr std::size_t pages = 4;
    void* const probe =
        ::mmap(nullptr, pages * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool sees = resident_pages(static_cast<const std::byte*>(probe), pages) == 0;
    ::munmap(probe, pages * page_bytes);
    return sees;
}

// Mapped pages, and which of them are out.
template <class Source>
struct watched : Source {
    static inline std::map<std::byte*, std::size_t> out;

    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        void* const memory = Source::allocate(bytes, alignment);
        out.emplace(static_cast<std::byte*>(memory), Source::usable(bytes) / page_bytes);
        return memory;
    }
    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        out.erase(static_cast<std::byte*>(memory));
        Source::deallocate(memory, bytes, alignment);
    }
    [[nodiscard]] static std::size_t pages() {
        std::size_t sum = 0;
        for (const auto& [memory, pages] : out) {
            sum += pages;
        }
        return sum;
    }
    [[nodiscard]] static std::size_t resident() {
        std::size_t sum = 0;
        for (const auto& [memory, pages] : out) {
            sum += resident_pages(memory, pages);
        }
        return sum;
    }
};
using watched_source = watched<small_page_source>;
static_assert(discarding_source<watched_source>);

inline constexpr std::size_t object_bytes = 64;
inline const std::size_t per_page = page_bytes / object_bytes;
using block = cell<object_bytes>*;
using watched_pool = object_pool<cell<object_bytes>, pool_options{}, watched_source>;
using checked_pool = object_pool<cell<object_bytes>, pool_options{.checks = check::fast}, watched_source>;

class object_pool_memory : public testing::Test {
protected:
    void SetUp() override {
        if (!can_see_residency()) {
            GTEST_SKIP() << "this kernel does not tell which pages are resident";
        }
    }
    void TearDown() override { EXPECT_EQ(watched_source::pages(), 0u) << "everything went back"; }
};

template <class P>
std::vector<block> acquire_and_write(P& pool, std::size_t objects) {
    std::vector<block> out(objects);
    pool.acquire_n(out);
    for (const block each : out) {
        std::memset(each, 1, object_bytes);
    }
    return out;
}

} // namespace poolmark::tests
