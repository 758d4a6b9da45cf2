// The counts, and the pointer over them: how many references there are, and that the last one ends the object,
// once.
#include "benchmarks/contenders/lifetime/biased_count.hpp"
#include "benchmarks/contenders/lifetime/intrusive_ref.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <memory>
#include <thread>
#include <vector>

namespace poolmark::tests {
namespace {

template <class Count>
struct thing : counted<thing<Count>, Count> {
    static inline std::atomic<int> deaths = 0;
    thing() = default;
    thing(const thing&) = default;
    ~thing() { ++deaths; }
};
struct header {
    std::uint64_t something = 42;
};

template <class T>
std::uint64_t count(const intrusive_ref<T>& of) {
    return of->references().value();
}
template <class T>
std::uint64_t count_by_value(intrusive_ref<T> of) { // NOLINT(performance-unnecessary-value-param): the point
    return count(of);
}

template <class Count>
class reference_counts : public testing::Test {};
using all_counts = testing::Types<plain_count, atomic_count, biased_count, immortal_count>;
TYPED_TEST_SUITE(reference_counts, all_counts);

TYPED_TEST(reference_counts, go_1_2_3_2_with_copies_and_end_the_object_at_0_once) {
    using object = thing<TypeParam>;
    object::deaths = 0;
    {
        intrusive_ref<object> first = make_counted<object>();
        EXPECT_EQ(count(first), 1U);
        intrusive_ref<object> second = first;
        EXPECT_EQ(count(first), 2U);
        {
            const intrusive_ref<object> third = second;
            EXPECT_EQ(count(first), 3U);
        }
        EXPECT_EQ(count(first), 2U);
        const intrusive_ref<object> moved = std::move(second);
        EXPECT_EQ(count(first), 2U);
        first = moved;
        EXPECT_EQ(count(first), 2U) << "assigned what it was";
        first = intrusive_ref<object>();
        EXPECT_EQ(count(moved), 1U);
        EXPECT_EQ(object::deaths, 0);
    }
    EXPECT_EQ(object::deaths, 1);
}

TYPED_TEST(reference_counts, see_one_more_in_a_parameter_by_value_and_none_in_a_borrowed_one) {
    const auto object = make_counted<thing<TypeParam>>();
    EXPECT_EQ(count_by_value(object), 2U);
    EXPECT_EQ(count(object), 1U);
    EXPECT_EQ(count_by_value(make_counted<thing<TypeParam>>()), 1U) << "a temporary has no other owner";
    EXPECT_EQ(count_by_value(intrusive_ref<thing<TypeParam>>::share(*object)), 2U);
}

TYPED_TEST(reference_counts, of_a_copied_object_begin_anew) {
    const auto object = make_counted<thing<TypeParam>>();
    const auto again = object;
    const auto copy = make_counted<thing<TypeParam>>(*object);
    EXPECT_EQ(count(object), 2U);
    EXPECT_EQ(count(copy), 1U);
}

TEST(intrusive_ref, ends_an_object_whose_count_is_not_at_its_beginning) {
    thing<plain_count>::deaths = 0;
    struct inner : header, counted<inner, plain_count> {
        ~inner() { ++thing<plain_count>::deaths; }
    };
    { const auto object = make_counted<inner>(); }
    EXPECT_EQ(thing<plain_count>::deaths, 1);
}

TEST(immortal_count, is_not_changed_by_ten_million_references) {
    immortal_count count;
    count.make_immortal();
    const std::uint64_t before = count.value();
    for (int i = 0; i != 10'000'000; ++i) {
        count.retain();
    }
    for (int i = 0; i != 10'000'001; ++i) {
        count.release([](immortal_count&) noexcept { FAIL() << "it ended"; });
    }
    EXPECT_EQ(count.value(), before);
}

TEST(immortal_count, saturates_where_it_would_be_overrun_and_never_comes_back) {
    immortal_count count(immortal_count::immortal - 1);
    EXPECT_FALSE(count.is_immortal());
    count.retain();
    EXPECT_TRUE(count.is_immortal());
    for (int i = 0; i != 3; ++i) {
        count.release([](immortal_count&) noexcept { FAIL() << "it ended"; });
    }
    EXPECT_EQ(count.value(), immortal_count::immortal);
}

using biased = thing<biased_count>;

TEST(biased_count, ends_what_another_thread_dropped_last_when_its_owner_settles) {
    biased::deaths = 0;
    auto object = make_counted<biased>(); // counted here
    std::thread([taken = std::move(object)]() mutable { taken = {}; }).join();
    EXPECT_EQ(biased::deaths, 0) << "half of it is known to its owner alone";
    biased_count::settle();
    EXPECT_EQ(biased::deaths, 1);
}

TEST(biased_count, is_merged_when_its_owner_drops_its_half_first) {
    biased::deaths = 0;
    auto object = make_counted<biased>();
    std::barrier both(2);
    std::thread other([&, mine = object]() mutable {
        const auto shared = mine; // counted in the shared half
        both.arrive_and_wait();
        both.arrive_and_wait();
        mine = {};
    });
    both.arrive_and_wait();
    object = {};
    biased_count::settle();
    EXPECT_EQ(biased::deaths, 0);
    both.arrive_and_wait();
    other.join();
    biased_count::settle();
    EXPECT_EQ(biased::deaths, 1);
}

TEST(biased_count, of_a_thread_that_ended_is_ended_by_others) {
    biased::deaths = 0;
    intrusive_ref<biased> left;
    std::thread([&] { left = make_counted<biased>(); }).join();
    auto more = left;
    left = {};
    std::thread([last = more]() mutable { last = {}; }).join();
    EXPECT_FALSE(more->references().is_merged());
    EXPECT_EQ(biased::deaths, 0);
    more = {};
    EXPECT_EQ(biased::deaths, 1) << "there is no owner to wait for";
}

TEST(biased_count, that_waits_for_its_owner_is_ended_when_that_thread_ends) {
    biased::deaths = 0;
    intrusive_ref<biased> moved;
    std::barrier both(2);
    std::thread owner([&] {
        moved = make_counted<biased>();
        both.arrive_and_wait();
        both.arrive_and_wait(); // dropped by now, and this thread never settles
    });
    both.arrive_and_wait();
    moved = {};
    EXPECT_EQ(biased::deaths, 0);
    both.arrive_and_wait();
    owner.join();
    EXPECT_EQ(biased::deaths, 1);
}

// References made by anybody, dropped by anybody else, while owners come, settle and end.
template <class Count>
void passes_references_around() {
    using object = thing<Count>;
    constexpr std::size_t threads = 4;
    constexpr int rounds = 300;
    object::deaths = 0;
    std::atomic<int> births = 0;
    for (int round = 0; round != rounds / 10; ++round) {
        std::vector<intrusive_ref<object>> slots(threads * threads);
        std::barrier all(threads);
        std::vector<std::jthread> team;
        for (std::size_t me = 0; me != threads; ++me) {
            team.emplace_back([&, me] {
                for (int i = 0; i != 10; ++i) {
                    auto mine = make_counted<object>();
                    ++births;
                    for (std::size_t to = 0; to != threads; ++to) {
                        slots[me * threads + to] = mine;
                    }
                    all.arrive_and_wait();
                    for (std::size_t from = 0; from != threads; ++from) {
                        auto theirs = std::move(slots[from * threads + me]);
                        const auto twice = theirs;
                        slots[from * threads + me] = i % 2 == 0 ? twice : intrusive_ref<object>();
                    }
                    all.arrive_and_wait();
                    if (i % 3 == 0) {
                        if constexpr (std::is_same_v<Count, biased_count>) {
                            biased_count::settle();
                        }
                    }
                }
            });
        }
        team.clear(); // all have ended; the slots hold what is left
    }
    EXPECT_EQ(object::deaths, births);
}

TEST(atomic_count, ends_each_object_once_whoever_drops_it) { passes_references_around<atomic_count>(); }
TEST(biased_count, ends_each_object_once_whoever_drops_it) { passes_references_around<biased_count>(); }

// Two that refer to each other.
struct counted_node : counted<counted_node, plain_count> {
    static inline int alive = 0;
    counted_node() { ++alive; }
    counted_node(const counted_node&) = delete;
    ~counted_node() { --alive; }
    intrusive_ref<counted_node> next;
};
TEST(counted_circles, are_left_behind_by_counts_alone) {
    intrusive_ref<counted_node> hold;
    {
        const auto a = make_counted<counted_node>();
        a->next = make_counted<counted_node>();
        a->next->next = a;
        hold = a->next;
    }
    EXPECT_EQ(counted_node::alive, 2);
    EXPECT_EQ(count(hold), 2U) << "its own variable, and the circle that nobody can enter from outside";
    hold->next = {}; // broken by hand: this is what nobody does
    hold = {};
    EXPECT_EQ(counted_node::alive, 0);
}

struct shared_node {
    static inline int alive = 0;
    shared_node() { ++alive; }
    shared_node(const shared_node&) = delete;
    ~shared_node() { --alive; }
    std::shared_ptr<shared_node> next;
    std::weak_ptr<shared_node> back;
};
TEST(counted_circles, need_no_collector_where_the_way_back_is_weak) {
    {
        const auto a = std::make_shared<shared_node>();
        a->next = std::make_shared<shared_node>();
        a->next->back = a;
        EXPECT_EQ(a->next->back.lock(), a);
        EXPECT_EQ(shared_node::alive, 2);
    }
    EXPECT_EQ(shared_node::alive, 0);
}

} // namespace
} // namespace poolmark::tests
