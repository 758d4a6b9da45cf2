// poolmark-bench: its protocol, its options and refusals, and that it is a Google Benchmark program like any other.
#include "benchmarks/harness/options.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace poolmark::tests {
namespace {

const std::string bench = POOLMARK_BENCH;

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

TEST(contending, answers_each_token_with_one_epoch) {
    const finished answer = run(bench + " --smoke --contend=pair/bytes=64/slab_pool", "run 100\nrun 7\nquit\n");
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(count(answer.out, "\n"), 4U) << answer.out;
    EXPECT_EQ(count(answer.out, "\"event\":\"ready\""), 1U) << answer.out;
    EXPECT_NE(answer.out.find("\"event\":\"epoch\",\"iterations\":100,"), std::string::npos) << answer.out;
    EXPECT_NE(answer.out.find("\"event\":\"epoch\",\"iterations\":7,"), std::string::npos) << answer.out;
    EXPECT_EQ(count(answer.out, "\"event\":\"done\""), 1U) << answer.out;
}

TEST(contending, ends_when_its_driver_is_gone) {
    const finished answer = run(bench + " --smoke --contend=pair/bytes=64/slab_pool", "");
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(count(answer.out, "\"event\":\"done\""), 1U) << answer.out;
}

// The parent is killed while the contender is busy with an epoch that would last for minutes.
TEST(contending, dies_with_its_driver_even_while_it_is_busy) {
    const scratch_folder folder;
    std::ofstream(folder.path() / "driver") << R"(
        mkfifo in
        "$1" --contend=pair/bytes=64/fresh_heap 0<>in >out & # its input has no end that it could see
        echo ${pid:=$!} >pid
        ticks() { cut -d' ' -f14 /proc/$pid/stat >ticks || exit 1; }
        until ticks && grep -q ready out; do sleep 0.01; done
        until=$(($(cat ticks) + 20))
        echo 'run 100000000000' 1<>in
        until ticks && [ $(cat ticks) -gt $until ]; do sleep 0.01; done
        kill -9 $$)";
    const std::string there = "cd " + folder.path().string() + "; ";
    EXPECT_EQ(run(there + "bash driver " + bench).code, 128 + SIGKILL);
    // A dead one may stay a zombie where nobody collects orphans.
    const finished end =
        run(there + "for i in $(seq 3000); do grep -q '^State:.[RSD]' /proc/$(cat pid)/status || exit 0;"
                    " sleep 0.02; done; exit 1");
    EXPECT_EQ(end.code, 0) << "the contender outlived its driver";
    run(there + "kill -9 $(cat pid)");
}

TEST(contending, a_limit_row_has_no_digest) {
    const finished answer = run(bench + " --smoke --contend=pair/bytes=64/empty_loop", "quit\n");
    EXPECT_NE(answer.out.find("\"digest\":null"), std::string::npos) << answer.out;
}

TEST(contending, refuses_a_command_it_does_not_know) {
    for (const char* const command : {"jump\n", "run\n", "run 0\n", "run -4\n", "run x\n"}) {
        const finished answer = run(bench + " --smoke --contend=pair/bytes=64/slab_pool", command);
        EXPECT_EQ(answer.code, 2) << command;
        EXPECT_TRUE(is_one_line(answer.err)) << answer.err;
    }
}

TEST(refusals, are_one_line_and_exit_code_2) {
    for (const char* const bad : {"--allocator=nope", "--allocators=glibc,nope", "--nonsense", "--pin=x", "--pin=4000",
                                  "--contend=nope/x=1/y", "--memory=nope", "--latency=nope", "--period=0",
                                  "--operations=-3", "--objects=0", "--wait=x", "--allocator=mine=/nowhere.so",
                                  "--allocators=glibc --benchmark_format=json", "--allocators=glibc --benchmark_out=x"}) {
        const finished answer = run(bench + " " + bad);
        EXPECT_EQ(answer.code, 2) << bad;
        EXPECT_TRUE(is_one_line(answer.err)) << bad << ": " << answer.err;
        EXPECT_EQ(answer.out, "") << bad;
    }
}

TEST(output, that_cannot_be_written_is_a_refusal) {
    const std::string one = " --benchmark_filter='^pair/bytes=64/slab_pool@' --benchmark_min_time=0.001";
    for (const std::string& full : {std::string(" --help > /dev/full"), std::string(" --describe > /dev/full"), one + " > /dev/full",
                                    one + " --benchmark_format=json > /dev/full", one + " --benchmark_out=/dev/full"}) {
        const finished answer = run(bench + full);
        EXPECT_EQ(answer.code, 2) << full;
        EXPECT_NE(answer.err.find("poolmark-bench: "), std::string::npos) << answer.err;
    }
}

