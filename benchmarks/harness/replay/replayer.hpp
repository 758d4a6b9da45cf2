// Does again what the threads of a recorded process asked of its heap: the same operations with the same sizes, each thread in its order,
// and blocks that pass from one thread to another only when they are there. Blocks are written to, as a program would.
//
// Good for: a heap's part in the time of a program. Nothing is allocated here, and what is read is mapped before.
// Bad for:  what the program does with its memory. Its own accesses, which a better placed block makes faster, are not recorded.
#pragma once

#include "benchmarks/harness/replay/format.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace poolmark::replaying {

// The heap of this process, by the function that the program called. Any thread may call. Throws std::bad_alloc.
struct process_heap_again {
    static constexpr bool gives_memory = true; // what was written to a block is there when it goes
    static constexpr std::uint64_t most_written = ~std::uint64_t{0}; // of a block, bytes

    [[nodiscard]] static void* take(deed how, std::size_t bytes, unsigned align_log2) {
        void* block = nullptr;
        const std::size_t alignment = std::size_t{1} << align_log2;
        switch (how) {
        case deed::zeroed: block = std::calloc(1, bytes); break;
        case deed::aligned: block = ::posix_memalign(&block, std::max(alignment, sizeof(void*)), bytes) == 0 ? block : nullptr; break;
        case deed::plain_new: block = align_log2 == 0 ? ::operator new(bytes) : ::operator new(bytes, std::align_val_t{alignment}); break;
        case deed::array_new: block = align_log2 == 0 ? ::operator new[](bytes) : ::operator new[](bytes, std::align_val_t{alignment}); break;
        default: block = std::malloc(bytes);
        }
        return checked(block, bytes);
    }
    [[nodiscard]] static void* resize(void* block, std::size_t bytes) { return checked(std::realloc(block, bytes), bytes); }
    static void give(deed how, void* block, unsigned align_log2) noexcept {
        asm volatile("" : "+r"(block) : : "memory"); // which function it came from is nothing that the compiler can know
        const std::align_val_t alignment{std::size_t{1} << align_log2};
        switch (how) {
        case deed::plain_delete: align_log2 == 0 ? ::operator delete(block) : ::operator delete(block, alignment); break;
        case deed::array_delete: align_log2 == 0 ? ::operator delete[](block) : ::operator delete[](block, alignment); break;
        default: std::free(block);
        }
    }

private:
    static void* checked(void* block, std::size_t bytes) {
        if (block == nullptr && bytes != 0) [[unlikely]] {
            throw std::bad_alloc();
        }
        return block;
    }
};

// `Wait{}(condition)` returns when the condition holds.
template <class Heap, class Wait>
class replayer {
public:
    // The file has to outlive it.
    explicit replayer(const ops_file& file) : file_(file) {
        slots_ = static_cast<slot*>(page_source::allocate(slot_bytes(), alignof(slot)));
        lanes_ = static_cast<lane*>(page_source::allocate(lane_bytes(), alignof(lane)));
        for (std::size_t i = 0; i != file.head().slots; ++i) { // touched before anything is timed
            new (slots_ + i) slot;
        }
        for (std::uint32_t i = 0; i != file.head().threads; ++i) {
            new (lanes_ + i) lane;
            begin(i);
        }
    }
    ~replayer() {
        page_source::deallocate(slots_, slot_bytes(), alignof(slot));
        page_source::deallocate(lanes_, lane_bytes(), alignof(lane));
    }
    replayer(const replayer&) = delete;
    replayer& operator=(const replayer&) = delete;

    // Thread `number` plays its part: to the point where the program ended, then the rest, which gives back what the program left. Each of
    // the threads has to play, at the same time. A replay that is over may be begun again.
    void play(std::uint32_t number) { go_on(lanes_[number], number, true); }
    void give_rest(std::uint32_t number) {
        lane& mine = lanes_[number];
        go_on(mine, number, false);
        ++mine.replay;
        begin(number);
        mine.reached.store(mine.replay << 32U, std::memory_order_release);
    }

    // What the blocks held when they went, of all replays since the last call. It depends neither on the heap nor on how threads ran.
    [[nodiscard]] std::uint64_t take_digest() noexcept {
        std::uint64_t sum = 0;
        for (std::uint32_t i = 0; i != file_.head().threads; ++i) {
            sum += lanes_[i].seen;
            lanes_[i].seen = 0;
        }
        return sum;
    }

private:
    struct slot {
        void* block = nullptr;
        std::atomic<std::uint64_t> turn{0}; // which replay, and how many blocks of it were published
    };
    struct alignas(128) lane { // of one thread
        const std::uint32_t* at = nullptr;
        std::uint64_t replay = 0;
        std::uint64_t stamp = 0;
        std::uint64_t seen = 0;
        alignas(128) std::atomic<std::uint64_t> reached{0}; // which replay, and the window before which there is nothing left to do
    };

