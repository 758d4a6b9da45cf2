// Asks for the frames above calls of every shape, in two ways: by the tables, and by the compiler's own unwinder. Says how often the answers
// were equal, and how often not: run by tests/scripts/test_program_recorder.py.
#include "programs/frames.hpp"

#include <alloca.h>
#include <signal.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace poolmark::programs;

thread_local std::unique_ptr<frame_rules> rules;
int equal = 0;
int different = 0;
int again = 0;
int deepest = 0;

[[gnu::noinline]] void hook() {
    const auto* const frame = static_cast<const frame_record*>(__builtin_frame_address(0));
    const void *ours[max_frames], *theirs[max_frames];
    const int count = rules->walk(frame, ours, max_frames);
    const bool same = walk_slowly(frame->caller, theirs, max_frames) == count && std::memcmp(ours, theirs, sizeof *ours * static_cast<std::size_t>(count)) == 0;
    ++(same ? equal : different);
    // What is told to be the same walk again has to have the same answer. Numbers are those of the answers.
    const std::vector<const void*> answer(theirs, theirs + count);
    static std::map<std::vector<const void*>, std::uint32_t> numbers;
    const auto place = numbers.try_emplace(answer, static_cast<std::uint32_t>(numbers.size() + 1)).first;
    if (const std::uint32_t known = rules->same(frame); known != 0) {
        ++again;
        different += known != place->second;
    }
    rules->keep(place->second);
    deepest = std::max(deepest, count);
}

void begin_thread() {
    rules = std::make_unique<frame_rules>();
    rules->learn_stack();
}

template <class T>
void keep(T* object) {
    asm volatile("" : : "r"(object) : "memory");
}

[[gnu::noinline]] void with_alloca(int bytes) {
    void* const room = alloca(static_cast<std::size_t>(bytes));
    keep(room);
    hook();
    keep(room);
}

[[gnu::noinline]] void with_alignment(int depth) {
    alignas(64) char aligned[128];
    keep(aligned);
    hook();
    if (depth != 0) {
        with_alignment(depth - 1);
    }
    keep(aligned);
}

[[gnu::noinline]] void with_alignment_and_alloca(int bytes) {
    alignas(64) char aligned[64];
    keep(aligned);
    with_alloca(bytes);
    keep(alloca(static_cast<std::size_t>(bytes)));
    with_alloca(bytes / 2);
    keep(aligned);
}

// Two ways to one place of the stack. What the other way left there looks like frames, if nobody asks where the frame pointer points.
template <int Way>
[[gnu::noinline]] void one_way(int mine, int rest) {
    void* const room = alloca(static_cast<std::size_t>(mine));
    asm volatile("" : : "r"(room), "i"(Way) : "memory");
    with_alloca(rest);
    keep(room);
}
void (*volatile ways[])(int, int) = {one_way<0>, one_way<1>};

[[gnu::noinline]] int recursive(int depth) {
    const int found = depth == 0 ? 0 : recursive(depth - 1) + (depth % 3 == 0 ? recursive(depth / 2) : 0);
    hook();
    return found + 1;
}

[[gnu::noinline]] void many_arguments(long a, long b, long c, long d, long e, long f, long g, long h, long i) {
    hook();
    keep(reinterpret_cast<void*>(a + b + c + d + e + f + g + h + i));
}

[[gnu::noinline]] void with_exceptions(int value) {
    const std::string text(static_cast<std::size_t>(value % 90), 'x');
    try {
        hook();
        if (value % 2 == 0) {
            throw std::runtime_error(text);
        }
    } catch (const std::exception& problem) {
        hook();
        keep(problem.what());
    }
    hook();
}

int compare(const void* a, const void* b) {
    hook();
    return *static_cast<const int*>(a) - *static_cast<const int*>(b);
}

void every_shape() {
    for (int i = 1; i < 60; ++i) {
        with_alloca(i * 24);
        for (int k = 0; k < 4; ++k) {
            ways[k % 2](k % 2 == 0 ? 512 : 64, k % 2 == 0 ? 64 : 512);
        }
        with_alignment(i % 7);
        with_alignment_and_alloca(i * 8);
        recursive(i % 12);
        many_arguments(i, 2, 3, 4, 5, 6, 7, 8, 9);
        with_exceptions(i);
        std::vector<int> numbers(static_cast<std::size_t>(i), i);
        std::qsort(numbers.data(), numbers.size(), sizeof(int), compare); // the C library between two frames of ours
        const std::function<void(int)> kept = [&](int depth) { depth == 0 ? hook() : kept(depth - 1); };
        kept(i % 20);
    }
}

ucontext_t outside, inside;

void of_a_signal(int) { hook(); }

} // namespace

int main() {
    begin_thread();
    every_shape();
    std::thread([] {
        begin_thread();
        every_shape();
    }).join();
    ::signal(SIGUSR1, of_a_signal);
    ::raise(SIGUSR1);
    static char stack[1 << 18];
    ::getcontext(&inside);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = sizeof stack;
    inside.uc_link = &outside;
    ::makecontext(&inside, every_shape, 0);
    ::swapcontext(&outside, &inside);
    std::printf("%d equal, %d different, %d deep, %d again\n", equal, different, deepest, again);
}
