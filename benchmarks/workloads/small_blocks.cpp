// small_blocks — blocks of one size or of many, taken and given back among others that live.
//
// Question:  up to which size does a small-object allocator of one's own pay over the heap?
// Models:    an interpreter's objects: most of them below 100 bytes, a few above 512, each freed without its size.
// Favours:   the allocators of one thread: the heap under test is ready for many.
// Ignores:   threads, reallocation, and what the blocks hold.
#include "pools/bounded_free_list.hpp"
#include "pools/fresh_heap.hpp"
#include "pools/adaptors/pool_resource.hpp"
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/lifetime/catalog.hpp"
#include "pools/size_class_pool.hpp"

#include <memory>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t live_blocks = 2000;
constexpr std::size_t draws = 1U << 14U; // long enough that no branch predictor learns the order by heart

struct heap_blocks {
    static constexpr const description& about = fresh_heap<int>::about;
    [[nodiscard]] static void* acquire(std::size_t bytes) { return ::operator new(bytes); }
    static void release(void* block, std::size_t /*bytes*/) noexcept { ::operator delete(block); }
};
struct listed_blocks {
    static constexpr const description& about = bounded_free_lists_about;
    [[nodiscard]] void* acquire(std::size_t bytes) { return lists.acquire(bytes); }
    void release(void* block, std::size_t bytes) noexcept { lists.release(block, bytes); }
    bounded_free_lists<> lists;
};
template <class Model>
struct model_blocks {
    static constexpr const description& about = Model::about;
    [[nodiscard]] void* acquire(std::size_t bytes) { return heap.acquire(bytes); }
    void release(void* block, std::size_t /*bytes*/) noexcept { heap.release(block); }
    Model heap;
};
struct class_blocks {
    static constexpr const description& about = pool_resource::about;
    [[nodiscard]] void* acquire(std::size_t bytes) { return classes.acquire(bytes); }
    void release(void* block, std::size_t bytes) noexcept { classes.release(block, bytes); }
    size_class_pool<> classes;
};
using block_sources = type_list<heap_blocks, listed_blocks, model_blocks<obmalloc_model<>>,
                                model_blocks<obmalloc_model<4096, (std::size_t{1} << 18)>>, class_blocks>;

constexpr std::int64_t largest_of_mix = 600;

// Of one size, or an interpreter's: three in four up to 112 bytes, the others up to 600.
std::uint32_t draw(random_source& chance, const parameters& where) {
    if (where.word("sizes") == "one") {
        return static_cast<std::uint32_t>(where.number("block_bytes"));
    }
    return static_cast<std::uint32_t>(chance.below(4) != 0 ? 16 + chance.below(97) : 113 + chance.below(488));
}

template <class Source>
class blocks_subject final : public subject {
public:
    explicit blocks_subject(const parameters& where)
        : blocks_(live_blocks), sizes_(live_blocks), next_(draws), victims_(draws) {
        random_source chance(workload_seed);
        for (std::size_t i = 0; i != draws; ++i) {
            next_[i] = draw(chance, where);
            victims_[i] = static_cast<std::uint32_t>(chance.below(live_blocks));
        }
        for (std::size_t i = 0; i != live_blocks; ++i) {
            sizes_[i] = next_[i];
            put(i, i);
        }
    }
    ~blocks_subject() override {
        for (std::size_t i = 0; i != live_blocks; ++i) {
            source_.release(blocks_[i], sizes_[i]);
        }
    }
    blocks_subject(const blocks_subject&) = delete;
    blocks_subject& operator=(const blocks_subject&) = delete;

    std::uint64_t verify() override {
        digest seen;
        for (std::size_t i = 0; i != draws; ++i) {
            replace(i);
        }
        for (const void* block : blocks_) {
            seen.add(*static_cast<const std::uint64_t*>(block));
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            replace(position_++ % draws);
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    void put(std::size_t place, std::uint64_t stamp) {
        blocks_[place] = ::new (source_.acquire(sizes_[place])) std::uint64_t{stamp};
    }
    void replace(std::size_t i) {
        const std::size_t place = victims_[i];
        source_.release(blocks_[place], sizes_[place]);
        barrier();
        sizes_[place] = next_[i];
        put(place, i);
        barrier();
    }

    table<void*> blocks_;
    table<std::uint32_t> sizes_;
    table<std::uint32_t> next_;
    table<std::uint32_t> victims_;
    std::size_t position_ = 0;
    Source source_;
};

std::vector<strategy> strategies_of_small_blocks() {
    std::vector<strategy> list;
    for_each_type(block_sources{}, [&]<class Source>(std::type_identity<Source>) {
        list.push_back({.about = Source::about,
                        .heap = list.size() < 2 ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = [](const parameters& where) -> std::unique_ptr<subject> {
                            return std::make_unique<blocks_subject<Source>>(where);
                        }});
    });
    return list;
}

std::vector<point> points_of_small_blocks() {
    std::vector<point> points = grid({{"sizes", {"one"}}, {"block_bytes", {56, 16, 160, 168, 512, 600}}},
                                     [](const parameters& at) { return at.number("block_bytes") == 56; }, preset::full);
    points.insert(points.begin(), {.where = {{"sizes", "mixed"}, {"block_bytes", largest_of_mix}}, .every_allocator_from = preset::full});
    return points;
}

const registration registered{{
    .name = "small_blocks",
    .question = "Up to which size does a small-object allocator of one's own pay over the heap?",
    .operation = "release one of 2,000 blocks at random and acquire one of block_bytes (mixed: of 16 to that)",
    .models = "an interpreter's objects: most of them below 100 bytes, a few above 512",
    .favours = "the allocators of one thread: the heap under test is ready for many",
    .ignores = "threads, reallocation, what the blocks hold",
    .from = preset::full,
    .strategies = strategies_of_small_blocks(),
    .points = points_of_small_blocks(),
}};

} // namespace
} // namespace poolmark::benchmarks
