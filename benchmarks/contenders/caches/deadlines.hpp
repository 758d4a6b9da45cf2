// Which keys are due: nothing at all, a heap, a wheel. What an expiring cache finds its dead entries by.
//
//   heap    [ soonest ] [ later ] [ later ] ...               exact; O(log n) a key
//   wheel   [0][1]...[63]  64 ticks each ahead ──► [0]...[63]  of 64 times that ──► ...      O(1) a key, a tick late
//
// A record may be stale: its key was put again or is gone. Who learns that a key is due asks the cache.
//
// Good for: the layer `expiring`.
// Bad for:  timers: nothing happens before somebody uses the cache.
// Complexity: as said.
// Bytes:    a key and 8 for each record; the wheel has 256 vectors.
// Threads:  one at a time.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace poolmark::detail {

template <class K>
struct deadline {
    std::chrono::nanoseconds until;
    K key;
};

template <class K>
class no_deadlines {
public:
    explicit no_deadlines(std::chrono::nanoseconds /*now*/) noexcept {}
    void add(const K& /*key*/, std::chrono::nanoseconds /*until*/) noexcept {}
    template <class Due>
    void each_due(std::chrono::nanoseconds /*now*/, Due&& /*due*/) noexcept {}
    template <class Valid>
    void keep_if(Valid&& /*valid*/) noexcept {}
    void clear() noexcept {}
    [[nodiscard]] std::size_t size() const noexcept { return 0; }
};

template <class K>
class deadline_heap {
public:
    explicit deadline_heap(std::chrono::nanoseconds /*now*/) noexcept {}

    void add(const K& key, std::chrono::nanoseconds until) {
        heap_.push_back({until, key});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    template <class Due>
    void each_due(std::chrono::nanoseconds now, Due&& due) {
        while (!heap_.empty() && heap_.front().until <= now) {
            std::pop_heap(heap_.begin(), heap_.end(), later);
            due(heap_.back().key);
            heap_.pop_back();
        }
    }
    template <class Valid>
    void keep_if(Valid&& valid) {
        std::erase_if(heap_, std::not_fn(valid));
        std::make_heap(heap_.begin(), heap_.end(), later);
    }
    void clear() noexcept { heap_.clear(); }
    [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

private:
    static bool later(const deadline<K>& one, const deadline<K>& other) noexcept { return one.until > other.until; }

    std::vector<deadline<K>> heap_;
};

template <class K, std::int64_t TickNanoseconds>
class deadline_wheel {
public:
    explicit deadline_wheel(std::chrono::nanoseconds now) : now_(now.count() / TickNanoseconds) {}

    void add(const K& key, std::chrono::nanoseconds until) {
        place({until, key});
        ++size_;
    }

    template <class Due>
    void each_due(std::chrono::nanoseconds now, Due&& due) {
        const std::int64_t to = now.count() / TickNanoseconds;
        if (to <= now_) {
            return;
        }
        const std::int64_t from = std::exchange(now_, to);
        for (unsigned level = 0; level != levels; ++level) {
            const std::int64_t first = from >> (bits * level);
            const std::int64_t last = to >> (bits * level);
            if (first == last) { // nor has any level above moved
                return;
            }
            for (std::int64_t at = first; at != last && at - first != slots;) {
                turn(level, ++at, now, due);
            }
        }
    }

    template <class Valid>
    void keep_if(Valid&& valid) {
        size_ = 0;
        for (auto& level : wheel_) {
            for (auto& slot : level) {
                std::erase_if(slot, std::not_fn(valid));
                size_ += slot.size();
            }
        }
    }
    void clear() noexcept {
        keep_if([](const deadline<K>&) { return false; });
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    static constexpr unsigned bits = 6;
    static constexpr unsigned levels = 4;
    static constexpr std::int64_t slots = 1 << bits;
    static constexpr std::int64_t farthest = (std::int64_t{1} << (bits * levels)) - 1; // ticks ahead

    void place(deadline<K>&& record) {
        const std::int64_t due = record.until.count() / TickNanoseconds + 1; // rounded up: never early
        const std::int64_t left = std::numeric_limits<std::int64_t>::max() - std::max<std::int64_t>(now_, 0); // of the clock
        const std::int64_t far = now_ + std::min(farthest, left);
        const std::int64_t tick = std::clamp(due, now_ + 1, far); // beyond: placed again when that is near
        unsigned level = 0;
        while ((tick - now_) >> (bits * (level + 1)) != 0) {
            ++level;
        }
        wheel_[level][static_cast<std::size_t>((tick >> (bits * level)) & (slots - 1))].push_back(std::move(record));
    }

    template <class Due>
    void turn(unsigned level, std::int64_t at, std::chrono::nanoseconds now, Due&& due) {
        auto& slot = wheel_[level][static_cast<std::size_t>(at & (slots - 1))];
        std::vector<deadline<K>> taken;
        taken.swap(slot);
        for (deadline<K>& record : taken) {
            if (record.until <= now) {
                --size_;
                due(record.key);
            } else {
                place(std::move(record));
            }
        }
        if (slot.empty()) { // its memory is used again
            taken.clear();
            slot.swap(taken);
        }
    }

    std::array<std::array<std::vector<deadline<K>>, slots>, levels> wheel_;
    std::int64_t now_; // in ticks
    std::size_t size_ = 0;
};

} // namespace poolmark::detail
