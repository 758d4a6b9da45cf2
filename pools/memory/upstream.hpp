// Where a pool's slabs come from: mapped pages, the process's heap, or one after the other.
//
//   warm_source   heap ──below 32 KiB──► slab ◄──from 32 KiB on── slabs kept warm ◄── kernel      what pools use
//   page_source   kernel ──mmap──► slab      the heap makes no difference
//   heap_source   heap ────new───► slab      whatever serves operator new there does
//
// Good for: putting one pool on either; a test's own source can fail on purpose.
// Bad for:  small blocks from page_source, which hands out whole pages; zeros from warm_source, whose slabs come with
//           whatever was in them.
// Complexity: one system call or one heap allocation each; warm_source needs neither where a slab of the size is kept.
// Bytes:    rounded up to pages; from 2 MiB on to 2 MiB. What is kept is bounded (pools/memory/slab_cache.hpp). Threads: any.
#pragma once

#include "pools/memory/align.hpp"
#include "pools/memory/exceptions.hpp"
#include "pools/memory/poison.hpp"
#include "pools/memory/slab_cache.hpp"
#include "pools/memory/slab_sizes.hpp"
#include "pools/memory/young_blocks.hpp"
#include "pools/pool.hpp"
#include "pools/pool_options.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
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
// before they are used. Both are advice, for whole pages of page_size() bytes: nothing depends on it.
template <class U>
concept discarding_source = upstream_source<U> && requires(void* begin, std::size_t bytes) {
    // Whole pages inside a slab; they read as zeros afterwards. Returns how many bytes of them were resident.
    { U::discard(begin, bytes) } noexcept -> std::same_as<std::size_t>;
    { U::prefault(begin, bytes) } noexcept;
};

// A slab of the source's. A null that it gives becomes the exception that it should have thrown.
template <upstream_source U>
[[nodiscard]] void* allocate_slab(std::size_t bytes, std::size_t alignment) {
    void* const slab = U::allocate(bytes, alignment);
    if (slab == nullptr) [[unlikely]] {
        detail::raise<std::bad_alloc>();
    }
    return slab;
}

// Gives a slab back for good, past whatever the source keeps for later: for pools that are asked to save memory.
template <upstream_source U>
void deallocate_for_good(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
    if constexpr (requires { U::deallocate_for_good(slab, bytes, alignment); }) {
        U::deallocate_for_good(slab, bytes, alignment);
    } else {
        U::deallocate(slab, bytes, alignment);
    }
}

// Zeroed pages from the kernel; touched, and so paid for, when they are first used. A slab of 2 MiB or more is
// aligned to 2 MiB and, unless Huge says never, advised to be of huge pages: with a million scattered objects, most
// misses are the TLB's.
template <huge_pages Huge>
struct mapped_source {
    static constexpr backing memory = backing::pages;
    static constexpr std::size_t page_bytes = 4096; // the smallest there is: what every slab is aligned to at least
    static constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

    [[nodiscard]] static std::size_t usable(std::size_t bytes) noexcept {
        return detail::align_up(bytes, granularity(bytes));
    }

    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        const std::size_t unit = granularity(bytes);
        if (alignment > most_bytes || bytes > most_bytes) {
            detail::raise<std::bad_alloc>();
        }
        const std::size_t length = usable(bytes);
        const std::size_t boundary = alignment > unit ? alignment : unit;
        std::byte* const slab = boundary == page_size() ? map(length) : map_aligned(length, boundary);
        advise(slab, length);
        detail::add_leak_root(slab, length);
        return slab;
    }

    static void deallocate(void* slab, std::size_t bytes, std::size_t /*alignment*/) noexcept {
        detail::remove_leak_root(slab, usable(bytes));
        ::munmap(slab, usable(bytes));
    }

    // What a new slab of `length` bytes is advised to be made of. Advice: where the kernel does not take it, the slab
    // works all the same.
    // Small slabs are told that they are not to be a part of a huge page, which they are where those are always enabled.
    static void advise(void* slab, std::size_t length) noexcept {
        if (Huge == huge_pages::never || granularity(length) == huge_page_bytes) {
            static_cast<void>(::madvise(slab, length, Huge == huge_pages::advise ? MADV_HUGEPAGE : MADV_NOHUGEPAGE));
        }
    }

    static std::size_t discard(void* begin, std::size_t bytes) noexcept {
        const std::size_t resident = resident_bytes(begin, bytes); // not what is swapped out, which goes as well
        return ::madvise(begin, bytes, MADV_DONTNEED) == 0 ? resident : 0;
    }
    // A slab that was given holes is not to be filled up with huge pages again, which the kernel would do by itself: of
    // small ones as well, since it sees one mapping where they touch.
    static void keep_holes(void* slab, std::size_t bytes) noexcept {
        static_cast<void>(::madvise(slab, usable(bytes), MADV_NOHUGEPAGE));
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
        for (std::size_t at = 0; at < bytes; at += page_size()) {
            auto* const byte = static_cast<volatile unsigned char*>(begin) + at;
            *byte = *byte;
        }
    }

    // A pool's slabs may end inside the heap's blocks, whose pages have neighbours: only whole pages are asked about.
    [[nodiscard]] static std::size_t resident_bytes(void* begin, std::size_t bytes) noexcept {
        std::array<unsigned char, 1024> pages{};
        std::size_t count = 0;
        for (std::size_t at = 0; at < bytes; at += pages.size() * page_size()) {
            const std::size_t part = (std::min)(bytes - at, pages.size() * page_size());
            if (::mincore(static_cast<std::byte*>(begin) + at, part, pages.data()) != 0) {
                return bytes; // it cannot tell
            }
            count += static_cast<std::size_t>(std::count_if(pages.begin(), pages.begin() + part / page_size(),
                                                            [](unsigned char page) { return (page & 1U) != 0; }));
        }
        return count * page_size();
    }

    static constexpr std::size_t most_bytes = std::size_t{1} << 47; // the address space of a process

    [[nodiscard]] static std::size_t granularity(std::size_t bytes) noexcept {
        return bytes >= huge_page_bytes ? huge_page_bytes : page_size();
    }

    [[nodiscard]] static std::byte* map(std::size_t length) {
        void* const pages = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro holds it
            detail::raise<std::bad_alloc>();
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
    static constexpr std::size_t first_slab_bytes = 1024; // the largest block that glibc keeps at hand for a thread

    [[nodiscard]] static constexpr std::size_t usable(std::size_t bytes) noexcept { return bytes; }

    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) { // heaps are slower where they must align
            return ::operator new(bytes);
        }
        return ::operator new(bytes, std::align_val_t{alignment});
    }

    static void deallocate(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
        if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
#ifdef __cpp_sized_deallocation
            ::operator delete(slab, bytes);
#else
            ::operator delete(slab);
#endif
            return;
        }
