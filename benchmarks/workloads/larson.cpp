// larson — threads replace blocks at random, and hand all that they have to a new thread before they die.
//
// Question:  which heap replaces blocks the fastest when threads inherit them from threads that are gone?
// Models:    servers that give each connection or batch of requests to a new thread: Larson and Krishnan's benchmark
//            of long-running servers (1998).
// Favours:   heaps that take the blocks of a dead thread as their own, with a cache for each thread.
// Ignores:   threads that exchange blocks while they live (shared_slots), blocks that only other threads free
//            (remote_flood). A round is as many replacements as a thread has slots. After `rounds` rounds the thread
//            makes its successor and dies, so one block in `rounds` was allocated by a thread that is gone: with 50
//            rounds 2 in 100. Births are part of the time of the rounds in which they happen, so not every epoch has
//            one. Only the first word of a block is written, there the first bytes. The set that is commonly
//            published, "5 8 1000 5000 100 4141 THREADS" (seconds, smallest, largest, blocks a thread, rounds, seed,
//            threads), is sizes=8_to_1000_bytes,slots=5000,rounds=100; seconds and seed are the harness's own.
#include "benchmarks/harness/block_sizes.hpp"
#include "benchmarks/harness/heap_slots.hpp"

#include <atomic>
#include <deque>
#include <stdexcept>
#include <string>
#include <thread>

namespace poolmark::benchmarks {
namespace {

constexpr std::int64_t most_stream_steps = std::int64_t{1} << 16U;

std::uint32_t largest_of(const std::string& sizes) {
    for (const std::uint32_t largest : {64U, 512U, 1000U}) {
        if (sizes == "8_to_" + std::to_string(largest) + "_bytes") {
            return largest;
        }
    }
    throw std::invalid_argument("larson: sizes are 8_to_64_bytes, 8_to_512_bytes or 8_to_1000_bytes");
}

heap_stream stream_of(const parameters& where, std::size_t thread) {
    const auto slots = static_cast<std::size_t>(bounded_live(where.number("slots")));
    const std::uint32_t largest = largest_of(where.word("sizes"));
    random_source chance(workload_seed + thread);
    heap_stream made{.places = slots,
                     .filling = table<heap_step>(slots),
                     .steps = table<heap_step>(std::bit_floor(static_cast<std::size_t>(bounded_live(most_stream_steps)))),
                     .touched = false};
    for (std::size_t i = 0; i != slots; ++i) {
        made.filling[i] = {static_cast<std::uint32_t>(i), uniform_size(chance, smallest_block, largest)};
    }
    for (heap_step& each : made.steps) {
        each = {static_cast<std::uint32_t>(chance.below(slots)), uniform_size(chance, smallest_block, largest)};
    }
    return made;
}

template <class Heap>
class larson_subject final : public subject, public memory_measurable, public per_operation {
public:
    explicit larson_subject(const parameters& where)
        : threads_(static_cast<std::size_t>(where.number("threads"))),
          rounds_(static_cast<std::uint64_t>(where.number("rounds"))) {
        for (std::size_t k = 0; k != threads_; ++k) {
            seats_.emplace_back(stream_of(where, k), k);
        }
        for (seat& each : seats_) { // the first lives end at different times, so that later ones do as well
            const std::uint64_t first_life = 1 + each.number * rounds_ / threads_;
            each.living = std::thread([this, &each, first_life] { live(each, first_life); });
        }
    }
    ~larson_subject() override {
        ending_ = true;
        call_for(1);
        for (seat& each : seats_) {
            each.living.join();
        }
    }
    larson_subject(const larson_subject&) = delete;
    larson_subject& operator=(const larson_subject&) = delete;

    std::uint64_t verify() override {
        if (!filled_) {
            build();
        }
        verifying_ = true;
        do_rounds(2); // the first thread dies after one
        verifying_ = false;
        digest all;
        for (const seat& each : seats_) {
            all.add(each.seen.value());
        }
        return all.value();
    }
    // The thread that waits for the others shares a CPU with them.
    [[nodiscard]] bool oversubscribed() const override { return true; }
    void run(std::uint64_t iterations) override { do_rounds(iterations * rounds_an_iteration()); }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return usual_objects() * rounds_an_iteration(); }

    [[nodiscard]] std::size_t usual_objects() const override { return threads_ * seats_[0].slots.size(); }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override {
        for (seat& each : seats_) { // by the thread that bears the first ones, as there
            each.slots.fill();
        }
        filled_ = true;
    }
    [[nodiscard]] object_sizes sizes() override {
        std::uint64_t bytes = 0;
        for (const seat& each : seats_) {
            bytes += each.slots.live_bytes();
        }
        return mean_sizes(bytes, usual_objects());
    }
    bool churn() override {
        do_rounds(2 * rounds_); // every slot has passed on twice
        return true;
    }
    void release() override {
        for (seat& each : seats_) {
            each.slots.drain();
        }
        filled_ = false;
    }

