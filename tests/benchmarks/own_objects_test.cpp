// A reader's own type as a workload: the one of examples/, and types that bring their words along.
#include "examples/my_type.hpp"
#include "tests/support/subprocess.hpp"

#include "benchmarks/harness/cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace poolmark::benchmarks {
namespace {

// Counts how many of it are alive: what the constructor makes, the destructor takes away.
struct counted {
    static counted make(std::uint64_t n) { return counted(n); }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --alive; }
    [[nodiscard]] std::uint64_t digest() const { return number; }

    std::uint64_t number;
    static inline std::int64_t alive = 0;

private:
    explicit counted(std::uint64_t n) : number(n) { ++alive; }
};

struct made_as_five {
    int operator()(std::uint64_t) const { return 5; }
};

const own_workload<counted> population{{.name = "counted_population", .live = {100}}};
const own_workload<counted> batch{{.name = "counted_batch", .live = {100, 7}, .pattern = lifetime::shuffled}};
const own_workload<int, made_as_five> without_members{{.name = "fives", .live = {50}, .pattern = lifetime::fifo}};
const own_workload<int, made_as_five> newest_first{{.name = "fives_newest_first", .live = {50}, .pattern = lifetime::lifo}};

[[nodiscard]] const workload& find(std::string_view name) {
    const auto found = std::ranges::find(workloads(), name, &workload::name);
    EXPECT_NE(found, workloads().end()) << name;
    return *found;
}

TEST(own_objects, are_a_workload_with_a_point_for_each_number_of_live_objects) {
    const workload& own = find("counted_batch");
    EXPECT_TRUE(own.question.ends_with('?')) << own.question;
    EXPECT_NE(own.question.find("counted_batch"), std::string_view::npos);
    ASSERT_EQ(own.points.size(), 2u);
    EXPECT_EQ(own.points.back().where.text(), "pattern=shuffled,live=7");
    EXPECT_EQ(own.strategies.front().name(), "fresh_heap");
}

TEST(own_objects, do_equal_work_in_every_pool) {
    set_smoke(true);
    for (const workload& own : workloads()) {
        for (const point& at : own.points) {
            const std::uint64_t expected = own.strategies.front().make(at.where)->verify();
            for (const strategy& by : own.strategies) {
                if (by.make != nullptr) {
                    const auto ours = by.make(at.where);
                    EXPECT_EQ(ours->verify(), expected) << own.name << " " << by.name();
                    ours->run(3);
                    EXPECT_EQ(ours->operations_per_iteration(),
                              at.where.word("pattern") == "random"
                                  ? 1u
                                  : static_cast<std::uint64_t>(bounded_live(at.where.number("live"))));
                }
            }
        }
    }
    set_smoke(false);
}

TEST(own_objects, are_constructed_and_destroyed) {
    for (const char* const name : {"counted_population", "counted_batch"}) {
        const workload& own = find(name);
        for (const strategy& by : own.strategies) {
            if (by.make == nullptr) {
                continue;
            }
            {
                const auto ours = by.make(own.points.front().where);
                ours->run(2);
                EXPECT_EQ(counted::alive, own.name == "counted_population" ? 100 : 0) << by.name();
            }
            EXPECT_EQ(counted::alive, 0) << own.name << " " << by.name();
        }
    }
}

// What owns nothing, the heap matters to only where the pool is on it; a string matters everywhere.
TEST(own_objects, run_on_every_heap_when_they_take_something_from_it) {
    for (const strategy& by : find("orders").strategies) {
        EXPECT_TRUE(by.make == nullptr || by.heap == heap_use::every_allocator) << by.name();
    }
    const auto& list = find("fives").strategies;
    EXPECT_EQ(list.front().heap, heap_use::every_allocator);
    EXPECT_EQ(std::ranges::find(list, "slab_pool", &strategy::name)->heap, heap_use::baseline_only);
}

// Arenas never give one object back, so they take part where a batch dies together.
TEST(own_objects, take_every_pool_that_suits_the_pattern) {
    const auto has = [](std::string_view name, std::string_view pool) {
        const auto& list = find(name).strategies;
        return std::ranges::find(list, pool, &strategy::name) != list.end();
    };
    EXPECT_TRUE(has("fives", "arena"));
    EXPECT_FALSE(has("orders", "arena"));
    EXPECT_TRUE(has("orders", "object_pool"));
}

TEST(own_objects_death, refuse_words_that_are_none) {
    const auto refused = [](const own_options& asked) { const own_workload<int, made_as_five> one(asked); };
    EXPECT_EXIT(refused({.name = "Orders!"}), testing::ExitedWithCode(2),
                "own_workload 'Orders!': a name is made of");
    EXPECT_EXIT(refused({.name = "orders"}), testing::ExitedWithCode(2), "already");
    EXPECT_EXIT(refused({.name = "none", .live = {}}), testing::ExitedWithCode(2), "live objects");
    EXPECT_EXIT(refused({.name = "none", .live = {0}}), testing::ExitedWithCode(2), "live objects");
}

} // namespace
} // namespace poolmark::benchmarks
