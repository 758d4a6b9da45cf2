// Where events go: one file for each thread that runs at the same time as others, mapped while it is written, so that nothing has to be
// flushed when the process ends by _exit, abort or SIGKILL. No thread waits for another.
//
// Files are opened for a moment only: a program may close every descriptor, and use its number again.
#pragma once

#include "programs/clock.hpp"
#include "programs/recording.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace poolmark::programs {

// One thread's file. It outlives the thread: the next one goes on in it.
struct thread_file {
    event* next;
    event* end;
    header* head;
    unsigned char* chunk;
    std::uint64_t length; // of the file so far
    std::uint64_t mapped_bytes; // of the chunk
    std::uint64_t chunk_bytes;  // of the one that comes next
    bool full;                  // there was no room once
    thread_file* idle;    // the next one without a thread
    std::uint32_t number;
    std::uint32_t stacks;
    struct known_stack {
        std::uint64_t hash;
        std::uint32_t number;
    };
    static constexpr std::uint32_t slots = 1U << 16U;
    known_stack known[slots]; // mapped zeros, touched as far as there are stacks
};

// Per thread; initial-exec, because malloc runs before lazily made storage can be made.
struct thread_state {
    thread_file* file;
    bool busy; // in here: what the recorder itself allocates is not recorded
};
extern thread_local constinit thread_state here [[gnu::tls_model("initial-exec")]];

struct recorder {
    std::atomic<bool> on;
    recording_clock clock;
    int frames;               // 1: the caller alone
    int (*unwind)(void**, int);
    char folder[3072];        // of this process; empty until something is recorded
    char root[2048];
    std::uint64_t max_bytes;
    std::atomic<std::uint64_t> bytes; // of all files
    std::atomic<std::uint32_t> files, threads;
    std::atomic<bool> mapping;        // somebody writes the maps
    std::atomic<std::uint64_t> loads; // of libraries, as far as the maps say
    std::atomic<thread_file*> idle;
    std::atomic<bool> idle_busy;

    // Begins as soon as the environment can be read; later calls do nothing.
    void start() noexcept;
    // A file for this thread; null when there is none to be had.
    thread_file* open_file() noexcept;
    // Room for `count` events; false when there is none, which is counted.
    bool grow(thread_file& file, std::size_t count) noexcept;
    // The number of the stack that ends in `caller`.
    std::uint32_t stack_of(thread_file& file, const void* caller) noexcept;
};
extern constinit recorder the_recorder;

// Marks the thread as inside the recorder, and leaves errno as it was: a successful malloc does not touch it.
struct busy_here {
    bool before = here.busy;
    int error = errno; // a successful malloc leaves it alone
    busy_here() noexcept { here.busy = true; }
    ~busy_here() {
        here.busy = before;
        errno = error;
    }
    busy_here(const busy_here&) = delete;
    busy_here& operator=(const busy_here&) = delete;
};

// Makes the folder of this process, with its name and maps; false when that cannot be.
bool make_folder(bool forked) noexcept;
// Writes down once more which files are loaded.
void write_maps() noexcept;
// How often libraries were loaded so far.
std::uint64_t count_loads() noexcept;

[[nodiscard]] inline bool room(thread_file& file, std::size_t count) noexcept {
    return static_cast<std::size_t>(file.end - file.next) >= count || the_recorder.grow(file, count);
}

} // namespace poolmark::programs