    // One thread after the other at the first one's slots: single times need a CPU of their own.
    [[nodiscard]] std::size_t live_objects() const override { return seats_[0].slots.size(); }
    void time_operations(single_times& times) override {
        heap_slots<Heap>& slots = seats_[0].slots;
        slots.fill(times);
        const std::size_t life = rounds_ * slots.size();
        for (std::size_t left = times.operations(); left != 0;) {
            const std::size_t now = std::min(left, life);
            left -= now;
            std::jthread([&slots, &times, now] {
                place_thread(0);
                for (std::size_t steps = now; steps != 0; --steps) {
                    if (times.due()) [[unlikely]] {
                        slots.step(times);
                    } else {
                        slots.step();
                    }
                }
            }).join();
        }
    }

private:
    // What passes from thread to thread. Only the living one uses it; while it has nothing to do, whoever calls run may.
    struct alignas(128) seat {
        seat(heap_stream does, std::size_t at) : slots(std::move(does)), number(at) {}
        heap_slots<Heap> slots;
        std::size_t number;
        std::uint64_t done = 0; // rounds
        digest seen;
        std::thread living;
    };

    // Enough work for the threads to be woken for.
    [[nodiscard]] std::uint64_t rounds_an_iteration() const { return std::max<std::uint64_t>(1, 10'000 / seats_[0].slots.size()); }

    // Whoever waits sleeps, since the CPUs belong to those who work.
    void do_rounds(std::uint64_t rounds) {
        busy_.store(threads_, std::memory_order_relaxed);
        call_for(rounds);
        for (std::size_t busy = threads_; busy != 0; busy = busy_.load(std::memory_order_acquire)) {
            busy_.wait(busy, std::memory_order_acquire);
        }
    }
    void call_for(std::uint64_t rounds) {
        due_.fetch_add(rounds, std::memory_order_release);
        due_.notify_all();
    }

    void live(seat& mine, std::uint64_t rounds_left) {
        place_thread(mine.number);
        for (;; --rounds_left) {
            due_.wait(mine.done, std::memory_order_acquire);
            if (ending_) {
                return;
            }
            if (rounds_left == 0) {
                succeed(mine);
                return;
            }
            work(mine);
            if (++mine.done == due_.load(std::memory_order_relaxed) && busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
                busy_.notify_one();
            }
        }
    }

    // The new thread begins when the old one is dead, so that one works at a time.
    void succeed(seat& mine) {
        std::thread before = std::move(mine.living);
        mine.living = std::thread([this, &mine, before = std::move(before)]() mutable {
            before.join();
            live(mine, rounds_);
        });
    }

    void work(seat& mine) {
        heap_slots<Heap>& slots = mine.slots;
        for (std::size_t left = slots.size(); left != 0; --left) {
            if (verifying_) [[unlikely]] {
                slots.step(mine.seen);
            } else {
                slots.step();
            }
        }
    }

    std::size_t threads_;
    std::uint64_t rounds_;
    bool filled_ = false;
    bool verifying_ = false;
    bool ending_ = false;
    std::deque<seat> seats_;
    std::atomic<std::uint64_t> due_{0}; // rounds at each seat since the beginning
    std::atomic<std::size_t> busy_{0};  // seats that have not done them yet
};

std::vector<point> points_of_larson() {
    std::vector<point> points;
    const auto ask = [&](const char* sizes, std::int64_t slots, std::int64_t rounds, std::int64_t threads, bool in_heaps) {
        points.push_back({.where = {{"sizes", sizes}, {"slots", slots}, {"rounds", rounds}, {"threads", threads}},
                          .from = in_heaps ? preset::quick : preset::full,
                          .memory = threads >= 2,
                          .latency = threads == 2});
    };
    for (const char* const sizes : {"8_to_64_bytes", "8_to_512_bytes", "8_to_1000_bytes"}) {
        for (const std::int64_t threads : thread_counts()) {
            ask(sizes, 1000, 50, threads, false);
        }
    }
    ask("8_to_1000_bytes", 5000, 100, 2, true);
    ask("8_to_1000_bytes", 5000, 100, 100, false);
    return points;
}

const registration registered{{
    .name = "larson",
    .question = "Which heap replaces blocks the fastest when threads inherit them from threads that are gone?",
    .operation = "free a random block of the thread's own, allocate one of another size in its place and write its first word: the "
                 "wall time of all threads, with the births among them, divided by the blocks of all",
    .models = "servers that give each connection or batch of requests to a new thread",
    .favours = "heaps that take the blocks of a dead thread as their own",
    .ignores = "threads that exchange blocks while they live, blocks that only other threads free",
    .from = preset::heaps,
    .strategies = heap_strategies<larson_subject>(),
    .points = points_of_larson(),
}};

} // namespace
} // namespace poolmark::benchmarks
