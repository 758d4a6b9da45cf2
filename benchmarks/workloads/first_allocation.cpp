// first_allocation — new threads wait for each other, then each allocates for the first time, frees it and ends.
//
// Question:  what does a thread's first allocation cost when all threads make theirs at once, and how much memory does
//            the heap set up for each of them?
// Models:    short tasks with a thread each, parallel loops that start a thread for each CPU.
// Favours:   heaps that set up little for a thread, late, and not under one lock.
// Ignores:   every allocation after the first (thread_generations). As in snmalloc's start-up benchmark. Most of the time
//            is the births and deaths of the threads, and those allocate and free in the heap as well, by the library:
//            no_heap is what they take without the block. The times of single operations are those of the first
//            allocation and its release alone, in each thread. Memory is that of living threads with a block each, with
//            the touched part of their stacks.
#include "benchmarks/harness/generations.hpp"
#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/per_operation.hpp"

#include <atomic>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t threads_timed_first = 100;
constexpr std::size_t most_timed = 1000; // births take longer than what is timed

template <class Heap>
class beginning_subject final : public subject, public memory_measurable, public per_operation {
public:
    explicit beginning_subject(const parameters& where) : members_(static_cast<std::size_t>(where.number("threads"))) {}
    ~beginning_subject() override { release(); }
    beginning_subject(const beginning_subject&) = delete;
    beginning_subject& operator=(const beginning_subject&) = delete;

    std::uint64_t verify() override {
        run(2);
        digest all;
        for (const member& each : members_) {
            all.add(Heap::gives_memory ? each.seen : 0);
        }
        return all.value();
    }
    void run(std::uint64_t iterations) override {
        for (; iterations != 0; --iterations) {
            arrived_.store(0, std::memory_order_relaxed);
            generations(1, members_.size(), [this](std::size_t k) {
                meet();
                void* const block = make(k);
                if constexpr (Heap::gives_memory) {
                    members_[k].seen += stamp_of(block);
                }
                Heap::give(block);
            });
        }
    }
    // The thread that bears the others shares a CPU with them.
    void rest() override { outlive_the_dead(); }
    [[nodiscard]] bool oversubscribed() const override { return true; }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return members_.size(); }

    [[nodiscard]] std::size_t usual_objects() const override { return members_.size(); }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override {
        arrived_.store(0, std::memory_order_relaxed);
        done_.store(0, std::memory_order_relaxed);
        may_end_.store(false, std::memory_order_relaxed);
        for (std::size_t k = 0; k != members_.size(); ++k) {
            waiting_.emplace_back([this, k] {
                place_thread(k);
                meet();
                void* const block = make(k);
                done_.fetch_add(1, std::memory_order_release);
                may_end_.wait(false, std::memory_order_acquire);
                Heap::give(block);
            });
        }
        spin_until([&] { return done_.load(std::memory_order_acquire) == members_.size(); });
    }
    [[nodiscard]] object_sizes sizes() override {
        return {.requested_bytes = block_bytes, .usable_bytes = {}, .sizeof_bytes = block_bytes, .payload_bytes = block_bytes};
    }
    void release() override {
        may_end_.store(true, std::memory_order_release);
        may_end_.notify_all();
        waiting_.clear();
    }

    [[nodiscard]] std::size_t live_objects() const override { return threads_timed_first; }
    void time_operations(single_times& times) override {
        for (std::size_t left = threads_timed_first; left != 0; --left) {
            times.grown(time_one(times).taking);
        }
        for (std::size_t left = times.operations(); left != 0 && times.timed() != most_timed; --left) {
            if (times.due()) {
                const times_of_one now = time_one(times);
                times.replaced(now.giving, now.taking);
            }
        }
    }

private:
    struct times_of_one {
        std::uint64_t taking = 0;
        std::uint64_t giving = 0;
    };
    struct alignas(128) member {
        std::uint64_t seen = 0;
        times_of_one ticks;
    };

    // All of a generation are there before the first one goes on.
    void meet() {
        arrived_.fetch_add(1, std::memory_order_acq_rel);
        spin_until([&] { return arrived_.load(std::memory_order_acquire) == members_.size(); });
    }
    static void* make(std::size_t k) {
        void* const block = Heap::take(block_bytes);
        touch(block, block_bytes, k + 1);
        barrier();
        return block;
    }
    // Of a generation, the first thread's.
    times_of_one time_one(const single_times& times) {
        arrived_.store(0, std::memory_order_relaxed);
        generations(1, members_.size(), [&](std::size_t k) {
            meet();
            const std::uint64_t begin = times.now();
            void* const block = make(k);
            const std::uint64_t middle = times.now();
            Heap::give(block);
            members_[k].ticks = {.taking = middle - begin, .giving = times.now() - middle};
        });
        return members_[0].ticks;
    }

    std::vector<member> members_;
    std::vector<std::jthread> waiting_;
    std::atomic<std::size_t> arrived_{0};
    std::atomic<std::size_t> done_{0};
    std::atomic<bool> may_end_{false};
};

const registration registered{{
    .name = "first_allocation",
    .question = "What does a thread's first allocation cost when all threads make theirs at once?",
    .operation = "start a thread, let it wait for all others, allocate 64 bytes, write to them, free them and end: the wall time of a "
                 "generation, divided by its threads",
    .models = "short tasks with a thread each, parallel loops that start a thread for each CPU",
    .favours = "heaps that set up little for a thread, late, and not under one lock",
    .ignores = "every allocation after the first",
    .from = preset::heaps,
    .strategies = heap_strategies<beginning_subject>(),
    .points =
        [] {
            std::vector<point> points;
            for (const std::int64_t threads : thread_counts()) {
                points.push_back({.where = {{"threads", threads}},
                                  .from = threads == 2 ? preset::quick : preset::full,
                                  .memory = true,
                                  .latency = true});
            }
            return points;
        }(),
}};

} // namespace
} // namespace poolmark::benchmarks
