// What std::pmr::memory_resource promises, asked of our resources through the base, and by containers.
#include "pools/adaptors/object_pool_resource.hpp"
#include "pools/adaptors/pool_allocator.hpp"
#include "pools/adaptors/pool_resource.hpp"
#include "pools/object_pool.hpp"
#include "pools/slab_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <map>
#include <memory_resource>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#if __has_include(<boost/container/flat_map.hpp>)
#include <boost/container/flat_map.hpp>
#include <boost/container/list.hpp>
#define POOLMARK_TESTS_BOOST_CONTAINERS 1
#endif

namespace poolmark::tests {
namespace {

using resource = std::pmr::memory_resource;

template <class Check>
void for_every_resource(Check check) {
    {
        SCOPED_TRACE("pool_resource on pages");
        pool_resource tested;
        pool_resource other;
        check(tested, other);
    }
    {
        SCOPED_TRACE("pool_resource on the heap");
        basic_pool_resource<heap_source> tested;
        basic_pool_resource<heap_source> other;
        check(tested, other);
    }
    {
        SCOPED_TRACE("object_pool_resource");
        slab_pool<cell<64, 16>> source;
        slab_pool<cell<64, 16>> of_other;
        object_pool_resource tested(source);
        object_pool_resource other(of_other);
        check(tested, other);
    }
}

struct request {
    unsigned char* block;
    std::size_t bytes;
    std::size_t alignment;
    unsigned char stamp;
};

void fill(const request& one) { std::memset(one.block, one.stamp, one.bytes); }

[[nodiscard]] bool is_intact(const request& one) {
    return std::all_of(one.block, one.block + one.bytes, [&](unsigned char byte) { return byte == one.stamp; });
}

[[nodiscard]] request make(resource& from, std::size_t bytes, std::size_t alignment, std::size_t stamp) {
    auto* const block = static_cast<unsigned char*>(from.allocate(bytes, alignment));
    EXPECT_NE(block, nullptr);
    EXPECT_TRUE(is_aligned(block, alignment)) << bytes << " bytes at " << alignment;
    const request made{block, bytes, alignment, static_cast<unsigned char>(stamp * 37 + 1)};
    fill(made);
    return made;
}

void drop(resource& to, const request& one) {
    EXPECT_TRUE(is_intact(one)) << one.bytes << " bytes at " << one.alignment << " were written over";
    to.deallocate(one.block, one.bytes, one.alignment);
}

// Around each class's end, and far beyond the largest.
[[nodiscard]] std::vector<std::size_t> sizes() {
    std::vector<std::size_t> all{0, 1, 7, 8, 9, 65'536, 100'000};
    for (std::size_t bytes = 16; bytes <= 32'768; bytes += std::max<std::size_t>(16, bytes / 8)) {
        all.insert(all.end(), {bytes - 1, bytes, bytes + 1});
    }
    return all;
}

TEST(every_resource, keeps_blocks_of_all_sizes_and_alignments_apart) {
    for_every_resource([](resource& tested, resource&) {
        for (int round = 0; round != 2; ++round) { // fresh storage, and the same once more from what came back
            std::vector<request> live;
            for (std::size_t alignment = 1; alignment <= 8192; alignment *= 2) {
                for (const std::size_t bytes : sizes()) {
                    if (alignment <= 64 || bytes % 8 == 0) {
                        live.push_back(make(tested, bytes, alignment, live.size()));
                    }
                }
            }
            for (const request& one : live) {
                drop(tested, one);
            }
        }
    });
}

TEST(every_resource, hands_out_distinct_blocks_for_requests_of_no_bytes) {
    for_every_resource([](resource& tested, resource&) {
        void* const one = tested.allocate(0, 1);
        void* const two = tested.allocate(0, 1);
        EXPECT_NE(one, nullptr);
        EXPECT_NE(one, two);
        tested.deallocate(one, 0, 1);
        tested.deallocate(two, 0, 1);
    });
}

TEST(every_resource, takes_blocks_back_in_any_order) {
    for_every_resource([](resource& tested, resource&) {
        std::mt19937 random(7);
        const std::vector<std::size_t> all = sizes();
        std::vector<request> live;
        for (int i = 0; i != 20'000; ++i) {
            if (live.size() < 20 || random() % 2 == 0) {
                const std::size_t bytes = random() % 4 != 0 ? random() % 300 : all[random() % all.size()];
                live.push_back(make(tested, bytes, std::size_t{1} << random() % 7, random()));
            } else {
                std::swap(live[random() % live.size()], live.back());
                drop(tested, live.back());
                live.pop_back();
            }
        }
        for (const request& one : live) {
            drop(tested, one);
        }
    });
}

TEST(every_resource, is_equal_to_itself_alone) {
    for_every_resource([](resource& tested, resource& other) {
        EXPECT_TRUE(tested.is_equal(tested));
        EXPECT_FALSE(tested.is_equal(other));
        EXPECT_FALSE(tested.is_equal(*std::pmr::new_delete_resource()));
        EXPECT_FALSE(std::pmr::new_delete_resource()->is_equal(tested));
    });
}

TEST(pool_resource, called_by_its_type_and_through_the_base_is_one_resource) {
    pool_resource tested;
    resource& base = tested;
    std::vector<request> live;
    for (std::size_t i = 0; i != 3000; ++i) { // each way of getting a block meets each way of giving it back
        void* const block = i % 3 == 0   ? tested.allocate<48, 8>()
                            : i % 3 == 1 ? tested.allocate(48, 8)
                                         : base.allocate(48, 8);
        live.push_back({static_cast<unsigned char*>(block), 48, 8, static_cast<unsigned char>(i)});
        fill(live.back());
        if (i % 5 < 3) {
            const request gone = live[live.size() / 2];
            live.erase(live.begin() + static_cast<std::ptrdiff_t>(live.size() / 2));
            ASSERT_TRUE(is_intact(gone));
            i % 5 == 0   ? tested.deallocate<48, 8>(gone.block)
            : i % 5 == 1 ? tested.deallocate(gone.block, 48, 8)
                         : base.deallocate(gone.block, 48, 8);
        }
    }
    EXPECT_TRUE(std::all_of(live.begin(), live.end(), is_intact));
}

TEST(object_pool_resource, sends_requests_of_its_size_to_the_pool_and_all_others_on) {
    slab_pool<cell<40, 8>> source;
    std::pmr::monotonic_buffer_resource fallback;
    object_pool_resource tested(source, &fallback);
    resource& base = tested;
    void* const ours = base.allocate(40, 8);
    base.deallocate(ours, 40, 8);
    EXPECT_EQ(source.acquire(), ours);
    const std::size_t bytes = source.slab_bytes();
    for (int i = 0; i != 10'000; ++i) {
        static_cast<void>(base.allocate(48, 8));
        static_cast<void>(base.allocate(40, 16)); // stricter than the pool's objects
    }
    EXPECT_EQ(source.slab_bytes(), bytes);
}

// Other containers on our resources: the standard's through std::pmr, and Boost's.

template <class Resource>
void fill_pmr_containers(Resource& tested) {
    std::pmr::list<std::pmr::string> words(&tested);
    std::pmr::unordered_map<int, std::pmr::string> named(&tested);
    std::pmr::map<int, std::pmr::vector<int>> rows(&tested);
    for (int i = 0; i != 3000; ++i) {
        words.emplace_back(static_cast<std::size_t>(i % 100), 'w');
        named[i % 700] = "a name that is too long for the string itself";
        rows[i % 50].push_back(i);
        if (i % 4 == 3) {
            words.pop_front();
            named.erase(i % 500);
        }
    }
    EXPECT_EQ(words.get_allocator().resource(), &tested);
    EXPECT_EQ(words.front().get_allocator().resource(), &tested) << "elements take the container's";
    EXPECT_EQ(words.back(), std::pmr::string(2999 % 100, 'w'));
    EXPECT_EQ(rows[49].size(), 60u);
    std::pmr::list<std::pmr::string> elsewhere(std::pmr::new_delete_resource());
    elsewhere = std::move(words); // another resource: element by element
    EXPECT_EQ(elsewhere.back(), std::pmr::string(2999 % 100, 'w'));
}

TEST(pmr_containers, live_on_our_resources) {
    pool_resource pool;
    fill_pmr_containers(pool);
    slab_pool<cell<56, 8>> nodes;
    object_pool_resource on_nodes(nodes);
    fill_pmr_containers(on_nodes);
}

#ifdef POOLMARK_TESTS_BOOST_CONTAINERS
TEST(boost_containers, live_on_pool_allocator) {
    pool_resource pool;
    boost::container::flat_map<int, int, std::less<int>, pool_allocator<std::pair<int, int>>> flat{
        pool_allocator<std::pair<int, int>>{pool}};
    boost::container::list<std::string, pool_allocator<std::string>> words{pool_allocator<std::string>{pool}};
    for (int i = 0; i != 2000; ++i) {
        flat[i * 7 % 1000] += i;
        words.push_back(std::string(30, 'x'));
    }
    EXPECT_EQ(flat.size(), 1000u);
    auto copy = words;
    words = std::move(copy);
    EXPECT_EQ(words.size(), 2000u);
}
#endif

// Two adaptors of one pool free each other's memory, so they are equal; of two pools they are not.
TEST(object_pool_resource, equals_another_of_the_same_pool_and_fallback) {
    struct node {
        void* links[2];
        long value;
    };
    object_pool<node> pool;
    object_pool<node> other;
    std::pmr::monotonic_buffer_resource elsewhere;
    object_pool_resource first(pool);
    object_pool_resource second(pool);
    object_pool_resource of_other(other);
    object_pool_resource with_other_fallback(pool, &elsewhere);
    EXPECT_EQ(first, second);
    EXPECT_NE(first, of_other);
    EXPECT_NE(first, with_other_fallback);
    EXPECT_NE(static_cast<std::pmr::memory_resource&>(first), elsewhere);
    EXPECT_EQ((pool_allocator<int, object_pool_resource<object_pool<node>>>(first)),
              (pool_allocator<long, object_pool_resource<object_pool<node>>>(second)));
}

TEST(object_pool_resource, lets_a_list_of_another_one_move_without_a_copy) {
    struct node {
        void* links[2];
        long value;
    };
    object_pool<node> pool;
    object_pool_resource first(pool);
    object_pool_resource second(pool);
    std::pmr::list<long> from(&first);
    from.assign({1, 2, 3});
    const long* const place = &from.front();
    std::pmr::list<long> to(&second);
    to = std::move(from);
    EXPECT_EQ(&to.front(), place);
}

} // namespace
} // namespace poolmark::tests
