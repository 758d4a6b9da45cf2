// memo_nodes — one LRU, whose nodes come from the heap or from a pool.
//
// Question:  where should the nodes of a cache come from?
// Models:    any cache that gives back what it forgets: a node goes and one comes with each miss.
// Favours:   pools: the node that is forgotten is the one that is handed out next. The same holds for a heap with caches
//            of its own, which is why all heaps are asked.
// Ignores:   caches without nodes (memo_evictions has them), and threads.
#include "pools/local_pool.hpp"
#include "pools/bounded_free_list.hpp"
#include "pools/stack_pool.hpp"
#include "pools/slab_pool.hpp"
#include "benchmarks/harness/memo_subjects.hpp"
#include "benchmarks/contenders/caches/catalog.hpp"

namespace poolmark::benchmarks {
namespace {

template <template <class> class Pool>
struct nodes_of {
    template <class T>
    using pool = Pool<T>;
};
template <class T>
using default_object_pool = object_pool<T>;
template <class T>
using default_slab_pool = slab_pool<T>;
template <class T>
using default_stack_pool = stack_pool<T>;
template <class T>
using default_free_list = bounded_free_list<T>;
template <class T>
using default_local_pool = local_pool<T>;

template <template <class> class Pool>
void add(std::vector<strategy>& list, heap_use heap) {
    using lru = lru_nodes<memo_number, memo_number, nodes_of<Pool>>;
    list.push_back({.about = Pool<int>::about, .heap = heap, .make = &make_memo_subject<local_memo<lru>, evictions_subject>});
}

std::vector<strategy> strategies_of_memo_nodes() {
    std::vector<strategy> list;
    add<fresh_heap>(list, heap_use::every_allocator);
    add<default_object_pool>(list, heap_use::baseline_only);
    add<default_slab_pool>(list, heap_use::baseline_only);
    add<default_stack_pool>(list, heap_use::baseline_only);
    add<default_free_list>(list, heap_use::every_allocator);
    add<default_local_pool>(list, heap_use::baseline_only);
    return list;
}

const registration registered{{
    .name = "memo_nodes",
    .question = "Where should the nodes of a cache come from?",
    .operation = "miss one key, keep its value in a new node and give the oldest one back",
    .models = "any cache that gives back what it forgets: a node goes and one comes with each miss",
    .favours = "pools: the node that is forgotten is the one that is handed out next",
    .ignores = "caches that keep their nodes, and threads",
    .from = preset::full,
    .strategies = strategies_of_memo_nodes(),
    .points = {{.where = {{"capacity", 1000}}, .memory = true},
               {.where = {{"capacity", 100'000}}, .from = preset::full, .every_allocator_from = preset::full},
               {.where = {{"capacity", 10'000}}, .from = preset::full, .every_allocator_from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
