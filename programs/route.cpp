// Preloaded to try: sends what chosen call sites of an unmodified program allocate to pools. POOLMARK_ROUTES names a file with one site a
// line, `pool|arena OFFSET MODULE`: the return address of the call as an offset in the file of the program or library. With an empty file it does the
// same work and routes nothing: what that costs is no part of the pools.
//
// Good for: seeing what a pool at a call site would gain before any source is touched.
// Bad for:  sites whose objects are larger than 512 bytes or more strictly aligned than 16: those go on to the heap.
// Threads:  any; a block may be freed by any other thread.
#include "programs/next_heap.hpp"
#include "programs/recording.hpp"
#include "programs/route_pools.hpp"

#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace poolmark::programs {
namespace {

enum class kind : std::uint8_t { none, pool, arena };

struct site {
    char module[512];
    std::uintptr_t offset;
    kind into;
    bool found;
};

struct routes {
    struct entry {
        std::uintptr_t caller;
        kind into;
    };
    static constexpr std::size_t slots = 1024;
    static constexpr std::size_t max_sites = 256;
    entry table[slots];
    site sites[max_sites];
    std::size_t count, missing; // missing: their library is not loaded yet
    std::uint64_t loads;
    std::atomic<bool> on;

    [[nodiscard]] static std::size_t slot_of(std::uintptr_t caller) noexcept { return (caller * 0x9E3779B97F4A7C15U) >> 54U; }

    [[nodiscard, gnu::always_inline]] kind of(const void* address) const noexcept {
        const auto caller = reinterpret_cast<std::uintptr_t>(address);
        for (std::size_t slot = slot_of(caller);; slot = (slot + 1) % slots) {
            if (table[slot].caller == caller) {
                return table[slot].into;
            }
            if (table[slot].caller == 0) [[likely]] {
                return kind::none;
            }
        }
    }

