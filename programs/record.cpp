// Preloaded to record: every call of malloc's family and of operator new and delete, with its thread, order, size, usable size,
// alignment, address and callers, into the folder that POOLMARK_RECORD names. What is in the memory is never looked at.
//
// Good for: seeing which call sites of an unmodified program make which objects, and how those end.
// Bad for:  static and setuid programs, which load no libraries of others, and programs that bring a heap of their own.
// Costs:    about 20 ns an event with callers alone, 60 and more with eight frames; 24 bytes an event on disk.
#include "programs/next_heap.hpp"
#include "programs/recorder.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>

namespace poolmark::programs {
namespace {

// This thread's file when calls are recorded now.
[[gnu::always_inline]] inline thread_file* recording() noexcept {
    if (!the_recorder.on.load(std::memory_order_relaxed)) [[unlikely]] {
        the_recorder.start();
        if (!the_recorder.on.load(std::memory_order_relaxed)) {
            return nullptr;
        }
    }
    if (here.busy) [[unlikely]] {
        return nullptr;
    }
    return here.file != nullptr ? here.file : the_recorder.open_file();
}

[[gnu::always_inline]] inline void put(thread_file& file, std::uint64_t time, operation how, const void* block, std::size_t bytes, std::size_t slack,
                unsigned align_log2, std::uint32_t stack) noexcept {
    if (room(file, 1)) [[likely]] {
        *file.next++ = make_event(time, how, reinterpret_cast<std::uintptr_t>(block), bytes, slack, stack, align_log2);
    }
}

[[gnu::always_inline]] inline void note_block(operation how, void* block, std::size_t bytes, std::size_t alignment, const void* caller) noexcept {
    if (block == nullptr) {
        return;
    }
    if (thread_file* const file = recording(); file != nullptr) {
        const std::uint32_t stack = the_recorder.stack_of(*file, caller);
        const std::size_t usable = next.malloc_usable_size == nullptr ? bytes : next.malloc_usable_size(block);
        put(*file, the_recorder.clock.ticks(), how, block, bytes, usable > bytes ? usable - bytes : 0,
            alignment == 0 ? 0U : static_cast<unsigned>(std::bit_width(alignment) - 1), stack);
    }
}

// What the unwinder allocates is freed when a thread ends, at a time when calls are recorded again. It comes from a range of its own, and stays.
struct own_blocks {
    static constexpr std::size_t bytes = std::size_t{256} << 20U;
    std::atomic<unsigned char*> begin;
    std::atomic<std::size_t> used;

