// The options of object_pool, set at compile time, as one template argument with designated initialisers:
//
//   constexpr pool_options checked{.checks = check::fast};
//
//   poolmark::object_pool<order>                                    grows, unchecked
//   poolmark::object_pool<order, checked>                           every release is checked
//   poolmark::object_pool<order, pool_options{.capacity = 4096, .when_exhausted = exhausted::null}>
//
// In a template, where a value depends on a parameter, g++ 12 wants the name: pool_options{.checks = Level}.
//
// Good for: saying only what differs from the default; a pool's promises are part of its type.
// Bad for:  what is known at run time only, such as a capacity read from a file.
#pragma once

#include <cstddef>
#include <cstdint>

namespace poolmark {

// What acquire() does when all slots of the pool's capacity are out.
enum class exhausted : std::uint8_t {
    grow,        // there is no capacity; throws std::bad_alloc when the upstream has no more memory
    null,        // returns null, also when the upstream has no more memory; pool_traits::gives_null says so
    throw_error, // throws pool_exhausted
    callback     // calls the function given to on_exhausted(); when that returns true it tries again, else it throws
};

// How much misuse a pool finds. docs/using-the-library.md says how to see what it costs.
enum class check : std::uint8_t {
    off,  // none: misuse is undefined behaviour, as with new and delete. 0 bytes an object.
    fast, // each release: double release, foreign, interior and other pools' pointers; leaks at the end. 4 bytes an object.
    full  // and the wrong thread, writes to released objects, and reports to valgrind. For tests.
};

enum class huge_pages : std::uint8_t {
    advise, // slabs of 2 MiB and more are aligned to 2 MiB, and the kernel is advised to back them with huge pages
    never   // the system's small pages: memory is resident, and given back by trim(), in smaller pieces
};

enum class slab_source : std::uint8_t {
    warm,  // slabs below 32 KiB by operator new; larger ones mapped, and kept for other pools when their pool ends: at
           // most 32 MiB in the whole process, which trim_slab_cache() gives back
    pages, // mapped from the kernel, always, and given back to it at once; they begin as zeros
    heap   // operator new
};

enum class trims : std::uint8_t {
    when_called, // memory goes back in trim() and at the end of the pool
    by_itself    // also within release() and destroy(), some time after a peak: when an eighth of the slots or fewer were out
                // for as many releases as there are slots. No thread and no clock; a subtraction and a branch a release.
};

struct pool_options {
    std::size_t capacity = 0; // the most objects out at once; 0: no limit. Needs a policy other than grow.
    exhausted when_exhausted = exhausted::grow;
    check checks = check::off;
    huge_pages huge = huge_pages::advise;
    poolmark::trims trims = poolmark::trims::when_called;
    slab_source source = slab_source::warm; // a source of one's own is object_pool's third argument
};

} // namespace poolmark
