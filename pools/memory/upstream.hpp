// Where a pool's slabs come from: mapped pages, or the process's heap.
//
//   page_source   kernel ──mmap──► slab      the heap makes no difference
//   heap_source   heap ────new───► slab      whatever serves operator new there does
//
// Good for: putting one pool on either; a test's own source can fail on purpose.
// Bad for:  small blocks: page_source hands out whole pages.
// Complexity: one system call or one heap allocation each. Bytes: rounded up to pages; from 2 MiB on to 2 MiB.
// Threads:  any.
#pragma once

#include "pools/memory/align.hpp"
#include "pools/memory/poison.hpp"
#include "pools/pool.hpp"
#include "pools/pool_options.hpp"

#include <sys/mman.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>

namespace poolmark {

// A source of slabs. allocate() never returns null and throws std::bad_alloc; deallocate() takes the same numbers.
// usable() says how many bytes a request for `bytes` may use: a pool asks for that many at once.
template <class U>
concept upstream_source = requires(void* slab, std::size_t bytes, std::size_t alignment) {
    { U::memory } -> std::convertible_to<backing>;
    { U::usable(bytes) } noexcept -> std::same_as<std::size_t>;
    { U::allocate(bytes, alignment) } -> std::same_as<void*>;
    { U::deallocate(slab, bytes, alignment) } noexcept -> std::same_as<void>;
};

// A source that can take back the contents of pages and leave their addresses, and one that can make pages resident
// before they are used. Both are advice: nothing depends on whether the kernel takes it.
template <class U>
concept discarding_source = upstream_source<U> && requires(void* begin, std::size_t bytes) {
    { U::page_bytes } -> std::convertible_to<std::size_t>;
    { U::discard(begin, bytes) } noexcept; // whole pages inside a slab; they read as zeros afterwards
    { U::prefault(begin, bytes) } noexcept;
};

// Zeroed pages from the kernel; touched, and so paid for, when they are first used.
// A slab of 2 MiB or more is aligned to 2 MiB and, unless Huge says never, advised
// to be of huge pages: with a million scattered objects, most misses are the TLB's.
template <huge_pages Huge>
struct mapped_source {
    static constexpr backing memory = backing::pages;
    static constexpr std::size_t page_bytes = 4096;
    static constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

    [[nodiscard]] static constexpr std::size_t usable(std::size_t bytes) noexcept {
        return detail::align_up(bytes, granularity(bytes));
    }

    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        const std::size_t unit = granularity(bytes);
        if (alignment > most_bytes || bytes > most_bytes) {
            throw std::bad_alloc();
        }
        const std::size_t length = usable(bytes);
        const std::size_t boundary = alignment > unit ? alignment : unit;
        std::byte* const slab = boundary == page_bytes ? map(length) : map_aligned(length, boundary);
        if (unit == huge_page_bytes) {
            // Advice: where the kernel does not take it, the slab works all the same.
            static_cast<void>(::madvise(slab, length, Huge == huge_pages::advise ? MADV_HUGEPAGE : MADV_NOHUGEPAGE));
        }
        detail::add_leak_root(slab, length);
        return slab;
    }

    static void deallocate(void* slab, std::size_t bytes, std::size_t /*alignment*/) noexcept {
        detail::remove_leak_root(slab, usable(bytes));
        ::munmap(slab, usable(bytes));
    }

    static void discard(void* begin, std::size_t bytes) noexcept {
        static_cast<void>(::madvise(begin, bytes, MADV_DONTNEED));
    }

    static void prefault(void* begin, std::size_t bytes) noexcept {
#ifdef MADV_POPULATE_WRITE
        constexpr int populate = MADV_POPULATE_WRITE;
#else
        constexpr int populate = 23; // the kernel's number, for C libraries older than their kernel
#endif
        if (::madvise(begin, bytes, populate) != 0) { // before Linux 5.14
            touch_each_page(begin, bytes);
        }
    }

private:
    // Changes nothing. Free slots may be poisoned; this touches them all the same.
    [[gnu::no_sanitize_address]] static void touch_each_page(void* begin, std::size_t bytes) noexcept {
        for (std::size_t at = 0; at < bytes; at += page_bytes) {
            auto* const byte = static_cast<volatile unsigned char*>(begin) + at;
            *byte = *byte;
        }
    }

    static constexpr std::size_t most_bytes = std::size_t{1} << 47; // the address space of a process

    [[nodiscard]] static constexpr std::size_t granularity(std::size_t bytes) noexcept {
        return bytes >= huge_page_bytes ? huge_page_bytes : page_bytes;
    }

    [[nodiscard]] static std::byte* map(std::size_t length) {
        void* const pages = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro holds it
            throw std::bad_alloc();
        }
        return static_cast<std::byte*>(pages);
    }

    // Maps more than needed, by the alignment, and gives back what lies before and behind the aligned part.
    [[nodiscard]] static std::byte* map_aligned(std::size_t length, std::size_t alignment) {
        std::byte* const pages = map(length + alignment);
        const auto address = reinterpret_cast<std::uintptr_t>(pages);
        const std::size_t before = detail::align_up(address, alignment) - address;
        std::byte* const slab = pages + before;
        if (before != 0) {
            ::munmap(pages, before);
        }
        if (before != alignment) {
            ::munmap(slab + length, alignment - before);
        }
        return slab;
    }
};

using page_source = mapped_source<huge_pages::advise>;
using small_page_source = mapped_source<huge_pages::never>;

// The process's heap, through operator new, so that a preloaded allocator or a program's own takes part.
struct heap_source {
    static constexpr backing memory = backing::heap;

    [[nodiscard]] static constexpr std::size_t usable(std::size_t bytes) noexcept { return bytes; }

    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        return ::operator new(bytes, std::align_val_t{alignment});
    }

    static void deallocate(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
#ifdef __cpp_sized_deallocation // off by default in Clang before 19
        ::operator delete(slab, bytes, std::align_val_t{alignment});
#else
        static_cast<void>(bytes);
        ::operator delete(slab, std::align_val_t{alignment});
#endif
    }
};

static_assert(discarding_source<page_source> && discarding_source<small_page_source>);
static_assert(upstream_source<heap_source>);
static_assert(page_source::usable(1) == page_source::page_bytes);
static_assert(page_source::usable(page_source::huge_page_bytes + 1) == 2 * page_source::huge_page_bytes);

} // namespace poolmark
