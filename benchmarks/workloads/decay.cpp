// decay — a heap that has been full, and what it keeps and costs afterwards.
//
// Question:  what does a heap keep of memory that was used for other sizes before, or that has been freed at random?
// Models:    servers between two loads, batch programs between two phases, editors after a large file was closed.
// Favours:   heaps that serve one size with what another one left, and that give pages back without being called.
// Ignores:   threads, how fast the phases pass. `phases`: eight phases fill so many MiB, each with sizes from another
//            eighth of 8 B to 16 KiB, replace a quarter of the blocks in random pairs and free all but the last phase's:
//            the peak against these is the blow-up. `scattered`: so many of all these sizes, of which 95 % are freed
//            at random; what is kept 0.1, 1 and 5 s later is to be compared with a twentieth. The sizes are those of
//            allocbench's blow-up benchmark, which replaces 100,000 blocks a phase; here it is fewer, so that a heap
//            that never frees can take part. Pairs are timed in the last phase, and in what was left.
#include "benchmarks/harness/block_sizes.hpp"
#include "benchmarks/harness/heap_slots.hpp"

#include <algorithm>
#include <array>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint32_t smallest = 8;
constexpr std::uint32_t largest = 16 * 1024;
constexpr std::uint32_t bands = 8;
constexpr std::array<std::uint32_t, bands> order{7, 3, 6, 2, 5, 1, 4, 0}; // large and small in turn, the smallest at the end
constexpr std::size_t stream_steps = std::size_t{1} << 16U;
constexpr std::uint64_t pairs_per_iteration = 64;

heap_stream stream_of(std::uint64_t bytes, std::uint32_t least, std::uint32_t most, double share) {
    random_source chance(workload_seed + least);
    const auto blocks = static_cast<std::size_t>(
        bounded_live(static_cast<std::int64_t>(2 * bytes / (std::uint64_t{least} + most))));
    heap_stream made{.places = blocks, .filling = table<heap_step>(blocks), .steps = table<heap_step>(stream_steps)};
    const table<std::uint32_t> places = shuffled_indices(blocks); // so that a place says nothing about an address
    for (std::size_t i = 0; i != blocks; ++i) {
        made.filling[i] = {places[i], uniform_size(chance, least, most)};
    }
    const auto among = static_cast<std::uint64_t>(share * static_cast<double>(blocks));
    for (heap_step& each : made.steps) { // all of them go to that share of the places
        each = {static_cast<std::uint32_t>(chance.below(among)), uniform_size(chance, least, most)};
    }
    return made;
}

template <class Heap>
class decaying_subject final : public subject, public memory_measurable {
public:
    explicit decaying_subject(const parameters& where) : scattered_(where.word("kind") == "scattered") {
        const std::uint64_t bytes = static_cast<std::uint64_t>(where.number("mib")) << 20U;
        if (scattered_) {
            phases_.emplace_back(stream_of(bytes, smallest, largest, left_share));
        } else {
            constexpr std::uint32_t width = (largest - smallest) / bands;
            for (const std::uint32_t band : order) {
                phases_.emplace_back(stream_of(bytes, smallest + band * width, smallest + (band + 1) * width, 1));
            }
        }
    }

    std::uint64_t verify() override {
        if (!filled_) {
            build();
            if (scattered_) {
                free_most();
            }
        }
        digest seen;
        for (std::size_t left = last().size(); left != 0; --left) {
            last().step(seen);
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t left = iterations * pairs_per_iteration; left != 0; --left) {
            last().step();
        }
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return pairs_per_iteration; }

    [[nodiscard]] std::size_t usual_objects() const override { return phases_.back().size(); }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override {
        for (heap_slots<Heap>& phase : phases_) {
            phase.fill();
            if (scattered_) {
                break;
            }
            for (std::size_t left = phase.size() / 4; left != 0; --left) {
                phase.step();
            }
            if (&phase != &last()) {
                phase.drain();
            }
        }
        filled_ = true;
    }
    [[nodiscard]] object_sizes sizes() override {
        return mean_sizes(last().live_bytes(), last().live());
    }
    void release() override {
        if (scattered_) {
            free_most();
        } else {
            last().drain();
            filled_ = false;
        }
    }

private:
    static constexpr double left_share = 0.05;

    [[nodiscard]] heap_slots<Heap>& last() { return phases_.back(); }
    void free_most() { // the pairs that follow are among the rest
        last().drain(static_cast<std::size_t>(left_share * static_cast<double>(last().size())));
    }

    bool scattered_;
    bool filled_ = false;
    std::deque<heap_slots<Heap>> phases_;
};

const registration registered{{
    .name = "decay",
    .question = "What does a heap keep of memory that was used for other sizes, or freed at random?",
    .operation = "free a random block and allocate another in its place, in a heap that has been full: after eight phases "
                 "of other sizes, or when 95 % were freed at random",
    .models = "servers between two loads, programs that work in phases",
    .favours = "heaps that serve one size with what another one left",
    .ignores = "threads, how fast the phases pass",
    .from = preset::heaps,
    .strategies = heap_strategies<decaying_subject>(),
    .points = {{.where = {{"kind", "phases"}, {"mib", 8}}, .memory = true, .gives_back = true},
               {.where = {{"kind", "scattered"}, {"mib", 16}}, .memory = true, .gives_back = true},
               {.where = {{"kind", "phases"}, {"mib", 100}}, .from = preset::full, .memory = true, .gives_back = true},
               {.where = {{"kind", "scattered"}, {"mib", 100}}, .from = preset::full, .memory = true, .gives_back = true}},
}};

} // namespace
} // namespace poolmark::benchmarks
