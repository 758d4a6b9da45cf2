// Containers on pools: the standard's on pool_allocator and on std::pmr, with elements that own something and
// throw.
#include "pools/adaptors/pool_allocator.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <list>
#include <map>
#include <memory_resource>
#include <numeric>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace poolmark::tests {
namespace {

using text = std::basic_string<char, std::char_traits<char>, pool_allocator<char>>;
using texts = std::list<std::string, pool_allocator<std::string>>;
using numbers = std::map<int, int, std::less<>, pool_allocator<std::pair<const int, int>>>;
using pool_on_ration = basic_pool_resource<rationed_source>;

TEST(pool_allocator, serves_node_containers) {
    pool_resource pool;
    numbers ordered{pool};
    std::unordered_map<int, std::string, std::hash<int>, std::equal_to<>,
                       pool_allocator<std::pair<const int, std::string>>>
        hashed{pool};
    for (int i = 0; i != 20'000; ++i) {
        ordered[i * 7 % 5000] += i;
        hashed[i * 11 % 5000] = std::to_string(i) + " is long enough for the heap";
        if (i % 3 == 0) {
            ordered.erase(i % 5000);
            hashed.erase(i % 4000);
        }
    }
    EXPECT_EQ(hashed.size(), static_cast<std::size_t>(std::distance(hashed.begin(), hashed.end())));
    for (const auto& [key, value] : hashed) {
        EXPECT_EQ(std::stoi(value) * 11 % 5000, key);
    }
    EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
}

TEST(pool_allocator, serves_containers_with_buffers_small_and_large) {
    pool_resource pool;
    std::vector<int, pool_allocator<int>> row{pool};
    std::deque<int, pool_allocator<int>> queue{pool};
    text letters{pool};
    for (int i = 0; i != 100'000; ++i) {
        row.push_back(i);
        queue.push_back(i);
        letters.push_back(static_cast<char>('a' + i % 26));
        if (i % 2 == 0) {
            queue.pop_front();
        }
    }
    EXPECT_EQ(std::accumulate(row.begin(), row.end(), 0LL), 99'999LL * 50'000);
    EXPECT_EQ(queue.front(), 50'000);
    EXPECT_EQ(letters[99'999], 'a' + 99'999 % 26);
    EXPECT_THROW(row.reserve(row.max_size() / 2), std::bad_alloc);
    EXPECT_EQ(row.size(), 100'000u);
}

TEST(pool_allocator, refuses_a_count_whose_bytes_wrap_around) {
    pool_resource pool;
    pool_allocator<long> allocator{pool};
    EXPECT_THROW(static_cast<void>(allocator.allocate(~std::size_t{0} / 8 + 2)), std::bad_array_new_length);
}

TEST(pool_allocator, keeps_over_aligned_elements_aligned) {
    pool_resource pool;
    std::list<cell<40, 64>, pool_allocator<cell<40, 64>>> nodes{pool};
    std::vector<cell<4096, 4096>, pool_allocator<cell<4096, 4096>>> pages{pool};
    for (int i = 0; i != 100; ++i) {
        EXPECT_TRUE(is_aligned(&nodes.emplace_back(), 64));
        EXPECT_TRUE(is_aligned(&pages.emplace_back(), 4096));
    }
}

TEST(pool_allocator, serves_shared_pointers_which_may_outlive_all_but_the_pool) {
    pool_resource pool;
    std::weak_ptr<std::string> watched;
    {
        const auto shared = std::allocate_shared<std::string>(pool_allocator<std::string>{pool}, 100, 'x');
        watched = shared;
        EXPECT_EQ(shared->size(), 100u);
    }
    EXPECT_TRUE(watched.expired());
}

TEST(pool_allocator, of_another_resource_serves_as_well) {
    std::pmr::monotonic_buffer_resource bump;
    std::vector<int, pool_allocator<int, std::pmr::monotonic_buffer_resource>> row{bump};
    row.assign(1000, 7);
    EXPECT_EQ(std::accumulate(row.begin(), row.end(), 0), 7000);
}

TEST(pool_allocator, stays_with_its_pool_on_copies_and_travels_with_memory_on_moves_and_swaps) {
    pool_resource here;
    pool_resource there;
    const auto pool_of = [](const texts& of) { return &of.get_allocator().resource(); };
    texts one({"one", "two"}, here);
    texts other({"a", "b", "c"}, there);
    texts copy = one;
    EXPECT_EQ(pool_of(copy), &here);
    copy = other;
    EXPECT_EQ(pool_of(copy), &here) << "elements are copied, memory stays";
    EXPECT_EQ(copy, other);
    const std::string* const first = &other.front();
    std::swap(one, other);
    EXPECT_EQ(pool_of(one), &there);
    EXPECT_EQ(&one.front(), first) << "no element moved";
    copy = std::move(one);
    EXPECT_EQ(pool_of(copy), &there);
    EXPECT_EQ(&copy.front(), first);
    static_assert(std::is_nothrow_move_assignable_v<texts>);
    const texts with_pool(copy, here); // and with a pool that is named
    EXPECT_EQ(pool_of(with_pool), &here);
    EXPECT_EQ(with_pool, copy);
    EXPECT_TRUE(pool_allocator<int>(here) == pool_allocator<long>(here));
    EXPECT_TRUE(pool_allocator<int>(here) != pool_allocator<int>(there));
}

struct fails_at_seven {
    int value;
    explicit fails_at_seven(int given) : value(given) {
        if (given == 7) {
            throw std::runtime_error("told to");
        }
    }
};

TEST(pool_allocator, gets_the_node_back_from_a_constructor_that_throws) {
    pool_resource pool;
    std::list<fails_at_seven, pool_allocator<fails_at_seven>> nodes{pool};
    nodes.emplace_back(1);
    EXPECT_THROW(nodes.emplace_back(7), std::runtime_error);
    const std::size_t bytes = pool.upstream_bytes();
    for (int i = 0; i != 10'000; ++i) {
        EXPECT_THROW(nodes.emplace_back(7), std::runtime_error);
    }
    EXPECT_EQ(pool.upstream_bytes(), bytes) << "the same node each time";
    nodes.emplace_back(2);
    EXPECT_EQ(nodes.back().value, 2);
}

TEST(pool_allocator, lets_a_container_live_on_when_its_pool_cannot_grow) {
    pool_on_ration pool;
    std::list<cell<100>, pool_allocator<cell<100>, pool_on_ration>> nodes{pool};
    rationed_source::slabs_left = 2;
    EXPECT_THROW(
        for (;;) { nodes.emplace_back(); }, std::bad_alloc);
    const std::size_t built = nodes.size();
    EXPECT_EQ(static_cast<std::size_t>(std::distance(nodes.begin(), nodes.end())), built);
    nodes.pop_front();
    EXPECT_NO_THROW(nodes.emplace_back());
    rationed_source::slabs_left = rationed_source::unlimited;
    EXPECT_NO_THROW(nodes.resize(built + 1000));
}

} // namespace
} // namespace poolmark::tests
