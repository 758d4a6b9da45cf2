// Blocks that are too large or too strictly aligned for a pool: one upstream allocation each, on a list, so that
// none is lost when the pool ends.
//
//   newest_ ──► │ header │ block │ ◄──► │ header │ block │ ──► null
//
// Good for: the rare large request beside many small ones.
// Bad for:  many blocks: each costs what the upstream costs, which for page_source is two system calls and zeroing.
// Complexity: one upstream allocation each; release_all O(blocks).
// Bytes:    a header of 48 bytes before each block, rounded up to its alignment.
// Threads:  one at a time.
#pragma once

#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace poolmark {

template <upstream_source Upstream>
class large_blocks {
public:
    large_blocks() = default;
    large_blocks(const large_blocks&) = delete;
    large_blocks& operator=(const large_blocks&) = delete;
    ~large_blocks() { release_all(); }

    // Any power of two as alignment; throws std::bad_alloc and changes nothing where there is no such memory.
    [[nodiscard, gnu::__noinline__]] void* acquire(std::size_t bytes, std::size_t alignment) {
        const std::size_t strict = (std::max)(alignment, alignof(std::max_align_t));
        const std::size_t asked =
            (std::min)(strict, most_asked); // stricter ones are cut out of a larger allocation
        const std::size_t before = detail::align_up(sizeof(header), asked) + (strict - asked);
        constexpr std::size_t most = std::size_t{1} << 46; // half the address space of a process
        if (bytes > most || before > most) {
            detail::raise<std::bad_alloc>();
        }
        void* const memory = allocate_slab<Upstream>(before + bytes, asked);
        const auto address = reinterpret_cast<std::uintptr_t>(memory);
        auto* const block =
            static_cast<std::byte*>(memory) + (detail::align_up(address + sizeof(header), strict) - address);
        header* const added =
            std::construct_at(header_of(block), header{nullptr, newest_, memory, before + bytes, asked});
        if (newest_ != nullptr) {
            newest_->newer = added;
        }
        newest_ = added;
        return block;
    }

    [[gnu::__noinline__]] void release(void* block) noexcept {
        header* const gone = header_of(static_cast<std::byte*>(block));
        (gone->newer != nullptr ? gone->newer->older : newest_) = gone->older;
        if (gone->older != nullptr) {
            gone->older->newer = gone->newer;
        }
        give_back(gone);
    }

    void release_all() noexcept {
        while (newest_ != nullptr) {
            give_back(std::exchange(newest_, newest_->older));
        }
    }

    [[nodiscard]] std::size_t bytes() const noexcept { // O(blocks)
        std::size_t sum = 0;
        for (const header* block = newest_; block != nullptr; block = block->older) {
            sum += block->bytes;
        }
        return sum;
    }

private:
    struct alignas(std::max_align_t) header {
        header* newer;
        header* older;
        void* memory; // what the upstream gave
        std::size_t bytes;
        std::size_t alignment;
    };

    static constexpr std::size_t most_asked = page_source::page_bytes; // what every upstream honours

    [[nodiscard]] static header* header_of(std::byte* block) noexcept {
        return reinterpret_cast<header*>(block - sizeof(header));
    }

    static void give_back(const header* block) noexcept {
        Upstream::deallocate(block->memory, block->bytes, block->alignment);
    }

    header* newest_ = nullptr;
};

} // namespace poolmark
