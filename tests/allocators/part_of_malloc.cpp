// Libraries that are no whole heap, in one file: preloading them works, and what they lack stays glibc's. Each is built
// with the entry points that it has as a macro; without any it is no heap at all.
#include <cstddef>

extern "C" {
int poolmark_test_no_malloc() { return 1; }

#ifdef POOLMARK_TEST_PART
void* __libc_malloc(std::size_t);
void* __libc_realloc(void*, std::size_t);
void __libc_free(void*);
void* malloc(std::size_t bytes) { return __libc_malloc(bytes); }
void free(void* block) { __libc_free(block); }
#if POOLMARK_TEST_PART > 2
void* __libc_calloc(std::size_t, std::size_t);
void* calloc(std::size_t count, std::size_t bytes) { return __libc_calloc(count, bytes); }
void* realloc(void* block, std::size_t bytes) { return __libc_realloc(block, bytes); }
#endif
#endif
}
