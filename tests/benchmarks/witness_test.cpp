// The witnesses of a contender, and the program that asks each CPU how calm it is: what they read, and that a deliberate
// neighbour is noticed.
#include "benchmarks/harness/witness.hpp"
#include "benchmarks/harness/ceilings.hpp"
#include "benchmarks/harness/team.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace poolmark::tests {
namespace {

using namespace poolmark::benchmarks;
using namespace std::chrono_literals;

const std::string program = POOLMARK_WITNESS;
constexpr std::size_t kibi = 1024, mebi = 1024 * kibi;

std::vector<int> allowed_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    std::vector<int> found;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) {
            found.push_back(cpu);
        }
    }
    return found;
}

// A process that keeps a CPU busy with what takes as much of a core as anything, until it goes out of scope.
class neighbour {
public:
    explicit neighbour(int cpu) : process_(::fork()) {
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL); // it ends with its test
            cpu_set_t only;
            CPU_ZERO(&only);
            CPU_SET(static_cast<std::size_t>(cpu), &only);
            ::sched_setaffinity(0, sizeof only, &only);
            for (;;) {
                benchmarks::detail::independent_additions(1'000'000);
            }
        }
    }
    neighbour(const neighbour&) = delete;
    neighbour& operator=(const neighbour&) = delete;
    ~neighbour() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }

private:
    ::pid_t process_;
};

// So many answers of the program for one CPU.
std::vector<nlohmann::json> answers(int cpu, std::size_t count) {
    const finished said = run(program + " " + std::to_string(cpu), std::string(count, '\n'));
    EXPECT_EQ(said.code, 0) << said.err;
    std::vector<nlohmann::json> found;
    std::istringstream lines(said.out);
    for (std::string line; std::getline(lines, line);) {
        found.push_back(nlohmann::json::parse(line).at(0));
    }
    return found;
}

std::vector<double> quotients(int cpu, std::size_t count) {
    std::vector<double> found;
    for (const nlohmann::json& one : answers(cpu, count)) {
        found.push_back(one.at("core").get<double>() / one.at("chain").get<double>());
    }
    std::ranges::sort(found);
    return found;
}

// The other threads of a CPU's core, as far as the machine shows them; empty where it shows none that we may use.
std::vector<int> siblings_of(int cpu) {
    std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
    std::string text;
    std::getline(file, text);
    std::ranges::replace(text, ',', ' ');
    std::istringstream parts(text);
    std::vector<int> found;
    for (std::string part; parts >> part;) {
        const std::size_t dash = part.find('-');
        const int first = std::stoi(part), last = dash == std::string::npos ? first : std::stoi(part.substr(dash + 1));
        for (int one = first; one <= last; ++one) {
            found.push_back(one);
        }
    }
    const std::vector<int> usable = allowed_cpus();
    std::erase_if(found, [&](int one) { return one == cpu || std::ranges::find(usable, one) == usable.end(); });
    return found;
}

TEST(witness_level, follows_the_caches_that_the_machine_describes) {
    const cache_sizes caches = described_caches();
    const std::size_t first = std::max(caches.first, 32 * kibi), second = std::max(caches.second, 512 * kibi);
    EXPECT_EQ(level_of(0), memory_level::first);
    EXPECT_EQ(level_of(first), memory_level::first);
    EXPECT_EQ(level_of(first + 1), memory_level::l2);
    EXPECT_EQ(level_of(second), memory_level::l2);
    EXPECT_EQ(level_of(second + 1), memory_level::l3);
    EXPECT_EQ(level_of(4 * second), memory_level::l3);
}

TEST(witness_level, takes_a_hosts_last_cache_for_no_more_than_ours) {
    const std::size_t second = std::max(described_caches().second, 512 * kibi);
    EXPECT_EQ(level_of(std::max(32 * mebi, 4 * second) + 1), memory_level::dram);
    EXPECT_EQ(level_of(std::numeric_limits<std::size_t>::max()), memory_level::dram);
}

TEST(witness_level, is_memory_where_those_who_take_turns_displace_each_other) {
    const cache_sizes caches = described_caches();
    const std::size_t first = std::max(caches.first, 32 * kibi), second = std::max(caches.second, 512 * kibi);
    EXPECT_EQ(level_of(second + 1, 1000), memory_level::dram);
    EXPECT_EQ(level_of(second, 1000), memory_level::l2) << "its walk brings the buffer back first";
    EXPECT_EQ(level_of(first, 1000), memory_level::first);
    EXPECT_EQ(level_of(second + 1, 1), memory_level::l3);
    EXPECT_EQ(level_of(std::numeric_limits<std::size_t>::max(), 1000), memory_level::dram);
    EXPECT_EQ(witness(second + 1, 1000).level(), memory_level::dram);
}

TEST(witness_level, has_a_name_beyond_the_first_cache) {
    EXPECT_STREQ(name_of(memory_level::first), "");
    EXPECT_STREQ(name_of(memory_level::l2), "l2");
    EXPECT_STREQ(name_of(memory_level::l3), "l3");
    EXPECT_STREQ(name_of(memory_level::dram), "dram");
}

