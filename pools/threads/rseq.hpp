// Arrays of blocks for each CPU, pushed and popped without an atomic instruction: restartable sequences.
//
//   area ──► CPU 0 [ count | block* block* block*      ]
//            CPU 1 [ count | block*                    ]
//
// A sequence reads which CPU it runs on, and ends with one store to that CPU's count. When the kernel interrupts the
// thread or moves it in between, it continues at the abort address instead, and the caller starts again: so whoever
// gets to the store was alone on its CPU all the time. glibc registers each thread with the kernel; where it does
// not (valgrind, some sandboxes, GLIBC_TUNABLES=glibc.pthread.rseq=0, other processors), available() is false.
//
// Good for: state that many threads share and few CPUs touch.
// Bad for:  anything that takes more than one store to commit; code that is unloaded while its threads live on, since
//           a thread's last sequence stays named until the kernel or the next sequence looks.
// Complexity: O(1), the bulk ones O(count). Bytes: none of its own.
// Threads:  any.
#pragma once

#include "pools/memory/sanitizers.hpp"

#include <cstddef>
#include <cstdint>

// MemorySanitizer does not see what assembly writes and would call it uninitialised: there as well, none is available.
#if !defined(POOLMARK_HAS_MSAN) && defined(__x86_64__) && defined(__GNUC__) && __has_include(<sys/rseq.h>)
#define POOLMARK_HAS_RSEQ 1
#include <sys/rseq.h>
#endif

namespace poolmark::detail {

// `cpus` arrays of `Capacity` blocks, `Stride` bytes apart.
template <std::size_t Capacity, std::size_t Stride>
struct cpu_blocks {
    std::byte* area = nullptr;
    std::uint32_t cpus = 0;

    static_assert(Stride >= (Capacity + 1) * sizeof(void*));

    // What became of it: `elsewhere` is a CPU that has no array here, or a thread that the kernel does not know of.
    enum class outcome { done, refused, elsewhere };

#ifdef POOLMARK_HAS_RSEQ

    [[nodiscard]] static bool available() noexcept { return __rseq_size != 0; }

// The prologue: names the sequence 1 to 2 with the abort address 3, and leaves in %rax the array of this CPU. The
// kernel jumps to an abort address only where the signature stands before it. The `?` puts the sections with the
// function, so that they go where it goes when the linker drops one of its copies. All of them are volatile: GCC
// 12 drops an `asm goto` whose output nobody reads, together with the jumps to its labels.
#define POOLMARK_RSEQ_BEGIN                                                                                      \
    ".pushsection __rseq_cs, \"aw?\"\n\t.balign 32\n771:\n\t.long 0, 0\n\t.quad 772f, 773f - 772f, 774f\n\t"     \
    ".popsection\n\t.pushsection __rseq_failure, \"ax?\"\n\t.byte 0x0f, 0xb9, 0x3d\n\t.long "                    \
    "0x53053053\n774:\n\t"                                                                                       \
    "jmp %l[interrupted]\n\t.popsection\n\t"                                                                     \
    "leaq 771b(%%rip), %%rax\n\tmovq %%rax, %%fs:8(%[rseq])\n772:\n\t"                                           \
    "movl %%fs:4(%[rseq]), %%eax\n\tcmpl %[cpus], %%eax\n\tjae %l[elsewhere]\n\t"                                \
    "imulq %[stride], %%rax, %%rax\n\taddq %[area], %%rax\n\tmovq (%%rax), %%rcx\n\t"
#define POOLMARK_RSEQ_INPUTS                                                                                     \
    [rseq] "r"(__rseq_offset), [cpus] "r"(cpus), [area] "r"(area), [stride] "i"(Stride), [capacity] "i"(Capacity)
// All of it: `text` ends with the store that commits, at label 3; `inputs` in parentheses; then the registers it changes
// beside those of the prologue.
#define POOLMARK_RSEQ_LIST(...) __VA_ARGS__
#define POOLMARK_RSEQ_RUN(text, output, inputs, ...)                                                             \
    while (true) {                                                                                               \
        asm volatile goto(POOLMARK_RSEQ_BEGIN text                                                               \
                          : output                                                                               \
                          : POOLMARK_RSEQ_INPUTS POOLMARK_RSEQ_LIST inputs                                       \
                          : "rax", "rcx", "memory", __VA_ARGS__                                                  \
                          : interrupted, elsewhere, refused);                                                    \
        return outcome::done;                                                                                    \
    interrupted:;                                                                                                \
    }                                                                                                            \
    elsewhere:                                                                                                   \
    return outcome::elsewhere;                                                                                   \
    refused:                                                                                                     \
    return outcome::refused;

