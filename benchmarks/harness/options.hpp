// The options of poolmark-bench that are not Google Benchmark's.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace poolmark::benchmarks {

struct options {
    std::string allocator;               // NAME or NAME=LIBRARY.so; empty: whatever heap this process has
    std::vector<std::string> allocators; // run once on each, one table
    std::string contend;                 // cell: serve the driver on standard input and output
    std::string memory;                  // cell: report bytes per object
    std::string latency;                 // cell: time single operations
    std::string sizes;                   // cell: print what it asks its heap for
    std::string litter;                  // what --sizes printed: for cells with a heap parameter
    std::string trace;                   // file: a trace of the reader's own
    std::string recording;               // file: operations of a program of the reader's
    std::size_t objects = 0;             // of a memory process; 0: as many as the cell itself has
    double wait_seconds = 5;             // how long a memory process watches what is kept
    std::size_t operations = 2'000'000;  // of a latency process
    std::size_t period = 16;             // one operation in so many is timed
    bool ceilings = false;
    std::vector<int> pin;                // CPUs to stay on, the first for the main thread; empty: anywhere
    std::size_t in_turn = 1;             // processes that have the CPU in turn, with contend: all displace the caches
    std::size_t heap_offset_bytes = 0;   // a first block of this size, kept: moves all later ones
    bool instructions = false;           // with contend: count those of each epoch
    bool describe = false;
    bool smoke = false;
    bool help = false;
    bool continues_table = false;        // a later allocator of --allocators: no table header of its own
};

// A bad option. what() is one line that names the fix.
class bad_option : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Takes our options out of argv and leaves the rest, Google Benchmark's,
// in place. Throws bad_option for a value that makes no sense.
[[nodiscard]] options take_options(int& argc, char** argv);

extern const char* const help_text;

} // namespace poolmark::benchmarks