TEST(a_witness, reads_the_core_alone_where_nothing_else_matters) {
    witness asked(1);
    const witness_reading found = asked.read(false);
    EXPECT_GT(found.core, 0);
    EXPECT_GT(found.chain, 0);
    EXPECT_EQ(found.memory, 0);
    EXPECT_EQ(found.fault, 0);
    EXPECT_EQ(asked.level(), memory_level::first);
    EXPECT_EQ(asked.buffer_bytes(), 0U);
}

TEST(a_witness, walks_where_the_working_set_lives) {
    std::size_t smaller = 0;
    for (const std::size_t bytes : {256 * kibi, 3 * mebi / 2 + 512 * kibi, 256 * mebi}) {
        witness asked(bytes);
        EXPECT_EQ(asked.level(), level_of(bytes));
        if (asked.level() != memory_level::first) {
            EXPECT_GT(asked.read(false).memory, 0) << bytes;
            EXPECT_GE(asked.buffer_bytes(), smaller);
            EXPECT_EQ(asked.buffer_bytes() & (asked.buffer_bytes() - 1), 0U) << "its places are drawn by a mask";
            smaller = asked.buffer_bytes();
        }
    }
    EXPECT_GT(smaller, std::max(described_caches().second, 512 * kibi)) << "a walk to memory has to miss the caches";
}

TEST(a_witness, touches_pages_only_when_they_matter) {
    witness asked(1);
    EXPECT_EQ(asked.read(false).fault, 0);
    EXPECT_GT(asked.read(true).fault, 0);
    EXPECT_EQ(asked.read(false).fault, 0);
}

TEST(a_witness, moves_a_line_between_two_cpus) {
    witness asked(1);
    if (cpus() < 2) {
        EXPECT_EQ(asked.read(false).line, 0);
        GTEST_SKIP() << "one CPU: there is nobody to move a line to";
    }
    // Beside others that want the CPUs, a reading may be given up, and the next one is asked all the same. The limit only
    // ends a test that would hang.
    int moved = 0;
    for (const auto end = std::chrono::steady_clock::now() + 60s; moved < 5 && std::chrono::steady_clock::now() < end;) {
        moved += asked.read(false).line > 0 ? 1 : 0;
    }
    EXPECT_EQ(moved, 5);
}

TEST(poolmark_witness, answers_a_line_for_each_line) {
    std::string words;
    const std::vector<int> cpus = allowed_cpus();
    for (const int cpu : cpus) {
        words += " " + std::to_string(cpu);
    }
    const finished said = run(program + words, "\n\nask\n");
    ASSERT_EQ(said.code, 0) << said.err;
    std::istringstream lines(said.out);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const nlohmann::json answer = nlohmann::json::parse(line);
        ASSERT_EQ(answer.size(), cpus.size()) << line;
        for (std::size_t i = 0; i < cpus.size(); ++i) {
            EXPECT_EQ(answer[i].at("cpu"), cpus[i]);
            EXPECT_GT(answer[i].at("core").get<double>(), 0);
            EXPECT_GT(answer[i].at("chain").get<double>(), 0);
            EXPECT_TRUE(answer[i].at("contended").is_boolean());
        }
    }
    EXPECT_EQ(count, 3U) << said.out;
    EXPECT_EQ(run(program + words, "").out, "") << "who is not asked says nothing";
}

TEST(poolmark_witness, refuses_bad_arguments_in_one_line) {
    for (const char* const words : {"", "x", "-1", "1x", "''", "99999", "99999999999999999999", "0 x", "--help"}) {
        const finished said = run(program + " " + words, "\n");
        EXPECT_EQ(said.code, 2) << words;
        EXPECT_EQ(said.out, "") << words;
        EXPECT_TRUE(is_one_line(said.err)) << said.err;
    }
}

TEST(a_deliberate_neighbour, on_the_same_cpu_is_noticed) {
    const int cpu = allowed_cpus().back();
    const neighbour busy(cpu);
    bool noticed = false;
    for (int attempt = 0; attempt < 20 && !noticed; ++attempt) {
        noticed = std::ranges::any_of(answers(cpu, 10), [](const nlohmann::json& one) { return one.at("contended").get<bool>(); });
    }
    EXPECT_TRUE(noticed);
}

// Of what the core does alone, the best that was seen counts: others may use it meanwhile.
TEST(a_deliberate_neighbour, on_the_sibling_raises_the_cores_witness) {
    for (const int cpu : allowed_cpus()) {
        const std::vector<int> siblings = siblings_of(cpu);
        if (siblings.empty()) {
            continue;
        }
        constexpr double clearly = 1.15;
        double alone = std::numeric_limits<double>::max(), beside = 0;
        for (int attempt = 0; attempt < 20 && beside <= clearly * alone; ++attempt) {
            alone = std::min(alone, quotients(cpu, 20).front());
            const neighbour busy(siblings.front());
            beside = quotients(cpu, 20)[10];
        }
        EXPECT_GT(beside, clearly * alone) << "CPU " << cpu << " beside CPU " << siblings.front();
        return;
    }
    GTEST_SKIP() << "this machine shows no two threads of one core that this process may use";
}

} // namespace
} // namespace poolmark::tests
