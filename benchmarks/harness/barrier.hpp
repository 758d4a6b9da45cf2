// What keeps the compiler from optimising the question away.
#pragma once

namespace poolmark::benchmarks {

// The compiler must believe that everything in memory is read and written here. Stands between a release and the
// next acquire: inlined into one body, the two would otherwise be fused into nothing. Costs no instruction.
inline void barrier() noexcept { asm volatile("" ::: "memory"); }

// The pointer has left the compiler's sight, so what it points to must really be there: no new/delete pair can be
// removed, no store into the block skipped.
template <class T>
inline void escape(T*& pointer) noexcept {
    asm volatile("" : "+r"(pointer)::"memory");
}

// Makes a function one that the compiler must call, knowing no more of it than of one in a shared library.
#if defined(__GNUC__) && !defined(__clang__)
#define POOLMARK_OPAQUE [[gnu::noipa]]
#else
#define POOLMARK_OPAQUE [[gnu::noinline]]
#endif

// The compiler must have this very pointer here, and learns nothing else: what it knows of the rest of memory, a pool's
// own fields for one, it may keep in registers from one object to the next, as it would in a program's loop.
template <class T>
inline void keep(T*& pointer) noexcept {
    asm volatile("" : "+r"(pointer));
}

} // namespace poolmark::benchmarks
