// Where slot_map ends: lives, indices, memory, and constructors that throw.
#include "pools/slot_map.hpp"
#include "benchmarks/contenders/storage/slot_pool.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

namespace poolmark::tests {
namespace {

TEST(slot_map, retires_a_slot_that_has_lived_all_its_lives) {
    using map_type = slot_map<int, handle32>;
    map_type map;
    std::unordered_set<map_type::handle> seen;
    const std::uint32_t slot = map.create(0).index();
    map.clear();
    for (int life = 1; life != 511; ++life) {
        const auto which = map.create(life);
        ASSERT_EQ(which.index(), slot);
        ASSERT_TRUE(seen.insert(which).second) << "a handle came again";
        map.destroy(which);
        ASSERT_EQ(map.retired(), life == 510 ? 1u : 0u);
    }
    for (int i = 0; i != 2000; ++i) { // others take its place, for good
        const auto which = map.create(i);
        ASSERT_NE(which.index(), slot);
        ASSERT_EQ(seen.count(which), 0u);
    }
    for (const auto old : seen) {
        ASSERT_FALSE(map.contains(old));
    }
    EXPECT_FALSE(map.contains(map_type::none));
    EXPECT_EQ(map.size(), 2000u);
    map.clear();
    EXPECT_EQ(map.size(), 0u);
    EXPECT_EQ(map.retired(), 1u);
}

struct handle_of_16_slots {
    using word = std::uint32_t;
    static constexpr unsigned index_bits = 4;
    static constexpr unsigned generation_bits = 28;
};

TEST(slot_map, says_when_every_index_is_taken_and_goes_on_afterwards) {
    slot_map<int, handle_of_16_slots> map;
    std::vector<slot_map<int, handle_of_16_slots>::handle> made;
    for (int i = 0; i != 16; ++i) {
        made.push_back(map.create(i));
    }
    EXPECT_THROW(static_cast<void>(map.create(16)), pool_exhausted);
    EXPECT_EQ(map.size(), 16u);
    map.destroy(made[3]);
    EXPECT_EQ(map.create(17).index(), made[3].index());
    EXPECT_THROW(static_cast<void>(map.create(18)), pool_exhausted);
    EXPECT_EQ(map.get(made[15]), 15);
}

TEST(slot_map, is_as_before_when_there_is_no_memory) {
    for (int ration = 0; ration != 8; ++ration) {
        {
            slot_map<std::string, handle64, rationed_source> map;
            using handle = slot_map<std::string, handle64, rationed_source>::handle;
            rationed_source::slabs_left = ration;
            std::vector<handle> made;
            EXPECT_THROW(
                for (int i = 0; i != 1'000'000; ++i) { made.push_back(map.create("a text too long to be inside")); },
                std::bad_alloc);
            EXPECT_EQ(map.size(), made.size());
            if (!made.empty()) {
                map.destroy(made.back());
                made.back() = map.create("another text too long to be inside");
            }
            rationed_source::slabs_left = rationed_source::unlimited;
            made.push_back(map.create("one more"));
            for (const handle which : made) {
                ASSERT_TRUE(map.contains(which));
            }
        }
        EXPECT_EQ(rationed_source::slabs_out, 0) << "every slab went back";
    }
}

struct touchy {
    static inline int live = 0;
    explicit touchy(bool fails) {
        if (fails) {
            throw std::runtime_error("told to");
        }
        ++live;
    }
    touchy(const touchy&) = delete;
    touchy& operator=(const touchy&) = delete;
    ~touchy() { --live; }
};

TEST(slot_map, is_as_before_when_a_constructor_throws) {
    {
        slot_map<touchy, handle32> map;
        for (int i = 0; i != 3; ++i) {
            EXPECT_THROW(static_cast<void>(map.create(true)), std::runtime_error);
            EXPECT_FALSE(map.contains(map.none)) << "the first slot was taken and never lived";
            EXPECT_EQ(map.size(), static_cast<std::size_t>(i));
            EXPECT_EQ(map.create(false).index(), static_cast<std::uint32_t>(i));
        }
        map.for_each([](auto, touchy&) {});
        EXPECT_EQ(touchy::live, 3);
    }
    EXPECT_EQ(touchy::live, 0) << "those that are left are destroyed with the map";
}

TEST(slot_map, lets_a_visit_destroy_and_create) {
    slot_map<int> map;
    for (int i = 0; i != 1000; ++i) {
        static_cast<void>(map.create(i));
    }
    map.for_each([&](slot_map<int>::handle which, int& value) {
        if (value % 2 == 0) {
            map.destroy(which);
        } else if (value < 100) {
            static_cast<void>(map.create(1001));
        }
    });
    EXPECT_EQ(map.size(), 550u);
}

// Its destructor asks for itself.
struct looks_back {
    slot_map<looks_back>* home = nullptr;
    slot_handle<looks_back, handle64> self{};
    static inline int found = 0;
    looks_back() = default;
    looks_back(const looks_back&) = delete;
    looks_back& operator=(const looks_back&) = delete;
    ~looks_back() { found += home != nullptr && home->contains(self); }
};

TEST(slot_map, has_forgotten_an_object_when_its_destructor_runs) {
    slot_map<looks_back> map;
    const auto which = map.create();
    map.get(which).home = &map;
    map.get(which).self = which;
    map.destroy(which);
    EXPECT_EQ(looks_back::found, 0);
}

TEST(slot_pool, says_what_is_wrong_with_an_address) {
    slot_pool<cell<40>, scattered_source> source;
    std::set<void*> out;
    for (int i = 0; i != 20'000; ++i) { // several slabs, which all want one place in the map
        EXPECT_TRUE(out.insert(source.acquire()).second);
    }
    auto* const block = static_cast<std::byte*>(*out.begin());
    cell<40> outside{};
    EXPECT_THROW(source.release(block + 1), interior_pointer);
    EXPECT_THROW(source.release(&outside), foreign_pointer);
    EXPECT_THROW(source.release(nullptr), foreign_pointer);
    for (void* const each : out) {
        source.release(each);
    }
    EXPECT_THROW(source.release(block), double_release);
}

} // namespace
} // namespace poolmark::tests
