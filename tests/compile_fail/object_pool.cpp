// What must not compile, one case at a time: WRONG is its number in CMakeLists.txt. With WRONG=0, all the forms beside
// them that must.
#include "pools/adaptors/object_pool_resource.hpp"
#include "pools/arena.hpp"
#include "pools/bitmap_pool.hpp"
#include "pools/object_pool.hpp"
#include "pools/recycler.hpp"
#include "pools/slab_pool.hpp"
#include "pools/slot_map.hpp"

#include <utility>

using poolmark::object_pool;
using poolmark::pool_options;

struct with_argument {
    explicit with_argument(int) {}
};
struct alignas(4096) largest_alignment {};
struct alignas(8192) too_large_alignment {};
struct incomplete;
class not_ended_by_others {
    ~not_ended_by_others() = default;
    template <class T, poolmark::pool_options, poolmark::upstream_source>
    friend class poolmark::object_pool; // makes no difference: it is not the only one that has to

public:
    not_ended_by_others() = default;
};
template <class Pool>
void make_and_end() {
    Pool pool;
    poolmark::destroy(pool, poolmark::create(pool));
}
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
#elif WRONG == 15
    object_pool<incomplete> wrong;
#elif WRONG == 16
    object_pool<not_ended_by_others> wrong;
    wrong.destroy(wrong.create());
#elif WRONG == 17
    make_and_end<poolmark::slab_pool<not_ended_by_others>>();
#elif WRONG == 18
    poolmark::slot_map<not_ended_by_others> wrong;
    wrong.destroy(wrong.create());
#elif WRONG == 19
    poolmark::recycler<not_ended_by_others> wrong;
    wrong.put(wrong.get());
#elif WRONG == 20
    poolmark::bitmap_pool<not_ended_by_others> wrong;
    wrong.clear();
#elif WRONG == 21
    poolmark::arena<not_ended_by_others> wrong;
    static_cast<void>(wrong.create_owned());
#endif
}

// Pools that give null where code would go on to use the block.
namespace {
using gives_null = poolmark::object_pool<
    int, poolmark::pool_options{.capacity = 4, .when_exhausted = poolmark::exhausted::null}>;
using throws = poolmark::object_pool<
    int, poolmark::pool_options{.capacity = 4, .when_exhausted = poolmark::exhausted::throw_error}>;
} // namespace

void use_of_null();
void use_of_null() {
#if WRONG == 0
    throws source;
    poolmark::object_pool_resource<throws> resource(source);
    poolmark::recycler<int, poolmark::keep_as_it_is, throws> objects;
#elif WRONG == 22
    gives_null source;
    poolmark::object_pool_resource<gives_null> resource(source);
#elif WRONG == 23
    poolmark::recycler<int, poolmark::keep_as_it_is, gives_null> objects;
#endif
}
