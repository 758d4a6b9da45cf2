// Preloaded behind a heap of the reader's own: what that heap does not have of malloc's family is found here and not in the
// C library, which would otherwise be measured under the heap's name. A call from the program or from the C++ library ends
// the process with one line, so that the cell is refused which needs the function, and no other. Other libraries
// go on with glibc's: it allocates for threads and for itself through calloc and realloc.
#include <dlfcn.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

extern "C" {
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

bool of_the_cell(const void* caller) {
    Dl_info from{};
    Dl_info program{};
    if (::dladdr(caller, &from) == 0 || from.dli_fname == nullptr) {
        return false;
    }
    const void* const entry = reinterpret_cast<const void*>(::getauxval(AT_ENTRY));
    return (::dladdr(entry, &program) != 0 && from.dli_fbase == program.dli_fbase) ||
           std::strstr(from.dli_fname, "/libstdc++.so") != nullptr;
}

// No call in here may allocate.
void refuse_the_cell(const void* caller, const char* function) {
    if (!of_the_cell(caller)) {
        return;
    }
    constexpr char before[] = "poolmark-bench: refusing to measure: this cell calls ";
    constexpr char after[] = ", which the heap does not have; give a library with all of malloc's family\n";
    static_cast<void>(!::write(2, before, sizeof before - 1));
    static_cast<void>(!::write(2, function, std::strlen(function)));
    static_cast<void>(!::write(2, after, sizeof after - 1));
    ::_exit(2);
}

} // namespace

extern "C" {

void* calloc(std::size_t count, std::size_t bytes) {
    refuse_the_cell(__builtin_return_address(0), "calloc");
    return __libc_calloc(count, bytes);
}

void* realloc(void* block, std::size_t bytes) {
    refuse_the_cell(__builtin_return_address(0), "realloc");
    return __libc_realloc(block, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    refuse_the_cell(__builtin_return_address(0), "aligned_alloc");
    return __libc_memalign(alignment, bytes);
}

void* memalign(std::size_t alignment, std::size_t bytes) {
    refuse_the_cell(__builtin_return_address(0), "memalign");
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
    refuse_the_cell(__builtin_return_address(0), "posix_memalign");
    *block = __libc_memalign(alignment, bytes);
    return *block == nullptr ? ENOMEM : 0;
}

} // extern "C"
