// Pools that give null where code would go on to use the block: WRONG as in object_pool.cpp.
#include "pools/adaptors/object_pool_resource.hpp"
#include "pools/object_pool.hpp"
#include "pools/recycler.hpp"

namespace {
using gives_null = poolmark::object_pool<
    int, poolmark::pool_options{.capacity = 4, .when_exhausted = poolmark::exhausted::null}>;
using throws = poolmark::object_pool<
    int, poolmark::pool_options{.capacity = 4, .when_exhausted = poolmark::exhausted::throw_error}>;
} // namespace

void use();
void use() {
#if WRONG == 0
    throws source;
    poolmark::object_pool_resource<throws> resource(source);
    poolmark::recycler<int, poolmark::keep_as_it_is, throws> objects;
#elif WRONG == 1
    gives_null source;
    poolmark::object_pool_resource<gives_null> resource(source);
#elif WRONG == 2
    poolmark::recycler<int, poolmark::keep_as_it_is, gives_null> objects;
#endif
}
