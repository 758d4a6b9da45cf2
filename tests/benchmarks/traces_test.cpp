// Traces: they follow their law, come out the same each time, and a bad file is refused by its line.
#include "benchmarks/harness/traces.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <sstream>
#include <unordered_map>

namespace poolmark::benchmarks {
namespace {

std::unordered_map<std::uint64_t, std::size_t> counts(const trace& of) {
    std::unordered_map<std::uint64_t, std::size_t> found;
    for (const std::uint64_t key : of.keys) {
        ++found[key];
    }
    return found;
}

TEST(traces, zipf_draws_follow_the_law) {
    constexpr std::size_t keys = 1000;
    constexpr std::size_t accesses = 400'000;
    for (const double skew : {0.0, 0.6, 0.8, 0.9, 1.0, 1.2}) {
        const zipf_law law(keys, skew);
        double harmonic = 0;
        for (std::size_t rank = 0; rank != keys; ++rank) {
            harmonic += std::pow(static_cast<double>(rank + 1), -skew);
        }
        auto found = counts(zipf_trace(keys, skew, accesses));
        double chi_squared = 0;
        for (std::size_t rank = 0; rank != keys; ++rank) {
            const double share = std::pow(static_cast<double>(rank + 1), -skew) / harmonic;
            EXPECT_NEAR(law.share(rank), share, 1e-12) << skew;
            const double wanted = share * accesses;
            const double off = static_cast<double>(found[scattered_key(rank)]) - wanted;
            chi_squared += off * off / wanted;
        }
        EXPECT_LT(chi_squared, 1150) << skew; // 999 degrees of freedom: 3.4 standard deviations
        EXPECT_GT(chi_squared, 850) << skew;  // and none of them is too good
    }
}

TEST(traces, the_same_seed_gives_the_same_trace) {
    EXPECT_EQ(zipf_trace(500, 0.9, 3000).keys, zipf_trace(500, 0.9, 3000).keys);
    EXPECT_NE(zipf_trace(500, 0.9, 3000, 1).keys, zipf_trace(500, 0.9, 3000, 2).keys);
    EXPECT_EQ(mixed_trace(500, 0.9, 9000).keys, mixed_trace(500, 0.9, 9000).keys);
}

TEST(traces, a_loop_comes_back_to_each_key_in_turn) {
    const trace made = loop_trace(7, 20);
    EXPECT_EQ(std::set<std::uint64_t>(made.keys.begin(), made.keys.end()).size(), 7U);
    for (std::size_t i = 7; i != made.keys.size(); ++i) {
        EXPECT_EQ(made.keys[i], made.keys[i - 7]);
    }
}

TEST(traces, the_scans_of_a_mixed_one_go_on_through_keys_of_their_own) {
    constexpr std::size_t keys = 1500;
    const trace made = mixed_trace(keys, 0.9, 3 * mix_period);
    std::set<std::uint64_t> popular;
    for (std::size_t rank = 0; rank != keys; ++rank) {
        popular.insert(scattered_key(rank));
    }
    std::size_t scanned = 0;
    for (std::size_t i = 0; i != made.keys.size(); ++i) {
        const bool by_law = i % mix_period < mix_period / 4 * 3;
        EXPECT_EQ(popular.contains(made.keys[i]), by_law) << i;
        if (!by_law) {
            EXPECT_EQ(made.keys[i], scattered_key(keys + scanned++ % keys)) << i;
        }
    }
}

TEST(traces, scattered_keys_are_distinct) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t rank = 0; rank != 30'000; ++rank) {
        const std::uint64_t key = scattered_key(rank);
        EXPECT_LT(key, std::uint64_t{1} << 30U);
        seen.insert(key);
    }
    EXPECT_EQ(seen.size(), 30'000U);
}

trace read(const std::string& text) {
    std::istringstream lines(text);
    return read_trace(lines, "mine.txt");
}

TEST(traces, one_of_the_readers_own_is_read_as_it_is_written) {
    const trace plain = read("a\n/index?x=1\na\n");
    ASSERT_EQ(plain.keys.size(), 3U);
    EXPECT_EQ(plain.keys[0], plain.keys[2]);
    EXPECT_NE(plain.keys[0], plain.keys[1]);
    EXPECT_TRUE(plain.bytes.empty());
    const trace sized = read("a 10\nb\t20"); // the last line may lack its end
    EXPECT_EQ(std::vector<std::uint64_t>(sized.bytes.begin(), sized.bytes.end()), (std::vector<std::uint64_t>{10, 20}));
}

TEST(traces, a_bad_line_is_refused_by_its_number) {
    const std::string most(257, 'k');
    const std::pair<std::string, std::string> bad[] = {
        {"", "mine.txt:1: there is no line"},      {"a\n\nb\n", "mine.txt:2: has no key"},
        {"a\n b\n", "mine.txt:2: has no key"},     {"a\nb 0\n", "mine.txt:2: '0' is no size"},
        {"a 1\nb\n", "mine.txt:2: has no size"},   {"a\nb 7\n", "mine.txt:2: has a size"},
        {"a 1\nb 1 2\n", "mine.txt:2: '1 2'"},     {"a -1\n", "mine.txt:1: '-1' is no size"},
        {"a \n", "mine.txt:1: '' is no size"},     {"a\r\n", "mine.txt:1: ends with a carriage return"},
        {most + "\n", "mine.txt:1: its key has more than"}, {"a 1e3\n", "mine.txt:1: '1e3'"},
        {"a 99999999999999999999\n", "mine.txt:1: '99999999999999999999' is no size"},
        {"\xef\xbb\xbf" "a\n", "mine.txt:1: begins with a byte order mark"}, {"a \xff\n", "mine.txt:1: '?' is no size"},
        {"a \x1b[31m\n", "mine.txt:1: has a byte that is no letter"},
        {std::string("a\0b\n", 4), "mine.txt:1: has a byte that is no letter"}};
    for (const auto& [text, message] : bad) {
        try {
            static_cast<void>(read(text));
            ADD_FAILURE() << "accepted: " << text;
        } catch (const bad_trace& refusal) {
            EXPECT_EQ(std::string(refusal.what()).substr(0, message.size()), message);
            EXPECT_EQ(std::string(refusal.what()).find('\n'), std::string::npos);
        }
    }
}

TEST(traces, a_bad_file_is_one_line_and_exit_code_2) {
    const tests::scratch_folder folder;
    const std::string file = folder.path() / "bad.txt";
    tests::run("printf 'a 1\\nb x\\n' > " + file);
    const tests::finished bad = tests::run(std::string(POOLMARK_BENCH) + " --describe --trace=" + file);
    EXPECT_EQ(bad.code, 2);
    EXPECT_NE(bad.err.find("bad.txt:2: 'x' is no size"), std::string::npos) << bad.err;
    const tests::finished absent = tests::run(std::string(POOLMARK_BENCH) + " --describe --trace=/no/such/file");
    EXPECT_EQ(absent.code, 2);
    EXPECT_NE(absent.err.find("cannot read '/no/such/file'"), std::string::npos) << absent.err;
    const tests::finished no_file = tests::run(std::string(POOLMARK_BENCH) + " --describe --trace=/");
    EXPECT_EQ(no_file.code, 2);
    EXPECT_NE(no_file.err.find("/:1: it cannot be read"), std::string::npos) << no_file.err;
}

} // namespace
} // namespace poolmark::benchmarks
