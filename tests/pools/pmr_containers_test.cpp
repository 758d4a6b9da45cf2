// Other containers on our resources: the standard's through std::pmr, and Boost's.
#include "pools/adaptors/object_pool_resource.hpp"
#include "pools/adaptors/pool_allocator.hpp"
#include "pools/slab_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <memory_resource>
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

template <class Resource>
void fill_pmr_containers(Resource& resource) {
    std::pmr::list<std::pmr::string> words(&resource);
    std::pmr::unordered_map<int, std::pmr::string> named(&resource);
    std::pmr::map<int, std::pmr::vector<int>> rows(&resource);
    for (int i = 0; i != 3000; ++i) {
        words.emplace_back(static_cast<std::size_t>(i % 100), 'w');
        named[i % 700] = "a name that is too long for the string itself";
        rows[i % 50].push_back(i);
        if (i % 4 == 3) {
            words.pop_front();
            named.erase(i % 500);
        }
    }
    EXPECT_EQ(words.get_allocator().resource(), &resource);
    EXPECT_EQ(words.front().get_allocator().resource(), &resource) << "elements take the container's";
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

} // namespace
} // namespace poolmark::tests
