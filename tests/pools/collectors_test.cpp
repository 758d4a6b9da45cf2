// Circles, found by trial deletion and by mark and sweep. That counts leave them behind is in reference_counts_test.cpp.
#include "benchmarks/contenders/lifetime/collected_heap.hpp"
#include "benchmarks/contenders/lifetime/traced_heap.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <vector>

namespace poolmark::tests {
namespace {

int births = 0;
std::set<int> dead;
std::function<void(void*)> last_words = [](void*) {};

// Who it is, and that its destructor runs once.
struct witness {
    int number = births++;
    witness() = default;
    witness(const witness&) = delete;
    witness& operator=(const witness&) = delete;
    ~witness() { EXPECT_TRUE(dead.insert(number).second) << "destroyed twice: " << number; }
};

template <class Edge>
struct graph_node : witness {
    std::array<Edge, 2> edges{};
    ~graph_node() { last_words(this); }
    template <class Visit>
    void trace(Visit&& visit) {
        visit(edges[0]);
        visit(edges[1]);
    }
};
struct collected_node : graph_node<collected_ref<collected_node>> {};
struct traced_node : graph_node<traced_node*> {};
using counting_heap = collected_heap<collected_node>;
using sweeping_heap = traced_heap<traced_node>;

struct circles : testing::Test {
    circles() {
        births = 0;
        dead.clear();
        last_words = [](void*) {};
    }
    ~circles() override {
        last_words = [](void*) {};
    }
};
struct trial_deletion : circles {};
struct mark_sweep : circles {};

// Two objects that refer to each other, and nobody to them.
void leave_circle(counting_heap& heap) {
    const auto a = heap.make();
    const auto b = heap.make();
    a->edges[0] = b;
    b->edges[0] = a;
}
void leave_circle(sweeping_heap& heap) {
    const auto a = heap.make();
    const auto b = heap.make();
    a->edges[0] = b.get();
    b->edges[0] = a.get();
}

template <class Heap>
void frees_circles_and_counts_their_objects() {
    Heap heap(Heap::never);
    for (int i = 0; i != 50; ++i) {
        leave_circle(heap);
    }
    EXPECT_TRUE(dead.empty());
    EXPECT_EQ(heap.live(), 100U);
    EXPECT_EQ(heap.collect(), 100U);
    EXPECT_EQ(dead.size(), 100U);
    EXPECT_EQ(heap.live(), 0U);
    EXPECT_EQ(heap.collect(), 0U);
}
TEST_F(trial_deletion, frees_circles_and_counts_their_objects) {
    frees_circles_and_counts_their_objects<counting_heap>();
}
TEST_F(mark_sweep, frees_circles_and_counts_their_objects) {
    frees_circles_and_counts_their_objects<sweeping_heap>();
}

TEST_F(trial_deletion, keeps_what_is_reached_from_outside_with_its_counts) {
    counting_heap heap(counting_heap::never);
    auto entry = heap.make();
    {
        auto a = heap.make();
        auto b = heap.make();
        a->edges = {b, a};     // a circle, and one of its own
        b->edges = {a, entry}; // and the way back to what is held
        entry->edges[0] = a;
    }
    auto held = entry;
    held = {}; // makes a candidate of it
    for (int i = 0; i != 3; ++i) {
        EXPECT_EQ(heap.collect(), 0U);
        EXPECT_EQ(entry.references(), 2U);
        EXPECT_EQ(entry->edges[0].references(), 3U);
        EXPECT_EQ(entry->edges[0]->edges[0].references(), 1U);
        held = entry->edges[0];
        held = {};
    }
    entry = {};
    EXPECT_EQ(heap.collect(), 3U);
}

TEST_F(mark_sweep, keeps_what_roots_reach) {
    sweeping_heap heap(sweeping_heap::never);
    auto entry = heap.make();
    entry->edges[0] = heap.make().get();
    entry->edges[0]->edges = {entry.get(), heap.make().get()};
    leave_circle(heap);
    EXPECT_EQ(heap.collect(), 2U);
    EXPECT_EQ(heap.live(), 3U);
    auto second = entry; // a root as well
    entry.reset();
    EXPECT_EQ(heap.collect(), 0U);
    entry = second;
    second.reset();
    EXPECT_EQ(heap.collect(), 0U);
    entry.reset();
    EXPECT_EQ(heap.collect(), 3U) << "what was reached before is not for ever";
}

TEST_F(trial_deletion, takes_counts_away_from_the_living_that_garbage_referred_to) {
    counting_heap heap(counting_heap::never);
    const auto live = heap.make();
    {
        const auto a = heap.make();
        a->edges = {a, live};
    }
    EXPECT_EQ(live.references(), 2U);
    EXPECT_EQ(heap.collect(), 1U);
    EXPECT_EQ(live.references(), 1U);
}

TEST_F(trial_deletion, frees_what_is_in_no_circle_at_once_however_long_the_chain) {
    counting_heap heap(counting_heap::never);
    {
        auto head = heap.make();
        for (int i = 0; i != 1'000'000; ++i) {
            auto next = heap.make();
            next->edges[0] = std::move(head);
            head = std::move(next);
        }
    }
    EXPECT_EQ(heap.live(), 0U);
    EXPECT_EQ(dead.size(), 1'000'001U);
}

TEST_F(trial_deletion, gives_a_destructor_empty_references_and_refuses_a_resurrection) {
    counting_heap heap(counting_heap::never);
    counting_heap::ref saved;
    int refused = 0;
    last_words = [&](void* object) {
        auto& self = *static_cast<collected_node*>(object);
        EXPECT_FALSE(self.edges[0]);
        try {
            saved = heap.share(self);
        } catch (const resurrection& refusal) {
            EXPECT_EQ(refusal.address(), object);
            ++refused;
        }
        const std::size_t before = heap.collections();
        heap.collect();
        EXPECT_EQ(heap.collections(), before) << "not inside of a destructor";
    };
    leave_circle(heap);
    EXPECT_EQ(heap.collect(), 2U);
    { const auto short_lived = heap.make(); } // and of one whose count fell to 0
    EXPECT_EQ(refused, 3);
    EXPECT_FALSE(saved);
    EXPECT_EQ(heap.live(), 0U);
    const auto alive = heap.make();
    EXPECT_EQ(heap.share(*alive), alive);
}

TEST_F(mark_sweep, refuses_a_resurrection) {
    sweeping_heap heap(sweeping_heap::never);
    int refused = 0;
    last_words = [&](void* object) {
        auto& self = *static_cast<traced_node*>(object);
        EXPECT_THROW(sweeping_heap::root(heap, &self), resurrection);
        EXPECT_THROW(sweeping_heap::root(heap, self.edges[0]), resurrection) << "nor its partner's";
        ++refused;
    };
    leave_circle(heap);
    EXPECT_EQ(heap.collect(), 2U);
    EXPECT_EQ(refused, 2);
}

template <class Heap>
void collects_by_itself_with_the_next_object_beyond(std::size_t threshold) {
    Heap heap(threshold);
    for (std::size_t i = 0; i != threshold / 2; ++i) {
        leave_circle(heap);
    }
    EXPECT_EQ(heap.collections(), 0U) << threshold;
    EXPECT_EQ(heap.live(), threshold);
    const auto one_more = heap.make();
    EXPECT_EQ(heap.collections(), 1U) << threshold;
    EXPECT_EQ(heap.live(), 1U);
}
TEST_F(trial_deletion, collects_by_itself_beyond_700_or_2000) {
    collects_by_itself_with_the_next_object_beyond<counting_heap>(700);
    collects_by_itself_with_the_next_object_beyond<counting_heap>(2000);
}
TEST_F(mark_sweep, collects_by_itself_beyond_700_or_2000) {
    collects_by_itself_with_the_next_object_beyond<sweeping_heap>(700);
    collects_by_itself_with_the_next_object_beyond<sweeping_heap>(2000);
}
TEST_F(trial_deletion, does_not_count_objects_that_came_and_went) {
    counting_heap heap(700);
    for (int i = 0; i != 5000; ++i) {
        static_cast<void>(heap.make());
    }
    EXPECT_EQ(heap.collections(), 0U);
}

// What an object that is out of reach is, found by walking from the variables: the collectors must agree with it.
struct model {
    std::vector<std::array<int, 2>> edges; // by birth
    std::set<int> variables;

