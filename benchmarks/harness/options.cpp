#include "benchmarks/harness/options.hpp"

#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace poolmark::benchmarks {
namespace {

// The value of "--name=value"; nothing when `argument` is another option.
std::optional<std::string_view> value_of(std::string_view argument, std::string_view name) {
    if (!argument.starts_with("--") || !argument.substr(2).starts_with(name) ||
        argument.size() <= 2 + name.size() || argument[2 + name.size()] != '=') {
        return std::nullopt;
    }
    return argument.substr(2 + name.size() + 1);
}

template <class Number>
Number number(std::string_view name, std::string_view text) {
    Number value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) {
        throw bad_option("--" + std::string(name) + " wants a number, not '" + std::string(text) + "'");
    }
    return value;
}

std::vector<std::string> split(std::string_view names) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t comma = names.find(',');
        if (const std::string_view part = names.substr(0, comma); !part.empty()) {
            parts.emplace_back(part);
        }
        if (comma == std::string_view::npos) {
            return parts;
        }
        names.remove_prefix(comma + 1);
    }
}

template <class Number>
Number positive(std::string_view name, std::string_view text) {
    const auto value = number<Number>(name, text);
    if (!(value > Number{}) || value > Number{1'000'000'000}) {
        throw bad_option("--" + std::string(name) + " wants a number from 1 to 1000000000, not '" + std::string(text) +
                         "'");
    }
    return value;
}

// Whether `argument` was one of those that say what else than an epoch is wanted.
bool take_pass(std::string_view argument, options& into) {
    if (const auto trace = value_of(argument, "trace")) {
        into.trace = *trace;
    } else if (const auto recording = value_of(argument, "recording")) {
        into.recording = *recording;
    } else if (argument == "--ceilings") {
        into.ceilings = true;
    } else if (const auto memory = value_of(argument, "memory")) {
        into.memory = *memory;
    } else if (const auto objects = value_of(argument, "objects")) {
        into.objects = positive<std::size_t>("objects", *objects);
    } else if (const auto wait = value_of(argument, "wait")) {
        into.wait_seconds = number<double>("wait", *wait);
    } else if (const auto sizes = value_of(argument, "sizes")) {
        into.sizes = *sizes;
    } else if (const auto litter = value_of(argument, "litter")) {
        into.litter = *litter;
    } else if (const auto latency = value_of(argument, "latency")) {
        into.latency = *latency;
    } else if (const auto operations = value_of(argument, "operations")) {
        into.operations = positive<std::size_t>("operations", *operations);
    } else if (const auto period = value_of(argument, "period")) {
        into.period = positive<std::size_t>("period", *period);
    } else {
        return false;
    }
    return true;
}

// Whether `argument` was one of ours.
bool take(std::string_view argument, options& into) {
    if (argument == "--describe") {
        into.describe = true;
    } else if (argument == "--smoke") {
        into.smoke = true;
    } else if (argument == "--instructions") {
        into.instructions = true;
    } else if (argument == "--help" || argument == "-h") {
        into.help = true;
    } else if (argument == "--continues_table") {
        into.continues_table = true;
    } else if (const auto allocator = value_of(argument, "allocator")) {
        into.allocator = *allocator;
    } else if (const auto allocators = value_of(argument, "allocators")) {
        into.allocators = split(*allocators);
        if (into.allocators.empty()) {
            throw bad_option("--allocators wants names separated by commas, e.g. --allocators=glibc,mimalloc");
        }
    } else if (const auto contend = value_of(argument, "contend")) {
        into.contend = *contend;
    } else if (const auto pin = value_of(argument, "pin")) {
        for (const std::string& cpu : split(*pin)) {
            into.pin.push_back(number<int>("pin", cpu));
        }
        if (into.pin.empty()) {
            throw bad_option("--pin wants CPUs separated by commas, e.g. --pin=1 or --pin=1,0");
        }
    } else if (const auto in_turn = value_of(argument, "in-turn")) {
        into.in_turn = number<std::size_t>("in-turn", *in_turn);
    } else if (const auto heap_offset = value_of(argument, "heap-offset")) {
        into.heap_offset_bytes = number<std::size_t>("heap-offset", *heap_offset);
    } else {
        return false;
    }
    return true;
}

// Google Benchmark refuses "0.1s" before 1.8, and from then on complains about "0.1". Both are the same here.
void spell_min_time(char*& argument) {
    static std::string spelled; // what argv points to from then on
    const auto time = value_of(argument, "benchmark_min_time");
    if (!time || time->empty()) {
        return;
    }
    const bool bare = time->find_first_not_of("0123456789.e+-") == time->npos;
    if (POOLMARK_MIN_TIME_HAS_UNIT && bare) {
        spelled = std::string(argument) + "s";
    } else if (!POOLMARK_MIN_TIME_HAS_UNIT && time->ends_with('s')) {
        spelled = std::string(argument, std::strlen(argument) - 1);
    } else {
        return;
    }
    argument = spelled.data();
}

} // namespace

options take_options(int& argc, char** argv) {
    options taken;
    int kept = 1;
    for (int i = 1; i < argc; ++i) {
        if (!take(argv[i], taken) && !take_pass(argv[i], taken)) {
            argv[kept] = argv[i];
            spell_min_time(argv[kept++]);
        }
    }
    argc = kept;
    argv[argc] = nullptr;
    return taken;
}

const char* const help_text =
    R"(poolmark-bench: should these objects be reused, and how? Asked of this machine by hand.

  --allocator=NAME              run on this heap (NAME=LIBRARY.so for your own), proved before anything is timed
  --allocators=NAME,NAME,...    run once on each, and print one table
  --describe                    what can be measured here, as JSON
  --smoke                       bound every cell to 1,000 live objects
  --pin=CPU[,CPU...]            stay there; helper threads of a workload take the later ones
  --memory=CELL [--objects=N] [--wait=SECONDS]
                                bytes per object of one cell, and what is kept so long after they are released
  --latency=CELL [--operations=N] [--period=N]
                                single operations of one cell, one in so many timed
  --sizes=CELL                  what a cell asks its heap for (with LD_PRELOAD=libpoolmark_sizes.so)
  --litter=SIZES                with a cell of which heap=aged or heap=littered40 is a parameter: leave blocks of
                                these sizes in the heap first; --heap-offset chooses where
  --ceilings                    what this machine can do at most: caches, page faults, atomics, the clock
  --trace=FILE                  ask the workloads about caches about your own trace too: one key a line, its size after a
                                blank if you like
  --recording=FILE.ops          ask every heap about a program of yours, which `scripts/poolmark program replay` recorded
  --contend=CELL                serve the driver (docs/protocol.md)
  --instructions                with --contend: count each epoch's instructions, where the CPU's counters can be had
  --in-turn=N                   with --contend: so many contenders have the CPU in turn, and displace each other's data
  --heap-offset=BYTES           keep a first block of this size

and every flag of Google Benchmark: --benchmark_filter=REGEX, --benchmark_list_tests, --benchmark_format=json,
--benchmark_min_time=0.1 (seconds; 0.1s is the same), --benchmark_repetitions=N, ...

A figure to be cited comes from `scripts/poolmark run`, which pairs rounds across fresh processes.
)";

} // namespace poolmark::benchmarks