    [[nodiscard]] std::size_t slot_bytes() const noexcept { return std::max<std::size_t>(1, file_.head().slots) * sizeof(slot); }
    [[nodiscard]] std::size_t lane_bytes() const noexcept { return file_.head().threads * sizeof(lane); }

    void begin(std::uint32_t number) noexcept {
        lanes_[number].at = file_.begin_of(number);
        lanes_[number].stamp = std::uint64_t{number} << 48U;
    }

    void go_on(lane& mine, std::uint32_t number, bool to_the_end) {
        const std::uint32_t* const stop = file_.end_of(number);
        const std::uint32_t* at = mine.at;
        std::uint64_t stamp = mine.stamp, seen = mine.seen;
        while (at != stop) {
            const step now = next_step(at);
            if (now.what == deed::meet) [[unlikely]] {
                meet(mine, number, now.bytes);
                continue;
            }
            if (now.what == deed::end) [[unlikely]] {
                mine.reached.store(mine.replay << 32U | 0xFFFFFFFFU, std::memory_order_release);
                if (to_the_end) {
                    break;
                }
                continue;
            }
            slot& place = slots_[now.slot];
            if (takes(now.what)) {
                place.block = Heap::take(now.what, now.bytes, now.align_log2);
                write(place.block, 0, now.bytes, ++stamp);
                if (now.handed) {
                    publish(place, mine.replay);
                }
                continue;
            }
            if (now.waits) [[unlikely]] {
                const std::uint64_t wanted = mine.replay << 32U | now.turn;
                Wait{}([&] { return place.turn.load(std::memory_order_acquire) == wanted; });
            }
            if (now.what == deed::resize) {
                seen += mixed(first_bytes(place.block, std::min(now.before, now.bytes)));
                place.block = Heap::resize(place.block, now.bytes);
                seen += mixed(first_bytes(place.block, std::min(now.before, now.bytes)));
                write(place.block, std::min(now.before, now.bytes), now.bytes, ++stamp);
                if (now.handed) {
                    publish(place, mine.replay);
                }
            } else {
                seen += mixed(first_bytes(place.block, now.bytes));
                Heap::give(now.what, place.block, now.align_log2);
            }
        }
        mine.at = at;
        mine.stamp = stamp;
        mine.seen = seen;
    }

    void meet(lane& mine, std::uint32_t number, std::uint64_t window) {
        const std::uint64_t here = mine.replay << 32U | window;
        mine.reached.store(here, std::memory_order_release);
        for (std::uint32_t other = 0; other != file_.head().threads; ++other) {
            if (other != number) {
                Wait{}([&] { return lanes_[other].reached.load(std::memory_order_acquire) >= here; });
            }
        }
    }

    // Only the thread that owns the slot counts.
    static void publish(slot& place, std::uint64_t replay) noexcept {
        const std::uint64_t turn = place.turn.load(std::memory_order_relaxed);
        place.turn.store(turn >> 32U == replay ? turn + 1 : replay << 32U | 1U, std::memory_order_release);
    }

    // A word into each line of a small block, into each page of a large one: what a program does to most of its blocks.
    static void write(void* block, std::uint64_t from, std::uint64_t bytes, std::uint64_t stamp) noexcept {
        bytes = std::min(bytes, Heap::most_written);
        constexpr std::uint64_t small = 1024, line = 64, page = 4096;
        auto* const begin = static_cast<unsigned char*>(block);
        const std::uint64_t stride = bytes <= small ? line : page;
        if (bytes < sizeof stamp) {
            std::memcpy(begin, &stamp, bytes);
            return;
        }
        std::memcpy(begin, &stamp, sizeof stamp);
        for (std::uint64_t at = std::max(stride, (from + stride - 1) / stride * stride); at + sizeof stamp <= bytes; at += stride) {
            std::memcpy(begin + at, &stamp, sizeof stamp);
        }
    }
    [[nodiscard]] static std::uint64_t first_bytes(const void* block, std::uint64_t bytes) noexcept {
        std::uint64_t value = 0;
        if constexpr (!Heap::gives_memory) {
            return value;
        }
        if (bytes >= sizeof value) {
            std::memcpy(&value, block, sizeof value);
        } else {
            std::memcpy(&value, block, bytes);
        }
        return value;
    }
    [[nodiscard]] static std::uint64_t mixed(std::uint64_t value) noexcept {
        value = (value ^ 0xcbf29ce484222325U) * 0x9E3779B97F4A7C15U;
        return value ^ value >> 29U;
    }

    const ops_file& file_;
    slot* slots_ = nullptr;
    lane* lanes_ = nullptr;
};

} // namespace poolmark::replaying
