// Types that mean something else by the operators, the conversions and the storage that pools might use unasked.
#include "pools/adaptors/object_pool_resource.hpp"
#include "pools/adaptors/pool_allocator.hpp"
#include "pools/arena.hpp"
#include "pools/bitmap_pool.hpp"
#include "pools/bounded_free_list.hpp"
#include "pools/cpu_pool.hpp"
#include "pools/fresh_heap.hpp"
#include "pools/local_pool.hpp"
#include "pools/locked_pool.hpp"
#include "pools/object_pool.hpp"
#include "pools/recycler.hpp"
#include "pools/recycling_arena.hpp"
#include "pools/slab_pool.hpp"
#include "pools/slot_map.hpp"
#include "pools/stack_pool.hpp"
#include "pools/static_pool.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <list>
#include <tuple>
#include <type_traits>
#include <vector>

namespace poolmark::tests {
namespace {

// How many objects of all these types there are.
struct counted {
    static inline int live = 0;
    counted() { ++live; }
    counted(const counted&) { ++live; }
    counted& operator=(const counted&) = default;
    ~counted() { --live; }
};

// Each operator, conversion and storage of its own that code might use unasked; and nobody can derive from it. All in one type: what is used
// of them does not compile, or says so.
struct proxy {};
struct means_something_else final : counted {
    proxy operator&() { return {}; }
    means_something_else* operator&() const { return nullptr; }

    template <class Other>
    friend void operator,(const means_something_else&, const Other&) = delete;
    template <class Other>
    friend void operator,(const Other&, const means_something_else&) = delete;

    static void* operator new(std::size_t) = delete;
    static void* operator new(std::size_t, void*) = delete;
    static void operator delete(void*) = delete;

    means_something_else() = default;
    means_something_else(const means_something_else&) = default;
    template <class Other>
    requires(!std::is_base_of_v<counted, std::remove_cvref_t<Other>>)
    means_something_else(Other&&) { ADD_FAILURE() << "converted from something else"; }
    template <class Other>
    operator Other*() const {
        ADD_FAILURE() << "converted to a pointer";
        return nullptr;
    }
    operator bool() const { return false; }
    bool operator==(const means_something_else&) const = delete;
};
struct unmovable : counted { // and made by name only
    explicit unmovable() = default;
    unmovable(unmovable&&) = delete;
};
struct alignas(1024) over_aligned : counted {};
struct empty_one : counted {};
struct huge_one : counted {
    unsigned char bytes[300'000];
};
struct with_virtuals : counted {
    virtual ~with_virtuals() = default;
    virtual int answer() { return 42; }
};
struct holds_its_lease : counted { // a lease of its own pool's, inside of it
    object_lease<holds_its_lease> next;
};
static_assert(std::is_same_v<object_lease<holds_its_lease>, object_pool<holds_its_lease>::lease>);

template <class P>
void serves() {
    using T = typename P::value_type;
    ASSERT_EQ(counted::live, 0);
    auto source = std::make_unique<P>(8);
    std::vector<T*> all;
    for (int i = 0; i != 5; ++i) {
        all.push_back(poolmark::create(*source));
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(all.back()) % alignof(T), 0U) << P::about.name;
    }
    EXPECT_EQ(counted::live, 5) << P::about.name;
    for (T* const each : all) {
        poolmark::destroy(*source, each);
    }
    EXPECT_EQ(counted::live, 0) << P::about.name;
}

template <class T, class P>
void visits_and_ends_all() {
    auto source = std::make_unique<P>();
    for (int i = 0; i != 3; ++i) {
        static_cast<void>(source->create());
    }
    int seen = 0;
    if constexpr (requires { source->destroy_all(); }) {
        source->for_each_live([&](T&) { ++seen; });
        source->destroy_all();
    } else if constexpr (requires { source->for_each_live([](T&) {}); }) {
        source->for_each_live([&](T&) { ++seen; });
        source->clear();
    } else {
        source->for_each([&](auto, T&) { ++seen; });
        source->clear();
    }
    EXPECT_EQ(seen, 3) << P::about.name;
    EXPECT_EQ(counted::live, 0) << P::about.name;
}

template <class T>
struct throwing_reset {
    bool operator()(T&) const { throw 1; }
};

template <class T>
class hostile_types : public testing::Test {};
using types = testing::Types<means_something_else, unmovable, over_aligned, empty_one, huge_one, with_virtuals, holds_its_lease>;
TYPED_TEST_SUITE(hostile_types, types);

TYPED_TEST(hostile_types, are_served_by_every_pool) {
    using T = TypeParam;
    serves<object_pool<T>>();
    serves<object_pool<T, pool_options{.checks = check::fast}>>();
    serves<object_pool<T, pool_options{.checks = check::full}>>();
    serves<slab_pool<T>>();
    serves<stack_pool<T>>();
    serves<arena<T>>();
    serves<recycling_arena<T>>();
    serves<bitmap_pool<T>>();
    serves<static_pool<T, 8>>();
    serves<bounded_free_list<T>>();
    serves<fresh_heap<T>>();
    serves<local_pool<T>>();
    serves<cpu_pool<T>>();
    serves<locked_pool<object_pool<T>>>();
}

TYPED_TEST(hostile_types, are_visited_and_ended) {
    using T = TypeParam;
    visits_and_ends_all<T, object_pool<T>>();
    visits_and_ends_all<T, object_pool<T, pool_options{.checks = check::fast}>>();
    visits_and_ends_all<T, bitmap_pool<T>>();
    visits_and_ends_all<T, slot_map<T>>();
    {
        arena<T> scoped;
        static_cast<void>(scoped.create_owned());
    }
    EXPECT_EQ(counted::live, 0);
    {
        object_pool<T> pool;
        auto lease = pool.make();
        EXPECT_EQ(counted::live, 1);
    }
    EXPECT_EQ(counted::live, 0);
}

TYPED_TEST(hostile_types, are_recycled) {
    using T = TypeParam;
    {
        recycler<T> kept;
        T* const object = kept.get();
        kept.put(object);
        EXPECT_EQ(kept.get(), object);
        kept.put(object);
    }
    EXPECT_EQ(counted::live, 0);
    {
        recycler<T, throwing_reset<T>> kept;
        EXPECT_THROW(kept.put(kept.get()), int);
        EXPECT_EQ(counted::live, 0);
    }
}

TYPED_TEST(hostile_types, stand_in_the_nodes_of_containers) {
    using T = TypeParam;
    {
        pool_resource resource;
        const pool_allocator<T> from(resource);
        std::list<T, pool_allocator<T>> nodes(from);
        nodes.emplace_back();
        nodes.emplace_front();
        EXPECT_EQ(counted::live, 2);
    }
    EXPECT_EQ(counted::live, 0);
}

} // namespace
} // namespace poolmark::tests
