// Counts the sizes that a program asks its heap for, to be preloaded: what a workload's own heap looks like, before it is
// littered with such blocks. Nothing is timed here.
//
// Bytes:   512 KiB of counters, touched as far as there are sizes. Threads: any.
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace {

constexpr std::size_t granule = 16; // as heaps round; one counter each, the last one for all that is larger
constexpr std::size_t most_bytes = std::size_t{1} << 20U;

std::array<std::atomic<std::uint64_t>, most_bytes / granule + 1> counts;
std::atomic<std::int64_t> live;
std::atomic<std::int64_t> most_live;
std::atomic<bool> counting;

void* counted(void* block, std::size_t bytes) {
    if (block == nullptr || !counting.load(std::memory_order_relaxed)) {
        return block;
    }
    const std::size_t at = bytes > most_bytes ? counts.size() - 1 : (bytes + granule - 1) / granule;
    counts[at].fetch_add(1, std::memory_order_relaxed);
    const std::int64_t now = live.fetch_add(1, std::memory_order_relaxed) + 1;
    std::int64_t most = most_live.load(std::memory_order_relaxed);
    while (now > most && !most_live.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
    }
    return block;
}

} // namespace

extern "C" {

// From here on calls are counted.
void poolmark_sizes_begin() { counting.store(true); }

// Ends it; calls tell(to, bytes, count) for each size that was asked for, ascending. Returns how many blocks lived at most.
std::uint64_t poolmark_sizes_end(void (*tell)(void* to, std::size_t bytes, std::uint64_t count), void* to) {
    counting.store(false);
    for (std::size_t at = 0; at != counts.size(); ++at) {
        if (const std::uint64_t count = counts[at].load(); count != 0) {
            tell(to, at == 0 ? granule : at * granule, count);
        }
    }
    return static_cast<std::uint64_t>(most_live.load());
}

void* malloc(std::size_t bytes) { return counted(__libc_malloc(bytes), bytes); }
void* calloc(std::size_t count, std::size_t bytes) { return counted(__libc_calloc(count, bytes), count * bytes); }
void* memalign(std::size_t alignment, std::size_t bytes) { return counted(__libc_memalign(alignment, bytes), bytes); }
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
    *block = memalign(alignment, bytes);
    return *block == nullptr ? ENOMEM : 0;
}
void free(void* block) {
    if (block != nullptr && counting.load(std::memory_order_relaxed)) {
        live.fetch_sub(1, std::memory_order_relaxed);
    }
    __libc_free(block);
}
void* realloc(void* block, std::size_t bytes) {
    void* const moved = __libc_realloc(block, bytes);
    if (block != nullptr && (moved != nullptr || bytes == 0) && counting.load(std::memory_order_relaxed)) {
        live.fetch_sub(1, std::memory_order_relaxed);
    }
    return counted(moved, bytes);
}

} // extern "C"
