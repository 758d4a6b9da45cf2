// large_blocks — blocks of hundreds of kilobytes to tens of megabytes, allocated and freed.
//
// Question:  what does a large block cost, and how much of that are its pages?
// Models:    images, network and file buffers, matrices, columns of a database.
// Favours:   heaps that keep large blocks for the next one instead of giving their pages back at once.
// Ignores:   threads, what is written between two pages. Sizes are those of two published benchmarks: 20 buffers of 5 to
//            25 MiB, of which a random one is replaced (malloc-large in mimalloc-bench); and 800 KiB, one at a time and
//            in batches of 128 (snmalloc), or of 8 where time is short. With `touch` at `none` nothing is written into
//            the blocks, which flatters heaps that ask the system for pages each time; `pages` writes a word into each
//            page. The heap that never frees fails where nothing is written: an epoch then takes more blocks than there
//            are addresses for.
#include "benchmarks/harness/block_sizes.hpp"
#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/per_operation.hpp"

#include <algorithm>
#include <chrono>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t page_stride = 4096; // the smallest page of any system that it runs on
constexpr std::size_t stream_steps = std::size_t{1} << 12U;
constexpr const char* alike = "800_KiB";     // all of them in turn
constexpr const char* mixed = "5_to_25_MiB"; // a random one is replaced

struct large_step {
    std::uint32_t place;
    std::uint32_t bytes;
};

template <class Heap>
class large_subject final : public subject, public memory_measurable, public per_operation {
public:
    explicit large_subject(const parameters& where)
        : replaces_(where.word("sizes") == mixed), touches_(where.word("touch") == "pages"),
          blocks_(static_cast<std::size_t>(where.number("blocks"))), steps_(stream_steps) {
        const std::int64_t blocks = where.number("blocks");
        const auto bytes = [&](std::int64_t kib) { return static_cast<std::uint32_t>(bounded_live(kib * blocks) / blocks * 1024); };
        const std::uint32_t least = bytes(replaces_ ? 5 * 1024 : 800);
        const std::uint32_t most = bytes(replaces_ ? 25 * 1024 : 800);
        random_source chance(workload_seed);
        for (large_step& each : steps_) {
            each = {static_cast<std::uint32_t>(chance.below(blocks_.size())), uniform_size(chance, least, most)};
        }
    }
    large_subject(const large_subject&) = delete;
    large_subject& operator=(const large_subject&) = delete;
    ~large_subject() override { free_all(); }

    std::uint64_t verify() override {
        digest seen;
        if (blocks_[0] == nullptr) {
            build();
        }
        if constexpr (Heap::gives_memory) {
            for (std::size_t i = 0; i != blocks_.size(); ++i) { // also where the question leaves them untouched
                touch(blocks_[i], sizeof(std::uint64_t), i);
            }
            for (const void* const each : blocks_) {
                seen.add(stamp_of(each));
            }
        }
        if (!replaces_) {
            free_all();
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (; iterations != 0; --iterations) {
            if (replaces_) {
                const large_step& next = advance();
                Heap::give(blocks_[next.place]);
                barrier();
                blocks_[next.place] = make(next.bytes);
            } else {
                build();
                free_all();
            }
        }
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return replaces_ ? 1 : blocks_.size(); }

    [[nodiscard]] std::size_t usual_objects() const override { return blocks_.size(); }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override {
        live_bytes_ = 0;
        for (void*& each : blocks_) {
            const std::uint32_t bytes = advance().bytes;
            each = make(bytes);
            live_bytes_ += bytes;
        }
    }
    [[nodiscard]] object_sizes sizes() override {
        return mean_sizes(live_bytes_, blocks_.size());
    }
    bool churn() override {
        if (replaces_) {
            run(blocks_.size());
        }
        return replaces_;
    }
    void release() override { free_all(); }

    [[nodiscard]] std::size_t live_objects() const override { return blocks_.size(); }
    // Each of them, oldest first; for a second at most, because some heaps take milliseconds.
    void time_operations(single_times& times) override {
        for (void*& each : blocks_) {
            const std::uint64_t begin = times.now();
            each = make(advance().bytes);
            times.grown(times.now() - begin);
        }
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
        for (std::size_t at = 0; times.room() != 0 && std::chrono::steady_clock::now() < until; at = (at + 1) % blocks_.size()) {
            const std::uint32_t bytes = advance().bytes;
            const std::uint64_t begin = times.now();
            Heap::give(blocks_[at]);
            barrier();
            const std::uint64_t middle = times.now();
            blocks_[at] = make(bytes);
            times.replaced(middle - begin, times.now() - middle);
        }
    }

private:
    const large_step& advance() noexcept { return steps_[at_++ & (stream_steps - 1)]; }
    [[nodiscard]] void* make(std::uint32_t bytes) {
        void* const block = Heap::take(bytes);
        if (touches_) {
            for (std::size_t at = 0; at < bytes; at += page_stride) {
                touch(static_cast<std::byte*>(block) + at, sizeof(std::uint64_t), at);
            }
        }
        barrier();
        return block;
    }
    void free_all() noexcept {
        for (void*& each : blocks_) {
            if (each != nullptr) {
                Heap::give(each);
                each = nullptr;
                barrier();
            }
        }
    }

    bool replaces_;
    bool touches_;
    table<void*> blocks_;
    table<large_step> steps_;
    std::size_t at_ = 0;
    std::uint64_t live_bytes_ = 0;
};

std::vector<point> points_of_large_blocks() {
    const auto at = [](const char* sizes, std::int64_t blocks, const char* touch) {
        return parameters{{"sizes", sizes}, {"blocks", blocks}, {"touch", touch}};
    };
    return {{.where = at(alike, 1, "pages")},
            {.where = at(alike, 8, "pages"), .memory = true, .latency = true, .gives_back = true},
            {.where = at(alike, 1, "none"), .from = preset::full},
            {.where = at(mixed, 20, "pages"), .from = preset::full, .memory = true},
            {.where = at(mixed, 20, "none"), .from = preset::full},
            {.where = at(alike, 128, "none"), .from = preset::full},
            {.where = at(alike, 128, "pages"), .from = preset::full, .memory = true}};
}

const registration registered{{
    .name = "large_blocks",
    .question = "What does a large block cost, and how much of that are its pages?",
    .operation = "allocate a block of 800 KiB, write to each of its pages or to none, and free it; or replace one of 20 of "
                 "5 to 25 MiB",
    .models = "images, network and file buffers, matrices, columns of a database",
    .favours = "heaps that keep large blocks for the next one",
    .ignores = "threads, what is written between two pages",
    .from = preset::heaps,
    .strategies = heap_strategies<large_subject>(),
    .points = points_of_large_blocks(),
}};

} // namespace
} // namespace poolmark::benchmarks
