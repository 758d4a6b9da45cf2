#include "benchmarks/harness/epoch.hpp"

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/team.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace poolmark::benchmarks {
namespace {

// A rival has had the CPU meanwhile, its data the caches and its branches the predictors.
// A fifth of an epoch, but one iteration at least: an iteration over a million objects
// leaves what of them fits the last cache, as a program that goes on would.
void settle(subject& timed, std::uint64_t iterations) {
    constexpr std::uint64_t settle_share = 5;
    timed.warm();
    timed.run(std::max<std::uint64_t>(1, iterations / settle_share));
}

// The whole process, because an epoch ends with the last of its threads.
interference snapshot() {
    static const int main_thread = ::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    return {.involuntary_switches = use.ru_nivcsw,
            .run_delay_ns = run_delay_ns(main_thread) + helpers_run_delay_ns(),
            .minor_faults = use.ru_minflt, .major_faults = use.ru_majflt, .cpu = ::sched_getcpu(), .migrations = 0};
}

interference difference(const interference& before, const interference& after) {
    return {.involuntary_switches = after.involuntary_switches - before.involuntary_switches,
            .run_delay_ns = after.run_delay_ns - before.run_delay_ns,
            .minor_faults = after.minor_faults - before.minor_faults,
            .major_faults = after.major_faults - before.major_faults,
            .cpu = after.cpu,
            .migrations = after.cpu == before.cpu ? 0 : 1};
}

witness_reading timed_reading(witness& asked, bool faults, std::int64_t& spent_ns) {
    const std::int64_t begin = detail::monotonic_ns();
    const witness_reading found = asked.read(faults);
    spent_ns += detail::monotonic_ns() - begin;
    return found;
}

// Keeps the one run that it is shown.
class keeper final : public benchmark::BenchmarkReporter {
public:
    explicit keeper(epoch& kept) : kept_(kept) {}
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        kept_.iterations = static_cast<std::uint64_t>(runs.front().iterations);
        kept_.real_ns = runs.front().real_accumulated_time * 1e9;
        kept_.cpu_ns = runs.front().cpu_accumulated_time * 1e9;
    }

private:
    epoch& kept_;
};

} // namespace

// Where an epoch begins and ends, for a tool that counts instructions from outside (scripts/suite/measure/instructions.py).
extern "C" POOLMARK_OPAQUE void poolmark_epoch_begins() { barrier(); }
extern "C" POOLMARK_OPAQUE void poolmark_epoch_ends() { barrier(); }

epoch run_epoch(subject& timed, std::uint64_t iterations, const beside& also) {
    epoch result;
    instruction_counter* const counter = also.counter;
    const auto body = [&](benchmark::State& state) {
        if (also.core != nullptr) {
            result.before = timed_reading(*also.core, also.faults, result.witness_ns);
        }
        settle(timed, iterations);
        const interference before = snapshot();
        const std::int64_t counted = counter == nullptr ? 0 : counter->value();
        poolmark_epoch_begins();
        loop(state, timed);
        poolmark_epoch_ends();
        result.instructions = counter == nullptr ? 0 : counter->value() - counted;
        result.meanwhile = difference(before, snapshot());
        timed.rest();
        if (also.core != nullptr) {
            result.after = timed_reading(*also.core, also.faults, result.witness_ns);
        }
    };
    benchmark::ClearRegisteredBenchmarks();
    benchmark::RegisterBenchmark("epoch", body)
        ->Iterations(static_cast<benchmark::IterationCount>(iterations))
        ->Repetitions(1)
        ->UseRealTime();
    keeper reporter(result);
    if (benchmark::RunSpecifiedBenchmarks(&reporter, nullptr, "all") != 1 || result.iterations != iterations) {
        throw std::runtime_error("Google Benchmark did not run the epoch it was given");
    }
    return result;
}

} // namespace poolmark::benchmarks
