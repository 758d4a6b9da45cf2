// Tells valgrind's memcheck which slots are out. Only checked pools at level full do: each request costs some
// instructions even where valgrind is not. Without valgrind's headers everything here is empty.
#pragma once

#include <cstddef>

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define POOLMARK_HAS_VALGRIND 1
#endif

namespace poolmark::detail {

#ifdef POOLMARK_HAS_VALGRIND
// The macros contain what our warnings object to; nothing of it is ours to fix.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-align"
inline void valgrind_begin_pool(const void* pool) noexcept { VALGRIND_CREATE_MEMPOOL(pool, 0, 0); }
inline void valgrind_end_pool(const void* pool) noexcept { VALGRIND_DESTROY_MEMPOOL(pool); }
inline void valgrind_move_pool(const void* from, const void* to) noexcept { VALGRIND_MOVE_MEMPOOL(from, to); }
// Nobody may touch it: a slab's slots, and a slot that stays free.
inline void valgrind_close(const void* memory, std::size_t bytes) noexcept {
    static_cast<void>(VALGRIND_MAKE_MEM_NOACCESS(memory, bytes));
}
inline void valgrind_remove_slab(const void* memory, std::size_t bytes) noexcept {
    static_cast<void>(VALGRIND_MAKE_MEM_UNDEFINED(memory, bytes));
}
inline void valgrind_acquire(const void* pool, const void* slot, std::size_t bytes) noexcept {
    VALGRIND_MEMPOOL_ALLOC(pool, slot, bytes);
}
inline void valgrind_release(const void* pool, const void* slot) noexcept { VALGRIND_MEMPOOL_FREE(pool, slot); }
// For looking at a free slot's pattern.
inline void valgrind_open(const void* slot, std::size_t bytes) noexcept {
    static_cast<void>(VALGRIND_MAKE_MEM_DEFINED(slot, bytes));
}
#pragma GCC diagnostic pop
#else
inline void valgrind_begin_pool(const void* /*pool*/) noexcept {}
inline void valgrind_end_pool(const void* /*pool*/) noexcept {}
inline void valgrind_move_pool(const void* /*from*/, const void* /*to*/) noexcept {}
inline void valgrind_close(const void* /*memory*/, std::size_t /*bytes*/) noexcept {}
inline void valgrind_remove_slab(const void* /*memory*/, std::size_t /*bytes*/) noexcept {}
inline void valgrind_acquire(const void* /*pool*/, const void* /*slot*/, std::size_t /*bytes*/) noexcept {}
inline void valgrind_release(const void* /*pool*/, const void* /*slot*/) noexcept {}
inline void valgrind_open(const void* /*slot*/, std::size_t /*bytes*/) noexcept {}
#endif

} // namespace poolmark::detail
