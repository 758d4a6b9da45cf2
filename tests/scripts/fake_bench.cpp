// A stand-in for poolmark-bench that speaks the protocol and fails in a named way, for tests of the driver.
//
// The strategy's name is its behaviour: `crash_at_epoch`, `hang_at_ready`, ... Times are made up, so verdicts are certain. So
// are witnesses: a core of its own, but for `crowded` a shared one in every round and for `visited` in every second one.
// FAKE_WITNESS makes it `shared` for all, or `none`: as before there were witnesses. A test starts hundreds of these, which is
// why it is a program of a few system calls and not a script.

#include "catalog.hpp" // made from fake_bench.py: `description`, a JSON line, and `times`, by strategy

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr double quiet_ns = 0.4;
constexpr double shared_ns = 0.66;
constexpr double chain_ns = 0.57;

std::string variable(const char* name) {
    const char* const found = std::getenv(name);
    return found ? found : "";
}

void say(const std::string& line) {
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
}

std::string text(double value) {
    char digits[64];
    std::snprintf(digits, sizeof digits, "%.17g", value);
    return value > 1e300 ? "Infinity" : std::string_view{digits}.find_first_of(".e") == std::string_view::npos
                                            ? std::string{digits} + ".0" : digits;
}

std::string quoted(std::string_view words) {
    std::string whole = "\"";
    for (const char letter : words) {
        whole += (letter == '"' || letter == '\\') ? std::string{'\\', letter} : std::string{letter};
    }
    return whole + '"';
}

// Dies the way an overrun dies, with something on standard error.
[[noreturn]] void crash() {
    for (int number = 0; number < 8; ++number) {
        std::fprintf(stderr, "line %d of the last words\n", number);
    }
    std::raise(SIGSEGV);
    std::abort();
}

// What its witnesses read before and after an epoch.
std::string witness(std::string_view strategy, int epoch) {
    const std::string asked = variable("FAKE_WITNESS");
    if (asked == "none") {
        return "";
    }
    const bool shared = asked == "shared" || strategy == "crowded" || (strategy == "visited" && epoch % 2 == 1);
    return R"(, "witness": {"core": [)" + text(quiet_ns) + ", " + text(shared ? shared_ns : quiet_ns) + R"(], "chain": [)" +
           text(chain_ns) + ", " + text(chain_ns) + R"(]}, "witness_ns": 1000)";
}

// One contender. With `counts`, seven instructions an operation and fifty an epoch.
void contend(const std::string& strategy, bool counts) {
    if (strategy == "crash_at_ready") {
        crash();
    }
    if (strategy == "hang_at_ready") {
        ::sleep(600);
    }
    if (strategy == "refuse") {
        std::fputs("unknown strategy 'refuse'; try another\n", stderr);
        std::exit(2);
    }
    if (strategy == "exit_3") {
        std::exit(3);
    }
    if (strategy == "garbage") {
        say("Running ./poolmark-bench\n");
    }
    if (strategy == "half_line") {
        say(R"({"event": "rea)");
        ::sleep(600);
    }
    const bool waits = strategy == "preempted" || strategy == "takes_turns";
    const std::string digest(16, strategy == "other_digest" ? 'f' : '0');
    const std::string fact = strategy == "tells" ? "0.25" : std::to_string(::getpid());
    say(R"({"event": "ready", "protocol": 1, "cell": )" + quoted(strategy) + R"(, "digest": )" +
        (strategy == "empty_loop" ? "null" : quoted(digest)) + R"(, "operations_per_iteration": 10, "notes": [])" +
        (counts ? R"(, "instructions": )" + quoted(variable("FAKE_NO_COUNTER")) : "") +
        (strategy.find("tells") != std::string::npos ? R"(, "facts": {"hit_ratio": )" + fact + "}" : "") +
        R"(, "allocator": {"name": "glibc", "library": "/lib/libc.so.6", "version": "2.36", )"
        R"("served_malloc_by": "/lib/libc.so.6"}})" "\n");
    const auto found = times.find(strategy);
    const double each = found == times.end() ? 100.0 : found->second;
    char line[256];
    for (int epoch = 0; std::fgets(line, sizeof line, stdin) && std::string_view{line} != "quit\n"; ++epoch) {
        const long iterations = std::atol(std::string_view{line}.substr(4).data());
        if (strategy == "crash_at_epoch") {
            crash();
        }
        if (strategy == "hang_at_epoch") {
            ::sleep(600);
        }
        const std::string ns = text(strategy == "not_finite" ? HUGE_VAL : each * 10 * static_cast<double>(iterations));
        say(R"({"event": "epoch", "iterations": )" + std::to_string(iterations + (strategy == "wrong_count")) +
            R"(, "real_ns": )" + ns + R"(, "cpu_ns": )" + ns + R"(, "cpu": 0, "migrations": )" +
            (strategy == "disturbed" ? "1" : "0") + R"(, "involuntary_switches": )" + (waits ? "1" : "0") +
            R"(, "run_delay_ns": )" + (waits ? ns : "0") + R"(, "minor_faults": 0, "major_faults": 0, "takes_turns": )" +
            (strategy == "takes_turns" ? "true" : "false") + witness(strategy, epoch) +
            (counts ? R"(, "instructions": )" + std::to_string(50 + 70 * iterations) : "") + "}\n");
        if (strategy == "chatter") {
            say("and another thing\n");
        }
    }
    if (strategy == "crash_at_quit") {
        crash();
    }
    say(R"({"event": "done", "peak_rss_bytes": 4096})" "\n");
}

