// Where pools end, and construction that throws: each leaves the pool usable.
#include "pools/errors.hpp"
#include "tests/pools/cell.hpp"
#include "tests/pools/erased_pool.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace poolmark::tests {
namespace {

TEST(every_pool, of_a_fixed_capacity_says_when_it_is_exhausted_and_goes_on_afterwards) {
    for_every_pool(usual, [](const pool_kind& kind) {
        if (!kind.traits.fixed_capacity) {
            return;
        }
        const bool any_capacity = kind.traits.max_objects == pool_traits::unlimited;
        const std::size_t capacity = any_capacity ? 3 : kind.traits.max_objects;
        const auto source = kind.make(capacity);
        const std::vector<void*> out = acquire_all(*source, capacity);
        EXPECT_THROW(static_cast<void>(source->acquire()), pool_exhausted);
        EXPECT_THROW(static_cast<void>(source->acquire()), std::bad_alloc) << "generic code catches this one";
        source->release(out[capacity / 2]);
        EXPECT_EQ(source->acquire(), out[capacity / 2]);
        EXPECT_THROW(static_cast<void>(source->acquire()), pool_exhausted);
        release_all(*source, out);
        if (any_capacity) {
            EXPECT_THROW(static_cast<void>(kind.make(0)->acquire()), pool_exhausted);
        }
    });
}

TEST(every_pool, that_rejects_misuse_says_so_and_is_unharmed) {
    for_every_pool(usual, [](const pool_kind& kind) {
        if (!kind.traits.rejects_foreign_release) {
            return;
        }
        const auto source = kind.make(2);
        const auto other = kind.make(2);
        cell<usual.bytes, usual.alignment> outside{};
        void* const block = source->acquire();
        void* const of_other = other->acquire();
        EXPECT_THROW(source->release(&outside), not_in_use);
        EXPECT_THROW(source->release(of_other), not_in_use);
        EXPECT_THROW(source->release(static_cast<std::byte*>(block) + 1), not_in_use);
        EXPECT_THROW(source->release(nullptr), not_in_use);
        source->release(block);
        EXPECT_THROW(source->release(block), not_in_use) << "released twice";
        void* const again = source->acquire();
        EXPECT_NE(again, source->acquire()) << "the failed release must not have put the slot on the list again";
        EXPECT_NO_THROW(other->release(of_other)) << "the other pool is unharmed, too";
    });
}

// The pool gets `ration` slabs and then no more, for a while.
void survives_a_failing_source(const pool_kind& kind, int ration) {
    const auto source = kind.make(0);
    rationed_source::slabs_left = ration;
    std::vector<void*> out;
    EXPECT_THROW(
        for (int i = 0; i != 1'000'000; ++i) { out.push_back(source->acquire()); }, std::bad_alloc);
    EXPECT_THROW(static_cast<void>(source->acquire()), std::bad_alloc) << "still nothing to be had";
    if (kind.traits.reuse == reuse_order::lifo && !out.empty()) {
        source->release(out.back());
        EXPECT_EQ(source->acquire(), out.back());
    }
    rationed_source::slabs_left = rationed_source::unlimited;
    for (int i = 0; i != 5000; ++i) { // and now there is more
        out.push_back(source->acquire());
        std::memset(out.back(), i, kind.of.bytes);
    }
    expect_all_different(out);
}

TEST(every_pool, that_grows_throws_bad_alloc_when_its_source_fails_and_stays_usable) {
    for_each_kind(kinds_on_rations(), [](const pool_kind& kind) {
        if (kind.traits.fixed_capacity) {
            return;
        }
        for (int ration = 0; ration != 6; ++ration) { // fails at the first slab, at the list beside it, later
            survives_a_failing_source(kind, ration);
            EXPECT_EQ(rationed_source::slabs_out, 0) << "every slab went back";
        }
    });
}

// Objects in pools: construction that throws, and objects that own something.

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
