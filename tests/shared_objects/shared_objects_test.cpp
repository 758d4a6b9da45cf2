// Pools that a program and its shared objects use together, each with its own copy of every inline variable: the program is
// linked without -rdynamic, the objects are compiled with hidden symbols, linked or opened as plugins.
// This is the program, and with POOLMARK_PLUGIN_ENTRY a shared object with a library of its own in it.
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

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace poolmark::tests {

// What can be done with a pool, compiled into the program and into each of its plugins: a table of functions a pool.
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

#ifdef POOLMARK_PLUGIN_ENTRY
extern "C" __attribute__((visibility("default"))) void POOLMARK_PLUGIN_ENTRY(poolmark::tests::plugin* into);
extern "C" void POOLMARK_PLUGIN_ENTRY(poolmark::tests::plugin* into) { *into = poolmark::tests::this_object(); }
#else
extern "C" void linked_plugin(poolmark::tests::plugin* into);

namespace poolmark::tests {
namespace {

plugin opened(const char* file) {
    void* const object = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(object, nullptr) << dlerror();
    plugin found{};
    reinterpret_cast<void (*)(plugin*)>(dlsym(object, "opened_plugin"))(&found);
    return found;
}
plugin linked() {
    plugin found{};
    linked_plugin(&found);
    return found;
}

class shared_objects : public testing::TestWithParam<const char*> {
protected:
    plugin there = std::string_view(GetParam()) == "linked" ? linked() : opened(GetParam());
    plugin here = this_object();
};

// Fills the block, so that one handed out twice shows.
void fill(void* block, std::size_t mark) {
    for (std::size_t& word : static_cast<order*>(block)->words) {
        word = mark;
    }
}
bool is_filled(void* block, std::size_t mark) {
    for (const std::size_t word : static_cast<order*>(block)->words) {
        if (word != mark) {
            return false;
        }
    }
    return true;
}

TEST_P(shared_objects, acquire_here_what_is_released_there) {
    ASSERT_EQ(here.count, there.count);
    for (std::size_t i = 0; i != here.count; ++i) {
        for (const bool made_here : {true, false}) {
            const operations& a = here.pools[i];
            const operations& b = there.pools[i];
            void* const pool = (made_here ? a : b).make();
            for (int round = 0; round != 3; ++round) {
                std::vector<void*> blocks;
                for (std::size_t k = 0; k != 2000; ++k) {
                    blocks.push_back((k % 2 == 0 ? a : b).acquire(pool));
                    fill(blocks.back(), k);
                }
                for (std::size_t k = 0; k != blocks.size(); ++k) {
                    ASSERT_TRUE(is_filled(blocks[k], k)) << a.name;
                    (k % 3 == 0 ? a : b).release(pool, blocks[k]);
                }
            }
            (made_here ? b : a).end(pool);
        }
    }
}

TEST_P(shared_objects, have_threads_that_share_no_block) {
    for (std::size_t i = 0; i != here.count; ++i) {
        if (!here.pools[i].thread_safe) {
            continue;
        }
        void* const pool = here.pools[i].make();
        std::atomic<int> broken{0};
        std::atomic<int> ready{0};
        const auto work = [&](const operations& way, std::size_t mark) {
            ++ready;
            while (ready != 4) {
            }
            std::vector<void*> blocks;
            for (int round = 0; round != 50; ++round) {
                for (std::size_t k = 0; k != 500; ++k) {
                    blocks.push_back(way.acquire(pool));
                    fill(blocks.back(), mark + k);
                }
                for (std::size_t k = 0; k != blocks.size(); ++k) {
                    broken += !is_filled(blocks[k], mark + k);
                    way.release(pool, blocks[k]);
                }
                blocks.clear();
            }
        };
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t != 4; ++t) {
            threads.emplace_back(work, std::cref((t % 2 == 0 ? here : there).pools[i]), t << 32U);
        }
        for (std::thread& each : threads) {
            each.join();
        }
        EXPECT_EQ(broken, 0) << here.pools[i].name;
        there.pools[i].end(pool);
    }
}

TEST_P(shared_objects, give_a_thread_one_number_and_two_threads_two) {
    std::set<std::uint32_t> numbers;
    std::atomic<int> ready{0};
    std::uint32_t seen[4][2]{};
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t) {
        threads.emplace_back([&, t] {
            seen[t][0] = t % 2 == 0 ? here.thread_number() : there.thread_number();
            seen[t][1] = t % 2 == 0 ? there.thread_number() : here.thread_number();
            ++ready;
            while (ready != 4) {
            }
        });
    }
    for (std::thread& each : threads) {
        each.join();
    }
    for (const auto& of : seen) {
        EXPECT_NE(of[0], detail::no_thread_number);
        EXPECT_EQ(of[0], of[1]);
        EXPECT_TRUE(numbers.insert(of[0]).second) << "two threads at once have it";
    }
}

TEST_P(shared_objects, search_for_what_is_not_there_and_end) {
    bitmap_pool<order> bits;
    slot_map<order> map;
    order stack{};
    static_cast<void>(bits.acquire());
    static_cast<void>(map.create());
    EXPECT_FALSE(there.owns(bits, &stack));
    EXPECT_FALSE(there.names(map, &stack));
}

TEST_P(shared_objects, keep_slabs_and_the_leak_handler_for_the_whole_process) {
    { // one that is kept
        stack_pool<order, warm_source> pool(4096);
        static_cast<void>(pool.acquire());
    }
    EXPECT_EQ(here.kept_bytes(), there.kept_bytes());
    const leak_handler mine = [](const leak_report&) noexcept {};
    static_cast<void>(here.set_leak_handler(mine));
    EXPECT_EQ(there.set_leak_handler(nullptr), mine);
}

TEST_P(shared_objects, tell_another_pools_pointer) {
    using checked = object_pool<order, pool_options{.checks = check::fast}>;
    checked other;
    order* const object = other.create();
    for (std::size_t i = 0; i != here.count; ++i) {
        if (here.pools[i].name == checked::about.name) {
            void* const pool = there.pools[i].make();
            EXPECT_THROW(there.pools[i].release(pool, object), other_pools_pointer);
            here.pools[i].end(pool);
        }
    }
    other.destroy(object);
}

INSTANTIATE_TEST_SUITE_P(a, shared_objects,
                         testing::Values("linked", POOLMARK_HIDDEN_PLUGIN, POOLMARK_USUAL_PLUGIN),
                         [](const auto& given) {
                             const std::string file = given.param;
                             return file == "linked"                            ? "linked_object"
                                    : file.find("hidden") != std::string::npos ? "hidden_plugin"
                                                                                : "plugin";
                         });

} // namespace
} // namespace poolmark::tests
#endif
