// Where pools end: exhaustion, misuse, and a source that has no more memory. Each leaves the pool usable.
#include "tests/pools/every_pool.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace poolmark::tests {
namespace {

TEST(every_pool, of_a_fixed_capacity_says_when_it_is_exhausted_and_goes_on_afterwards) {
    for_every_pool<cell<16>>([]<class P>() {
        if constexpr (P::traits.fixed_capacity) {
            P source(3);
            void* const first = source.acquire();
            void* const second = source.acquire();
            void* const third = source.acquire();
            EXPECT_THROW(static_cast<void>(source.acquire()), pool_exhausted);
            EXPECT_THROW(static_cast<void>(source.acquire()), std::bad_alloc) << "generic code catches this one";
            source.release(second);
            EXPECT_EQ(source.acquire(), second);
            EXPECT_THROW(static_cast<void>(source.acquire()), pool_exhausted);
            for (void* const block : {first, second, third}) {
                source.release(block);
            }
            P none(0);
            EXPECT_THROW(static_cast<void>(none.acquire()), pool_exhausted);
        }
    });
}

TEST(every_pool, that_rejects_misuse_says_so_and_is_unharmed) {
    for_every_pool<cell<16>>([]<class P>() {
        if constexpr (P::traits.rejects_foreign_release) {
            P source(2);
            P other(2);
            cell<16> outside{};
            void* const block = source.acquire();
            void* const of_other = other.acquire();
            EXPECT_THROW(source.release(&outside), not_in_use);
            EXPECT_THROW(source.release(of_other), not_in_use);
            EXPECT_THROW(source.release(static_cast<std::byte*>(block) + 1), not_in_use);
            EXPECT_THROW(source.release(nullptr), not_in_use);
            source.release(block);
            EXPECT_THROW(source.release(block), not_in_use) << "released twice";
            void* const again = source.acquire();
            EXPECT_NE(again, source.acquire())
                << "the failed release must not have put the slot on the list again";
        }
    });
}

TEST(every_pool, that_grows_throws_bad_alloc_when_its_source_fails_and_stays_usable) {
    for_each_type(own_pools<cell<64>, rationed_source>{}, []<class P>(std::type_identity<P>) {
        SCOPED_TRACE(P::about.name);
        if constexpr (!P::traits.fixed_capacity) {
            for (int ration = 0; ration != 6; ++ration) { // fails at the first slab, at the list beside it, later
                {
                    P source(0);
                    rationed_source::slabs_left = ration;
                    std::vector<void*> out;
                    EXPECT_THROW(
                        for (int i = 0; i != 1'000'000; ++i) { out.push_back(source.acquire()); },
                        std::bad_alloc);
                    EXPECT_THROW(static_cast<void>(source.acquire()), std::bad_alloc)
                        << "still nothing to be had";
                    if (P::traits.reuse == reuse_order::lifo && !out.empty()) {
                        source.release(out.back());
                        EXPECT_EQ(source.acquire(), out.back());
                    }
                    rationed_source::slabs_left = rationed_source::unlimited;
                    for (int i = 0; i != 5000; ++i) { // and now there is more
                        out.push_back(source.acquire());
                        std::memset(out.back(), i, 64);
                    }
                    std::sort(out.begin(), out.end());
                    EXPECT_EQ(std::adjacent_find(out.begin(), out.end()), out.end());
                }
                EXPECT_EQ(rationed_source::slabs_out, 0) << "every slab went back";
            }
        }
    });
}

} // namespace
} // namespace poolmark::tests
