// poolmark-bench: works and times, and leaves judging to the driver. Our own main, because Google Benchmark's newer
// ones switch address-space randomisation off, which would freeze one memory layout and hide its luck.
#include "allocators/activate.hpp"
#include "allocators/proof.hpp"
#include "benchmarks/harness/by_hand.hpp"
#include "benchmarks/harness/ceilings.hpp"
#include "benchmarks/harness/cell.hpp"
#include "benchmarks/harness/cell_commands.hpp"
#include "benchmarks/harness/describe.hpp"
#include "benchmarks/harness/litter.hpp"
#include "benchmarks/harness/options.hpp"
#include "benchmarks/harness/recordings.hpp"
#include "benchmarks/harness/team.hpp"
#include "benchmarks/harness/traces.hpp"
#include "pools/leaks.hpp"

#include <benchmark/benchmark.h>
#include <sys/prctl.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using namespace poolmark;
using namespace poolmark::benchmarks;

void pin_to(const std::vector<int>& cpus) {
    try {
        place_threads(cpus);
    } catch (const std::system_error& failure) {
        throw bad_option(std::string("--pin: this process may not run there: ") + failure.what());
    }
}

// A contender ends with its driver, however that ends: a heap that hangs would not notice that its input is closed.
// Set before the heap is activated, and kept across the exec.
void die_with_parent() { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }

// Kept for the process's whole life, so that every later block lies elsewhere than it would have.
void shift_heap(std::size_t bytes) {
    if (bytes == 0) {
        return;
    }
    void* block = std::malloc(bytes);
    benchmark::DoNotOptimize(block);
}

// The heap as the cell's parameter wants it, with what another process counted. Before anything else of the cell is made.
void leave_litter(const options& asked) {
    const std::string& text = !asked.contend.empty() ? asked.contend : !asked.memory.empty() ? asked.memory : asked.latency;
    if (text.empty()) {
        return;
    }
    const cell which = find_cell(text);
    if (!which.at->where.has(heap_parameter)) {
        return;
    }
    if (asked.litter.empty()) {
        throw bad_option(text + " needs --litter=SIZES, which --sizes prints for the cell without heap=");
    }
    litter(parse_sizes(asked.litter), occupancy_of(which.at->where.word(heap_parameter)), asked.heap_offset_bytes);
}

allocators::proof prove_heap(const std::string& wanted) {
    return wanted.empty() ? allocators::examine() : allocators::require(allocators::parse_choice(wanted));
}

int by_hand(int argc, char** argv, const options& asked, const allocators::proof& heap) {
    const std::string file = output_file(argc, argv); // Initialize takes it away
    benchmark::Initialize(&argc, argv);
    if (argc > 1) {
        throw bad_option("unknown option '" + std::string(argv[1]) + "': see poolmark-bench --help");
    }
    const build_facts build = this_build();
    benchmark::AddCustomContext("poolmark_build", build.type + ", " + build.compiler + " " + build.flags);
    benchmark::AddCustomContext("heap", heap.name + " " + heap.version + ", malloc served by " +
                                            heap.served_malloc_by.string());
    register_cells(heap.name);
    const int code = run_by_hand(asked.continues_table);
    if (!file.empty()) {
        require_whole(file);
    }
    return code;
}

// One table over several processes is a table for people. A file that only the last heap is in would be worse than none.
void refuse_other_formats(const std::vector<char*>& arguments) {
    for (const char* const argument : arguments) {
        const std::string_view text = argument == nullptr ? "" : argument;
        if (text.starts_with("--benchmark_out") ||
            (text.starts_with("--benchmark_format=") && text != "--benchmark_format=console")) {
            throw bad_option("--allocators prints one table, so " + std::string(text) +
                             " cannot go with it: run once with --allocator=NAME for each");
        }
    }
}

int run(int argc, char** argv) {
    std::vector<char*> original(argv, argv + argc + 1);
    const options asked = take_options(argc, argv);
    if (asked.help) {
        std::cout << help_text;
        return 0;
    }
    if (const char* const file = std::getenv("POOLMARK_TRACE"); !asked.trace.empty() || (file != nullptr && *file != 0)) {
        bring_trace(asked.trace.empty() ? file : asked.trace);
    }
    if (const char* const file = std::getenv("POOLMARK_RECORDING"); !asked.recording.empty() || (file != nullptr && *file != 0)) {
        bring_recording(asked.recording.empty() ? file : asked.recording);
    }
    if (asked.describe) {
        std::cout << describe() << "\n";
        return 0;
    }
    if (!asked.allocators.empty()) {
        refuse_other_formats(original);
        for (const std::string& name : asked.allocators) {
            static_cast<void>(allocators::parse_choice(name)); // all of them, before the first one runs
        }
        return run_on_each(asked.allocators, original.data());
    }
    if (!asked.contend.empty() || !asked.memory.empty() || !asked.latency.empty() || asked.ceilings) {
        die_with_parent();
    }
    pin_to(asked.pin);
    if (!asked.allocator.empty()) {
        allocators::activate(allocators::parse_choice(asked.allocator), original.data());
    }
    const allocators::proof heap = prove_heap(asked.allocator);
    shift_heap(asked.heap_offset_bytes);
    set_smoke(asked.smoke);
    leave_litter(asked);
    if (!asked.contend.empty()) {
        return contend(find_cell(asked.contend), heap, asked.instructions, asked.in_turn);
    }
    if (!asked.memory.empty()) {
        return report_memory(find_cell(asked.memory), heap, {asked.objects, asked.wait_seconds});
    }
    if (!asked.latency.empty()) {
        return report_latency(find_cell(asked.latency), heap, {asked.operations, asked.period});
    }
    if (!asked.sizes.empty()) {
        return print_sizes(find_cell(asked.sizes));
    }
    if (asked.ceilings) {
        return report_ceilings();
    }
    return by_hand(argc, argv, asked, heap);
}

// Exit code 0 means that all of it was written: a full disk shows only when the buffers are emptied.
int written(int code) {
    std::cout.flush();
    if (!std::cout || std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        throw std::runtime_error(std::string("cannot write to standard output") +
                                 (errno != 0 ? std::string(" (") + std::strerror(errno) + ")" : std::string()) +
                                 "; give it a place that has room");
    }
    return code;
}

} // namespace

int main(int argc, char** argv) {
    // Some questions end a pool with its blocks out; a checked pool would report them each time.
    poolmark::set_leak_handler([](const poolmark::leak_report&) noexcept {});
    try {
        return written(run(argc, argv));
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "poolmark-bench: out of memory: the heap refused a request\n");
        return 1;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "poolmark-bench: %s\n", failure.what());
        return 2;
    }
}
