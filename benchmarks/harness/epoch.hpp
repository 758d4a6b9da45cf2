// One epoch: a stretch of the timed loop, run by Google Benchmark, with what the kernel did to it meanwhile.
#pragma once

#include "benchmarks/harness/instructions.hpp"
#include "benchmarks/harness/subject.hpp"
#include "benchmarks/harness/witness.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>

namespace poolmark::benchmarks {

// What happened outside the program while it was timed, to all of its threads together.
// A round is left out because of these and never because of the time it took.
struct interference {
    std::int64_t involuntary_switches = 0;
    std::int64_t run_delay_ns = 0; // runnable, but not running
    std::int64_t minor_faults = 0;
    std::int64_t major_faults = 0;
    int cpu = -1;
    int migrations = 0; // 1 when the epoch ended on another CPU than it began on
};

struct epoch {
    std::uint64_t iterations = 0;
    double real_ns = 0;
    double cpu_ns = 0;
    interference meanwhile;
    std::int64_t instructions = 0; // where a counter was given
    witness_reading before, after; // where a witness was given
    std::int64_t witness_ns = 0;   // what these two readings took
};

// What may stand beside the clock; null where it does not.
struct beside {
    instruction_counter* counter = nullptr;
    witness* core = nullptr;
    bool faults = false; // whether the witness asks for the price of a page
};

// Google Benchmark's loop around `timed`: one pass of the whole
// iteration count, so that the one virtual call is paid per epoch.
inline void loop(benchmark::State& state, subject& timed) {
    const benchmark::IterationCount all = state.max_iterations;
    while (state.KeepRunningBatch(all)) {
        timed.run(static_cast<std::uint64_t>(all));
    }
}

// Asks the witness, warms the subject, runs an untimed settle slice of iterations/5, then one epoch through
// Google Benchmark, and asks the witness again. The caches hold somebody else's data when the token arrives.
[[nodiscard]] epoch run_epoch(subject& timed, std::uint64_t iterations, const beside& also = {});

} // namespace poolmark::benchmarks