    [[nodiscard]] std::set<int> reached() const {
        std::set<int> seen;
        std::vector<int> open(variables.begin(), variables.end());
        while (!open.empty()) {
            const int at = open.back();
            open.pop_back();
            if (at >= 0 && seen.insert(at).second) {
                open.insert(open.end(), edges[static_cast<std::size_t>(at)].begin(),
                            edges[static_cast<std::size_t>(at)].end());
            }
        }
        return seen;
    }
};

TEST_F(trial_deletion, agrees_with_a_model_of_random_graphs) {
    std::mt19937 chance(7);
    counting_heap heap(counting_heap::never);
    std::vector<counting_heap::ref> variables(8);
    model expected;
    for (int step = 0; step != 6000; ++step) {
        auto& target = variables[chance() % variables.size()];
        auto& source = variables[chance() % variables.size()];
        switch (chance() % 4) {
        case 0:
            target = heap.make();
            expected.edges.push_back({-1, -1});
            break;
        case 1: target = source; break;
        case 2: target = {}; break;
        default:
            if (source) {
                const std::size_t edge = chance() % 2;
                source->edges[edge] = target;
                expected.edges[static_cast<std::size_t>(source->number)][edge] = target ? target->number : -1;
            }
        }
        if (step % 50 == 0) {
            expected.variables.clear();
            for (const auto& each : variables) {
                expected.variables.insert(each ? each->number : -1);
            }
            heap.collect();
            const std::set<int> reached = expected.reached();
            ASSERT_EQ(heap.live(), reached.size()) << step;
            for (const int number : reached) {
                ASSERT_FALSE(dead.contains(number));
            }
        }
    }
}

TEST_F(circles, of_a_heap_go_with_it) {
    {
        counting_heap counts;
        sweeping_heap sweeps;
        leave_circle(counts);
        leave_circle(sweeps);
    }
    EXPECT_EQ(dead.size(), 4U);
}

} // namespace
} // namespace poolmark::tests
