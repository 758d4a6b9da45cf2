// A recording that the reader brings: the workload is asked about it and about nothing else, works on each heap alike, and a bad file is refused.
#include "benchmarks/harness/replay/format.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <initializer_list>
#include <vector>

namespace poolmark::benchmarks {
namespace {

// One thread makes a block that the other one frees, and never frees its second.
void write_recording(const std::string& path) {
    using namespace replaying;
    const std::vector<std::uint32_t> first{first_word(deed::meet, 0), 0, first_word(deed::plain_new, 0, flag_handed), 40,
                                           first_word(deed::malloc, 1), 5000, first_word(deed::end, 0), 0, first_word(deed::free, 1), 5000};
    const std::vector<std::uint32_t> second{first_word(deed::meet, 0), 0, first_word(deed::plain_delete, 0, flag_waits), 40, 1, first_word(deed::end, 0), 0};
    const replay_thread threads[2]{{8, first.size()}, {8 + first.size(), second.size()}};
    std::vector<std::uint32_t> words(8);
    std::memcpy(words.data(), threads, sizeof threads);
    words.insert(words.end(), first.begin(), first.end());
    words.insert(words.end(), second.begin(), second.end());
    replay_header head{};
    std::memcpy(head.magic, replay_magic, sizeof replay_magic);
    head.version = replay_version;
    head.threads = 2;
    head.words = words.size();
    head.slots = 2;
    head.operations = 3;
    head.made = 2;
    head.left = head.handed = 1;
    head.check = 1;
    for (const std::uint32_t word : words) {
        head.check = check_with(head.check, word);
    }
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(&head), sizeof head);
    out.write(reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(words.size() * sizeof(std::uint32_t)));
}

tests::finished bench_about(const std::string& words) { return tests::run(std::string(POOLMARK_BENCH) + " " + words); }

// The name of its cell, without the strategy.
std::string recording_cell(const std::string& file) {
    const std::string listed = bench_about("--benchmark_list_tests --benchmark_filter=^recorded/ --recording=" + file).out;
    return listed.substr(0, listed.find("/fresh_heap"));
}

TEST(recordings, are_asked_about_when_one_is_brought_and_not_before) {
    const tests::scratch_folder folder;
    const std::string file = folder.path() / "two.ops";
    write_recording(file);
    EXPECT_EQ(bench_about("--describe").out.find("\"recorded\""), std::string::npos);
    EXPECT_NE(bench_about("--describe --recording=" + file).out.find("\"recorded\""), std::string::npos);
    EXPECT_EQ(recording_cell(file).substr(0, 23), "recorded/recording=own-");
    EXPECT_TRUE(recording_cell(file).ends_with(",threads=2"));
    const tests::finished none = bench_about("--contend=recorded/recording=own-1/fresh_heap");
    EXPECT_EQ(none.code, 2);
    EXPECT_NE(none.err.find("bring one with --recording=FILE.ops"), std::string::npos) << none.err;
}

TEST(recordings, are_replayed_by_their_threads_with_an_equal_digest) {
    const tests::scratch_folder folder;
    const std::string file = folder.path() / "two.ops";
    write_recording(file);
    const auto ready = [&](const std::string& strategy) {
        return tests::run("printf 'run 5\\nquit\\n' | " + std::string(POOLMARK_BENCH) + " --recording=" + file + " --contend=" + recording_cell(file) + strategy);
    };
    const tests::finished once = ready("/fresh_heap");
    EXPECT_EQ(once.code, 0) << once.err;
    EXPECT_NE(once.out.find("\"operations_per_iteration\":4"), std::string::npos) << once.out;
    EXPECT_NE(once.out.find("\"never_freed\":1.0"), std::string::npos) << once.out;
    const std::size_t digest = once.out.find("\"digest\"");
    EXPECT_EQ(once.out.substr(digest, 28), ready("/fresh_heap").out.substr(digest, 28));
    EXPECT_EQ(ready("/no_heap").code, 0);
}

TEST(recordings, a_bad_file_is_one_line_and_exit_code_2) {
    const tests::scratch_folder folder;
    const std::string file = folder.path() / "two.ops";
    write_recording(file);
    tests::run("truncate -s -4 " + file);
    const std::initializer_list<std::pair<std::string, const char*>> bad{{file, "was cut"}, {"/no/such/file", "is not there"}, {"/", "is not there"}};
    for (const auto& [path, why] : bad) {
        const tests::finished refused = bench_about("--describe --recording=" + path);
        EXPECT_EQ(refused.code, 2);
        EXPECT_NE(refused.err.find(why), std::string::npos) << refused.err;
        EXPECT_EQ(refused.err.find('\n'), refused.err.size() - 1);
    }
}

} // namespace
} // namespace poolmark::benchmarks
