// The small object pool that everybody writes first, improved one step at a time: n slots, handed out, looked up on
// their return. What the workload small_object_pool compares besides the leading pools.
#pragma once

#include "benchmarks/contenders/storage/flag_pool.hpp"
#include "benchmarks/contenders/storage/hash_set_pool.hpp"
#include "benchmarks/contenders/storage/index_list_pool.hpp"
#include "benchmarks/contenders/storage/swap_erase_pool.hpp"
#include "benchmarks/contenders/type_list.hpp"

namespace poolmark {

// All of them tell a double release, a foreign pointer, another pool's and an interior one apart. scan_pool, which
// does not, comes before them, object_pool, bitmap_pool, slot_pool and slab_pool after them.
template <class T>
using fixed_pools = type_list<swap_erase_pool<T>, hash_set_pool<T>, flag_pool<T>, index_list_pool<T>>;

} // namespace poolmark
