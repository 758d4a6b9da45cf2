// Places that hold a block or nothing, and a stream that says which of them comes next and how large its next block is.
//
// The shape that most questions about heaps have. What differs is the stream: which places, which sizes, and whether a block
// that goes is replaced at once. Streams are drawn before the clock starts; every thread has places and a stream of its own.
#pragma once

#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/per_operation.hpp"
#include "benchmarks/harness/side_by_side.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace poolmark::benchmarks {

// What happens at a place.
struct heap_step {
    std::uint32_t place;
    std::uint32_t bytes; // of the block that comes, if one comes
};

enum class when_taken {
    replace, // the block goes and another one comes
    free     // the block goes; the place is empty until its next step
};

// What one thread does. The stream is read in a circle; its length is a power of two.
struct heap_stream {
    std::size_t places = 0;
    table<heap_step> filling; // the blocks that are there at the beginning
    table<heap_step> steps;
    when_taken taken = when_taken::replace;
    bool touched = true; // the whole block, a word in each line; or its first word alone
    std::size_t steps_before_the_clock = 0; // by verify(); 0: as many as there are places
};

// The places of one thread.
template <class Heap>
class heap_slots {
public:
    explicit heap_slots(heap_stream does) : does_(std::move(does)), places_(does_.places) {}
    heap_slots(const heap_slots&) = delete;
    heap_slots& operator=(const heap_slots&) = delete;
    ~heap_slots() { drain(); }

    [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
    [[nodiscard]] std::size_t live() const noexcept { return live_; }
    [[nodiscard]] std::uint64_t live_bytes() const noexcept { return live_bytes_; }
    [[nodiscard]] const heap_stream& stream() const noexcept { return does_; }

    void fill() {
        for (const heap_step& each : does_.filling) {
            put(places_[each.place], each.bytes);
        }
    }
    // Frees what is there, from that place on.
    void drain(std::size_t first = 0) noexcept {
        for (std::size_t i = first; i != places_.size(); ++i) {
            if (places_[i].block != nullptr) {
                remove(places_[i]);
            }
        }
    }

    void step() {
        const heap_step& next = advance();
        place& at = places_[next.place];
        if (at.block != nullptr) {
            remove(at);
            barrier(); // a real program does other things in between; without it the two fuse into nothing
            if (does_.taken == when_taken::free) {
                return;
            }
        }
        put(at, next.bytes);
    }

    // The same, and what the block that goes holds. Nothing where blocks hold nothing.
    void step(digest& seen) {
        const place& at = places_[does_.steps[at_ & (does_.steps.size() - 1)].place];
        if constexpr (Heap::gives_memory) {
            if (at.block != nullptr) {
                seen.add(stamp_of(at.block));
            }
        }
        step();
    }

    // The same, timed in two parts; where blocks come and go at different steps, the next of each.
    void step(single_times& times) {
        std::uint64_t gone = 0, came = 0;
        for (bool went = false, put_one = false; !went || !put_one;) {
            const heap_step& next = advance();
            place& at = places_[next.place];
            keep(at.block); // looked up before the clock starts
            const std::uint64_t begin = times.now();
            if (at.block != nullptr) {
                remove(at);
                barrier();
                gone = times.now() - begin;
                went = true;
                if (does_.taken == when_taken::free) {
                    continue;
                }
            }
            const std::uint64_t middle = times.now();
            put(at, next.bytes);
            came = times.now() - middle;
            put_one = true;
        }
        times.replaced(gone, came);
    }

    void fill(single_times& times) {
        for (const heap_step& each : does_.filling) {
            const std::uint64_t begin = times.now();
            put(places_[each.place], each.bytes);
            times.grown(times.now() - begin);
        }
    }

private:
    struct place {
        void* block = nullptr;
        std::uint32_t bytes = 0;
    };

    const heap_step& advance() noexcept {
        constexpr std::size_t ahead = 16; // a place that is not in the cache is no part of the question
        __builtin_prefetch(&places_[does_.steps[(at_ + ahead) & (does_.steps.size() - 1)].place]);
        return does_.steps[at_++ & (does_.steps.size() - 1)];
    }
    void put(place& at, std::uint32_t bytes) {
        at.block = Heap::take(bytes);
        at.bytes = bytes;
        touch(at.block, does_.touched ? bytes : sizeof(std::uint64_t), next_++);
        barrier();
        ++live_;
        live_bytes_ += bytes;
    }
    void remove(place& at) noexcept {
        Heap::give(at.block);
        at.block = nullptr;
        --live_;
        live_bytes_ -= at.bytes;
    }

    heap_stream does_;
    table<place> places_;
    std::size_t at_ = 0;
    std::uint64_t next_ = 0;
    std::size_t live_ = 0;
    std::uint64_t live_bytes_ = 0;
};

// Threads that do so side by side, each at its own places. `make(where, thread)` gives a thread its stream; the memory
// process and the one that times single operations ask for one thread.
template <class Heap, heap_stream (*Make)(const parameters& where, std::size_t thread)>
class heap_slots_subject final : public side_by_side, public memory_measurable, public per_operation {
public:
    explicit heap_slots_subject(const parameters& where)
        : side_by_side(where.has("threads") ? static_cast<std::size_t>(where.number("threads")) : 1) {
        for (std::size_t k = 0; k != threads(); ++k) {
            shares_.emplace_back(Make(where, k));
        }
    }

