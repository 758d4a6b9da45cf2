// A small number for each running thread, so that an object can keep a part for each of them in an array. The
// lowest free number is given first, and comes back when its thread ends.
//
//   this_thread::number ──► [ none | part of thread 1 | part of thread 2 | ... ]   in each object that has parts
//   this_thread::place  ──► the same number, where an array of near_threads has room for it, else 0
//
// An object with parts is a thread_listener: it is notified when a thread ends, and empties that thread's part.
// Listeners and threads may end in any order, at any time: both pass through one mutex.
//
// Good for: per-thread state of many objects that come and go: there is no pointer to an object in thread-local
//           storage that could outlive it.
// Bad for:  listeners by the thousand: the end of a thread visits each of them.
// Complexity: reading the number is one load; its first use takes a lock, and so does its end.
// Bytes:    9 a thread, 8 KiB of zero pages a program, of which one is touched.
// Threads:  any. The numbers are the process's: a thread has the same one in a program and in its plugins.
// fork:     waits for whoever is in here or in a listener, so that the child finds neither locked.
#pragma once

#include "pools/memory/process.hpp"

#include <pthread.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <type_traits>

namespace poolmark::detail {

class thread_listener {
public:
    thread_listener(const thread_listener&) = delete;
    thread_listener& operator=(const thread_listener&) = delete;

protected:
    thread_listener() = default;
    virtual ~thread_listener() = default;

    // The thread of this number is ending; called in that thread. Must not call the two below.
    virtual void thread_ends(std::uint32_t number) noexcept = 0;

    // Around a fork(), in the thread that calls it, and after it in the parent and in the child: takes what locks there
    // are, and gives them back. Must not call the two below.
    virtual void before_fork() noexcept = 0;
    virtual void after_fork() noexcept = 0;

    // From then on thread_ends() is called, until stop_listening() returns: the first thing a destructor does.
    void listen() noexcept;
    void stop_listening() noexcept;

private:
    friend struct thread_end;
    friend struct thread_registry;

    thread_listener* next_ = nullptr;
    thread_listener** link_ = nullptr; // what points at this one; null while nobody listens
};

inline constexpr std::uint32_t no_thread_number = 0;
inline constexpr std::size_t near_threads = 128;
inline constexpr std::size_t most_numbered_threads = std::size_t{1} << 16U; // at once; others do without

// The process's; it never ends, so that it outlives whatever ends late in the program.
struct thread_registry {
    static constexpr const char* name_in_process = "threads 1";

    process_mutex mutex;
    thread_listener* listeners = nullptr;
    std::array<std::uint64_t, most_numbered_threads / 64> taken{};
    bool has_key = false;
    pthread_key_t key{};                  // a thread's number, and how many shared objects use it

    [[nodiscard]] std::uint32_t take_lowest() noexcept {
        for (std::size_t word = 0; word != taken.size(); ++word) {
            if (const auto bit = static_cast<std::size_t>(std::countr_one(taken[word])); bit != 64) {
                taken[word] |= std::uint64_t{1} << bit;
                return static_cast<std::uint32_t>(word * 64 + bit) + 1;
            }
        }
        return no_thread_number;
    }
    void give_back(std::uint32_t number) noexcept {
        taken[(number - 1) / 64] &= ~(std::uint64_t{1} << (number - 1) % 64);
    }

