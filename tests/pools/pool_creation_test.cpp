// Objects in pools: construction that throws, and objects that own something.
#include "tests/pools/every_pool.hpp"

#include <cstring>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace poolmark::tests {
namespace {

// Writes over all of its storage, and then fails when told to.
struct scribbler {
    std::uint64_t words[6];

    scribbler(bool fails, std::uint64_t value) {
        for (std::uint64_t& word : words) {
            word = value;
        }
        if (fails) {
            throw std::runtime_error("told to");
        }
    }
};

template <class P>
void survives_throwing_constructors(P& source, std::size_t already_out) {
    std::set<void*> out;
    for (std::size_t i = 0; i != already_out; ++i) {
        out.insert(create(source, false, i));
    }
    for (int round = 0; round != 3; ++round) {
        EXPECT_THROW(static_cast<void>(create(source, true, ~std::uint64_t{0})), std::runtime_error);
        // Two, because a pool whose list was written over can still have one good slot to hand out.
        scribbler* const first = create(source, false, std::uint64_t{1});
        scribbler* const second = create(source, false, std::uint64_t{2});
        EXPECT_TRUE(out.insert(first).second) << "a slot was handed out twice";
        EXPECT_TRUE(out.insert(second).second) << "a slot was handed out twice";
        EXPECT_EQ(first->words[5], 1u);
        EXPECT_EQ(second->words[5], 2u);
    }
    for (void* const object : out) {
        destroy(source, static_cast<scribbler*>(object));
    }
}

TEST(every_pool, gets_the_slot_back_from_a_throwing_constructor_and_the_next_two_creations_work) {
    for_every_pool<scribbler>([]<class P>() {
        P unused(40); // the failing constructor gets the very first slot
        survives_throwing_constructors(unused, 0);
        // The failing constructor gets a released slot, with others behind it on the list.
        P used(40);
        std::vector<scribbler*> warm;
        for (std::uint64_t i = 0; i != 8; ++i) {
            warm.push_back(create(used, false, i));
        }
        for (scribbler* const object : warm) {
            destroy(used, object);
        }
        survives_throwing_constructors(used, 3);
    });
}

TEST(every_pool, of_one_slot_has_it_again_after_a_throwing_constructor) {
    for_every_pool<scribbler>([]<class P>() {
        if constexpr (P::traits.fixed_capacity) {
            P source(1);
            EXPECT_THROW(static_cast<void>(create(source, true, std::uint64_t{0})), std::runtime_error);
            EXPECT_NO_THROW(destroy(source, create(source, false, std::uint64_t{0})));
        }
    });
}

TEST(every_pool, keeps_objects_that_own_memory) {
    for_every_pool<std::string>([]<class P>() {
        P source(500);
        std::vector<std::string*> out;
        for (int round = 0; round != 3; ++round) {
            for (std::size_t i = 0; i != 500; ++i) {
                std::string text(50 + i % 40, static_cast<char>('a' + i % 26));
                out.push_back(create(source, std::move(text)));
            }
            for (std::size_t i = 0; i != 500; ++i) {
                EXPECT_EQ(*out[i], std::string(50 + i % 40, static_cast<char>('a' + i % 26)));
            }
            for (std::size_t i = 0; i != 500; ++i) {
                destroy(source, out[i * 3 % 500]); // 3 and 500 have no common divisor: each one once
            }
            out.clear();
        }
    });
}

} // namespace
} // namespace poolmark::tests
