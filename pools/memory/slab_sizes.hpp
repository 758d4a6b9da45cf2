// How large a pool's slabs are: the first one, and the one after another.
//
//   1, 2 or 4 KiB ──x4──► 16 KiB ──x4──► 64 KiB ──x2──► ... ──x2──► the pool's largest
//
// Good for: pools of all kinds that leave behind what the next pool can use.
// Bad for:  pools that know how many objects will come: they ask for one slab that holds them.
// Complexity: O(1). Bytes: none. Threads: any.
#pragma once

#include "pools/memory/young_blocks.hpp"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstddef>

namespace poolmark {

// The first slab that a pool without a hint asks for. Pages make small ones pointless; a source that serves them says so.
template <class U>
inline constexpr std::size_t first_slab_bytes = [] {
    if constexpr (requires { U::first_slab_bytes; }) {
        return std::size_t{U::first_slab_bytes};
    } else {
        return std::size_t{64} << 10;
    }
}();

namespace detail {

// Below this, the heap's blocks; from it on, pages.
inline constexpr std::size_t small_slab_bytes = std::size_t{32} << 10;

// The first slab of a pool whose first few slots need so many bytes, and the slab after one of so many. Powers of two: what
// one pool leaves behind then fits the next one, whatever its type. Young pools take longer steps, which are cheap: what is
// not carved is not touched. Beyond the largest, doubling saves no more calls; it would only ask for address space that may
// not be there.
template <class U>
[[nodiscard]] constexpr std::size_t first_slab_for(std::size_t needed) noexcept {
    return (std::max)(first_slab_bytes<U>, needed <= young_blocks::largest_bytes ? std::bit_ceil(needed) : needed);
}
[[nodiscard]] constexpr std::size_t slab_after(std::size_t bytes, std::size_t largest) noexcept {
    return (std::min)(std::bit_floor(bytes * (bytes < small_slab_bytes ? 4 : 2)), largest);
}

// How a slab goes back: to whatever its source keeps, or for good.
using slab_deallocation = void(void* slab, std::size_t bytes, std::size_t alignment) noexcept;
template <class U>
void deallocate_slab(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
    U::deallocate(slab, bytes, alignment);
}

} // namespace detail

// The system's page, in bytes. Asked once: 4 KiB on x86, up to 64 KiB elsewhere.
[[nodiscard]] inline std::size_t page_size() noexcept {
    static const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return bytes;
}

} // namespace poolmark
