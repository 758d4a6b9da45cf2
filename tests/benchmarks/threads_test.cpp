// How threads are counted, placed and waited for.
#include "benchmarks/harness/cell.hpp"
#include "benchmarks/harness/team.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace poolmark::benchmarks {
namespace {

using tests::finished;
using tests::run;

const std::string bench = POOLMARK_BENCH;

TEST(threads, are_one_two_four_all_cpus_and_twice_as_many) {
    using counts = std::vector<std::int64_t>;
    EXPECT_EQ(thread_counts(1, 1), (counts{1, 2, 4}));
    EXPECT_EQ(thread_counts(1, 2), (counts{1, 2, 4}));
    EXPECT_EQ(thread_counts(1, 3), (counts{1, 2, 3, 4, 6}));
    EXPECT_EQ(thread_counts(1, 8), (counts{1, 2, 4, 8, 16}));
    EXPECT_EQ(thread_counts(2, 3), (counts{2, 4, 6})) << "in pairs";
}

TEST(threads, are_asked_about_at_each_of_these_numbers) {
    for (const char* const name : {"shared_pool", "remote_release", "thread_churn", "handoff"}) {
        std::set<std::int64_t> listed;
        for (const workload& asked : workloads()) {
            if (asked.name == name) {
                for (const point& at : asked.points) {
                    listed.insert(at.where.number("threads"));
                }
            }
        }
        for (const std::int64_t count : thread_counts(std::string_view(name) == "handoff" ? 2 : 1)) {
            EXPECT_TRUE(listed.contains(count)) << name << " with " << count;
        }
    }
}

// The driver lists points with all CPUs, and starts a contender with an affinity of fewer.
TEST(threads, of_another_number_than_the_list_has_are_found) {
    const cell found = find_cell("remote_release/batch=64,bytes=64,threads=14/fresh_heap");
    EXPECT_EQ(found.at->where.number("threads"), 14);
    EXPECT_EQ(found.text(), "remote_release/batch=64,bytes=64,threads=14/fresh_heap");
    EXPECT_EQ(found.make()->verify(), found.baseline().make()->verify());
    for (const char* const text :
         {"remote_release/batch=64,bytes=64,threads=0/fresh_heap",
          "remote_release/batch=64,bytes=64,threads=100000/fresh_heap",
          "remote_release/batch=63,bytes=64,threads=2/fresh_heap", "pair/threads=2/fresh_heap",
          "remote_release/batch=64,bytes=64,threads=2x/fresh_heap"}) {
        EXPECT_THROW(static_cast<void>(find_cell(text)), unknown_cell) << text;
    }
}

TEST(threads, that_outnumber_their_cpus_say_so) {
    const auto says = [](const std::string& cell, const std::string& pin) {
        const finished answer =
            run(bench + " --smoke --contend=" + cell + "/fresh_heap --pin=" + pin, "run 1\nquit\n");
        EXPECT_EQ(answer.code, 0) << answer.err;
        return answer.out.find("\"takes_turns\":true") != std::string::npos;
    };
    cpu_set_t usable;
    ASSERT_EQ(::sched_getaffinity(0, sizeof usable, &usable), 0);
    std::string first;
    for (std::size_t cpu = 0; first.empty(); ++cpu) {
        first = CPU_ISSET(cpu, &usable) ? std::to_string(cpu) : "";
    }
    for (const std::string name : {"shared_pool/batch=100,bytes=64,", "remote_release/batch=64,bytes=64,"}) {
        EXPECT_FALSE(says(name + "threads=1", first)) << name;
        EXPECT_TRUE(says(name + "threads=2", first)) << name;
    }
    EXPECT_TRUE(says("handoff/batch=64,bytes=64,threads=2", first));
    EXPECT_TRUE(says("thread_churn/objects=1000,bytes=64,threads=1", first)) << "whoever bears them is one more";
    EXPECT_FALSE(says("pair/bytes=64", first));
}

TEST(threads, in_pairs_are_refused_when_one_is_left_over) {
    const finished answer = run(bench + " --smoke --contend=handoff/batch=64,bytes=64,threads=3/fresh_heap");
    EXPECT_EQ(answer.code, 2);
    EXPECT_TRUE(tests::is_one_line(answer.err)) << answer.err;
}

TEST(threads, wait_for_a_cpu_without_being_forgotten) {
    EXPECT_EQ(run_delay_ns(-1), 0);
    EXPECT_EQ(helpers_run_delay_ns(), 0) << "nobody there";
    team helpers(2, [](std::size_t, std::uint64_t) {});
    helpers.start(1);
    helpers.wait();
    EXPECT_GE(helpers_run_delay_ns(), 0);
    helpers.rest();
}

TEST(threads, have_a_time_whose_meaning_is_recorded) {
    EXPECT_NE(run(bench + " --describe").out.find("\"threaded_time\": \"wall time of the epoch, own threads\""),
              std::string::npos);
}

// Without a counter it says why, with one it counts: which of the two, depends on the machine.
TEST(instructions, are_counted_or_it_is_said_why_not) {
    const finished answer =
        run(bench + " --smoke --instructions --contend=pair/bytes=64/slab_pool", "run 100\nquit\n");
    EXPECT_EQ(answer.code, 0) << answer.err;
    const bool counts = answer.out.find("\"instructions\":\"\"") != std::string::npos;
    EXPECT_NE(answer.out.find("\"instructions\":\""), std::string::npos) << answer.out;
    EXPECT_EQ(answer.out.find("\"minor_faults\":0,\"major_faults\":0,\"instructions\":") != std::string::npos,
              counts)
        << answer.out;
}

} // namespace
} // namespace poolmark::benchmarks