// One process that builds objects and watches what is kept of them.
void memory(const std::string& strategy, bool) {
    if (strategy == "crash_in_memory") {
        crash();
    }
    say(R"({"event": "released"})" "\n"
        R"({"event": "memory", "objects": 1000, "rss_bytes_per_object": 40.5, "requested_bytes_per_object": 40.0, )"
        R"("sizeof_bytes": 40, "payload_bytes": 40, "peak_rss_bytes": 8192, "allocator": {}, )"
        R"("usable_bytes_per_object": 48.0, "fragmentation": null, "timeline": [[0.0, 0], [0.01, 40500], [0.02, -4096]], )"
        R"("kept_bytes": {"0": 4096, "0.1": -4096}, "ended_bytes": null})" "\n");
}

// One process that times single operations.
void latency(const std::string& strategy, bool) {
    if (strategy == "crash_in_latency") {
        crash();
    }
    const std::string part = R"({"samples": 1000, "maximum_ns": 900.0, "percentiles": {}, )"
                             R"("histogram": [[20.0, 900], [50.0, 95], [910.0, 5]]})";
    say(R"({"event": "latency", "operations": 16000, "period": 16, "clock": "rdtscp", "timer_ns": 9.0, )"
        R"("involuntary_switches": 1, "replace": )" + part + R"(, "acquire": )" + part + R"(, "release": )" + part +
        R"(, "grow": )" + part + R"(, "growth": [[0, 800.0], [512, 700.5]], "allocator": {}})" "\n");
}

// What the machine can do.
void ceilings(const std::string&, bool) {
    const auto one = [](const std::string& name, double ns, const std::string& bytes) {
        return R"({"name": ")" + name + R"(", "what": ")" + name + R"(", "ns": )" + text(ns) + R"(, "low": )" + text(ns / 2) +
               R"(, "high": )" + text(ns * 2) + R"(, "bytes": )" + bytes + "}";
    };
    say(R"({"event": "ceilings", "ceilings": [)" + one("empty_loop", 0.3, "null") + ", " + one("l1_latency", 1.5, "16384") +
        ", " + one("page_fault", 500.0, "4096") + ", " + one("dram_latency", 90.0, "268435456") + "]}\n");
}

// Which process was started, for tests that count them.
void log(int count, char** arguments) {
    const std::string file = variable("FAKE_BENCH_LOG");
    if (file.empty()) {
        return;
    }
    std::string line = R"({"arguments": [)";
    for (int i = 1; i < count; ++i) {
        line += (i > 1 ? ", " : "") + quoted(arguments[i]);
    }
    const char* const preload = std::getenv("LD_PRELOAD");
    line += R"(], "pid": )" + std::to_string(::getpid()) + R"(, "padding": )" +
            std::to_string(variable("POOLMARK_PADDING").size()) + R"(, "preload": )" +
            (preload ? quoted(preload) : "null") + "}\n";
    const int stream = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (stream < 0 || ::write(stream, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        std::abort();
    }
    ::close(stream);
}

} // namespace

int main(int count, char** arguments) {
    std::map<std::string, std::string> options;
    for (int i = 1; i < count; ++i) {
        const std::string argument = arguments[i];
        const std::size_t sign = argument.find('=');
        options[argument.substr(0, sign)] = sign == std::string::npos ? "" : argument.substr(sign + 1);
    }
    if (options.contains("--describe")) {
        say(description);
        return 0;
    }
    log(count, arguments);
    using act = void (*)(const std::string&, bool);
    for (const auto& [kind, run] : std::map<std::string, act>{
             {"--contend", contend}, {"--memory", memory}, {"--latency", latency}, {"--ceilings", ceilings}}) {
        if (options.contains(kind)) {
            run(options[kind].substr(options[kind].rfind('/') + 1), options.contains("--instructions"));
        }
    }
}