TEST(output, a_file_that_was_cut_is_a_refusal_and_a_whole_one_is_not) {
    const scratch_folder folder;
    const std::string file = (folder.path() / "out.json").string();
    const std::string one = bench + " --benchmark_filter='^pair/bytes=64/slab_pool@' --benchmark_min_time=0.001 --benchmark_out=" + file;
    EXPECT_EQ(run(one).code, 0);
    const finished cut = run("trap '' XFSZ; ulimit -f 1; " + one + " > /dev/null");
    EXPECT_EQ(cut.code, 2) << cut.err;
    EXPECT_NE(cut.err.find(file), std::string::npos) << cut.err;
}

TEST(by_hand, takes_google_benchmarks_flags) {
    const finished answer = run(bench + " --benchmark_filter='^pair/bytes=64/(slab_pool|empty_loop)@'"
                                        " --benchmark_min_time=0.001 --benchmark_repetitions=2 --benchmark_format=json");
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(count(answer.out, "\"run_type\": \"iteration\""), 4U) << answer.out;
    EXPECT_NE(answer.out.find("\"aggregate_name\": \"median\""), std::string::npos) << answer.out;
}

// Google Benchmark 1.7 refuses the unit, and later ones complain where there is none.
TEST(by_hand, takes_the_shortest_time_with_and_without_its_unit) {
    for (const char* const time : {"0.001", "0.001s", "1e-3"}) {
        const finished answer =
            run(bench + " --benchmark_filter='^pair/bytes=64/slab_pool@' --benchmark_min_time=" + time);
        EXPECT_EQ(answer.code, 0) << time << ": " << answer.err;
        EXPECT_EQ(answer.err.find("suffix"), std::string::npos) << answer.err;
    }
}

TEST(by_hand, says_so_when_no_cell_matches) {
    const finished answer = run(bench + " --benchmark_filter=nothing_is_called_this");
    EXPECT_EQ(answer.code, 2);
    EXPECT_NE(answer.err.find("nothing_is_called_this"), std::string::npos) << answer.err;
}

} // namespace
} // namespace poolmark::tests

namespace poolmark::benchmarks {
namespace {

struct parsed {
    options ours;
    std::vector<std::string> left;
};

parsed parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "poolmark-bench");
    std::vector<char*> raw;
    for (std::string& argument : arguments) {
        raw.push_back(argument.data());
    }
    raw.push_back(nullptr);
    int argc = static_cast<int>(arguments.size());
    parsed result{take_options(argc, raw.data()), {}};
    for (int i = 1; i < argc; ++i) {
        result.left.emplace_back(raw[static_cast<std::size_t>(i)]);
    }
    return result;
}

TEST(options, takes_its_own_and_leaves_google_benchmarks) {
    const parsed got = parse({"--benchmark_filter=pair", "--allocator=mimalloc", "--smoke", "--pin=1", "--unknown"});
    EXPECT_EQ(got.ours.allocator, "mimalloc");
    EXPECT_TRUE(got.ours.smoke);
    EXPECT_EQ(got.ours.pin, std::vector<int>{1});
    EXPECT_EQ(got.left, (std::vector<std::string>{"--benchmark_filter=pair", "--unknown"}));
}

TEST(options, allocator_and_allocators_are_two_options) {
    const parsed got = parse({"--allocators=glibc,,mine=/x/lib.so,mimalloc"});
    EXPECT_EQ(got.ours.allocators, (std::vector<std::string>{"glibc", "mine=/x/lib.so", "mimalloc"}));
    EXPECT_EQ(got.ours.allocator, "");
}

TEST(options, a_value_that_is_no_number_is_refused) {
    for (const char* const bad : {"--pin=one", "--pin=", "--pin=1,x", "--pin=1 0", "--objects=1e6", "--heap-offset=16k", "--in-turn=all", "--objects=-1"}) {
        EXPECT_THROW(static_cast<void>(parse({bad})), bad_option) << bad;
    }
    EXPECT_THROW(static_cast<void>(parse({"--allocators="})), bad_option);
}

} // namespace
} // namespace poolmark::benchmarks
