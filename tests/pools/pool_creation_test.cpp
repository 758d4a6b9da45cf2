// Objects in pools: construction that throws, and objects that own something.
#include "tests/pools/erased_objects.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace poolmark::tests {
namespace {

void survives_throwing_constructors(scribblers& source, std::size_t already_out) {
    std::set<scribbler*> out;
    for (std::size_t i = 0; i != already_out; ++i) {
        out.insert(source.create({false, i}));
    }
    for (int round = 0; round != 3; ++round) {
        EXPECT_THROW(static_cast<void>(source.create({true, ~std::uint64_t{0}})), std::runtime_error);
        // Two, because a pool whose list was written over can still have one good slot to hand out.
        scribbler* const first = source.create({false, 1});
        scribbler* const second = source.create({false, 2});
        EXPECT_TRUE(out.insert(first).second) << "a slot was handed out twice";
        EXPECT_TRUE(out.insert(second).second) << "a slot was handed out twice";
        EXPECT_EQ(first->words[5], 1u);
        EXPECT_EQ(second->words[5], 2u);
    }
    for (scribbler* const object : out) {
        source.destroy(object);
    }
}

TEST(every_pool, gets_the_slot_back_from_a_throwing_constructor_and_the_next_two_creations_work) {
    for_each_kind<scribblers>(kinds_of_scribblers(), [](const object_kind<scribblers>& kind) {
        const auto unused = kind.make(40); // the failing constructor gets the very first slot
        survives_throwing_constructors(*unused, 0);
        // The failing constructor gets a released slot, with others behind it on the list.
        const auto used = kind.make(40);
        std::vector<scribbler*> warm;
        for (std::uint64_t i = 0; i != 8; ++i) {
            warm.push_back(used->create({false, i}));
        }
        for (scribbler* const object : warm) {
            used->destroy(object);
        }
        survives_throwing_constructors(*used, 3);
    });
}

TEST(every_pool, of_one_slot_has_it_again_after_a_throwing_constructor) {
    for_each_kind<scribblers>(kinds_of_scribblers(), [](const object_kind<scribblers>& kind) {
        if (kind.traits.fixed_capacity) {
            const auto source = kind.make(1);
            EXPECT_THROW(static_cast<void>(source->create({true, 0})), std::runtime_error);
            EXPECT_NO_THROW(source->destroy(source->create({false, 0})));
        }
    });
}

[[nodiscard]] std::string text(std::size_t number) {
    return std::string(50 + number % 40, static_cast<char>('a' + number % 26));
}

TEST(every_pool, keeps_objects_that_own_memory) {
    for_each_kind<strings>(kinds_of_strings(), [](const object_kind<strings>& kind) {
        const std::size_t objects = objects_for(kind.traits, 500);
        const auto source = kind.make(objects);
        std::mt19937 random(500);
        for (int round = 0; round != 3; ++round) {
            std::vector<std::string*> out;
            for (std::size_t i = 0; i != objects; ++i) {
                out.push_back(source->create(text(i)));
            }
            for (std::size_t i = 0; i != objects; ++i) {
                EXPECT_EQ(*out[i], text(i));
            }
            std::shuffle(out.begin(), out.end(), random);
            for (std::string* const object : out) {
                source->destroy(object);
            }
        }
    });
}

} // namespace
} // namespace poolmark::tests
