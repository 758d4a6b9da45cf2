// A malloc that only moves a pointer and never frees, to be preloaded. It stands for the limit: no heap can do
// less work for a block than an addition and a comparison.
//
//   64 MiB chunk, one per thread, aligned to its size; the rest of a dead thread's goes to a later thread
//   ┌──────┬────────┬───────┬──────────────────────────┐
//   │header│ block  │ block │ untouched                │
//   └──────┴────────┴───────┴──────────────────────────┘
//                           ▲ cursor                   ▲ limit
//
// Good for: seeing how much of a time is the heap's work at all.
// Bad for:  anything that runs for long. Each block is fresh memory, so what it saves in instructions it pays
//           back in page faults once the chunk's first touch costs more than a reused block would.
// Memory:   0 bytes per block beyond rounding to 16. Every byte ever asked for stays mapped, up to
//           POOLMARK_BUMP_LIMIT_BYTES (8 GiB unless set); beyond it malloc returns null.
// Threads:  safe; each thread has a cursor of its own. One that ends leaves it to a later one, so that threads that come and
//           go take no more memory than they ask for.
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} << 20;
constexpr std::size_t natural_alignment = 16;

// At the head of each chunk, so that realloc can tell how far a block may reach.
struct alignas(natural_alignment) chunk_header {
    std::size_t bytes;
};

struct cursor {
    std::uintptr_t next;
    std::uintptr_t limit;
};

// initial-exec: one load from the thread pointer, and no call into the linker from inside malloc.
[[gnu::tls_model("initial-exec")]] constinit thread_local cursor here{0, 0};
constinit std::atomic<std::size_t> mapped_bytes{0};

constexpr std::uintptr_t align_up(std::uintptr_t value, std::size_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}
static_assert(align_up(1, 16) == 16 && align_up(16, 16) == 16);

std::size_t mapping_limit() {
    static const std::size_t limit = [] {
        const char* const text = std::getenv("POOLMARK_BUMP_LIMIT_BYTES");
        const unsigned long long value = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
        return value != 0 ? static_cast<std::size_t>(value) : std::size_t{8} << 30;
    }();
    return limit;
}

// Whether `bytes` more may be mapped. A refused request leaves the account as it was.
bool reserve(std::size_t bytes) {
    if (mapped_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes > mapping_limit()) {
        mapped_bytes.fetch_sub(bytes, std::memory_order_relaxed);
        return false;
    }
    return true;
}

// A chunk of at least `bytes` after its header, aligned to chunk_bytes. Zero when there is none to be had.
std::uintptr_t map_chunk(std::size_t bytes) {
    const std::size_t wanted = align_up(bytes + sizeof(chunk_header), chunk_bytes);
    if (wanted < bytes || !reserve(wanted)) {
        return 0;
    }
    // Mapped one chunk too large and trimmed to an aligned one.
    void* const raw = ::mmap(nullptr, wanted + chunk_bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (raw == MAP_FAILED) {
        mapped_bytes.fetch_sub(wanted, std::memory_order_relaxed);
        return 0;
    }
    const auto begin = reinterpret_cast<std::uintptr_t>(raw);
    const std::uintptr_t chunk = align_up(begin, chunk_bytes);
    if (chunk != begin) {
        ::munmap(raw, chunk - begin);
    }
    ::munmap(reinterpret_cast<void*>(chunk + wanted), begin + chunk_bytes - chunk);
    ::madvise(reinterpret_cast<void*>(chunk), wanted, MADV_HUGEPAGE);
    ::new (reinterpret_cast<void*>(chunk)) chunk_header{wanted};
    return chunk;
}

// What dead threads left: each rest of a chunk begins with this.
struct rest {
    rest* below;
    std::uintptr_t limit;
};

constinit rest* rests = nullptr;
constinit std::atomic_flag rests_held = ATOMIC_FLAG_INIT;

class holding_rests {
public:
    holding_rests() {
        while (rests_held.test_and_set(std::memory_order_acquire)) {
        }
    }
    holding_rests(const holding_rests&) = delete;
    holding_rests& operator=(const holding_rests&) = delete;
    ~holding_rests() { rests_held.clear(std::memory_order_release); }
};

// Called when a thread ends that has a cursor. Should it allocate once more, it takes a rest again.
void leave_rest(void*) {
    const cursor left = here;
    here = {0, 0};
    if (left.limit - left.next >= sizeof(rest)) {
        const holding_rests lock;
        rests = ::new (reinterpret_cast<void*>(left.next)) rest{rests, left.limit};
    }
}

// Moves the thread's cursor to a rest that has room for `bytes`, if the last one left has.
bool take_rest(std::size_t bytes) {
    const holding_rests lock;
    rest* const last = rests;
    const auto begin = reinterpret_cast<std::uintptr_t>(last);
    if (last == nullptr || last->limit - begin < bytes) {
        return false;
    }
    rests = last->below;
    here = {begin, last->limit};
    *last = {}; // calloc relies on zeros
    return true;
}

// Has leave_rest called at the end of this thread.
void remember_thread() {
    static const pthread_key_t ending = [] {
        pthread_key_t made{};
        return ::pthread_key_create(&made, leave_rest) == 0 ? made : ~pthread_key_t{0};
    }();
    ::pthread_setspecific(ending, &here);
}

inline void* allocate(std::size_t bytes, std::size_t alignment);

[[gnu::noinline, gnu::cold]] void* allocate_in_new_chunk(std::size_t bytes, std::size_t alignment) {
    if (bytes > PTRDIFF_MAX - chunk_bytes - alignment) {
        errno = ENOMEM;
        return nullptr;
    }
    if (here.limit == 0 && take_rest(bytes + alignment)) {
        remember_thread();
        return allocate(bytes, alignment);
    }
    const std::uintptr_t chunk = map_chunk(bytes + alignment);
    if (chunk == 0) {
        errno = ENOMEM;
        return nullptr;
    }
    const std::uintptr_t end = chunk + reinterpret_cast<chunk_header*>(chunk)->bytes;
    const std::uintptr_t block = align_up(chunk + sizeof(chunk_header), alignment);
    if (end - chunk == chunk_bytes) { // a block of its own size leaves the thread's cursor where it was
        here = {align_up(block + bytes, natural_alignment), end};
        remember_thread();
    }
    return reinterpret_cast<void*>(block);
}

inline void* allocate(std::size_t bytes, std::size_t alignment) {
    const std::uintptr_t block = align_up(here.next, alignment);
    // Two blocks may not share an address, so an empty one takes a byte. Compared as what is left, which cannot
    // wrap for a huge request as an addition could.
    const std::size_t needed = bytes + (bytes == 0);
    if (here.limit < block || here.limit - block < needed) [[unlikely]] {
        return allocate_in_new_chunk(needed, alignment);
    }
    here.next = align_up(block + needed, natural_alignment);
    return reinterpret_cast<void*>(block);
}

void* allocate_or_throw(std::size_t bytes, std::size_t alignment) {
    void* const block = allocate(bytes, alignment);
    if (block == nullptr) [[unlikely]] {
        throw std::bad_alloc();
    }
    return block;
}

bool is_power_of_two(std::size_t value) { return value != 0 && (value & (value - 1)) == 0; }

} // namespace

