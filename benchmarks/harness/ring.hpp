// A queue of pointers from one thread to one other, in batches. Each side looks at the other's position only when
// its last look is used up, so that a batch costs a cache line or two on its way.
//
//   writer ──► │ read │ read │ written │ written │ free │ free │
//                            ▲ read_             ▲ written_
//
// Good for: two threads that keep up with each other.
// Bad for:  more than two; waiting for long, since both sides spin.
#pragma once

#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/team.hpp"

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace poolmark::benchmarks {

template <class T>
class ring {
public:
    explicit ring(std::size_t fewest_places) : places_(std::bit_ceil(fewest_places)) {}

    [[nodiscard]] T*& at(std::uint64_t position) { return places_[position & (places_.size() - 1)]; }

    void wait_to_write(std::uint64_t end) {
        if (end - read_seen_ > places_.size()) {
            spin_until(
                [&] { return end - (read_seen_ = read_.load(std::memory_order_acquire)) <= places_.size(); });
        }
    }
    void written(std::uint64_t end) { written_.store(end, std::memory_order_release); }

    void wait_to_read(std::uint64_t end) {
        if (written_seen_ < end) {
            spin_until([&] { return (written_seen_ = written_.load(std::memory_order_acquire)) >= end; });
        }
    }
    // For a reader that has other queues to look at and must not wait at this one.
    [[nodiscard]] std::uint64_t written_by_now() { return written_seen_ = written_.load(std::memory_order_acquire); }
    void read(std::uint64_t end) { read_.store(end, std::memory_order_release); }

private:
    table<T*> places_;
    alignas(128) std::atomic<std::uint64_t> written_{0};
    std::uint64_t read_seen_ = 0; // the writer's
    alignas(128) std::atomic<std::uint64_t> read_{0};
    std::uint64_t written_seen_ = 0; // the reader's
};

} // namespace poolmark::benchmarks