#ifdef __cpp_sized_deallocation // off by default in Clang before 19
        ::operator delete(slab, bytes, std::align_val_t{alignment});
#else
        static_cast<void>(bytes);
        ::operator delete(slab, std::align_val_t{alignment});
#endif
    }
};

// What the pools use unless told otherwise: small slabs are the heap's, so that a pool of a few objects costs no page and
// no system call; larger ones are mapped pages, and when their pool ends they are kept for the next one, up to a bound.
template <huge_pages Huge>
struct warm_pages {
    static constexpr backing memory = backing::pages; // all but the first few KiB of a pool
    static constexpr std::size_t first_slab_bytes = heap_source::first_slab_bytes;
    static constexpr std::size_t mapped_from = detail::small_slab_bytes;

    [[nodiscard]] static std::size_t usable(std::size_t bytes) noexcept {
        return bytes < mapped_from ? bytes : pages::usable(bytes);
    }

    [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t alignment) {
        if (bytes < mapped_from) {
            if (is_young(bytes, alignment)) {
                if (void* const kept = detail::young_blocks::take(bytes); kept != nullptr) {
                    return kept;
                }
            }
            return heap_source::allocate(bytes, alignment);
        }
        const std::size_t length = pages::usable(bytes);
        void* const kept = alignment <= pages::page_bytes ? detail::kept_slabs().take(length) : nullptr;
        if (kept == nullptr) {
            return pages::allocate(bytes, alignment);
        }
        pages::advise(kept, length);
        detail::add_leak_root(kept, length);
        return kept;
    }
    static void deallocate(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
        if (bytes < mapped_from) {
            if (!is_young(bytes, alignment) || !detail::young_blocks::give(slab, bytes)) {
                heap_source::deallocate(slab, bytes, alignment);
            }
        } else {
            keep_warm(slab, bytes);
        }
    }
    static void deallocate_for_good(void* slab, std::size_t bytes, std::size_t alignment) noexcept {
        if (bytes < mapped_from) {
            heap_source::deallocate(slab, bytes, alignment);
        } else {
            pages::deallocate(slab, bytes, alignment);
        }
    }

    static std::size_t discard(void* begin, std::size_t bytes) noexcept { return pages::discard(begin, bytes); }
    static void keep_holes(void* slab, std::size_t bytes) noexcept {
        if (bytes >= mapped_from) { // the heap's pages are its own
            pages::keep_holes(slab, bytes);
        }
    }
    static void prefault(void* begin, std::size_t bytes) noexcept { pages::prefault(begin, bytes); }

private:
    using pages = mapped_source<Huge>;

    [[gnu::__noinline__]] static void keep_warm(void* slab, std::size_t bytes) noexcept { // no code for it in each pool's end
        detail::remove_leak_root(slab, pages::usable(bytes));
        detail::kept_slabs().give(slab, pages::usable(bytes));
    }

    [[nodiscard]] static constexpr bool is_young(std::size_t bytes, std::size_t alignment) noexcept {
        return detail::young_blocks::takes(bytes) && alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__;
    }
};

using warm_source = warm_pages<huge_pages::advise>;

static_assert(discarding_source<page_source> && discarding_source<small_page_source> && discarding_source<warm_source>);
static_assert(upstream_source<heap_source>);
static_assert(first_slab_bytes<page_source> == 65'536 && first_slab_bytes<warm_source> == 1024);

} // namespace poolmark