extern "C" {

const char* poolmark_bump_version() { return "1"; }

void* malloc(std::size_t bytes) { return allocate(bytes, natural_alignment); }

void free(void*) {}

// Fresh pages are zero and no block is handed out twice.
void* calloc(std::size_t count, std::size_t bytes) {
    std::size_t total = 0;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        errno = ENOMEM;
        return nullptr;
    }
    return allocate(total, natural_alignment);
}

void* realloc(void* old, std::size_t bytes) {
    void* const block = allocate(bytes, natural_alignment);
    if (old != nullptr && block != nullptr) {
        // No block remembers its size: whatever follows the old one in its chunk is readable, and harmless.
        const std::uintptr_t from = reinterpret_cast<std::uintptr_t>(old);
        const std::uintptr_t chunk = from & ~(chunk_bytes - 1);
        const std::uintptr_t end = chunk + reinterpret_cast<const chunk_header*>(chunk)->bytes;
        std::memmove(block, old, std::min<std::size_t>(bytes, end - from));
    }
    return block;
}

int posix_memalign(void** result, std::size_t alignment, std::size_t bytes) {
    if (!is_power_of_two(alignment) || alignment % sizeof(void*) != 0) {
        return EINVAL;
    }
    void* const block = allocate(bytes, std::max(alignment, natural_alignment));
    if (block == nullptr) {
        return ENOMEM;
    }
    *result = block;
    return 0;
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    if (!is_power_of_two(alignment)) {
        errno = EINVAL;
        return nullptr;
    }
    return allocate(bytes, std::max(alignment, natural_alignment));
}

void* memalign(std::size_t alignment, std::size_t bytes) { return aligned_alloc(alignment, bytes); }
void* valloc(std::size_t bytes) { return allocate(bytes, 4096); }
void* pvalloc(std::size_t bytes) { return allocate(align_up(bytes, 4096), 4096); }

// Blocks do not know their size. Zero is the one answer that makes no caller write where it must not.
std::size_t malloc_usable_size(void*) { return 0; }

} // extern "C"

// Exported like the other heaps export theirs, so that none of them pays for a second call.
void* operator new(std::size_t bytes) { return allocate_or_throw(bytes, natural_alignment); }
void* operator new[](std::size_t bytes) { return allocate_or_throw(bytes, natural_alignment); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes, natural_alignment); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes, natural_alignment); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return allocate_or_throw(bytes, std::max(static_cast<std::size_t>(alignment), natural_alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return allocate_or_throw(bytes, std::max(static_cast<std::size_t>(alignment), natural_alignment));
}
void operator delete(void*) noexcept {}
void operator delete[](void*) noexcept {}
void operator delete(void*, std::size_t) noexcept {}
void operator delete[](void*, std::size_t) noexcept {}
void operator delete(void*, std::align_val_t) noexcept {}
void operator delete[](void*, std::align_val_t) noexcept {}
void operator delete(void*, std::size_t, std::align_val_t) noexcept {}
void operator delete[](void*, std::size_t, std::align_val_t) noexcept {}
