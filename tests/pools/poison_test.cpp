// What AddressSanitizer and LeakSanitizer are told. In other builds there is nothing to see.
#include "tests/pools/every_pool.hpp"

#include <string>

#ifdef POOLMARK_HAS_ASAN

namespace poolmark::tests {
namespace {

template <class P>
void read_after_release() {
    P source(4);
    auto* const block = static_cast<volatile char*>(source.acquire());
    block[0] = 1;
    source.release(const_cast<char*>(block));
    static_cast<void>(block[0]);
}

template <class P>
void read_past_the_end() {
    P source(4);
    auto* const block = static_cast<volatile char*>(source.acquire());
    static_cast<void>(block[sizeof(typename P::value_type)]);
}

TEST(poison_death_test, our_own_pools_die_of_a_use_after_release) {
    for_each_type(append_t<own_pools<cell<24>>, own_pools<cell<24>, heap_source>>{},
                  []<class P>(std::type_identity<P>) {
                      SCOPED_TRACE(P::about.name);
                      EXPECT_DEATH(read_after_release<P>(), "use-after-poison");
                  });
}

TEST(poison_death_test, our_own_pools_die_of_a_read_into_a_slot_that_is_not_out) {
    for_each_type(own_pools<cell<20>>{}, []<class P>(std::type_identity<P>) {
        SCOPED_TRACE(P::about.name);
        EXPECT_DEATH(read_past_the_end<P>(), "AddressSanitizer");
    });
}

TEST(poison, leaves_heap_memory_that_held_a_pool_as_it_found_it) {
    for (int i = 0; i != 3; ++i) {
        slab_pool<cell<64>, heap_source> source;
        source.release(source.acquire());
    }
    auto* const block = static_cast<char*>(heap_source::allocate(64 << 10, 64));
    for (std::size_t at = 0; at != (64u << 10); ++at) {
        block[at] = 1;
    }
    heap_source::deallocate(block, 64 << 10, 64);
}

TEST(poison, lets_the_leak_check_see_what_pooled_objects_own) {
    slab_pool<std::string> slabs;
    stack_pool<std::string> magazines;
    // The only pointers to these texts are in mapped pages, and so are the only pointers to the strings.
    struct holder {
        std::string* one;
        std::string* other;
    };
    slab_pool<holder> holders;
    auto* const held = create(holders, holder{create(slabs, 1000, 'x'), create(magazines, 1000, 'y')});
    EXPECT_EQ(__lsan_do_recoverable_leak_check(), 0);
    destroy(slabs, held->one);
    destroy(magazines, held->other);
    destroy(holders, held);
}

} // namespace
} // namespace poolmark::tests

#endif
