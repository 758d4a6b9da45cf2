// What must not compile, one case at a time: WRONG is its number in CMakeLists.txt. With WRONG=0, all the forms beside
// them that must.
#include "pools/object_pool.hpp"

#include <utility>

using poolmark::object_pool;
using poolmark::pool_options;

struct with_argument {
    explicit with_argument(int) {}
};
struct alignas(4096) largest_alignment {};
struct alignas(8192) too_large_alignment {};
using limited = object_pool<int, pool_options{.capacity = 4, .when_exhausted = poolmark::exhausted::throw_error}>;
using asking = object_pool<int, pool_options{.capacity = 4, .when_exhausted = poolmark::exhausted::callback}>;
using full = object_pool<int, pool_options{.checks = poolmark::check::full}>;

void use(object_pool<int>& pool, const object_pool<int>& constant, limited& with_limit, int* object, long* other);
void use(object_pool<int>& pool, const object_pool<int>& constant, limited& with_limit, int* object, long* other) {
#if WRONG == 0
    object_pool<int> moved(std::move(pool));
    pool = std::move(moved);
    pool.destroy(object);
    static_cast<void>(constant.owns(other));
    static_cast<void>(object_pool<with_argument>().create(1));
    static_cast<void>(object_pool<largest_alignment>().acquire());
    static_cast<void>(object_pool<int, pool_options{.when_exhausted = poolmark::exhausted::null}>().acquire());
    asking().on_exhausted([] { return false; });
    full().bind_to_this_thread();
    static_cast<void>(with_limit.acquire());
#elif WRONG == 1
    object_pool<int[]> wrong;
#elif WRONG == 2
    object_pool<int[4]> wrong;
#elif WRONG == 3
    object_pool<const int> wrong;
#elif WRONG == 4
    object_pool<int> wrong(pool);
#elif WRONG == 5
    object_pool<int> wrong;
    wrong = pool;
#elif WRONG == 6
    object_pool<int, pool_options{.capacity = 4}> wrong;
#elif WRONG == 7
    object_pool<int, pool_options{.when_exhausted = poolmark::exhausted::throw_error}> wrong;
#elif WRONG == 8
    pool.destroy(other);
#elif WRONG == 9
    constant.release(object);
#elif WRONG == 10
    object_pool<too_large_alignment> wrong;
#elif WRONG == 11
    with_limit.on_exhausted([] { return false; });
#elif WRONG == 12
    pool.bind_to_this_thread();
#elif WRONG == 13
    static_cast<void>(object_pool<with_argument>().create());
#elif WRONG == 14
    const int constant_object = 0;
    pool.release(&constant_object);
#endif
}
