// The Boehm-Demers-Weiser collector, out of a library that is opened privately at run time: malloc stays as it is.
//
//   stack, registers, static data, its own blocks ──scanned word by word──► what looks like a pointer keeps its
//   block
//
// Good for: circles and everything else, with no counts, no roots and no trace() to write.
// Bad for:  pauses that grow with all that lives; memory of its own that it does not scan
//           (mapped pages, other heaps): a block that only those name is taken back.
// Complexity: its own. Threads: the one that came first.
#pragma once

#include "pools/description.hpp"
#include "pools/memory/sanitizers.hpp"

#include <dlfcn.h>

#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>

namespace poolmark {

class boehm_collector {
public:
    // Whether the library can be opened. Sanitizers have shadow memory and stacks of their own, which it would scan.
    [[nodiscard]] static bool is_there() {
#if defined(POOLMARK_HAS_ASAN) || defined(POOLMARK_HAS_TSAN)
        return false;
#else
        return library() != nullptr;
#endif
    }

    // The process's one. Throws std::runtime_error, naming the package, where the library is not there.
    [[nodiscard]] static const boehm_collector& get() {
        static const boehm_collector only;
        return only;
    }

    // Zeroed. Throws std::bad_alloc.
    [[nodiscard]] void* allocate(std::size_t bytes) const { return checked(malloc_(bytes)); }
    // Scanned, and kept until it is freed: where the pointers lie that a program holds outside of the stack.
    [[nodiscard]] void* allocate_root(std::size_t bytes) const { return checked(malloc_uncollectable_(bytes)); }
    void free_root(void* block) const { free_(block); }
    void collect() const { collect_(); }

private:
    boehm_collector() {
        if (!is_there()) {
            throw std::runtime_error("poolmark: boehm_collector needs libgc1 (apt install libgc1)");
        }
        void (*init)() = nullptr;
        find("GC_init", init);
        find("GC_malloc", malloc_);
        find("GC_malloc_uncollectable", malloc_uncollectable_);
        find("GC_free", free_);
        find("GC_gcollect", collect_);
        init();
    }

    [[nodiscard]] static void* library() { // opened once, and never closed: it may have a heap by then
        static void* const handle = ::dlopen("libgc.so.1", RTLD_NOW | RTLD_LOCAL);
        return handle;
    }

    template <class Function>
    static void find(const char* name, Function*& function) {
        function = reinterpret_cast<Function*>(::dlsym(library(), name));
        if (function == nullptr) {
            throw std::runtime_error("poolmark: boehm_collector: the library has no " + std::string(name));
        }
    }

    [[nodiscard]] static void* checked(void* block) {
        if (block == nullptr) {
            throw std::bad_alloc();
        }
        return block;
    }

    void* (*malloc_)(std::size_t) = nullptr;
    void* (*malloc_uncollectable_)(std::size_t) = nullptr;
    void (*free_)(void*) = nullptr;
    void (*collect_)() = nullptr;
};

inline constexpr description boehm_collector_about{
    .name = "boehm_collector",
    .kind = family::peer,
    .summary = "the conservative collector of Boehm, Demers and Weiser; no counts, no roots",
    .package = "libgc1",
    .present = &boehm_collector::is_there};

} // namespace poolmark
