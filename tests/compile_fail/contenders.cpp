// Fields that a record does not have: where fields are fixed when the program is compiled, so are their names. Keys and values that no cache
// can keep, and values that nobody may change. WRONG as in object_pool.cpp.
#include "benchmarks/contenders/caches/direct_mapped.hpp"
#include "benchmarks/contenders/caches/lru_intrusive.hpp"
#include "benchmarks/contenders/caches/lru_list_map.hpp"
#include "benchmarks/contenders/caches/lru_nodes.hpp"
#include "benchmarks/contenders/caches/shared_caches.hpp"
#include "benchmarks/contenders/caches/unbounded_map.hpp"
#include "benchmarks/contenders/layouts/rows.hpp"
#include "benchmarks/contenders/layouts/shape_slots.hpp"
#include "benchmarks/contenders/layouts/slotted.hpp"

#include <string>
#include <vector>

using namespace poolmark;

void use(slotted<vector2d>& layout, slotted<vector2d>::object* object, columns<vector2d>& wide,
         columns<vector2d>::object* row, shape_slots<vector2d>& shaped, shape_slots<vector2d>::object* dynamic);
void use(slotted<vector2d>& layout, slotted<vector2d>::object* object, columns<vector2d>& wide,
         columns<vector2d>::object* row, shape_slots<vector2d>& shaped, shape_slots<vector2d>::object* dynamic) {
#if WRONG == 0
    static_cast<void>(layout.get(object, field<"x">));
    layout.set(object, field<"y">, 1.0);
    object->x = 1.0;
    static_cast<void>(wide.get(row, field<"x">));
    static_cast<void>(shaped.get(dynamic, field<"x">));
    static_cast<void>(shaped.get(dynamic, "z")); // known at run time only: unknown_field
    static_cast<void>(layout.get(object, "z"));
#elif WRONG == 1
    static_cast<void>(layout.get(object, field<"z">));
#elif WRONG == 2
    layout.set(object, field<"z">, 1.0);
#elif WRONG == 3
    object->z = 1.0;
#elif WRONG == 4
    static_cast<void>(wide.get(row, field<"z">));
#elif WRONG == 5
    static_cast<void>(shaped.get(dynamic, field<"z">));
#elif WRONG == 6
    layout.set(object, field<"">, 1.0);
#endif
}

struct list_hash {
    std::size_t operator()(const std::vector<int>& list) const noexcept { return list.size(); }
};
struct throws_when_moved {
    throws_when_moved(throws_when_moved&&) noexcept(false);
};

void use(lru_intrusive<int, std::string>& cache);
void use(lru_intrusive<int, std::string>& cache) {
    const std::vector<int> list{1, 2};
#if WRONG == 0
    lru_intrusive<std::vector<int>, int, list_hash> hashed(10);
    hashed.put(list, 1);
    static_cast<void>(cache.get(1)->size());
    sharded_cache<lru_intrusive<int, int>> shards(10);
#elif WRONG == 7
    lru_intrusive<std::vector<int>, int> wrong(10);
#elif WRONG == 8
    lru_list_map<std::vector<int>, int> wrong(10);
#elif WRONG == 9
    lru_nodes<std::vector<int>, int> wrong(10);
#elif WRONG == 10
    direct_mapped<std::vector<int>, int> wrong(10);
#elif WRONG == 11
    unbounded_map<std::vector<int>, int> wrong;
#elif WRONG == 12
    cache.get(1)->clear();
#elif WRONG == 13
    get_or_compute(cache, 1, [](int) { return std::string(); })->clear();
#elif WRONG == 14
    lru_intrusive<int, throws_when_moved> wrong(10);
#elif WRONG == 15
    sharded_cache<unbounded_map<int, int>> wrong(10);
#endif
}
