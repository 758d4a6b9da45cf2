// The small object pool that everybody writes first, mended one step at a time: n slots, handed out, looked up on
// their return. What the workload small_object_pool compares besides the leading pools.
#pragma once

#include "pools/storage/flag_pool.hpp"
#include "pools/storage/hash_set_pool.hpp"
#include "pools/storage/index_list_pool.hpp"
#include "pools/storage/swap_erase_pool.hpp"
#include "pools/type_list.hpp"

#include <array>

namespace poolmark {

// All of them tell a double release, a foreign pointer, another pool's and an interior one apart. scan_pool, which
// does not, comes before them, object_pool, bitmap_pool, slot_pool and slab_pool after them.
template <class T>
using fixed_pools = type_list<swap_erase_pool<T>, hash_set_pool<T>, flag_pool<T>, index_list_pool<T>>;

inline constexpr std::array fixed_pool_strategies{swap_erase_pool<int>::about, hash_set_pool<int>::about,
                                                  flag_pool<int>::about, index_list_pool<int>::about};

} // namespace poolmark
