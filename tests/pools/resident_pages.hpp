// Which pages of a mapping are in memory.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace poolmark::tests {

inline constexpr std::size_t page_bytes = 4096;

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

} // namespace poolmark::tests
