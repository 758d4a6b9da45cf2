// Where events go: one file for each thread that runs at the same time as others. What is written last is mapped, so that nothing has to
// be flushed when the process ends by _exit, abort or SIGKILL. No thread waits for another.
//
// Files are opened for a moment only: a program may close every descriptor, and use its number again.
#pragma once

#include "programs/clock.hpp"
#include "programs/frames.hpp"
#include "programs/recording.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace poolmark::programs {

// One thread's file. It outlives the thread: the next one goes on in it.
struct thread_file {
    header* head;
    std::uint64_t* window;
    std::uint64_t time;    // of its last event
    std::uint32_t crowd;   // the recorder's when the clock was read last
    std::uint32_t left;    // events until it is read again
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
    bool busy;    // in here: what the recorder itself allocates is not recorded
    bool refused; // there was no room for its file
};
extern thread_local constinit thread_state here [[gnu::tls_model("initial-exec")]];

struct recorder {
    std::atomic<bool> on;
    // Odd while several threads have files; another number whenever one begins or ends.
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
    std::atomic<header*> first; // of all files: it counts what threads without one lose

    // Begins as soon as the environment can be read; later calls do nothing.
    void start() noexcept;
    // A file for this thread; null when there is none to be had, which is counted.
    thread_file* open_file() noexcept;
    // Writes the window behind the blocks and begins it again; false when there is no room, which is counted.
    bool flush(thread_file& file) noexcept;
    // The number of the stack above the hook whose frame this is.
    std::uint32_t stack_of(thread_file& file, const frame_record* hook) noexcept;
    // A child of fork has a recording of its own.
    void restart_in_child() noexcept;
};
extern constinit recorder the_recorder;

// Which thread had the last event at an address, while there are several: the address and one more than the number of its file. A slot that
// another address has taken says nothing of this one.
inline constexpr std::size_t last_thread_slots = std::size_t{1} << 18U;
extern std::atomic<std::uint64_t> last_threads[last_thread_slots];

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

// The time of this thread's next event, and whether it has to be written: else it is one more than that of the event before.
//
// Of two events one needs the other when they are of one thread, or of one address; then it has to be later. Within a thread one tick more
// says that. Whoever finds that another thread may have been the last at this address reads the clock. Nobody's time is ever ahead of the
// clock, because an event takes longer than a tick; so that time is later than all that was done before. The same goes for whoever
// begins, or finds itself alone, or not alone any more; and who is alone needs no table.
struct moment {
    std::uint64_t time;
    bool written;
};
[[nodiscard, gnu::always_inline]] inline moment next_moment(thread_file& file, const void* block) noexcept {
    recording_clock& clock = the_recorder.clock;
    std::uint64_t time = file.time + 1;
    bool written = false;
    if (--file.left == 0) [[unlikely]] {
        file.left = unstamped;
        time = std::max(time, clock.ticks());
        clock.settle(); // else another thread might begin between this and the next line, and have an earlier time
        written = true;
    }
    const std::uint32_t crowd = the_recorder.crowd.load(std::memory_order_acquire);
    if (crowd != file.crowd) [[unlikely]] {
        file.crowd = crowd;
        time = std::max(time, clock.ticks());
        written = true;
    }
    if ((crowd & 1U) != 0) {
        const auto address = reinterpret_cast<std::uintptr_t>(block);
        std::atomic<std::uint64_t>& last = last_threads[((address >> 4U) ^ (address >> 26U) * 0x9E37U) % last_thread_slots];
        const std::uint64_t me = address << 16U | (file.number + 1); // the address from bit 19 on: it is a multiple of 8
        if (const std::uint64_t known = last.load(std::memory_order_relaxed); known != me) {
            if (known != 0 && !written) { // 0: of no other thread since this one began
                time = std::max(time, clock.ticks());
                written = true;
            }
            last.store(me, std::memory_order_relaxed);
        }
    }
    file.time = time;
    return {time, written};
}

} // namespace poolmark::programs
