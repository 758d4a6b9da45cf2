// What can be done with a pool, compiled into the program and into each of its plugins: a table of functions a pool.
#pragma once

#include "benchmarks/contenders/storage/fixed_pools.hpp"
#include "pools/arena.hpp"
#include "pools/bitmap_pool.hpp"
#include "pools/bounded_free_list.hpp"
#include "pools/cpu_pool.hpp"
#include "pools/fresh_heap.hpp"
#include "pools/local_pool.hpp"
#include "pools/locked_pool.hpp"
#include "pools/object_pool.hpp"
#include "pools/recycling_arena.hpp"
#include "pools/slab_pool.hpp"
#include "pools/slot_map.hpp"
#include "pools/stack_pool.hpp"
#include "pools/static_pool.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace poolmark::tests {

struct order {
    std::size_t words[4];
};

struct operations {
    std::string_view name;
    bool thread_safe, fixed;
    void* (*make)();
    void* (*acquire)(void* pool);
    void (*release)(void* pool, void* block);
    void (*end)(void* pool);
};

template <class P>
inline constexpr operations operations_of{
    P::about.name,
    P::traits.thread_safe,
    P::traits.fixed_capacity || P::traits.bounded_memory,
    []() -> void* { return new P(4096); },
    [](void* pool) { return static_cast<P*>(pool)->acquire(); },
    [](void* pool, void* block) { static_cast<P*>(pool)->release(block); },
    [](void* pool) { delete static_cast<P*>(pool); }};

template <class... Pools>
struct all_operations {
    static constexpr std::array table{operations_of<Pools>...};
};

using shared_object_pools =
    all_operations<object_pool<order>, object_pool<order, pool_options{.checks = check::fast}>,
                   object_pool<order, pool_options{.checks = check::full}>, slab_pool<order>, stack_pool<order>, arena<order>,
                   recycling_arena<order>, bitmap_pool<order>, static_pool<order, 4096>, bounded_free_list<order>,
                   fresh_heap<order>, local_pool<order>, local_pool<order, page_source>, cpu_pool<order>,
                   locked_pool<object_pool<order>>, index_list_pool<order>, scan_pool<order>>;

struct plugin {
    const operations* pools;
    std::size_t count;
    bool (*owns)(const bitmap_pool<order>&, const void*);      // exact searches, of what is not there
    bool (*names)(const slot_map<order>&, const order*);
    std::size_t (*kept_bytes)();                               // of the process's slabs
    leak_handler (*set_leak_handler)(leak_handler);
    std::uint32_t (*thread_number)();
};

[[nodiscard]] inline plugin this_object() {
    static constexpr const auto& all = shared_object_pools::table;
    return {all.data(),
            all.size(),
            [](const bitmap_pool<order>& pool, const void* block) { return pool.owns(block); },
            [](const slot_map<order>& map, const order* object) {
                return map.handle_of(object) != slot_map<order>::none;
            },
            [] { return detail::kept_slabs().bytes(); },
            [](leak_handler handler) { return poolmark::set_leak_handler(handler); },
            [] { return detail::number_this_thread(); }};
}

} // namespace poolmark::tests
