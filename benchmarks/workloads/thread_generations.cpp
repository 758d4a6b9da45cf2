// thread_generations — threads are born, take over blocks of dead threads, leave their own and die, again and again.
//
// Question:  what do blocks cost that outlive the thread that allocated them, and does memory grow with the generations?
// Models:    a thread for each request or job whose results stay: pools of threads that shrink and grow, plug-ins.
// Favours:   heaps that set up little for a new thread and take a dead one's memory over as a whole.
// Ignores:   threads that live on (larson has threads that live long). thread_churn asks the same of pools, with objects of
//            one size and nothing shared. As in two stress tests of mimalloc. `exchange`, mleak's way: 10 threads a
//            generation put zeroed blocks of 128 bytes into one array of 1,000 slots and free what they find there.
//            `survivors`, mstress's way: each thread replaces a random half of the blocks that the dead thread of its
//            place left, blocks of 16 to 1,024 bytes. Births and deaths are part of the time: no_heap is what they
//            take alone. Memory is that after one generation, then after 25 more: the difference is what they leave.
#include "benchmarks/harness/block_sizes.hpp"
#include "benchmarks/harness/generations.hpp"
#include "benchmarks/harness/heap_slots.hpp"

#include <atomic>
#include <numeric>
#include <stdexcept>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint32_t zeroed_bytes = 128;
constexpr std::size_t exchanges_a_thread = 1000;
constexpr std::size_t drawn_generations = 32; // a power of two; then they repeat
constexpr std::uint64_t generations_of_memory = 25;

template <class Heap>
class generations_subject final : public subject, public memory_measurable {
public:
    explicit generations_subject(const parameters& where)
        : exchanges_(where.word("kind") == "exchange"), threads_(static_cast<std::size_t>(where.number("threads"))),
          slots_(static_cast<std::size_t>(bounded_live(where.number("slots")))), first_bytes_(slots_.size()), members_(threads_) {
        random_source chance(workload_seed);
        for (std::uint32_t& each : first_bytes_) {
            each = draw_bytes(chance);
        }
        for (std::size_t k = 0; k != threads_; ++k) {
            draw(k, chance);
        }
    }
    ~generations_subject() override { release(); }
    generations_subject(const generations_subject&) = delete;
    generations_subject& operator=(const generations_subject&) = delete;

    std::uint64_t verify() override {
        if (!filled_) {
            fill();
        }
        digest seen;
        generations_in_turn(3, threads_, [&](std::size_t k) {
            live(k, [&](const void* block) {
                if constexpr (Heap::gives_memory) {
                    seen.add(stamp_of(block));
                }
            });
        });
        return seen.value();
    }
    void run(std::uint64_t iterations) override {
        generations(iterations, threads_, [this](std::size_t k) { live(k, [](const void*) {}); });
    }
    // The thread that bears the others shares a CPU with them.
    void rest() override { outlive_the_dead(); }
    [[nodiscard]] bool oversubscribed() const override { return true; }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override {
        return threads_ * members_[0].steps.size() / drawn_generations;
    }

    [[nodiscard]] std::size_t usual_objects() const override { return slots_.size(); }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override {
        fill();
        run(1);
    }
    [[nodiscard]] object_sizes sizes() override {
        return mean_sizes(std::accumulate(first_bytes_.begin(), first_bytes_.end(), std::uint64_t{0}), slots_.size());
    }
    bool churn() override {
        run(generations_of_memory);
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
    struct alignas(128) member { // what the threads of one place do
        table<heap_step> steps;
        std::size_t generation = 0;
        std::uint64_t made = 0;
    };

    [[nodiscard]] std::uint32_t draw_bytes(random_source& chance) const {
        return exchanges_ ? zeroed_bytes : uniform_size(chance, 16, 1024);
    }
    void draw(std::size_t k, random_source& chance) {
        table<heap_step>& steps = members_[k].steps;
        const auto own = static_cast<std::uint32_t>(slots_.size() / threads_);
        for (std::size_t generation = 0; generation != drawn_generations; ++generation) {
            if (exchanges_) {
                for (std::size_t i = 0; i != exchanges_a_thread; ++i) {
                    steps.push_back({static_cast<std::uint32_t>(chance.below(slots_.size())), zeroed_bytes});
                }
                continue;
            }
            const table<std::uint32_t> order = shuffled_indices(own, chance.next());
            for (std::uint32_t i = 0; i != own / 2; ++i) {
                steps.push_back({static_cast<std::uint32_t>(k) * own + order[i], draw_bytes(chance)});
            }
        }
    }

    void fill() {
        for (std::size_t i = 0; i != slots_.size(); ++i) {
            slots_[i].store(make(first_bytes_[i], i), std::memory_order_relaxed);
        }
        filled_ = true;
    }
    void* make(std::uint32_t bytes, std::uint64_t value) const {
        void* const block = exchanges_ ? Heap::take_zeroed(bytes) : Heap::take(bytes);
        if (Heap::gives_memory && exchanges_ && stamp_of(static_cast<const std::byte*>(block) + bytes - sizeof value) != 0) [[unlikely]] {
            throw std::runtime_error("calloc gave a block whose last bytes are not zero");
        }
        touch(block, bytes, value);
        return block;
    }

    // One life at place k. `leaving` is called with each block that goes.
    template <class Leaving>
    void live(std::size_t k, const Leaving& leaving) {
        member& mine = members_[k];
        const std::size_t count = mine.steps.size() / drawn_generations;
        const heap_step* const steps = mine.steps.data() + (mine.generation++ & (drawn_generations - 1)) * count;
        for (std::size_t i = 0; i != count; ++i) {
            void* const block = slots_[steps[i].place].exchange(make(steps[i].bytes, mine.made++), std::memory_order_acq_rel);
            leaving(block);
            Heap::give(block);
            barrier();
        }
    }

    bool exchanges_;
    std::size_t threads_;
    table<std::atomic<void*>> slots_;
    table<std::uint32_t> first_bytes_;
    std::vector<member> members_;
    bool filled_ = false;
};

const registration registered{{
    .name = "thread_generations",
    .question = "What do blocks cost that outlive the thread that allocated them?",
    .operation = "allocate a block and write to each of its lines, put it in the place of one that another thread left, free that "
                 "one: the wall time of a generation with its births and deaths, divided by the blocks of all its threads",
    .models = "a thread for each request or job whose results stay",
    .favours = "heaps that set up little for a new thread and take a dead one's memory over",
    .ignores = "threads that live on",
    .from = preset::heaps,
    .strategies = heap_strategies<generations_subject>(),
    .points = {{.where = {{"kind", "exchange"}, {"slots", 1000}, {"threads", 10}}, .memory = true},
               {.where = {{"kind", "survivors"}, {"slots", 20'000}, {"threads", 10}}, .memory = true}},
}};

} // namespace
} // namespace poolmark::benchmarks
