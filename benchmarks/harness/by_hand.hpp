// Running poolmark-bench by hand: plain Google Benchmark, on one heap or on one after the other.
#pragma once

#include <string>
#include <vector>

namespace poolmark::benchmarks {

// Registers every cell, named workload/parameters/strategy@heap. Each is verified against its baseline before it
// is timed; a differing digest is an error row with both digests.
void register_cells(const std::string& heap);

// Runs what --benchmark_* asks for. `continues_table` leaves the table's header out. Returns the exit code: 1 when
// a digest differed, 2 when nothing matched the filter.
int run_by_hand(bool continues_table);

// The file that --benchmark_out (or BENCHMARK_OUT) names; empty when there is none. To be asked before Google Benchmark
// takes the option out of the arguments.
std::string output_file(int argc, char** argv);

// Throws std::runtime_error unless the whole of Google Benchmark's file was written, which it does not look at itself.
void require_whole(const std::string& file);

// Runs this program once on each heap, in order, in processes of their own. Returns the worst exit code.
int run_on_each(const std::vector<std::string>& allocators, char** argv);

} // namespace poolmark::benchmarks
