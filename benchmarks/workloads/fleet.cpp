// fleet — births and deaths of blocks by a table of sizes, rates and live bytes, as in profiles of whole data centres.
//
// Question:  what does a heap cost in a large server: mostly small blocks, lives from moments to forever?
// Models:    servers after hours of work: a heap that is full of old blocks, with short-lived ones coming and going.
// Favours:   heaps whose fast path is short for small sizes, and that keep old and young blocks from mixing.
// Ignores:   other threads, blocks above 64 KiB, the program's own work. Heap sizes are those of the published
//            fleetbench, the size table lies within its profiles (block_sizes.hpp). Every power of two, up to the
//            length of the trace, is as likely as any other to be how long a block lives: a heavy tail. The rest of the
//            heap never dies. The original gives blocks back by sized delete; this one calls free(), because it asks
//            about malloc's interface. The original replays its trace 50 times before the memory is in a steady state;
//            this trace ends as it began, and four replays before the clock starts are enough.
#include "benchmarks/harness/block_sizes.hpp"
#include "benchmarks/harness/heap_slots.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace poolmark::benchmarks {
namespace {

constexpr std::int64_t usual_births = std::int64_t{1} << 19U;
constexpr std::int64_t published_mib = 93; // the smaller of the two heaps of the published benchmark
constexpr std::size_t replays = 4;

// A stretch of time that ends as it began: a block that is alive at its end is alive at its beginning, at the same place.
// Each birth and each death is one step.
class circular_trace {
public:
    circular_trace(std::size_t births, std::uint64_t heap_bytes)
        : births_(births), octaves_(static_cast<unsigned>(std::countr_zero(2 * births))), blocks_(births) {
        draw_lives();
        add_immortals(heap_bytes);
        write_steps();
    }

    [[nodiscard]] heap_stream stream() && {
        for (std::size_t left = filling_.size(); left > 1; --left) { // sizes lie side by side as they come, not sorted
            std::swap(filling_[left - 1], filling_[chance_.below(left)]);
        }
        const std::size_t warming = replays * steps_.size();
        return {.places = places_, .filling = std::move(filling_), .steps = std::move(steps_), .taken = when_taken::free,
                .touched = true, .steps_before_the_clock = warming};
    }

private:
    static constexpr std::uint64_t moments = std::uint64_t{1} << 16U; // in a step, so that few events are at the same time
    static constexpr unsigned index_bits = 20;

    struct block {
        std::uint32_t bytes;
        std::uint32_t place;
        bool wraps; // alive at the beginning and at the end
    };

    [[nodiscard]] std::uint32_t size_in(const size_range& range) {
        return uniform_size(chance_, range.smallest, range.largest);
    }

    void draw_lives() {
        const std::uint64_t length = 2 * births_ * moments;
        events_.reserve(2 * births_);
        for (std::size_t i = 0; i != births_; ++i) {
            const std::size_t range = fleet_range(chance_);
            const std::uint64_t born = chance_.below(length);
            const std::uint64_t octave = moments << chance_.below(octaves_);
            const std::uint64_t dies = born + octave + chance_.below(octave);
            block& made = blocks_[i];
            made = {.bytes = size_in(fleet_sizes[range]), .place = 0, .wraps = dies >= length};
            events_.push_back(born << (index_bits + 1) | i << 1U);
            events_.push_back((dies % length) << (index_bits + 1) | i << 1U | 1U);
            if (made.wraps) {
                keep_at_own_place(made);
                live_[range] += made.bytes;
            }
        }
        std::ranges::sort(events_);
    }

    void add_immortals(std::uint64_t heap_bytes) {
        for (std::size_t range = 0; range != fleet_sizes.size(); ++range) {
            const std::uint64_t asked = heap_bytes * fleet_sizes[range].live_bytes / 1000;
            while (live_[range] < asked) {
                block immortal{.bytes = size_in(fleet_sizes[range]), .place = 0, .wraps = true};
                keep_at_own_place(immortal);
                live_[range] += immortal.bytes;
            }
        }
    }

    void keep_at_own_place(block& one) {
        one.place = places_++;
        filling_.push_back({one.place, one.bytes});
    }

    void write_steps() {
        table<std::uint32_t> empty;
        steps_.reserve(events_.size());
        for (const std::uint64_t event : events_) {
            block& one = blocks_[event >> 1U & ((std::uint64_t{1} << index_bits) - 1)];
            const bool death = (event & 1U) != 0;
            if (!one.wraps && !death) {
                if (empty.empty()) {
                    empty.push_back(places_++);
                }
                one.place = empty.back();
                empty.pop_back();
            }
            if (!one.wraps && death) {
                empty.push_back(one.place);
            }
            steps_.push_back({one.place, one.bytes});
        }
    }

    std::size_t births_;
    unsigned octaves_;
    random_source chance_{workload_seed};
    table<block> blocks_;
    table<std::uint64_t> events_; // when, which block, and whether it dies
    std::array<std::uint64_t, fleet_sizes.size()> live_{};
    std::uint32_t places_ = 0;
    table<heap_step> filling_;
    table<heap_step> steps_;
};

heap_stream stream_of(const parameters& where, std::size_t /*thread*/) {
    const std::int64_t mib = where.number("mib");
    const std::int64_t wanted = std::min(usual_births, usual_births * mib / published_mib); // of a smaller heap a shorter trace
    const std::size_t births = std::bit_floor(static_cast<std::size_t>(bounded_live(wanted)));
    const std::uint64_t heap_bytes = static_cast<std::uint64_t>(mib) << 20U;
    return circular_trace(births, heap_bytes / (std::bit_floor(static_cast<std::size_t>(wanted)) / births)).stream();
}

template <class Heap>
using fleet_subject = heap_slots_subject<Heap, stream_of>;

const registration registered{{
    .name = "fleet",
    .question = "What does a heap cost in a large server, where most blocks are small and some never die?",
    .operation = "the next event of a trace of births and deaths: allocate a block and write to each of its lines, or "
                 "free one",
    .models = "servers after hours of work: a heap full of old blocks, with short-lived ones coming and going",
    .favours = "heaps whose fast path is short for small sizes, and that keep old and young blocks apart",
    .ignores = "other threads, blocks above 64 KiB, sized deletes, the program's own work",
    .from = preset::heaps,
    .strategies = heap_strategies<fleet_subject>(),
    .points = {{.where = {{"mib", 24}}, .memory = true, .latency = true},
               {.where = {{"mib", published_mib}}, .from = preset::full, .memory = true},
               {.where = {{"mib", 616}}, .from = preset::full, .memory = true, .needs_mib = 1000}},
}};

} // namespace
} // namespace poolmark::benchmarks
