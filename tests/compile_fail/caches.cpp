// Keys and values that no cache can keep, and values that nobody may change.
#include "benchmarks/contenders/caches/direct_mapped.hpp"
#include "benchmarks/contenders/caches/lru_intrusive.hpp"
#include "benchmarks/contenders/caches/lru_list_map.hpp"
#include "benchmarks/contenders/caches/lru_nodes.hpp"
#include "benchmarks/contenders/caches/shared_caches.hpp"
#include "benchmarks/contenders/caches/unbounded_map.hpp"

#include <string>
#include <vector>

using namespace poolmark;

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
#elif WRONG == 1
    lru_intrusive<std::vector<int>, int> wrong(10);
#elif WRONG == 2
    lru_list_map<std::vector<int>, int> wrong(10);
#elif WRONG == 3
    lru_nodes<std::vector<int>, int> wrong(10);
#elif WRONG == 4
    direct_mapped<std::vector<int>, int> wrong(10);
#elif WRONG == 5
    unbounded_map<std::vector<int>, int> wrong;
#elif WRONG == 6
    cache.get(1)->clear();
#elif WRONG == 7
    get_or_compute(cache, 1, [](int) { return std::string(); })->clear();
#elif WRONG == 8
    lru_intrusive<int, throws_when_moved> wrong(10);
#elif WRONG == 9
    sharded_cache<unbounded_map<int, int>> wrong(10);
#endif
}
