// mimalloc's functions, out of a library that is opened privately at run time. Linking it, or opening it for all
// to see, would make it the heap of the whole process, and every comparison with the process's heap meaningless.
//
//   process ──malloc──► the process's heap          mimalloc_heap ──pointer──► libmimalloc.so.2 (RTLD_LOCAL)
//
// Good for: one heap of its own beside another. Bad for: calls that are inlined; these go through pointers.
// Complexity: opened once, at the first call. Threads: any.
#pragma once

#include <dlfcn.h>
#include <unistd.h>

#include <cstddef>
#include <stdexcept>
#include <string>

namespace poolmark::detail {

struct mimalloc_library {
    struct heap; // the library's, which only it looks into

    heap* (*heap_new)();
    void (*heap_destroy)(heap*);
    void* (*heap_malloc_small)(heap*, std::size_t); // up to most_small bytes
    void* (*heap_malloc)(heap*, std::size_t);
    void* (*heap_malloc_aligned)(heap*, std::size_t, std::size_t);
    void (*free)(void*);

    static constexpr std::size_t most_small = 128 * sizeof(void*); // the library's MI_SMALL_SIZE_MAX

    // Throws std::runtime_error, naming the package, when the library is not there or is another one.
    [[nodiscard]] static mimalloc_library open(const char* path) {
        void* const handle = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) {
            fail(::dlerror());
        }
        mimalloc_library found{};
        find(handle, "mi_heap_new", found.heap_new);
        find(handle, "mi_heap_destroy", found.heap_destroy);
        find(handle, "mi_heap_malloc_small", found.heap_malloc_small);
        find(handle, "mi_heap_malloc", found.heap_malloc);
        find(handle, "mi_heap_malloc_aligned", found.heap_malloc_aligned);
        find(handle, "mi_free", found.free);
        return found; // and never closed: blocks and heaps of other pools may be left
    }

private:
    template <class Function>
    static void find(void* handle, const char* name, Function*& function) {
        function = reinterpret_cast<Function*>(::dlsym(handle, name));
        if (function == nullptr) {
            const char* const reason = ::dlerror();
            fail(reason != nullptr ? reason : name);
        }
    }

    [[noreturn]] static void fail(const char* reason) {
        throw std::runtime_error(std::string("poolmark: mimalloc_heap needs libmimalloc2.0 (apt install "
                                             "libmimalloc2.0): ") +
                                 reason);
    }
};

#ifdef POOLMARK_MIMALLOC

// The file that the build found may be gone where the program runs. Looks, and does not open: a process that uses
// no heap of mimalloc's should not have one.
[[nodiscard]] inline bool mimalloc_is_there() { return ::access(POOLMARK_MIMALLOC, R_OK) == 0; }

[[nodiscard]] inline const mimalloc_library& mimalloc() {
    static const mimalloc_library library = mimalloc_library::open(POOLMARK_MIMALLOC);
    return library;
}

#endif

} // namespace poolmark::detail
