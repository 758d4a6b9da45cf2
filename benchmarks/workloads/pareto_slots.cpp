// pareto_slots — many places of which a few are used most of the time; a step fills an empty place or empties a full one.
//
// Question:  what does a block cost in a large population that is used unevenly?
// Models:    caches, connection tables and indexes: much is live, most of the traffic goes to little of it.
// Favours:   heaps that keep recently freed blocks at hand, and small blocks close together.
// Ignores:   other threads, blocks larger than 64 KiB, what is read between the steps. Places and sizes are those of
//            the published alloc-test: 2^18 or 2^25 places, chosen by a Pareto rule of 80/20 applied six times; size
//            class k as often as 2^-(k+1), up to 1 KiB or 64 KiB. Half of the places are full. `access` is how much of
//            a new block is written: its first word, or a word in each line.
#include "benchmarks/harness/block_sizes.hpp"
#include "benchmarks/harness/heap_slots.hpp"

#include <algorithm>
#include <bit>

namespace poolmark::benchmarks {
namespace {

// 80 % of the draws go to the first 20 % of the places, 80 % of those to the first 20 % of these, and so on; and the same
// for what is left over each time.
std::uint32_t pareto_place(random_source& chance, std::size_t places) {
    double begin = 0;
    double width = 1;
    for (int level = 0; level != 6; ++level) {
        const bool favoured = chance.below(5) < 4;
        begin += favoured ? 0 : width * 0.2;
        width *= favoured ? 0.2 : 0.8;
    }
    const double at = (begin + width * fraction(chance)) * static_cast<double>(places);
    return std::min(static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(places - 1));
}

heap_stream stream_of(const parameters& where, std::size_t thread) {
    constexpr std::size_t most_steps = std::size_t{1} << 24U;
    const auto places = static_cast<std::size_t>(bounded_live(where.number("slots")));
    const auto largest = static_cast<std::uint32_t>(where.number("largest"));
    random_source chance(workload_seed + thread);
    heap_stream made{.places = places,
                     .filling = table<heap_step>(places / 2),
                     .steps = table<heap_step>(std::min(std::bit_ceil(4 * places), most_steps)),
                     .taken = when_taken::free,
                     .touched = where.word("access") == "block",
                     .steps_before_the_clock = std::min(places, std::size_t{1} << 20U)};
    const table<std::uint32_t> order = shuffled_indices(places);
    for (std::size_t i = 0; i != made.filling.size(); ++i) {
        made.filling[i] = {order[i], halving_classes_size(chance, largest)};
    }
    for (heap_step& each : made.steps) {
        each = {pareto_place(chance, places), halving_classes_size(chance, largest)};
    }
    return made;
}

template <class Heap>
using toggling_subject = heap_slots_subject<Heap, stream_of>;

std::vector<point> points_of_pareto_slots() {
    constexpr std::int64_t some = std::int64_t{1} << 18U;
    constexpr std::int64_t many = std::int64_t{1} << 25U; // about 2 GiB
    return {{.where = {{"slots", some}, {"largest", 1024}, {"access", "block"}}, .memory = true, .latency = true},
            {.where = {{"slots", some}, {"largest", 1024}, {"access", "word"}}, .from = preset::full},
            {.where = {{"slots", some}, {"largest", 65'536}, {"access", "block"}}, .from = preset::full, .memory = true},
            {.where = {{"slots", many}, {"largest", 1024}, {"access", "block"}}, .from = preset::full, .needs_mib = 2500},
            {.where = {{"slots", many}, {"largest", 1024}, {"access", "word"}}, .from = preset::full, .needs_mib = 2500},
            {.where = {{"slots", many}, {"largest", 65'536}, {"access", "block"}}, .from = preset::full, .needs_mib = 2500}};
}

const registration registered{{
    .name = "pareto_slots",
    .question = "What does a block cost in a large population that is used unevenly?",
    .operation = "go to a place, by a Pareto rule: free the block that is there, or allocate one and write to it",
    .models = "caches, connection tables and indexes: much is live, most of the traffic goes to little of it",
    .favours = "heaps that keep recently freed blocks at hand, and small blocks close together",
    .ignores = "other threads, large blocks, what is read between the steps",
    .from = preset::heaps,
    .strategies = heap_strategies<toggling_subject>(),
    .points = points_of_pareto_slots(),
}};

} // namespace
} // namespace poolmark::benchmarks
