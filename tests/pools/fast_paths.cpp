// The fast paths by themselves, for fast_paths.cmake to look at.
#include "pools/object_pool.hpp"
#include "pools/storage/arena.hpp"
#include "pools/storage/magazine_pool.hpp"
#include "pools/storage/slab_pool.hpp"

namespace {
struct object {
    double values[8];
};
} // namespace

#define POOLMARK_FAST_PATHS(name, ...)                                                                           \
    extern "C" void* name##_acquire(poolmark::__VA_ARGS__& from);                                                \
    extern "C" void* name##_acquire(poolmark::__VA_ARGS__& from) { return from.acquire(); }                      \
    extern "C" void name##_release(poolmark::__VA_ARGS__& to, void* block);                                      \
    extern "C" void name##_release(poolmark::__VA_ARGS__& to, void* block) { to.release(block); }

POOLMARK_FAST_PATHS(slab_pool, slab_pool<object>)
POOLMARK_FAST_PATHS(magazine_pool, magazine_pool<object>)
POOLMARK_FAST_PATHS(arena, arena<object>)
POOLMARK_FAST_PATHS(object_pool, object_pool<object>)
POOLMARK_FAST_PATHS(object_pool_fast, object_pool<object, {.checks = poolmark::check::fast}>)
