// Where events go: one file for each thread that runs at the same time as others. What is written last is mapped, so that nothing has to
// be flushed when the process ends by _exit, abort or SIGKILL. No thread waits for another.
//
// Files are opened for a moment only: a program may close every descriptor, and use its number again.
#pragma once

#include "programs/clock.hpp"
#include "programs/frames.hpp"
#include "programs/recording.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace poolmark::programs {

// One thread's file. It outlives the thread: the next one goes on in it.
struct thread_file {
    header* head;
    std::uint64_t* window;
    std::uint32_t crowd;   // the recorder's, when this thread was last seen to be alone
    std::uint32_t left;    // events until the clock is read again
    thread_file* idle;     // the next one without a thread
    std::uint32_t number;
    std::uint32_t stacks;
    bool full;             // there was no room once
    frame_rules rules;
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
    // Odd while several threads have files; another number whenever one begins or ends. Whoever is alone has no other's events to be
    // ordered among, and reads the clock seldom.
    std::atomic<std::uint32_t> crowd;
    std::atomic<std::uint32_t> unloads; // of libraries: what is known of frames is void then
    recording_clock clock;
    int frames;               // 1: the caller alone
    char folder[3072];        // of this process; empty until something is recorded
    char root[2048];
    std::uint64_t max_bytes;
    std::atomic<std::uint64_t> bytes; // of all files
    std::atomic<std::uint32_t> files, threads;
    std::uint32_t alive;              // threads with a file; changed with `idle`
    std::atomic<bool> mapping;        // somebody writes the maps
    std::atomic<std::uint64_t> loads; // of libraries, as far as the maps say
    thread_file* idle;
    std::atomic<bool> idle_busy;

    // Begins as soon as the environment can be read; later calls do nothing.
    void start() noexcept;
    // A file for this thread; null when there is none to be had.
    thread_file* open_file() noexcept;
    // Writes the window behind the blocks and begins it again; false when there is no room, which is counted.
    bool flush(thread_file& file) noexcept;
    // The number of the stack above the hook whose frame this is.
    std::uint32_t stack_of(thread_file& file, const frame_record* hook) noexcept;
    // A child of fork has a recording of its own.
    void restart_in_child() noexcept;
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

// Where `count` words can be written, to be ended by commit(); null when there is no room.
[[nodiscard, gnu::always_inline]] inline std::uint64_t* room(thread_file& file, std::uint32_t count) noexcept {
    if (static_cast<std::uint32_t>(file.head->place) + count > window_words && !the_recorder.flush(file)) [[unlikely]] {
        return nullptr;
    }
    return file.window + static_cast<std::uint32_t>(file.head->place);
}

// From here on the words up to `end` are there for whoever reads the file, even if the process is killed now.
[[gnu::always_inline]] inline void commit(thread_file& file, const std::uint64_t* begin, const std::uint64_t* end) noexcept {
    std::atomic_signal_fence(std::memory_order_release);
    file.head->place += static_cast<std::uint64_t>(end - begin);
}

// Whether the clock has to be read before the event that comes now.
//
// Of two events of different threads of which one needs the other (a block's end, and the next begin at its address), the later one has
// a time of its own: its thread has seen by then that it is not alone. The earlier one may do with the last time of its thread.
[[nodiscard, gnu::always_inline]] inline bool time_is_due(thread_file& file) noexcept {
    const std::uint32_t crowd = the_recorder.crowd.load(std::memory_order_acquire);
    if (crowd == file.crowd && --file.left != 0) [[likely]] {
        return false;
    }
    file.crowd = (crowd & 1U) != 0 ? 0 : crowd; // no crowd is 0
    file.left = unstamped;
    return true;
}

} // namespace poolmark::programs