    std::uint64_t verify() override {
        if (!filled_) {
            build();
        }
        digest all;
        for (share& each : shares_) { // one after the other: only the times are about threads
            const std::size_t asked = each.slots.stream().steps_before_the_clock;
            for (std::size_t left = asked != 0 ? asked : each.slots.size(); left != 0; --left) {
                each.slots.step(all);
            }
        }
        return all.value();
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return threads() * steps_a_thread; }

    [[nodiscard]] std::size_t usual_objects() const override {
        std::size_t all = 0;
        for (const share& each : shares_) {
            all += each.slots.stream().filling.size();
        }
        return all;
    }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override {
        for (share& each : shares_) {
            each.slots.fill();
        }
        filled_ = true;
    }
    [[nodiscard]] object_sizes sizes() override {
        std::size_t live = 0;
        std::uint64_t bytes = 0;
        for (const share& each : shares_) {
            live += each.slots.live();
            bytes += each.slots.live_bytes();
        }
        return mean_sizes(bytes, live);
    }
    bool churn() override {
        for (share& each : shares_) {
            for (std::size_t left = 2 * each.slots.size(); left != 0; --left) {
                each.slots.step();
            }
        }
        return true;
    }
    void release() override {
        for (share& each : shares_) {
            each.slots.drain();
        }
        filled_ = false;
    }

    [[nodiscard]] std::size_t live_objects() const override { return shares_[0].slots.stream().filling.size(); }
    void time_operations(single_times& times) override {
        heap_slots<Heap>& mine = shares_[0].slots;
        mine.fill(times);
        for (std::size_t left = times.operations(); left != 0; --left) {
            if (times.due()) [[unlikely]] {
                mine.step(times);
            } else {
                mine.step();
            }
        }
    }

private:
    static constexpr std::uint64_t steps_a_thread = 256; // in one iteration: more threads than CPUs take turns within it

    struct alignas(128) share {
        explicit share(heap_stream does) : slots(std::move(does)) {}
        heap_slots<Heap> slots;
    };

    void work(std::size_t thread, std::uint64_t iterations) override {
        heap_slots<Heap>& mine = shares_[thread].slots;
        for (std::uint64_t left = iterations * steps_a_thread; left != 0; --left) {
            mine.step();
        }
    }

    bool filled_ = false;
    std::deque<share> shares_;
};

} // namespace poolmark::benchmarks
