// utilisation — chunks that are written and soon freed: of all that is ever allocated, little is in use at a time.
//
// Question:  from what working set on is it worse to free nothing than to free each chunk?
// Models:    message and packet buffers, parsers, request handlers: a stream of short-lived chunks.
// Favours:   whatever hands out a chunk again while its lines are still in the cache.
// Ignores:   threads, chunks of several sizes, page faults: an arena starts over, in memory that it has, once the total is
//            used up. The experiment is the one of Bloomberg's allocator study P0089 on utilisation: so many bytes in
//            all, an active set of 2^15 to 2^20 bytes, chunks of 2^10 to 2^15. One step frees the oldest chunk of the
//            active set and writes a word into each line of a new one. For an arena freeing does nothing, so that its
//            working set is the total: it is fast only while that fits the cache.
#include "benchmarks/contenders/peers/pmr_pools.hpp"
#include "benchmarks/harness/heaps.hpp"
#include "pools/adaptors/pool_resource.hpp"

#include <algorithm>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint64_t chunks_per_iteration = 64;

template <class Heap>
class heap_chunks {
public:
    heap_chunks(std::size_t /*total*/, std::size_t chunk) : chunk_(chunk) {}
    static constexpr bool gives_memory = Heap::gives_memory;
    [[nodiscard]] void* take() { return Heap::take(chunk_); }
    void give(void* block) noexcept { Heap::give(block); }

private:
    std::size_t chunk_;
};

template <class Resource>
class pool_chunks {
public:
    static constexpr bool gives_memory = true;
    pool_chunks(std::size_t /*total*/, std::size_t chunk) : chunk_(chunk) {}
    [[nodiscard]] void* take() {
        void* block = resource_.allocate(chunk_);
        escape(block);
        return block;
    }
    void give(void* block) noexcept { resource_.deallocate(block, chunk_); }

private:
    std::size_t chunk_;
    Resource resource_;
};

// A pool whose largest block is as large as any chunk here.
struct std_pool {
    static constexpr std::size_t largest = std::size_t{1} << 15U;
    std::pmr::unsynchronized_pool_resource pool{{.max_blocks_per_chunk = 0, .largest_required_pool_block = largest},
                                                std::pmr::new_delete_resource()};
    [[nodiscard]] void* allocate(std::size_t bytes) { return pool.allocate(bytes); }
    void deallocate(void* block, std::size_t bytes) { pool.deallocate(block, bytes); }
};

// In a buffer of the whole total, to which it returns: the arena at its best, without a page fault.
class arena_chunks {
public:
    static constexpr bool gives_memory = true;
    arena_chunks(std::size_t total, std::size_t chunk)
        : chunk_(chunk), most_(total / chunk), buffer_(total),
          arena_(buffer_.data(), buffer_.size(), std::pmr::null_memory_resource()) {}
    [[nodiscard]] void* take() {
        if (taken_ == most_) {
            arena_.release();
            taken_ = 0;
        }
        ++taken_;
        void* block = arena_.allocate(chunk_, line_bytes);
        escape(block);
        return block;
    }
    void give(void* block) noexcept { escape(block); }

private:
    std::size_t chunk_;
    std::size_t most_;
    std::size_t taken_ = 0;
    table<std::byte> buffer_;
    std::pmr::monotonic_buffer_resource arena_;
};

template <class Chunks>
class utilising_subject final : public subject {
public:
    explicit utilising_subject(const parameters& where)
        : chunk_(static_cast<std::size_t>(where.number("chunk"))),
          active_(static_cast<std::size_t>(where.number("active")) / chunk_),
          total_(std::max(static_cast<std::size_t>(bounded_live(where.number("total") / where.number("chunk"))) * chunk_,
                          2 * static_cast<std::size_t>(where.number("active")))),
          source_(total_, chunk_) {}
    utilising_subject(const utilising_subject&) = delete;
    utilising_subject& operator=(const utilising_subject&) = delete;
    ~utilising_subject() override {
        for (void* const each : active_) {
            if (each != nullptr) {
                source_.give(each);
            }
        }
    }

    // Allocates the total once, so that every page of an arena has been there.
    std::uint64_t verify() override {
        for (void*& each : active_) {
            if (each == nullptr) {
                each = make();
            }
        }
        digest seen;
        for (std::size_t left = total_ / chunk_; left != 0; --left) {
            if constexpr (Chunks::gives_memory) {
                seen.add(stamp_of(active_[at_]));
            }
            step();
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t left = iterations * chunks_per_iteration; left != 0; --left) {
            step();
        }
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return chunks_per_iteration; }

private:
    [[nodiscard]] void* make() {
        void* const block = source_.take();
        touch(block, chunk_, next_++);
        barrier();
        return block;
    }
    void step() {
        void*& oldest = active_[at_];
        at_ = at_ + 1 == active_.size() ? 0 : at_ + 1;
        source_.give(oldest);
        barrier();
        oldest = make();
    }

    std::size_t chunk_;
    table<void*> active_;
    std::size_t total_;
    std::size_t at_ = 0;
    std::uint64_t next_ = 0;
    Chunks source_;
};

template <class Chunks>
[[nodiscard]] std::unique_ptr<subject> make_utilising(const parameters& where) {
    return std::make_unique<utilising_subject<Chunks>>(where);
}

std::vector<point> points_of_utilisation() {
    const auto at = [](std::int64_t total, std::int64_t active, std::int64_t chunk) {
        constexpr std::int64_t one = 1;
        return parameters{{"total", one << total}, {"active", one << active}, {"chunk", one << chunk}};
    };
    std::vector<point> points{
        {.where = at(20, 15, 10)}, {.where = at(26, 15, 10)}, {.where = at(26, 20, 10), .from = preset::full}};
    for (const std::int64_t active : {15, 20}) { // all of the published ones take a buffer of a gibibyte
        for (const std::int64_t chunk : {10, 13, 15}) {
            points.push_back({.where = at(30, active, chunk), .from = preset::full, .needs_mib = 1100});
        }
    }
    return points;
}

const registration registered{{
    .name = "utilisation",
    .question = "From what working set on is it worse to free nothing than to free each chunk?",
    .operation = "free the oldest chunk of the active set, allocate another one and write to each of its lines",
    .models = "message and packet buffers, parsers, request handlers: a stream of short-lived chunks",
    .favours = "whatever hands out a chunk again while its lines are still in the cache",
    .ignores = "threads, chunks of several sizes, page faults",
    .from = preset::heaps,
    .strategies = {{.about = fresh_heap<std::uint64_t>::about,
                    .heap = heap_use::every_allocator,
                    .make = &make_utilising<heap_chunks<process_heap>>},
                   {.about = std_pmr_monotonic<std::uint64_t>::about, .make = &make_utilising<arena_chunks>},
                   {.about = std_pmr_pool<std::uint64_t>::about, .make = &make_utilising<pool_chunks<std_pool>>},
                   {.about = pool_resource::about, .make = &make_utilising<pool_chunks<pool_resource>>},
                   {.about = no_heap_about, .make = &make_utilising<heap_chunks<no_heap>>, .as = role::limit}},
    .points = points_of_utilisation(),
}};

} // namespace
} // namespace poolmark::benchmarks
