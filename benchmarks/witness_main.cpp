// poolmark-witness: asks each CPU how calm it is, whenever the driver wants to know where to measure next.
//
// Arguments: the CPUs. For each line on standard input, one line on standard output, a JSON array with an entry a CPU:
//   {"cpu": 1, "core": 0.402, "chain": 0.571, "contended": false}
// core and chain are medians of the core's witness (harness/core_witness.hpp) in nanoseconds. contended: somebody else on
// this machine wants that CPU now. Takes about 150 microseconds a CPU; ends with its input.
#include "benchmarks/harness/core_witness.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace {

using namespace poolmark::benchmarks;

constexpr int readings = 15;
constexpr int yields = 4;
constexpr std::int64_t longest_yield_ns = 200'000; // alone, a yield returns in a microsecond

struct answer {
    core_reading median;
    bool contended = false;
};

bool move_to(int cpu) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<std::size_t>(cpu), &only);
    return ::sched_setaffinity(0, sizeof only, &only) == 0;
}

// A yield gives the CPU to whoever else wants it, and comes back when that one's slice has ended.
bool somebody_waits() {
    for (int i = 0; i < yields; ++i) {
        const std::int64_t begin = detail::monotonic_ns();
        ::sched_yield();
        if (detail::monotonic_ns() - begin > longest_yield_ns) {
            return true;
        }
    }
    return false;
}

answer ask_here() {
    answer found;
    found.contended = somebody_waits();
    std::array<double, readings> core{}, chain{};
    static_cast<void>(read_core()); // the clock rate rises
    for (std::size_t i = 0; i < readings; ++i) {
        const core_reading one = read_core();
        core[i] = one.core;
        chain[i] = one.chain;
    }
    std::ranges::sort(core);
    std::ranges::sort(chain);
    found.median = {core[readings / 2], chain[readings / 2]};
    found.contended = found.contended || somebody_waits();
    return found;
}

} // namespace

int main(int argc, char** argv) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // it ends with its driver
    std::vector<int> cpus;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        int cpu = -1;
        const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), cpu);
        if (wrong != std::errc() || end != word.data() + word.size() || cpu < 0 || !move_to(cpu)) {
            std::fprintf(stderr, "poolmark-witness: this process may not run on CPU '%s'\n", argv[i]);
            return 2;
        }
        cpus.push_back(cpu);
    }
    if (cpus.empty()) {
        std::fprintf(stderr, "poolmark-witness: usage: poolmark-witness CPU...\n");
        return 2;
    }
    for (int letter = 0; (letter = std::getchar()) != EOF;) {
        if (letter != '\n') {
            continue;
        }
        const char* before = "[";
        for (const int cpu : cpus) {
            if (move_to(cpu)) {
                const answer found = ask_here();
                std::printf("%s{\"cpu\": %d, \"core\": %.4f, \"chain\": %.4f, \"contended\": %s}", before, cpu,
                            found.median.core, found.median.chain, found.contended ? "true" : "false");
                before = ", ";
            }
        }
        std::printf("%s\n", *before == '[' ? "[]" : "]");
        std::fflush(stdout);
    }
    return 0;
}
