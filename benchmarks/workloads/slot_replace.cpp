// slot_replace — threads replace random ones of their own blocks, of sizes as programs ask for them.
//
// Question:  which heap replaces blocks of mixed sizes the fastest, alone and with threads side by side?
// Models:    servers and interpreters in their steady state: many small blocks, few large ones, each thread its own.
// Favours:   heaps with a cache for each thread and sorted sizes.
// Ignores:   blocks that another thread frees (remote_flood, shared_slots), growth (build), what a heap keeps when
//            the blocks are gone (decay). Sizes and places are those of glibc's own benchmark of malloc with threads:
//            1,024 places, 4 to 32,768 bytes as often as 1/bytes^2; a word of each line is written, there all of them.
#include "benchmarks/harness/block_sizes.hpp"
#include "benchmarks/harness/heap_slots.hpp"

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t stream_steps = std::size_t{1} << 16U;

heap_stream stream_of(const parameters& where, std::size_t thread) {
    const auto places = static_cast<std::size_t>(where.number("slots"));
    random_source chance(workload_seed + thread);
    heap_stream made{.places = places, .filling = table<heap_step>(places), .steps = table<heap_step>(stream_steps)};
    for (std::size_t i = 0; i != places; ++i) {
        made.filling[i] = {static_cast<std::uint32_t>(i), inverse_square_size(chance)};
    }
    for (heap_step& each : made.steps) {
        each = {static_cast<std::uint32_t>(chance.below(places)), inverse_square_size(chance)};
    }
    return made;
}

template <class Heap>
using replacing_subject = heap_slots_subject<Heap, stream_of>;

std::vector<point> points_of_slot_replace() {
    std::vector<point> points;
    for (const std::int64_t threads : thread_counts()) {
        points.push_back({.where = {{"slots", 1024}, {"threads", threads}},
                          .from = threads <= 2 ? preset::quick : preset::full,
                          .latency = threads == 1});
    }
    points.push_back({.where = {{"slots", 100'000}, {"threads", 1}}, .memory = true, .latency = true, .littered = true});
    return points;
}

const registration registered{{
    .name = "slot_replace",
    .question = "Which heap replaces blocks of mixed sizes the fastest?",
    .operation = "free a random block of the thread's own, allocate one of another size in its place and write to each of "
                 "its lines: the wall time of all threads, divided by the blocks of all",
    .models = "servers and interpreters in their steady state: many small blocks, few large ones, each thread its own",
    .favours = "heaps with a cache for each thread",
    .ignores = "blocks that another thread frees, growth, what a heap keeps when the blocks are gone",
    .from = preset::heaps,
    .strategies = heap_strategies<replacing_subject>(),
    .points = points_of_slot_replace(),
}};

} // namespace
} // namespace poolmark::benchmarks
