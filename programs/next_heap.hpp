// The heap behind a preload of ours: the next malloc, free and so on in the order of the loaded libraries.
//
// dlsym() may call calloc() before it has found anything. What is asked for meanwhile comes from a small buffer, is never
// freed, and is told by its address.
#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <cstring>

namespace poolmark::programs {

struct next_heap {
    void* (*malloc)(std::size_t);
    void (*free)(void*);
    void* (*calloc)(std::size_t, std::size_t);
    void* (*realloc)(void*, std::size_t);
    int (*posix_memalign)(void**, std::size_t, std::size_t);
    void* (*aligned_alloc)(std::size_t, std::size_t);
    void* (*memalign)(std::size_t, std::size_t);
    void* (*valloc)(std::size_t);
    void* (*pvalloc)(std::size_t);
    std::size_t (*malloc_usable_size)(void*);
    void* (*operator_new)(std::size_t);                           // null in a C program: only a failed request needs it
    void* (*operator_new_aligned)(std::size_t, std::size_t);

    bool found;
    bool looking;
    alignas(16) unsigned char early[16384];
    std::size_t early_bytes;

    [[nodiscard]] bool is_early(const void* block) const noexcept {
        return static_cast<const unsigned char*>(block) >= early && static_cast<const unsigned char*>(block) < early + sizeof early;
    }
    // Null when there is no room: glibc's dlsym() asks for far less.
    [[nodiscard]] void* take_early(std::size_t bytes) noexcept {
        const std::size_t rounded = (bytes + 15) & ~std::size_t{15};
        if (rounded < bytes || rounded > sizeof early - early_bytes) {
            return nullptr;
        }
        void* const block = early + early_bytes;
        early_bytes += rounded;
        return block;
    }

    // Whether the heap may be called; false while it is being looked for, in the one thread that there is then.
    [[nodiscard]] bool ready() noexcept {
        if (found) [[likely]] {
            return true;
        }
        if (!looking) {
            look();
        }
        return found;
    }

private:
    [[gnu::noinline, gnu::cold]] void look() noexcept {
        looking = true;
        get(calloc, "calloc");
        get(malloc, "malloc");
        get(free, "free");
        get(realloc, "realloc");
        get(posix_memalign, "posix_memalign");
        get(aligned_alloc, "aligned_alloc");
        get(memalign, "memalign");
        get(valloc, "valloc");
        get(pvalloc, "pvalloc");
        get(malloc_usable_size, "malloc_usable_size");
        get(operator_new, "_Znwm");
        get(operator_new_aligned, "_ZnwmSt11align_val_t");
        found = true;
        looking = false;
    }
    template <class Function>
    static void get(Function*& function, const char* name) noexcept {
        function = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
    }
};

inline constinit next_heap next{};

} // namespace poolmark::programs
