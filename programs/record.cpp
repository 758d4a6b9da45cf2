// Preloaded to record: every call of malloc's family and of operator new and delete, with its thread, order, size,
// alignment, address and callers, into the folder that POOLMARK_RECORD names. What is in the memory is never looked at.
//
// Good for: seeing which call sites of an unmodified program make which objects, and how those end.
// Bad for:  static and setuid programs, which load no libraries of others, and programs that bring a heap of their own.
// Costs:    12 bytes an event until it is packed, and some nanoseconds; more where threads hand blocks to each other.
#include "programs/next_heap.hpp"
#include "programs/recorder.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>

namespace poolmark::programs {
namespace {

using call_site = const frame_record*;

[[gnu::noinline, gnu::cold]] thread_file* begin_recording() noexcept {
    the_recorder.start();
    return !the_recorder.on.load(std::memory_order_relaxed) || here.busy ? nullptr : the_recorder.open_file();
}

// This thread's file when calls are recorded now.
[[gnu::always_inline]] inline thread_file* recording() noexcept {
    thread_file* const file = here.file;
    return file != nullptr && !here.busy ? file : begin_recording();
}

template <class... Words>
[[gnu::noinline]] void note_at(thread_file& file, const moment& now, Words... words) noexcept {
    std::uint64_t* const to = room(file, sizeof...(words) + 1);
    if (to == nullptr) [[unlikely]] {
        return;
    }
    std::uint64_t* at = to;
    if (now.written) {
        *at++ = make_word(operation::time, now.time & low_60);
    }
    ((*at++ = words), ...);
    commit(file, to, at);
}

template <class... Words>
[[gnu::noinline]] void note_with_time(thread_file& file, const void* block, Words... words) noexcept {
    note_at(file, next_moment(file, block), words...);
}

// Writes an event of one or two words. Mostly the thread is alone, no time is due, and there is room.
template <class... Words>
[[gnu::always_inline]] inline void note(thread_file& file, const void* block, Words... words) noexcept {
    const std::uint64_t place = file.head->place;
    const auto used = static_cast<std::uint32_t>(place);
    const std::uint32_t crowd = the_recorder.crowd.load(std::memory_order_acquire);
    if (file.left == 1 || crowd != file.crowd || (crowd & 1U) != 0 || used + sizeof...(words) > window_words) [[unlikely]] {
        note_with_time(file, block, words...);
        return;
    }
    --file.left;
    ++file.time;
    std::uint64_t* at = file.window + used;
    ((*at++ = words), ...);
    std::atomic_signal_fence(std::memory_order_release);
    file.head->place = place + sizeof...(words);
}

[[nodiscard]] inline std::uint64_t address_of(const void* block) noexcept { return reinterpret_cast<std::uintptr_t>(block) & low_48; }

// A block has begun.
[[gnu::always_inline]] inline void note_block(operation how, void* block, std::size_t bytes, std::size_t alignment, call_site hook) noexcept {
    if (block == nullptr) {
        return;
    }
    if (thread_file* const file = recording(); file != nullptr) {
        const std::uint32_t stack = the_recorder.stack_of(*file, hook);
        const unsigned align_log2 = alignment == 0 ? 0U : static_cast<unsigned>(std::bit_width(alignment) - 1);
        note(*file, block, make_word(how, address_of(block), align_log2), make_request(bytes, stack));
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

[[gnu::always_inline]] inline void* allocate(operation how, std::size_t bytes, std::size_t alignment, call_site hook) noexcept {
    if (!next.ready()) [[unlikely]] {
        return next.take_early(bytes);
    }
    if (here.busy) [[unlikely]] {
        return own.take(bytes);
    }
    void* const block = alignment == 0 ? next.malloc(bytes) : next.aligned_alloc(alignment, (bytes + alignment - 1) & ~(alignment - 1));
    note_block(how, block, bytes, alignment, hook);
    return block;
}

[[gnu::always_inline]] inline void release(operation how, void* block, call_site /*hook*/) noexcept {
    if (block == nullptr || is_own(block) || !next.ready()) [[unlikely]] {
        return;
    }
    if (thread_file* const file = recording(); file != nullptr) {
        note(*file, block, make_word(how, address_of(block)));
    }
    next.free(block);
}

void* move_block(void* old, std::size_t bytes, call_site hook) noexcept {
    if (!next.ready() || is_own(old) || here.busy) [[unlikely]] {
        void* const block = allocate(operation::plain_malloc, bytes, 0, hook);
        if (block != nullptr && old != nullptr) { // how long it was is not known; what follows it may be read
            const unsigned char* const end = next.is_early(old) ? next.early + sizeof next.early : own.begin.load() + own_blocks::bytes;
            std::memcpy(block, old, std::min<std::size_t>(bytes, static_cast<std::size_t>(end - static_cast<unsigned char*>(old))));
        }
        return block;
    }
    thread_file* const file = recording();
    const bool ends = old != nullptr && file != nullptr;
    const moment before = ends ? next_moment(*file, old) : moment{}; // another thread may get the old address while this one still waits
    void* const block = next.realloc(old, bytes);
    if (ends && (block != nullptr || bytes == 0)) {
        note_at(*file, before, make_word(operation::moved, address_of(old)));
    } else if (ends) {
        file->left = 1; // a tick without an event: the next one has a time of its own
    }
    note_block(old == nullptr ? operation::plain_malloc : operation::reallocated, block, bytes, 0, hook);
    return block;
}

} // namespace
} // namespace poolmark::programs

#define POOLMARK_CALLER static_cast<poolmark::programs::call_site>(__builtin_frame_address(0)) // what the unwinder begins with
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

// Other code may come to where this was.
int dlclose(void* library) {
    static const auto real = reinterpret_cast<int (*)(void*)>(::dlsym(RTLD_NEXT, "dlclose"));
    const int error = real(library);
    ++poolmark::programs::the_recorder.unloads;
    return error;
}

} // extern "C"
#pragma GCC visibility pop
