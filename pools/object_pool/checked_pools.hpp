// A list of the process's checked pools, so that a pool that is given a wrong pointer can tell whose it is.
//
//   first ──► │ type, store │ ◄──► │ type, store │ ──► null
//
// Complexity: add, remove O(1), under a lock that a forked child finds open. Bytes: 32 a pool. Threads: any.
#pragma once

#include "pools/memory/process.hpp"

#include <mutex>

namespace poolmark::detail {

// All checked pools of the process, of whatever type and in whatever shared object they were made.
struct checked_pools {
    static constexpr const char* name_in_process = "checked pools 1";

    struct entry {
        const char* type = nullptr; // what the compiler calls it
        const void* store = nullptr;
        entry* next = nullptr;
        entry** link = nullptr;
    };
    process_mutex mutex;
    entry* first = nullptr;

    void before_fork() noexcept { static_cast<void>(mutex.before_fork()); }
    void after_fork() noexcept {
        if (mutex.after_fork()) {
            mutex.let_go();
        }
    }

    void add(entry& fresh) noexcept {
        const std::scoped_lock lock(mutex);
        fresh.next = first;
        fresh.link = &first;
        if (first != nullptr) {
            first->link = &fresh.next;
        }
        first = &fresh;
    }
    void remove(const entry& gone) noexcept {
        const std::scoped_lock lock(mutex);
        *gone.link = gone.next;
        if (gone.next != nullptr) {
            gone.next->link = gone.link;
        }
    }
};

} // namespace poolmark::detail
