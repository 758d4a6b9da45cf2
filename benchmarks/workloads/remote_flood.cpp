// remote_flood — threads that only allocate, and one thread that frees all of it, in lists.
//
// Question:  what does a block cost when every block is freed by one other thread, and does memory come back to those
//            who allocate?
// Models:    readers and parsers that feed one writer: loggers, collectors, garbage that one thread clears away.
// Favours:   heaps that hand whole runs of blocks back to the thread that they came from.
// Ignores:   threads that do both (remote_release), small batches (proxied_messages). As in snmalloc's test of lots of
//            threads: sizes of 4 bytes * 2^(i mod 20), of at least 8, and lists of 100 that go to the freeing thread
//            under one mutex; there 8 threads allocate. A thread that has two lists waits for one to come back, so
//            what is live is bounded. With 14 sizes the largest block has 32 KiB, and the figure is about heaps; with 20
//            it has 2 MiB, and is about system calls as well. Only the first word of a block is written: what the
//            pages of large blocks take is not asked. One of the `threads` frees.
#include "benchmarks/harness/block_sizes.hpp"
#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/side_by_side.hpp"

#include <array>
#include <atomic>
#include <mutex>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t list_length = 100;
constexpr std::uint64_t blocks_a_thread = 20; // in one iteration: a list is full after five of them
constexpr std::uint64_t iterations_a_list = list_length / blocks_a_thread;

// Whose it is changes: the allocating thread fills it, the freeing one empties it.
struct block_list {
    std::array<void*, list_length> blocks;
    std::size_t count = 0;
    std::atomic<bool> empty{true};
};

template <class Heap>
class flood_subject final : public side_by_side, public memory_measurable {
public:
    explicit flood_subject(const parameters& where)
        : side_by_side(static_cast<std::size_t>(where.number("threads"))),
          classes_(static_cast<std::uint64_t>(where.number("classes"))), members_(threads() - 1) {
        flushed_.reserve(lists_a_thread * members_.size());
        taken_.reserve(flushed_.capacity());
    }
    ~flood_subject() override { release(); }
    flood_subject(const flood_subject&) = delete;
    flood_subject& operator=(const flood_subject&) = delete;

    std::uint64_t verify() override {
        verifying_ = true;
        run(3 * iterations_a_list); // each thread goes on to its first list again
        rest();
        verifying_ = false;
        return seen_.value();
    }
    void run(std::uint64_t iterations) override {
        // A full list is flushed when there is one more block to come.
        const auto full_before = [](std::uint64_t blocks) { return blocks == 0 ? 0 : (blocks - 1) / list_length; };
        const std::uint64_t made = made_by_each_ + iterations * blocks_a_thread;
        lists_due_ = members_.size() * (full_before(made) - full_before(made_by_each_));
        made_by_each_ = made;
        side_by_side::run(iterations);
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return members_.size() * blocks_a_thread; }

    // One list of each thread.
    [[nodiscard]] std::size_t usual_objects() const override { return members_.size() * list_length; }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override {
        run(iterations_a_list);
        rest();
    }
    [[nodiscard]] object_sizes sizes() override {
        std::uint64_t bytes = 0;
        for (std::uint64_t i = 0; i != list_length; ++i) {
            bytes += bytes_of(i);
        }
        return mean_sizes(bytes, list_length);
    }
    bool churn() override {
        run(churned_lists * iterations_a_list);
        rest();
        return true;
    }
    void release() override {
        for (member& each : members_) {
            for (block_list& list : each.lists) {
                clear(list);
            }
            each.filling = 0;
            each.made = 0;
        }
        made_by_each_ = 0;
    }

private:
    static constexpr std::size_t lists_a_thread = 2;
    static constexpr std::uint64_t churned_lists = 200;

    struct alignas(128) member {
        std::array<block_list, lists_a_thread> lists;
        std::size_t filling = 0;
        std::uint64_t made = 0;
    };

    [[nodiscard]] std::uint32_t bytes_of(std::uint64_t block) const {
        return std::max(smallest_block, std::uint32_t{4} << (block % classes_));
    }

    void work(std::size_t thread, std::uint64_t iterations) override {
        thread == 0 ? free_lists() : allocate(thread, iterations * blocks_a_thread);
    }

    void allocate(std::size_t thread, std::uint64_t blocks) {
        member& mine = members_[thread - 1];
        for (; blocks != 0; --blocks) {
            if (mine.lists[mine.filling].count == list_length) {
                flush(mine);
            }
            block_list& list = mine.lists[mine.filling];
            void* const block = Heap::take(bytes_of(mine.made));
            touch(block, sizeof(std::uint64_t), (static_cast<std::uint64_t>(thread) << 56U) + mine.made++);
            list.blocks[list.count++] = block;
            barrier();
        }
    }
    void flush(member& mine) {
        block_list& full = mine.lists[mine.filling];
        full.empty.store(false, std::memory_order_relaxed);
        {
            const std::scoped_lock held(change_);
            flushed_.push_back(&full);
            some_flushed_.store(true, std::memory_order_relaxed);
        }
        mine.filling = (mine.filling + 1) % lists_a_thread;
        spin_until([&] { return mine.lists[mine.filling].empty.load(std::memory_order_acquire); });
    }

    void free_lists() {
        for (std::uint64_t left = lists_due_; left != 0; left -= taken_.size()) {
            taken_.clear();
            spin_until([&] { return some_flushed_.load(std::memory_order_relaxed); }); // not on the mutex, which others need
            {
                const std::scoped_lock held(change_);
                taken_.swap(flushed_);
                some_flushed_.store(false, std::memory_order_relaxed);
            }
            for (block_list* const each : taken_) {
                clear(*each);
                each->empty.store(true, std::memory_order_release);
            }
        }
    }
    void clear(block_list& list) {
        for (std::size_t i = 0; i != list.count; ++i) {
            if constexpr (Heap::gives_memory) {
                if (verifying_) [[unlikely]] {
                    seen_.add(stamp_of(list.blocks[i]));
                }
            }
            Heap::give(list.blocks[i]);
            barrier();
        }
        list.count = 0;
    }

    std::uint64_t classes_;
    std::vector<member> members_;
    std::uint64_t made_by_each_ = 0;
    std::uint64_t lists_due_ = 0;
    bool verifying_ = false;
    unordered_digest seen_;
    table<block_list*> taken_;
    alignas(128) std::atomic<bool> some_flushed_{false};
    std::mutex change_;
    table<block_list*> flushed_;
};

const registration registered{{
    .name = "remote_flood",
    .question = "What does a block cost when every block is freed by one other thread?",
    .operation = "allocate a block and write its first word, hand it to the freeing thread in a list of 100, free it there: the wall "
                 "time of all threads, divided by the blocks of all",
    .models = "readers and parsers that feed one writer, garbage that one thread clears away",
    .favours = "heaps that hand whole runs of blocks back to the thread that they came from",
    .ignores = "threads that do both, small batches, the pages of large blocks",
    .from = preset::heaps,
    .strategies = heap_strategies<flood_subject>(),
    .points = {{.where = {{"classes", 14}, {"threads", 2}}, .memory = true},
               {.where = {{"classes", 14}, {"threads", 3}}, .from = preset::full, .memory = true},
               {.where = {{"classes", 14}, {"threads", 9}}, .from = preset::full, .memory = true},
               {.where = {{"classes", 20}, {"threads", 9}}, .from = preset::full, .memory = true, .needs_mib = 3000}},
}};

} // namespace
} // namespace poolmark::benchmarks
