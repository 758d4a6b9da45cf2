// Where pools end: exhaustion, misuse, and a source that has no more memory. Each leaves the pool usable.
#include "pools/errors.hpp"
#include "tests/pools/cell.hpp"
#include "tests/pools/erased_pool.hpp"

#include <cstring>
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

} // namespace
} // namespace poolmark::tests