    void read(const char* path) noexcept;
    void find() noexcept;
};
constinit routes chosen{};

void routes::find() noexcept {
    ::dl_iterate_phdr([](dl_phdr_info* info, std::size_t, void*) {
        chosen.loads = info->dlpi_adds;
        char own[1024];
        const char* name = info->dlpi_name;
        if (*name == '\0') { // the program itself
            const ssize_t length = ::readlink("/proc/self/exe", own, sizeof own - 1);
            own[std::max<ssize_t>(length, 0)] = '\0';
            name = own;
        }
        char real[4096];
        name = ::realpath(name, real) != nullptr ? real : name;
        for (std::size_t i = 0; i < chosen.count; ++i) {
            site& wanted = chosen.sites[i];
            if (!wanted.found && std::strcmp(wanted.module, name) == 0) {
                const std::uintptr_t caller = info->dlpi_addr + wanted.offset;
                std::size_t slot = slot_of(caller);
                while (chosen.table[slot].caller != 0) {
                    slot = (slot + 1) % slots;
                }
                chosen.table[slot].into = wanted.into;
                chosen.table[slot].caller = caller;
                wanted.found = true;
                --chosen.missing;
            }
        }
        return 0;
    }, nullptr);
}

void routes::read(const char* path) noexcept {
    static char text[max_sites * sizeof(site)];
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : ::read(file, text, sizeof text - 1);
    if (file >= 0) {
        ::close(file);
    }
    char* rest = text;
    text[std::max<ssize_t>(length, 0)] = '\0';
    for (char* line = nullptr; count < max_sites && (line = ::strsep(&rest, "\n")) != nullptr && *line != '\0';) {
        site& added = sites[count];
        added.into = *line == 'a' ? kind::arena : kind::pool;
        char* const offset = std::strchr(line, ' ');
        char* module = nullptr;
        added.offset = offset == nullptr ? 0 : std::strtoull(offset, &module, 16);
        if (module != nullptr && *module == ' ' && std::strlen(module + 1) < sizeof added.module) {
            std::strcpy(added.module, module + 1);
            ++count;
        }
    }
    missing = count;
}

// Libraries that come later bring the sites in them. Asked for now and then, and only while some are missing.
[[gnu::noinline]] void look_again() noexcept {
    thread_local constinit unsigned calls [[gnu::tls_model("initial-exec")]] = 0;
    if (++calls % 256 != 0) {
        return;
    }
    static std::atomic<bool> looking;
    if (looking.exchange(true)) {
        return;
    }
    std::uint64_t loads = 0;
    ::dl_iterate_phdr([](dl_phdr_info* info, std::size_t, void* result) {
        *static_cast<std::uint64_t*>(result) = info->dlpi_adds;
        return 1;
    }, &loads);
    if (loads != chosen.loads) {
        chosen.find();
    }
    looking = false;
}

[[gnu::constructor]] void begin() {
    const char* const path = std::getenv("POOLMARK_ROUTES");
    if (path == nullptr || !range.reserve()) {
        return;
    }
    routed_pools::make();
    chosen.read(path);
    chosen.find();
    chosen.on = true;
}

// Null when the heap is to serve the request.
[[nodiscard, gnu::always_inline]] inline void* route(std::size_t bytes, const void* caller) noexcept {
    if (bytes > largest_routed_bytes) {
        return nullptr;
    }
    if (chosen.missing != 0) [[unlikely]] {
        look_again();
    }
    const kind into = chosen.of(caller);
    if (into == kind::none) [[likely]] {
        return nullptr;
    }
    return into == kind::arena ? take_from_arena(bytes) : routed_pools::acquire((bytes + (bytes == 0) - 1) / granule);
}

using call_site = const void*;

[[gnu::always_inline]] inline void* allocate(operation, std::size_t bytes, std::size_t alignment, call_site caller) noexcept {
    if (!next.ready()) [[unlikely]] {
        return next.take_early(bytes);
    }
    if (alignment > granule) {
        return next.aligned_alloc(alignment, (bytes + alignment - 1) & ~(alignment - 1));
    }
    void* const block = route(bytes, caller);
    return block != nullptr ? block : next.malloc(bytes);
}

inline void release(operation, void* block, const void*) noexcept {
    if (range.holds(block)) {
        release_routed(block);
    } else if (block != nullptr && !next.is_early(block) && next.ready()) {
        next.free(block);
    }
}

void* move_block(void* old, std::size_t bytes, call_site caller) noexcept {
    if (!next.ready() || next.is_early(old) || range.holds(old) || old == nullptr) {
        if (range.holds(old) && bytes == 0) {
            release_routed(old);
            return nullptr;
        }
        const std::size_t held = old == nullptr ? 0 : range.holds(old) ? routed_bytes(old)
                                                                       : static_cast<std::size_t>(next.early + sizeof next.early - static_cast<unsigned char*>(old));
        if (range.holds(old) && bytes <= held && bytes > held / 2) {
            return old;
        }
        void* const block = allocate(operation::plain_malloc, bytes, 0, caller);
        if (block != nullptr && old != nullptr) {
            std::memcpy(block, old, std::min(bytes, held));
            release(operation::plain_free, old, caller);
        }
        return block;
    }
    return next.realloc(old, bytes);
}

} // namespace
} // namespace poolmark::programs

#define POOLMARK_CALLER __builtin_return_address(0)
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
    if (void* const block = poolmark::programs::route(total, POOLMARK_CALLER); block != nullptr) {
        return std::memset(block, 0, total);
    }
    return next.calloc(count, bytes);
}

std::size_t malloc_usable_size(void* block) {
    if (poolmark::programs::range.holds(block)) {
        return poolmark::programs::routed_bytes(block);
    }
    return block == nullptr || next.is_early(block) || !next.ready() ? 0 : next.malloc_usable_size(block);
}

} // extern "C"
#pragma GCC visibility pop
