// The fast paths by themselves, for fast_paths.cmake to look at.
#include "pools/adaptors/pool_resource.hpp"
#include "pools/object_pool.hpp"
#include "pools/arena.hpp"
#include "pools/local_pool.hpp"
#include "pools/stack_pool.hpp"
#include "benchmarks/contenders/storage/recycler_pool.hpp"
#include "pools/recycling_arena.hpp"
#include "pools/slab_pool.hpp"
#include "pools/static_pool.hpp"

namespace poolmark {
namespace {
struct object {
    double values[8];
};
template <class T>
using small_pool = static_pool<T, 4096>;
} // namespace
} // namespace poolmark

#define POOLMARK_FAST_PATHS(name, ...)                                                                           \
    extern "C" void* name##_acquire(poolmark::__VA_ARGS__& from);                                                \
    extern "C" void* name##_acquire(poolmark::__VA_ARGS__& from) { return from.acquire(); }                      \
    extern "C" void name##_release(poolmark::__VA_ARGS__& to, void* block);                                      \
    extern "C" void name##_release(poolmark::__VA_ARGS__& to, void* block) { to.release(block); }

POOLMARK_FAST_PATHS(slab_pool, slab_pool<poolmark::object>)
POOLMARK_FAST_PATHS(stack_pool, stack_pool<poolmark::object>)
POOLMARK_FAST_PATHS(arena, arena<poolmark::object>)
POOLMARK_FAST_PATHS(local_pool, local_pool<poolmark::object>)
POOLMARK_FAST_PATHS(recycler_pool, recycler_pool<poolmark::object>)
POOLMARK_FAST_PATHS(small_pool, small_pool<poolmark::object>)
POOLMARK_FAST_PATHS(recycling_arena, recycling_arena<poolmark::object>)
POOLMARK_FAST_PATHS(object_pool, object_pool<poolmark::object>)
POOLMARK_FAST_PATHS(object_pool_fast,
                    object_pool<poolmark::object, poolmark::pool_options{.checks = poolmark::check::fast}>)

// By its own type: no virtual call, and the size class is a constant.
extern "C" void* pool_resource_acquire(poolmark::pool_resource& from);
extern "C" void* pool_resource_acquire(poolmark::pool_resource& from) { return from.allocate(sizeof(poolmark::object)); }
extern "C" void pool_resource_release(poolmark::pool_resource& to, void* block);
extern "C" void pool_resource_release(poolmark::pool_resource& to, void* block) {
    to.deallocate(block, sizeof(poolmark::object));
}