    [[nodiscard]] bool holds(const void* block) const noexcept {
        const unsigned char* const first = begin.load(std::memory_order_relaxed);
        return first != nullptr && static_cast<std::size_t>(static_cast<const unsigned char*>(block) - first) < bytes;
    }
    // Zeros; null when there is no room.
    [[nodiscard]] void* take(std::size_t wanted) noexcept {
        if (begin.load(std::memory_order_acquire) == nullptr) {
            void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            unsigned char* nobody = nullptr;
            if (mapped == MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro holds it
                return nullptr;
            }
            if (!begin.compare_exchange_strong(nobody, static_cast<unsigned char*>(mapped))) {
                ::munmap(mapped, bytes);
            }
        }
        const std::size_t rounded = (wanted + 15) & ~std::size_t{15};
        const std::size_t at = used.fetch_add(rounded);
        return rounded < wanted || at > bytes || rounded > bytes - at ? nullptr : begin.load() + at;
    }
};
constinit own_blocks own{};

[[nodiscard]] bool is_own(const void* block) noexcept { return next.is_early(block) || own.holds(block); }

[[gnu::always_inline]] inline void* allocate(operation how, std::size_t bytes, std::size_t alignment, const void* caller) noexcept {
    if (!next.ready()) [[unlikely]] {
        return next.take_early(bytes);
    }
    if (here.busy) [[unlikely]] {
        return own.take(bytes);
    }
    void* const block = alignment == 0 ? next.malloc(bytes) : next.aligned_alloc(alignment, (bytes + alignment - 1) & ~(alignment - 1));
    note_block(how, block, bytes, alignment, caller);
    return block;
}

[[gnu::always_inline]] inline void release(operation how, void* block, const void* /*caller*/) noexcept {
    if (block == nullptr || is_own(block) || !next.ready()) [[unlikely]] {
        return;
    }
    if (thread_file* const file = recording(); file != nullptr) {
        put(*file, the_recorder.clock.ticks(), how, block, 0, 0, 0, 0);
    }
    next.free(block);
}

void* move_block(void* old, std::size_t bytes, const void* caller) noexcept {
    if (!next.ready() || is_own(old) || here.busy) [[unlikely]] {
        void* const block = allocate(operation::plain_malloc, bytes, 0, caller);
        if (block != nullptr && old != nullptr) { // how long it was is not known; what follows it may be read
            const unsigned char* const end = next.is_early(old) ? next.early + sizeof next.early : own.begin.load() + own_blocks::bytes;
            std::memcpy(block, old, std::min<std::size_t>(bytes, static_cast<std::size_t>(end - static_cast<unsigned char*>(old))));
        }
        return block;
    }
    const std::uint64_t before = the_recorder.clock.ticks(); // another thread may get the old address while this one still waits
    void* const block = next.realloc(old, bytes);
    if (old != nullptr && (block != nullptr || bytes == 0)) {
        if (thread_file* const file = recording(); file != nullptr) {
            put(*file, before, operation::moved, old, 0, 0, 0, 0);
        }
    }
    note_block(old == nullptr ? operation::plain_malloc : operation::reallocated, block, bytes, 0, caller);
    return block;
}

} // namespace
} // namespace poolmark::programs

#include "programs/operators.hpp"

using poolmark::programs::next;
using poolmark::programs::operation;

#pragma GCC visibility push(default) // all else in here is hidden from the program
extern "C" {

void* calloc(std::size_t count, std::size_t bytes) {
    std::size_t total = 0;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        errno = ENOMEM;
        return nullptr;
    }
    if (!next.ready()) [[unlikely]] {
        return next.take_early(total);
    }
    if (poolmark::programs::here.busy) [[unlikely]] {
        return poolmark::programs::own.take(total);
    }
    void* const block = next.calloc(count, bytes);
    poolmark::programs::note_block(operation::zeroed, block, total, 0, POOLMARK_CALLER);
    return block;
}


int posix_memalign(void** result, std::size_t alignment, std::size_t bytes) {
    if (!next.ready()) {
        return ENOMEM;
    }
    const int error = next.posix_memalign(result, alignment, bytes);
    if (error == 0) {
        poolmark::programs::note_block(operation::aligned, *result, bytes, alignment, POOLMARK_CALLER);
    }
    return error;
}

#define POOLMARK_ALIGNED(NAME, PARAMETERS, ALIGNMENT, ...)                                                                         \
    void* NAME PARAMETERS {                                                                                                        \
        if (!next.ready()) {                                                                                                       \
            return nullptr;                                                                                                        \
        }                                                                                                                          \
        void* const block = next.NAME(__VA_ARGS__);                                                                                \
        poolmark::programs::note_block(operation::aligned, block, bytes, ALIGNMENT, POOLMARK_CALLER);                              \
        return block;                                                                                                              \
    }
POOLMARK_ALIGNED(aligned_alloc, (std::size_t alignment, std::size_t bytes), alignment, alignment, bytes)
POOLMARK_ALIGNED(memalign, (std::size_t alignment, std::size_t bytes), alignment, alignment, bytes)
POOLMARK_ALIGNED(valloc, (std::size_t bytes), 4096, bytes)
POOLMARK_ALIGNED(pvalloc, (std::size_t bytes), 4096, bytes)

} // extern "C"
#pragma GCC visibility pop
