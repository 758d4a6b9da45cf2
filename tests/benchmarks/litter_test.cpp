// A heap that was in use: which states there are, what is drawn, and what stays of it.
#include "benchmarks/harness/litter.hpp"
#include "benchmarks/harness/memory.hpp"
#include "benchmarks/harness/options.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

namespace poolmark::tests {
namespace {

using namespace poolmark::benchmarks;

const std::string to_litter = POOLMARK_BENCH;
const std::string churn_point = "churn/live=100000,bytes=64";

TEST(litter, reads_what_sizes_prints) {
    const asked_sizes_of_a_cell found = parse_sizes("7;64:200,96:3");
    EXPECT_EQ(found.blocks, 7U);
    ASSERT_EQ(found.sizes.size(), 2U);
    EXPECT_EQ(found.sizes[1].bytes, 96U);
    EXPECT_EQ(found.sizes[1].count, 3U);
}

TEST(litter, refuses_what_is_no_list_of_sizes) {
    for (const char* const text : {"", "7", "7;", "7;64", "7;64:", "7;64:0", "0;64:1", "7;64:1,", "7;64:1;", "x;64:1", "7;64:1 "}) {
        EXPECT_THROW(static_cast<void>(parse_sizes(text)), bad_option) << text;
    }
}

TEST(litter, knows_the_states_of_a_heap) {
    EXPECT_EQ(occupancy_of("aged"), 0);
    EXPECT_EQ(occupancy_of("littered40"), 0.4);
    EXPECT_EQ(occupancy_of("littered100"), 1);
    for (const char* const word : {"", "clean", "littered", "littered101", "littered-1", "littered4x", "aged40"}) {
        EXPECT_THROW(static_cast<void>(occupancy_of(word)), bad_option) << word;
    }
}

TEST(litter, leaves_the_share_that_it_says) {
    const std::int64_t before = anonymous_bytes();
    litter(parse_sizes("20000;4096:1"), 1, 1);
    const auto grown = static_cast<double>(anonymous_bytes() - before);
    EXPECT_GT(grown, 0.9 * 20'000 * 4096); // a page is touched of each
}

TEST(littered_cells, ask_for_the_sizes_and_do_the_same_work) {
    const finished without = run(to_litter + " --smoke --contend=" + churn_point + ",heap=littered40/fresh_heap", "quit\n");
    EXPECT_EQ(without.code, 2);
    EXPECT_TRUE(is_one_line(without.err)) << without.err;
    EXPECT_NE(without.err.find("--litter"), std::string::npos) << without.err;
    const auto digest = [](const std::string& text) { return text.substr(text.find("\"digest\""), 30); };
    const finished clean = run(to_litter + " --smoke --contend=" + churn_point + "/fresh_heap", "quit\n");
    const finished littered =
        run(to_litter + " --smoke '--litter=1000;64:1' --contend=" + churn_point + ",heap=littered40/fresh_heap", "quit\n");
    EXPECT_EQ(littered.code, 0) << littered.err;
    EXPECT_EQ(digest(littered.out), digest(clean.out));
}

TEST(littered_cells, are_refused_where_the_state_or_the_point_is_unknown) {
    for (const char* const where : {",heap=dirty/fresh_heap", ",heap=aged,heap=aged/fresh_heap", ",heap=/fresh_heap"}) {
        const finished answer = run(to_litter + " --smoke '--litter=9;64:1' --contend=" + churn_point + where, "quit\n");
        EXPECT_EQ(answer.code, 2) << where;
        EXPECT_TRUE(is_one_line(answer.err)) << answer.err;
    }
}

TEST(sizes, are_those_that_the_cell_asks_for) {
    if (std::string_view(POOLMARK_SANITIZERS).empty()) {
        const finished answer = run("LD_PRELOAD=" POOLMARK_SIZES " " + to_litter + " --smoke --sizes=" + churn_point + "/fresh_heap");
        EXPECT_EQ(answer.code, 0) << answer.err;
        EXPECT_EQ(answer.out.find("1002;64:2000"), 0U) << answer.out; // a thousand live ones, each replaced once
    }
    const finished without = run(to_litter + " --smoke --sizes=" + churn_point + "/fresh_heap");
    EXPECT_EQ(without.code, 2);
    EXPECT_NE(without.err.find("LD_PRELOAD"), std::string::npos) << without.err;
}

} // namespace
} // namespace poolmark::tests