    // The calling thread's, from now on in one shared object more. Where the system has no room to note it, a thread may
    // have several: all are its own.
    [[nodiscard]] std::uint32_t begin_use() noexcept {
        if (!has_key) {
            has_key = ::pthread_key_create(&key, nullptr) == 0;
        }
        const std::uintptr_t noted = has_key ? reinterpret_cast<std::uintptr_t>(::pthread_getspecific(key)) : 0;
        const std::uintptr_t now = noted != 0 ? noted + one_use : one_use + take_lowest();
        if (number_in(now) != no_thread_number && has_key) {
            static_cast<void>(::pthread_setspecific(key, as_pointer(now)));
        }
        return number_in(now);
    }
    // Whether that was the last one.
    [[nodiscard]] bool end_use(std::uint32_t number) noexcept {
        const std::uintptr_t noted = has_key ? reinterpret_cast<std::uintptr_t>(::pthread_getspecific(key)) : 0;
        if (number_in(noted) != number) {
            return true;
        }
        const bool last = noted - number == one_use;
        static_cast<void>(::pthread_setspecific(key, last ? nullptr : as_pointer(noted - one_use)));
        return last;
    }

    void before_fork() noexcept {
        if (mutex.before_fork()) {
            for (thread_listener* each = listeners; each != nullptr; each = each->next_) {
                each->before_fork();
            }
        }
    }
    void after_fork() noexcept {
        if (mutex.after_fork()) {
            for (thread_listener* each = listeners; each != nullptr; each = each->next_) {
                each->after_fork();
            }
            mutex.let_go();
        }
    }

private:
    static constexpr std::uintptr_t one_use = std::uintptr_t{1} << 20U; // above every number
    static_assert(most_numbered_threads < one_use);
    [[nodiscard]] static std::uint32_t number_in(std::uintptr_t noted) noexcept {
        return static_cast<std::uint32_t>(noted & (one_use - 1));
    }
    [[nodiscard]] static void* as_pointer(std::uintptr_t noted) noexcept {
        return reinterpret_cast<void*>(noted); // NOLINT(performance-no-int-to-ptr): it is a number
    }
};

[[nodiscard]] inline thread_registry& threads() noexcept { return process_wide_over_forks<thread_registry>(); }

// Plain data, so that reading it takes no check of whether it was made yet.
namespace this_thread {
inline constinit thread_local std::uint32_t place = no_thread_number;
inline constinit thread_local std::uint32_t number = no_thread_number;
inline constinit thread_local bool has_ended = false; // its thread-local objects are being destroyed
} // namespace this_thread

struct thread_end {
    thread_end() = default;
    thread_end(const thread_end&) = delete;
    thread_end& operator=(const thread_end&) = delete;
    ~thread_end() {
        this_thread::has_ended = true;
        if (this_thread::number == no_thread_number) {
            return;
        }
        thread_registry& all = threads();
        const std::lock_guard alone(all.mutex);
        if (all.end_use(this_thread::number)) {
            for (thread_listener* each = all.listeners; each != nullptr; each = each->next_) {
                each->thread_ends(this_thread::number);
            }
            all.give_back(this_thread::number);
        }
        this_thread::number = this_thread::place = no_thread_number;
    }
};

// The calling thread's number; none when it is ending, or when there are too many threads. For slow paths.
[[nodiscard]] inline std::uint32_t number_this_thread() noexcept {
    if (this_thread::number == no_thread_number && !this_thread::has_ended) {
        static thread_local thread_end at_end;
        static_cast<void>(at_end); // from here on, its destructor will run
        thread_registry& all = threads();
        const std::lock_guard alone(all.mutex);
        this_thread::number = all.begin_use();
        this_thread::place = this_thread::number < near_threads ? this_thread::number : no_thread_number;
    }
    return this_thread::number;
}

inline void thread_listener::listen() noexcept {
    thread_registry& all = threads();
    const std::lock_guard alone(all.mutex);
    if (link_ == nullptr) {
        next_ = all.listeners;
        link_ = &all.listeners;
        if (next_ != nullptr) {
            next_->link_ = &next_;
        }
        all.listeners = this;
    }
}

inline void thread_listener::stop_listening() noexcept {
    const std::lock_guard alone(threads().mutex);
    if (link_ != nullptr) {
        *link_ = next_;
        if (next_ != nullptr) {
            next_->link_ = link_;
        }
        link_ = nullptr;
    }
}

} // namespace poolmark::detail
