// recycler: factories and resets that throw, objects given back twice. Each leaves it unharmed.
#include "pools/static_pool.hpp"
#include "tests/pools/session.hpp"

namespace poolmark::tests {
namespace {

TEST_F(recycling, is_as_it_was_when_an_object_cannot_be_made) {
    sessions from;
    burst(from, 3);
    session::fails_in = 0;
    session* const one = from.get(); // idle ones need no factory
    from.put(one);
    EXPECT_THROW(from.prefill(5), std::runtime_error);
    EXPECT_EQ(from.idle(), 3u);
    EXPECT_EQ(from.made(), 3u);
    session::fails_in = -1;
    burst(from, 40);
    session::fails_in = 7;
    EXPECT_THROW(sessions({.min_idle = 20}), std::runtime_error);
    EXPECT_EQ(session::alive, 40) << "the seven are gone with the recycler that never was";
}

TEST_F(recycling, gets_the_slot_back_in_which_an_object_could_not_be_made) {
    recycler<session, keep_up_to_1000_bytes, static_pool<session, 4>> from({.expected_objects = 4});
    for (int i = 0; i != 10; ++i) {
        session::fails_in = 0;
        EXPECT_THROW(static_cast<void>(from.get()), std::runtime_error);
    }
    session::fails_in = -1;
    burst(from, 4);
    from.clear();
    burst(from, 4);
    from.prefill(4);
    EXPECT_THROW(from.prefill(5), pool_exhausted) << "of Storage, passed on";
    EXPECT_EQ(from.idle(), 4u);
}

TEST_F(recycling, destroys_an_object_whose_reset_throws_and_goes_on) {
    sessions from;
    session* const object = from.get();
    object->buffer = "poison";
    EXPECT_THROW(from.put(object), std::runtime_error);
    EXPECT_EQ(session::alive, 0);
    burst(from, 5);
    {
        const sessions::lease lent = from.lend();
        lent->buffer = "poison";
    }
    EXPECT_EQ(from.idle(), 4u) << "a lease's end is quiet, but its object is not kept";
}

TEST_F(recycling, checked_finds_what_is_not_out_and_changes_nothing) {
    checked_sessions from;
    checked_sessions other;
    session* const object = from.get();
    session* const of_other = other.get();
    EXPECT_THROW(from.put(of_other), foreign_pointer);
    EXPECT_THROW(from.put(nullptr), foreign_pointer);
    from.put(object);
    EXPECT_THROW(from.put(object), double_release);
    EXPECT_THROW(from.discard(object), double_release);
    EXPECT_EQ(from.idle(), 1u);
    session* const again = from.get();
    session* const another = from.get();
    EXPECT_NE(again, another) << "the refused ones must not be on the stack again";
    from.put(another);
    from.discard(again);
    EXPECT_THROW(from.put(again), foreign_pointer) << "destroyed, and not known any more";
    burst(from, 50);
    other.put(of_other);
}

#ifdef POOLMARK_HAS_ASAN
void uses_after_put() {
    sessions from;
    session* const object = from.get();
    from.put(object);
    object->buffer = "x";
}

TEST(recycling_death_test, reports_the_use_of_an_idle_object) {
    EXPECT_DEATH(uses_after_put(), "use-after-poison");
}
#endif

} // namespace
} // namespace poolmark::tests
