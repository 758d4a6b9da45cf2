// growth — buffers that grow step by step, by realloc or as a vector that was told nothing in advance.
//
// Question:  what does it cost to let a buffer grow?
// Models:    strings, parsers, results that are collected one by one.
// Favours:   heaps that grow a block in place, or move its pages instead of copying them.
// Ignores:   threads, how full the heap is otherwise. `realloc`: from 16 to 8,192 bytes by doubling and back by halving,
//            the pattern of the benchmarks for realloc that allocbench and Hoard's authors describe; one block at a
//            time, or 64 that grow in turn, so that none has the end of the heap for itself. The beginning of the block
//            and the part that came last are checked after each step. `vector`: push_back to 2^20 words without
//            reserve, where a vector allocates, copies and frees by itself. How many bytes are copied follows from the
//            work; no_heap has a block that is always large enough for realloc, and the vector's own copies.
#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/memory_measurable.hpp"

#include <optional>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t smallest = 16;
constexpr std::size_t rounds_per_iteration = 8;

// What a vector needs to take its memory from Heap.
template <class T, class Heap>
struct heap_allocator {
    using value_type = T;
    heap_allocator() = default;
    template <class Other>
    heap_allocator(const heap_allocator<Other, Heap>&) noexcept {}

    [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(Heap::take(count * sizeof(T))); }
    void deallocate(T* block, std::size_t /*count*/) noexcept { Heap::give(block); }
    template <class Other>
    [[nodiscard]] bool operator==(const heap_allocator<Other, Heap>&) const noexcept {
        return true;
    }
};

template <class Heap>
class resized_subject final : public subject, public memory_measurable {
public:
    explicit resized_subject(const parameters& where)
        : largest_(static_cast<std::size_t>(where.number("largest"))),
          blocks_(static_cast<std::size_t>(where.number("blocks"))) {
        for (std::size_t bytes = smallest; bytes != largest_; bytes *= 2) {
            ++doublings_;
        }
    }

    std::uint64_t verify() override {
        sum_ = 0;
        round();
        return sum_;
    }
    void run(std::uint64_t iterations) override {
        for (std::uint64_t left = iterations * rounds_per_iteration; left != 0; --left) {
            round();
        }
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override {
        return rounds_per_iteration * blocks_.size() * 2 * doublings_;
    }

    // At their largest.
    [[nodiscard]] std::size_t usual_objects() const override { return blocks_.size(); }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override { grow(); }
    [[nodiscard]] object_sizes sizes() override { return mean_sizes(largest_ * blocks_.size(), blocks_.size()); }
    void release() override { give_all(); }

private:
    void grow() {
        for (std::size_t i = 0; i != blocks_.size(); ++i) {
            blocks_[i] = Heap::take(smallest);
            touch(blocks_[i], smallest, i);
            touch(after(blocks_[i], smallest / 2), smallest / 2, i + 1);
        }
        for (std::size_t bytes = smallest; bytes != largest_; bytes *= 2) {
            for (void*& each : blocks_) {
                each = Heap::resize(each, 2 * bytes);
                check(each, bytes);
                touch(after(each, bytes), bytes, bytes);
            }
        }
    }
    void give_all() {
        for (void* const each : blocks_) {
            Heap::give(each);
            barrier();
        }
    }
    void round() {
        grow();
        for (std::size_t bytes = largest_ / 2; bytes >= smallest; bytes /= 2) {
            for (void*& each : blocks_) {
                each = Heap::resize(each, bytes);
                check(each, bytes);
            }
        }
        give_all();
    }

    [[nodiscard]] static std::byte* after(void* block, std::size_t bytes) noexcept {
        return static_cast<std::byte*>(block) + bytes;
    }

    // Its first word, and the first one of its second half.
    void check(void* block, std::size_t bytes) noexcept {
        if constexpr (Heap::gives_memory) {
            sum_ = (sum_ + stamp_of(block)) * 3 + stamp_of(after(block, bytes / 2));
        }
    }

    std::size_t largest_;
    std::size_t doublings_ = 0;
    table<void*> blocks_;
    std::uint64_t sum_ = 0;
};

template <class Heap>
class vector_subject final : public subject, public memory_measurable {
public:
    explicit vector_subject(const parameters& where)
        : words_(static_cast<std::size_t>(bounded_live(where.number("largest") / std::int64_t{sizeof(std::uint64_t)}))) {}

    std::uint64_t verify() override {
        digest seen;
        vector grown;
        fill(grown);
        if constexpr (Heap::gives_memory) {
            for (const std::uint64_t word : grown) {
                seen.add(word);
            }
        }
        return seen.value();
    }
    void run(std::uint64_t iterations) override {
        for (; iterations != 0; --iterations) {
            vector grown;
            fill(grown);
        }
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return words_; }

    [[nodiscard]] std::size_t usual_objects() const override { return words_; }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override { fill(kept_.emplace()); }
    [[nodiscard]] object_sizes sizes() override { return mean_sizes(words_ * sizeof(std::uint64_t), words_); }
    void release() override { kept_.reset(); }

private:
    using vector = std::vector<std::uint64_t, heap_allocator<std::uint64_t, Heap>>;

    void fill(vector& grown) {
        for (std::size_t i = 0; i != words_; ++i) {
            grown.push_back(i);
        }
        barrier();
    }

    std::size_t words_;
    std::optional<vector> kept_; // by the memory process
};

template <class Heap>
[[nodiscard]] std::unique_ptr<subject> make_growing(const parameters& where) {
    if (where.word("kind") == "vector") {
        return std::make_unique<vector_subject<Heap>>(where);
    }
    return std::make_unique<resized_subject<Heap>>(where);
}

constexpr std::int64_t vector_bytes = std::int64_t{8} << 20U;

const registration registered{{
    .name = "growth",
    .question = "What does it cost to let a buffer grow?",
    .operation = "double or halve a block by realloc, check it and write to what it gained; or push one word to a vector",
    .models = "strings, parsers, results that are collected one by one",
    .favours = "heaps that grow a block in place, or move its pages instead of copying them",
    .ignores = "threads, how full the heap is otherwise",
    .from = preset::heaps,
    .strategies = {{.about = fresh_heap<std::uint64_t>::about,
                    .heap = heap_use::every_allocator,
                    .make = &make_growing<process_heap>},
                   {.about = no_heap_about, .make = &make_growing<no_heap>, .as = role::limit}},
    .points = {{.where = {{"kind", "realloc"}, {"blocks", 1}, {"largest", 8192}}, .from = preset::full},
               {.where = {{"kind", "realloc"}, {"blocks", 64}, {"largest", 8192}}, .memory = true},
               {.where = {{"kind", "vector"}, {"blocks", 1}, {"largest", vector_bytes / 8}}, .memory = true},
               {.where = {{"kind", "vector"}, {"blocks", 1}, {"largest", vector_bytes}}, .from = preset::full},
               {.where = {{"kind", "realloc"}, {"blocks", 1}, {"largest", 1 << 20U}}, .from = preset::full},
               {.where = {{"kind", "vector"}, {"blocks", 1}, {"largest", 8192}}, .from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
