// What questions about heaps are written against: malloc as it is served to this process, and nothing in its place.
//
// A subject is a template over one of the two. On process_heap it runs on every allocator that the driver preloads; on
// no_heap it is the row `no_heap`: the same bookkeeping and the same writes, without the heap.
#pragma once

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/team.hpp"
#include "benchmarks/harness/workload.hpp"
#include "pools/fresh_heap.hpp"
#include "pools/memory/upstream.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace poolmark::benchmarks {

// Any thread may call. Throws std::bad_alloc where the heap refuses.
struct process_heap {
    static constexpr bool gives_memory = true;

    [[nodiscard]] static void* take(std::size_t bytes) { return checked(std::malloc(bytes)); }
    [[nodiscard]] static void* take_zeroed(std::size_t bytes) { return checked(std::calloc(1, bytes)); }
    [[nodiscard]] static void* resize(void* block, std::size_t bytes) { return checked(std::realloc(block, bytes)); }
    static void give(void* block) noexcept { std::free(block); }

private:
    static void* checked(void* block) {
        escape(block);
        if (block == nullptr) [[unlikely]] {
            throw std::bad_alloc();
        }
        return block;
    }
};

// Hands out one stretch of memory again and again, small blocks a line further each time: what is written to it is soon
// written over, so nothing may be read back. Blocks of up to `largest` bytes. Threads of different numbers have stretches of their own
// for blocks of up to 112 KiB: they must not take each other's lines.
struct no_heap {
    static constexpr bool gives_memory = false;
    static constexpr std::size_t largest = std::size_t{64} << 20U;

    [[nodiscard]] static void* take(std::size_t bytes) {
        static thread_local std::size_t offset = 0;
        offset = (offset + 64) & 0x3fff;
        const std::size_t from = bytes < pages ? offset : 0; // a heap gives the same large block again
        void* block = stretch() + (thread_number & (stretches - 1)) * stretch_bytes + from;
        escape(block);
        return block;
    }
    [[nodiscard]] static void* take_zeroed(std::size_t bytes) { return take(bytes); }
    [[nodiscard]] static void* resize(void* block, std::size_t /*bytes*/) {
        escape(block);
        return block;
    }
    static void give(void* block) noexcept { escape(block); }

private:
    static constexpr std::size_t pages = 4096; // bytes from which on a block is large
    static constexpr std::size_t stretches = 1024;
    static constexpr std::size_t stretch_bytes = std::size_t{128} << 10U;

    static std::byte* stretch() {
        static auto* const mapped = static_cast<std::byte*>(page_source::allocate(largest + stretches * stretch_bytes, 64));
        return mapped;
    }
};

inline constexpr std::size_t line_bytes = 64;

// Writes a word into each line of a block, `value` into the first: memory that nobody touches flatters heaps. Blocks of at
// least 8 bytes.
inline void touch(void* block, std::size_t bytes, std::uint64_t value) noexcept {
    auto* const begin = static_cast<std::byte*>(block);
    for (std::size_t at = 0; at + sizeof value <= bytes; at += line_bytes) {
        std::memcpy(begin + at, &value, sizeof value);
    }
}

// What touch wrote into the first word.
[[nodiscard]] inline std::uint64_t stamp_of(const void* block) noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, block, sizeof value);
    return value;
}

// Not called empty_loop, which is the sign that nothing was measured: here the writes and births of threads are there.
inline constexpr description no_heap_about{"no_heap", family::limit, "the same work, the writes too, without a heap"};

// The two rows that every question about heaps has.
template <template <class> class Subject>
[[nodiscard]] std::vector<strategy> heap_strategies() {
    const auto make = []<class Heap>() -> subject_factory {
        return [](const parameters& where) -> std::unique_ptr<subject> { return std::make_unique<Subject<Heap>>(where); };
    };
    return {{.about = fresh_heap<std::uint64_t>::about, .heap = heap_use::every_allocator, .make = make.template operator()<process_heap>()},
            {.about = no_heap_about, .make = make.template operator()<no_heap>(), .as = role::limit}};
}

} // namespace poolmark::benchmarks