    // Null with `refused` when this CPU's array is empty.
    [[nodiscard, gnu::__always_inline__]] outcome pop(void*& taken) const noexcept {
        POOLMARK_RSEQ_RUN("testq %%rcx, %%rcx\n\tjz %l[refused]\n\t"
                          "movq (%%rax,%%rcx,8), %[taken]\n\tdecq %%rcx\n\t"
                          "movq %%rcx, (%%rax)\n773:",
                          [taken] "=&r"(taken), (), "cc")
    }

    [[nodiscard, gnu::__always_inline__]] outcome push(void* given) const noexcept {
        POOLMARK_RSEQ_RUN("cmpq %[capacity], %%rcx\n\tjae %l[refused]\n\tincq %%rcx\n\t"
                          "movq %[given], (%%rax,%%rcx,8)\n\t"
                          "movq %%rcx, (%%rax)\n773:",
                          , (, [given] "r"(given)), "cc")
    }

    // All `count` or none.
    [[nodiscard]] outcome pop_many(void** into, std::size_t count) const noexcept {
        POOLMARK_RSEQ_RUN("subq %[count], %%rcx\n\tjb %l[refused]\n\tmovq %%rcx, %%rdx\n\t"
                          "leaq 8(%%rax,%%rcx,8), %%rsi\n\tmovq %[into], %%rdi\n\t"
                          "movq %[count], %%rcx\n\trep movsq\n\t"
                          "movq %%rdx, (%%rax)\n773:",
                          , (, [into] "r"(into), [count] "r"(count)), "rdx", "rsi", "rdi", "cc")
    }

    [[nodiscard]] outcome push_many(void* const* from, std::size_t count) const noexcept {
        POOLMARK_RSEQ_RUN("leaq (%%rcx,%[count]), %%rdx\n\tcmpq %[capacity], %%rdx\n\tja %l[refused]\n\t"
                          "leaq 8(%%rax,%%rcx,8), %%rdi\n\tmovq %[from], %%rsi\n\t"
                          "movq %[count], %%rcx\n\trep movsq\n\t"
                          "movq %%rdx, (%%rax)\n773:",
                          , (, [from] "r"(from), [count] "r"(count)), "rdx", "rsi", "rdi", "cc")
    }

#undef POOLMARK_RSEQ_RUN
#undef POOLMARK_RSEQ_LIST
#undef POOLMARK_RSEQ_BEGIN
#undef POOLMARK_RSEQ_INPUTS

#else

    [[nodiscard]] static bool available() noexcept { return false; }
    [[nodiscard]] outcome pop(void*& /*taken*/) const noexcept { return outcome::elsewhere; }
    [[nodiscard]] outcome push(void* /*given*/) const noexcept { return outcome::elsewhere; }
    [[nodiscard]] outcome pop_many(void** /*into*/, std::size_t /*count*/) const noexcept {
        return outcome::elsewhere;
    }
    [[nodiscard]] outcome push_many(void* const* /*from*/, std::size_t /*count*/) const noexcept {
        return outcome::elsewhere;
    }

#endif
};

} // namespace poolmark::detail
