// false_sharing — threads write to small blocks of their own again and again: do the blocks share cache lines?
//
// Question:  does the heap give threads blocks on the same cache line, whether by itself or when they hand blocks over?
// Models:    counters, flags and nodes of each thread in small objects, allocated as the program goes.
// Favours:   heaps that give each thread lines of its own, also when it frees a block that was allocated by another.
// Ignores:   everything but that: most of the time is the writing, one word of 8 bytes a hundred times, each time read
//            first. Compare with threads=1: where no line is shared, twice the threads take half the time for a block.
//            As in the two benchmarks of Hoard, cache-thrash and cache-scratch. `active`: each thread allocates, writes
//            and frees. `passive`: before that, one thread allocates a block for each, one after the other, and each
//            frees the one that it was given; a heap that gives it that block again gives it a shared line.
#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/side_by_side.hpp"

namespace poolmark::benchmarks {
namespace {

constexpr std::int64_t rounds_a_thread = 16 * 1024; // in one iteration: to wake a helper must be nothing beside it
constexpr unsigned writes = 100;
constexpr std::size_t object_bytes = 8;

template <class Heap>
class writing_subject final : public side_by_side {
public:
    explicit writing_subject(const parameters& where)
        : side_by_side(static_cast<std::size_t>(where.number("threads"))), passive_(where.word("kind") == "passive"),
          members_(threads()) {}

    std::uint64_t verify() override {
        verifying_ = true;
        run(4);
        rest();
        verifying_ = false;
        digest all;
        for (const member& each : members_) {
            all.add(each.seen.value());
        }
        return all.value();
    }
    void run(std::uint64_t iterations) override {
        if (!passive_) {
            side_by_side::run(iterations);
            return;
        }
        for (; iterations != 0; --iterations) {
            for (member& each : members_) {
                each.handed = Heap::take(object_bytes);
                touch(each.handed, object_bytes, 0);
            }
            side_by_side::run(1);
        }
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return threads() * rounds_; }

private:
    struct alignas(128) member {
        void* handed = nullptr;
        std::uint64_t next = 0;
        digest seen;
    };

    void work(std::size_t thread, std::uint64_t iterations) override {
        member& mine = members_[thread];
        if (passive_) {
            Heap::give(mine.handed);
            barrier();
        }
        for (std::uint64_t left = iterations * rounds_; left != 0; --left) {
            void* const block = Heap::take(object_bytes);
            auto* const word = ::new (block) std::uint64_t(mine.next++);
            for (unsigned i = 0; i != writes; ++i) {
                ++*word;
                barrier();
            }
            if constexpr (Heap::gives_memory) {
                if (verifying_) [[unlikely]] {
                    mine.seen.add(*word);
                }
            }
            Heap::give(block);
            barrier();
        }
    }

    bool passive_;
    std::uint64_t rounds_ = static_cast<std::uint64_t>(bounded_live(rounds_a_thread));
    bool verifying_ = false;
    std::vector<member> members_;
};

const registration registered{{
    .name = "false_sharing",
    .question = "Does the heap give two threads blocks on the same cache line?",
    .operation = "allocate 8 bytes, write to them 100 times, free them: the wall time of all threads, divided by the blocks of all",
    .models = "counters, flags and nodes of each thread in small objects",
    .favours = "heaps that give each thread lines of its own, also when it frees a block of another's",
    .ignores = "everything but the cache lines that blocks share: most of the time is the writing",
    .from = preset::heaps,
    .strategies = heap_strategies<writing_subject>(),
    .points = grid({{"kind", {"active", "passive"}}, {"threads", thread_counts()}},
                   [](const parameters& at) { return at.number("threads") <= 2; }),
}};

} // namespace
} // namespace poolmark::benchmarks
