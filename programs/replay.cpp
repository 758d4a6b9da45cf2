// Replays a file of operations once, in this process and on its heap: `poolmark-program replay NAME.ops`. One process is one sample, as it
// is of the program that was recorded: no memory is there that an earlier replay left. JSON on standard output; equal work says so by its digest.
#include "programs/commands.hpp"
#include "benchmarks/harness/replay/replayer.hpp"

#include <cstdio>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

namespace poolmark::programs {
namespace {

using namespace replaying;

std::uint64_t cpu_now() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

// CPU time is what counts here, and what the program did while its threads waited is not known: a thread that waits sleeps. It sleeps for
// long enough to find more than one block then.
struct sleeping {
    template <class Condition>
    void operator()(Condition&& fulfilled) const {
        for (unsigned looks = 0; !fulfilled(); ++looks) {
            if (looks >= 64) {
                const timespec moment{0, 100'000};
                ::nanosleep(&moment, nullptr);
            }
        }
    }
};

template <class Work>
void side_by_side(std::uint32_t threads, Work work) {
    std::vector<std::jthread> others;
    others.reserve(threads);
    for (std::uint32_t number = 1; number < threads; ++number) {
        others.emplace_back([&work, number] { work(number); });
    }
    work(0);
}

} // namespace

int replay(char** words) {
    if (words[0] == nullptr) {
        return complain("replay: no file");
    }
    try {
        const ops_file file(words[0]);
        const std::uint32_t threads = file.head().threads;
        replayer<process_heap_again, sleeping> again(file);
        const std::uint64_t begun = cpu_now();
        side_by_side(threads, [&](std::uint32_t number) { again.play(number); });
        const std::uint64_t worked = cpu_now() - begun;
        side_by_side(threads, [&](std::uint32_t number) { again.give_rest(number); });
        std::printf("{\"cpu_ns\": %lu, \"digest\": \"%016lx\"}\n", worked, again.take_digest());
        return 0;
    } catch (const bad_ops& why) {
        return complain(why.what());
    } catch (const std::bad_alloc&) {
        return complain("replay: the heap refused a request");
    }
}

} // namespace poolmark::programs
