// malloc, free, realloc, reallocarray, and operator new and delete in all their forms, over three functions of the file that
// includes this. Without the operators the caller of every `new` would be the C++ library. They do as libstdc++'s do; a request that cannot be met goes on to libstdc++'s own,
// which knows about handlers and exceptions. A program that brings its own operators keeps them.
//
// The file defines, before it includes this:
//   call_site, POOLMARK_CALLER   a type and an expression that say who called
//   void* allocate(operation, std::size_t bytes, std::size_t alignment, call_site caller)    alignment 0: the heap's own
//   void  release(operation, void* block, call_site caller)
//   void* move_block(void* old, std::size_t bytes, call_site caller)                         realloc
#pragma once

#include <cerrno>
#include <cstddef>
#include <new>

namespace poolmark::programs {

[[gnu::noinline, gnu::cold]] inline void* fail_new(std::size_t bytes, std::size_t alignment) {
    if (alignment == 0 ? next.operator_new == nullptr : next.operator_new_aligned == nullptr) {
        __builtin_trap(); // a C++ program without its library
    }
    return alignment == 0 ? next.operator_new(bytes) : next.operator_new_aligned(bytes, alignment);
}

[[gnu::always_inline]] inline void* must_allocate(operation how, std::size_t bytes, std::size_t alignment, call_site caller) {
    void* const block = allocate(how, bytes, alignment, caller);
    return block != nullptr ? block : fail_new(bytes, alignment);
}

constexpr std::size_t of(std::align_val_t alignment) noexcept { return static_cast<std::size_t>(alignment); }

} // namespace poolmark::programs

#pragma GCC visibility push(default) // all else is hidden from the program
extern "C" {
void* malloc(std::size_t bytes) {
    return poolmark::programs::allocate(poolmark::programs::operation::plain_malloc, bytes, 0, POOLMARK_CALLER);
}
void free(void* block) { poolmark::programs::release(poolmark::programs::operation::plain_free, block, POOLMARK_CALLER); }
void* realloc(void* old, std::size_t bytes) { return poolmark::programs::move_block(old, bytes, POOLMARK_CALLER); }
void* reallocarray(void* old, std::size_t count, std::size_t bytes) {
    std::size_t total = 0;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        errno = ENOMEM;
        return nullptr;
    }
    return poolmark::programs::move_block(old, total, POOLMARK_CALLER);
}
} // extern "C"

// NOLINTBEGIN(misc-definitions-in-headers)
#define POOLMARK_NEW(FORM, HOW)                                                                                                    \
    void* operator FORM(std::size_t bytes) {                                                                                       \
        return poolmark::programs::must_allocate(HOW, bytes, 0, POOLMARK_CALLER);                                                  \
    }                                                                                                                              \
    void* operator FORM(std::size_t bytes, const std::nothrow_t&) noexcept {                                                       \
        return poolmark::programs::allocate(HOW, bytes, 0, POOLMARK_CALLER);                                                       \
    }                                                                                                                              \
    void* operator FORM(std::size_t bytes, std::align_val_t alignment) {                                                           \
        return poolmark::programs::must_allocate(HOW, bytes, poolmark::programs::of(alignment), POOLMARK_CALLER);                  \
    }                                                                                                                              \
    void* operator FORM(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {                           \
        return poolmark::programs::allocate(HOW, bytes, poolmark::programs::of(alignment), POOLMARK_CALLER);                       \
    }
POOLMARK_NEW(new, poolmark::programs::operation::plain_new)
POOLMARK_NEW(new[], poolmark::programs::operation::array_new)

#define POOLMARK_DELETE(FORM, ...)                                                                                                 \
    void operator FORM(void* block __VA_OPT__(, ) __VA_ARGS__) noexcept {                                                          \
        poolmark::programs::release(poolmark::programs::operation::plain_delete, block, POOLMARK_CALLER);                          \
    }
#define POOLMARK_DELETES(FORM)                                                                                                     \
    POOLMARK_DELETE(FORM)                                                                                                          \
    POOLMARK_DELETE(FORM, std::size_t)                                                                                             \
    POOLMARK_DELETE(FORM, const std::nothrow_t&)                                                                                   \
    POOLMARK_DELETE(FORM, std::align_val_t)                                                                                        \
    POOLMARK_DELETE(FORM, std::size_t, std::align_val_t)                                                                           \
    POOLMARK_DELETE(FORM, std::align_val_t, const std::nothrow_t&)
POOLMARK_DELETES(delete)
POOLMARK_DELETES(delete[])
// NOLINTEND(misc-definitions-in-headers)
#pragma GCC visibility pop
