// recycler: objects come back constructed, idle ones are bounded, bursts decay; what throws leaves it unharmed.
#include "benchmarks/contenders/storage/recycler_pool.hpp"
#include "pools/fresh_heap.hpp"
#include "pools/recycler.hpp"
#include "pools/static_pool.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace poolmark::tests {
namespace {

// What is recycled: an object that owns a buffer, counts its lives and fails on demand.
struct session {
    static inline int made = 0;
    static inline int alive = 0;
    static inline int fails_in = -1; // so many constructions succeed; negative: all

    session() {
        if (fails_in == 0) {
            throw std::runtime_error("no more sessions");
        }
        fails_in -= fails_in > 0;
        ++made;
        ++alive;
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session() { --alive; }

    std::string buffer;
};

struct keep_up_to_1000_bytes {
    bool operator()(session& object) const {
        if (object.buffer == "poison") {
            throw std::runtime_error("cannot be reset");
        }
        object.buffer.clear();
        return object.buffer.capacity() <= 1000;
    }
};

using sessions = recycler<session, keep_up_to_1000_bytes>;
using checked_sessions =
    recycler<session, keep_up_to_1000_bytes, slab_pool<session>, default_made, put_check::on>;

class recycling : public testing::Test {
protected:
    void SetUp() override { session::made = session::alive = 0, session::fails_in = -1; }
    void TearDown() override { EXPECT_EQ(session::alive, 0) << "each object made is destroyed once"; }
};

// `count` objects out at once, and back.
template <class Recycler>
void burst(Recycler& from, std::size_t count) {
    std::vector<session*> out;
    for (std::size_t i = 0; i != count; ++i) {
        out.push_back(from.get());
    }
    EXPECT_EQ(std::set<session*>(out.begin(), out.end()).size(), count);
    for (session* const object : out) {
        from.put(object);
    }
}

TEST_F(recycling, hands_the_object_put_last_out_again_reset_and_with_what_it_owns) {
    sessions from;
    session* const first = from.get();
    first->buffer.assign(500, 'x');
    const char* const memory = first->buffer.data();
    from.put(first);
    session* const again = from.get();
    EXPECT_EQ(again, first);
    EXPECT_TRUE(again->buffer.empty());
    EXPECT_GE(again->buffer.capacity(), 500u);
    EXPECT_EQ(again->buffer.data(), memory);
    EXPECT_EQ(session::made, 1);
    from.put(again);
}

TEST_F(recycling, destroys_what_reset_does_not_want_to_keep) {
    sessions from;
    session* const object = from.get();
    object->buffer.assign(5000, 'x');
    from.put(object);
    EXPECT_EQ(session::alive, 0);
    EXPECT_EQ(from.idle(), 0u);
    EXPECT_EQ(from.made(), 0u);
}

TEST_F(recycling, keeps_no_more_than_max_idle) {
    sessions from({.max_idle = 3});
    burst(from, 100);
    EXPECT_EQ(from.idle(), 3u);
    EXPECT_EQ(session::alive, 3);
    sessions none({.max_idle = 0});
    burst(none, 2);
    EXPECT_EQ(none.made(), 0u);
}

TEST_F(recycling, makes_min_idle_beforehand) {
    sessions from({.min_idle = 20, .max_idle = 50});
    EXPECT_EQ(session::made, 20);
    burst(from, 20);
    EXPECT_EQ(session::made, 20);
    from.prefill(1000);
    EXPECT_EQ(from.idle(), 50u) << "no more than max_idle";
    EXPECT_EQ(from.trim(), 0u) << "what was just made is as young as what was just put";
    EXPECT_THROW(sessions({.min_idle = 2, .max_idle = 1}), std::invalid_argument);
    sessions hinted({.expected_objects = ~std::size_t{0}});
    burst(hinted, 3);
}

TEST_F(recycling, lets_a_burst_go_after_two_trims_and_keeps_what_is_needed_in_between) {
    sessions from({.min_idle = 2});
    burst(from, 100);
    EXPECT_EQ(from.trim(), 0u) << "all were in use since the trim before";
    burst(from, 10); // ten of the victims are saved
    EXPECT_EQ(from.trim(), 90u);
    EXPECT_EQ(from.idle(), 10u);
    EXPECT_EQ(session::made, 100) << "nothing was made anew for the second burst";
    EXPECT_EQ(from.trim(), 8u) << "but for min_idle";
    EXPECT_EQ(from.trim(), 0u);
    burst(from, 4);
    EXPECT_EQ(session::alive, 4);
    EXPECT_EQ(from.trim(), 0u);
    from.clear(); // victims and all
    EXPECT_EQ(session::alive, 0);
    burst(from, 3);
    EXPECT_EQ(session::alive, 3);
}

TEST_F(recycling, takes_a_reset_that_cannot_throw_at_its_word) {
    struct never_fits {
        bool operator()(session&) const noexcept { return false; }
    };
    recycler<session, never_fits> from;
    session* const object = from.get();
    static_assert(noexcept(from.put(object)));
    from.put(object);
    EXPECT_EQ(session::alive, 0);
    EXPECT_EQ(from.idle(), 0u);
}

// Put, taken and trimmed at random, against a count of what should be alive.
TEST_F(recycling, neither_loses_nor_doubles_an_object_over_bursts_and_trims) {
    sessions from({.max_idle = 200});
    std::set<session*> out;
    std::uint32_t random = 1;
    for (int i = 0; i != 20'000; ++i) {
        random = random * 1'664'525 + 1'013'904'223;
        if (random >> 24 < (i % 4000 < 2000 ? 160u : 90u)) {
            ASSERT_TRUE(out.insert(from.get()).second);
        } else if (!out.empty()) {
            from.put(*out.begin());
            out.erase(out.begin());
        }
        if (i % 500 == 0) {
            from.trim();
        }
        ASSERT_EQ(from.made(), from.idle() + out.size());
        ASSERT_EQ(static_cast<std::size_t>(session::alive), from.made());
        ASSERT_LE(from.idle(), 200u);
    }
    for (session* const object : out) {
        from.put(object);
    }
}

TEST_F(recycling, takes_a_lease_back_once_however_often_it_is_moved) {
    sessions from;
    {
        sessions::lease one = from.lend();
        sessions::lease other = std::move(one);
        EXPECT_EQ(from.idle(), 0u);
    }
    EXPECT_EQ(from.idle(), 1u);
    from.discard(from.lend().release());
    EXPECT_EQ(from.made(), 0u);
}

TEST_F(recycling, works_on_any_storage_with_any_factory) {
    const auto reserved = [] { return std::string(300, 'r'); };
    recycler<std::string, keep_as_it_is, fresh_heap<std::string>, decltype(reserved)> from({.min_idle = 2}, {},
                                                                                           reserved);
    std::string* const text = from.get();
    EXPECT_EQ(*text, std::string(300, 'r'));
    *text += "kept as it is";
    from.put(text);
    EXPECT_EQ(from.get(), text);
    EXPECT_EQ(text->size(), 313u);
    from.put(text);
}

TEST_F(recycling, gives_idle_objects_back_to_a_heap_even_if_they_need_no_destructor) {
    recycler<int, keep_as_it_is, fresh_heap<int>> from({.min_idle = 100}); // a leak, where leaks are looked for
    EXPECT_EQ(from.idle(), 100u);
}

// A constructor that does something, or a destructor: then storage is not what comes back.
static_assert(recyclable_storage<int> && !recyclable_storage<std::string> && !recyclable_storage<session>);

// recycler: factories and resets that throw, objects given back twice. Each leaves it unharmed.

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
