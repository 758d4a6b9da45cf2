// What a checked pool says when it ends while blocks of it are still out.
//
// Good for: finding who forgot to release; a program's own handler may abort, log, or count.
// Bad for:  errors: nothing is thrown, because a destructor reports. The blocks are gone either way.
#pragma once

#include "pools/memory/process.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <string_view>

namespace poolmark {

struct leak_report {
    static constexpr std::size_t most_addresses = 8;
    std::string_view pool;                              // the strategy's name
    std::size_t blocks = 0;                             // still out
    std::size_t bytes = 0;                              // of each
    std::array<const void*, most_addresses> addresses{}; // the first of them, lowest first; null beyond the last
};

using leak_handler = void (*)(const leak_report&) noexcept;

// One line on stderr.
inline void print_leaks(const leak_report& found) noexcept {
    std::fprintf(stderr, "poolmark: %.*s: %zu block%s of %zu bytes still out when the pool ended:",
                 static_cast<int>(found.pool.size()), found.pool.data(), found.blocks, found.blocks == 1 ? "" : "s",
                 found.bytes);
    for (const void* const address : found.addresses) {
        if (address != nullptr) {
            std::fprintf(stderr, " %p", address);
        }
    }
    std::fputs(found.blocks > leak_report::most_addresses ? " ...\n" : "\n", stderr);
}

namespace detail {
struct leak_handling {
    static constexpr const char* name_in_process = "leak handler 1";
    std::atomic<leak_handler> handler{nullptr}; // null: print_leaks, which each shared object has
};
inline void report_leak(const leak_report& found) noexcept {
    const leak_handler handler = process_wide<leak_handling>().handler.load();
    handler == nullptr ? print_leaks(found) : handler(found);
}
} // namespace detail

// Replaces the handler of the whole program and returns the one before it; null restores print_leaks.
// Threads: any.
inline leak_handler set_leak_handler(leak_handler handler) noexcept {
    const leak_handler before = detail::process_wide<detail::leak_handling>().handler.exchange(handler);
    return before == nullptr ? &print_leaks : before;
}

} // namespace poolmark
