#include "benchmarks/harness/by_hand.hpp"

#include "benchmarks/harness/cell.hpp"
#include "benchmarks/harness/epoch.hpp"

#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace poolmark::benchmarks {
namespace {

// The subject of the cell at hand, kept between Google Benchmark's calls, and its baseline's digest. Only one is
// alive at a time: cells do not share memory with one another.
struct stage {
    std::string playing;
    std::unique_ptr<subject> ours;
    std::string complaint;
};

std::string compare_digests(const cell& which, subject& ours) {
    const std::uint64_t got = ours.verify();
    if (which.by->as == role::limit) {
        return "";
    }
    const std::uint64_t expected = which.baseline().make()->verify();
    return got == expected ? ""
                           : "digest " + digest_text(got) + " differs from the baseline's " + digest_text(expected);
}

bool any_complaint = false;

stage& enter(const cell& which) {
    static stage now;
    if (const std::string name = which.text(); now.playing != name) {
        now = {};
        now.ours = which.make();
        now.complaint = compare_digests(which, *now.ours);
        now.playing = name;
    }
    return now;
}

void play(benchmark::State& state, const cell& which) {
    stage& now = enter(which);
    if (!now.complaint.empty()) {
        any_complaint = true;
        state.SkipWithError(now.complaint.c_str());
        return;
    }
    loop(state, *now.ours);
    const auto operations = static_cast<std::int64_t>(now.ours->operations_per_iteration()) * state.iterations();
    state.counters["per_op"] =
        benchmark::Counter(static_cast<double>(operations), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// The console table of a later heap: its rows, and no second header.
class rows_only final : public benchmark::ConsoleReporter {
public:
    rows_only() : ConsoleReporter(::isatty(STDOUT_FILENO) != 0 ? OO_ColorTabular : OO_Tabular) {}
    bool ReportContext(const Context& context) override {
        name_field_width_ = context.name_field_width;
        return true;
    }
    void PrintHeader(const Run&) override {}
};

} // namespace

void register_cells(const std::string& heap) {
    for (const cell& which : all_cells()) {
        benchmark::RegisterBenchmark((which.text() + "@" + heap).c_str(),
                                     [which](benchmark::State& state) { play(state, which); })
            ->UseRealTime();
    }
}

int run_by_hand(bool continues_table) {
    rows_only rows;
    const std::size_t ran =
        continues_table ? benchmark::RunSpecifiedBenchmarks(&rows) : benchmark::RunSpecifiedBenchmarks();
    if (ran == 0) {
        return 2; // Google Benchmark has said on standard error that nothing matched
    }
    return any_complaint ? 1 : 0;
}

std::string output_file(int argc, char** argv) {
    constexpr std::string_view option = "--benchmark_out=";
    const char* const variable = std::getenv("BENCHMARK_OUT");
    std::string file = variable == nullptr ? "" : variable;
    for (const std::string_view argument : std::vector<std::string_view>(argv, argv + argc)) {
        if (argument.starts_with(option)) {
            file = argument.substr(option.size());
        }
    }
    return file;
}

// A JSON file ends with its outermost brace and any other with its last line, unless a full disk cut it. A device, such
// as /dev/full, cannot be read again; it is asked for one byte more.
void require_whole(const std::string& file) {
    namespace fs = std::filesystem;
    bool whole = false;
    if (fs::is_regular_file(file)) {
        std::ifstream written(file, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(written), {}};
        whole = text.ends_with(text.starts_with('{') ? "\n}\n" : "\n");
    } else {
        std::ofstream device(file);
        whole = !fs::is_character_file(file) || (device << '\n').flush().good();
    }
    if (!whole) {
        throw std::runtime_error("--benchmark_out: " + file + " could not be written to its end; give a file on a disk that has room");
    }
}

int run_on_each(const std::vector<std::string>& allocators, char** argv) {
    int worst = 0;
    for (const std::string& name : allocators) {
        std::vector<std::string> arguments{argv[0], "--allocator=" + name};
        for (char** argument = argv + 1; *argument != nullptr; ++argument) {
            if (std::strncmp(*argument, "--allocators=", 13) != 0) {
                arguments.emplace_back(*argument);
            }
        }
        if (name != allocators.front()) {
            arguments.emplace_back("--continues_table");
        }
        std::vector<char*> raw;
        std::ranges::transform(arguments, std::back_inserter(raw), [](std::string& text) { return text.data(); });
        raw.push_back(nullptr);
        const pid_t child = ::fork();
        if (child == 0) {
            ::execv("/proc/self/exe", raw.data());
            ::_exit(127);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        if (WIFSIGNALED(status)) {
            std::fprintf(stderr, "poolmark-bench: %s ended by signal %d\n", name.c_str(), WTERMSIG(status));
        }
        worst = std::max(worst, code);
    }
    return worst;
}

} // namespace poolmark::benchmarks
