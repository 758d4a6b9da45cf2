// What all stores have in common: caches of texts that lie outside of this process, and so may be gone, slow or wrong.
//
//   this process ──► [ file | SQLite ]  on a disk     ──► [ Redis ]  in a process of its own
//
// A store that cannot be used at all (no such folder, no server) is a store that never hits: get() is a miss, put() is
// false, and problem() says why. Nothing here throws but std::bad_alloc.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"

#include <concepts>
#include <cstddef>
#include <string>

namespace poolmark {

// What a store promises beside being a cache.
struct store_traits {
    bool survives_reopen = false; // what was put is there when the store is made again
    bool thread_safe = false;     // any threads may call it at once
    bool exact_size = true;       // size() counts what is there, and not what was there lately
    bool needs_server = false;    // another process answers; it may die, hang or talk nonsense
};

//   get       the value, a copy; empty on a miss and on everything that is no hit: damage, another version, no answer
//   put       true once the store has it. False: the value before it may still be there, or none
//   erase     true when there was one. False is no promise where problem() is not empty
//   clear     as erase, for all
//   problem   why the last call could not do its work, one line; empty when it could. A miss is no problem
template <class S>
concept store = cache<S> && requires(S& s, const S& seen, const std::string& text) {
    requires std::same_as<typename S::key_type, std::string>;
    requires std::same_as<typename S::value_type, std::string>;
    { S::traits } -> std::convertible_to<const store_traits&>;
    { s.put(text, text) } -> std::same_as<bool>;
    { s.clear() } -> std::same_as<bool>;
    { seen.problem() } -> std::convertible_to<std::string>;
};

} // namespace poolmark
