// shared_slots — threads put new blocks into slots that all of them share, and free what they find there.
//
// Question:  what does a block cost whose freeing thread is whichever comes by?
// Models:    caches, tables and work lists that all threads of a program share: an entry is replaced by anybody.
// Favours:   heaps that free blocks of other threads cheaply one at a time, since nothing arrives in bulk.
// Ignores:   blocks that come from one thread alone (remote_flood), threads that come and go (thread_generations).
//            Slots and sizes are those of snmalloc's contention benchmark: 2^18 slots (here 2^16 too), 16 to 1,039 bytes.
//            With T threads, T - 1 of T blocks are freed by another thread than theirs; with one thread none is, to compare
//            with. A word of each line of a new block is written. The exchange of two addresses, mostly a miss of the
//            cache, is part of the time: no_heap is what it takes alone.
#include "benchmarks/harness/block_sizes.hpp"
#include "benchmarks/harness/heap_slots.hpp"
#include "benchmarks/harness/side_by_side.hpp"

#include <atomic>
#include <numeric>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t stream_steps = std::size_t{1} << 16U;
constexpr std::uint64_t exchanges_a_thread = 256; // in one iteration: more threads than CPUs take turns within it
constexpr std::uint32_t smallest = 16;
constexpr std::uint32_t largest = smallest + 1023;

template <class Heap>
class shared_slots_subject final : public side_by_side, public memory_measurable {
public:
    explicit shared_slots_subject(const parameters& where)
        : side_by_side(static_cast<std::size_t>(where.number("threads"))),
          slots_(static_cast<std::size_t>(bounded_live(where.number("slots")))), first_bytes_(slots_.size()), members_(threads()) {
        random_source chance(workload_seed);
        for (std::uint32_t& each : first_bytes_) {
            each = uniform_size(chance, smallest, largest);
        }
        for (member& each : members_) {
            each.steps = table<heap_step>(stream_steps);
            for (heap_step& next : each.steps) {
                next = {static_cast<std::uint32_t>(chance.below(slots_.size())), uniform_size(chance, smallest, largest)};
            }
        }
    }
    ~shared_slots_subject() override { release(); }
    shared_slots_subject(const shared_slots_subject&) = delete;
    shared_slots_subject& operator=(const shared_slots_subject&) = delete;

    std::uint64_t verify() override {
        if (!filled_) {
            build();
        }
        digest seen;
        for (member& each : members_) { // one after the other: only the times are about threads
            for (std::uint64_t left = 4 * exchanges_a_thread; left != 0; --left) {
                void* const block = exchange(each);
                if constexpr (Heap::gives_memory) {
                    seen.add(stamp_of(block));
                }
                Heap::give(block);
            }
        }
        return seen.value();
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return threads() * exchanges_a_thread; }

    [[nodiscard]] std::size_t usual_objects() const override { return slots_.size(); }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override {
        for (std::size_t i = 0; i != slots_.size(); ++i) {
            slots_[i].store(make(first_bytes_[i], i), std::memory_order_relaxed);
        }
        filled_ = true;
    }
    [[nodiscard]] object_sizes sizes() override {
        return mean_sizes(std::accumulate(first_bytes_.begin(), first_bytes_.end(), std::uint64_t{0}), slots_.size());
    }
    bool churn() override {
        run(1 + 2 * slots_.size() / operations_per_iteration());
        rest();
        return true;
    }
    void release() override {
        for (std::atomic<void*>& each : slots_) {
            if (void* const block = each.exchange(nullptr, std::memory_order_relaxed)) {
                Heap::give(block);
            }
        }
        filled_ = false;
    }

private:
    struct alignas(128) member {
        table<heap_step> steps;
        std::size_t at = 0;
    };

    static void* make(std::uint32_t bytes, std::uint64_t value) {
        void* const block = Heap::take(bytes);
        touch(block, bytes, value);
        return block;
    }
    // Puts a new block into the next slot. Returns what was there, which is the caller's to free.
    void* exchange(member& mine) {
        const heap_step& next = mine.steps[mine.at++ & (stream_steps - 1)];
        void* const block = make(next.bytes, mine.at);
        return slots_[next.place].exchange(block, std::memory_order_acq_rel);
    }
    void work(std::size_t thread, std::uint64_t iterations) override {
        member& mine = members_[thread];
        for (std::uint64_t left = iterations * exchanges_a_thread; left != 0; --left) {
            Heap::give(exchange(mine));
            barrier();
        }
    }

    table<std::atomic<void*>> slots_;
    table<std::uint32_t> first_bytes_;
    std::vector<member> members_;
    bool filled_ = false;
};

std::vector<point> points_of_shared_slots() {
    std::vector<point> points;
    for (const std::int64_t threads : thread_counts()) {
        points.push_back({.where = {{"slots", 1 << 18U}, {"threads", threads}}, .from = preset::full, .memory = threads <= 2});
    }
    points.push_back({.where = {{"slots", 1 << 16U}, {"threads", 2}}, .memory = true});
    return points;
}

const registration registered{{
    .name = "shared_slots",
    .question = "What does a block cost whose freeing thread is whichever comes by?",
    .operation = "allocate a block and write to each of its lines, exchange it with the one in a random slot that all threads "
                 "share, free that one: the wall time of all threads, divided by the blocks of all",
    .models = "caches, tables and work lists that all threads of a program share",
    .favours = "heaps that free blocks of other threads cheaply one at a time",
    .ignores = "blocks that come from one thread alone, threads that come and go",
    .from = preset::heaps,
    .strategies = heap_strategies<shared_slots_subject>(),
    .points = points_of_shared_slots(),
}};

} // namespace
} // namespace poolmark::benchmarks
