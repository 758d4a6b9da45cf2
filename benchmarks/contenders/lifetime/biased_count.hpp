// A count in two halves: the thread that made the object counts in one without locking, all others share the other.
//
//   owner     ++ -- ──► local  3 │
//   others    ++ -- ──► shared 1 │ merged? │ queued?        references = local + shared, once both are one
//
// When the owner's half falls to 0 the halves are merged, and from then on everybody counts atomically. A reference
// that the owner made and another thread dropped is found out when the shared half falls below 0: the count is
// queued with its owner, who merges it in settle() or when the thread ends. After that, others merge it themselves.
//
// Good for: objects of which nearly all references come and go in the thread that made them.
// Bad for:  objects that are made here and used there; owners that never settle(): what waits for them lives on.
// Complexity: O(1); settle O(counts queued). Bytes: 48. Threads: any.
#pragma once

#include "benchmarks/contenders/lifetime/intrusive_ref.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>

namespace poolmark {

class biased_count {
public:
    using ending = void (*)(biased_count&) noexcept;

    biased_count() : owner_(this_thread()), home_(owner_.load(std::memory_order_relaxed)) {}
    biased_count(const biased_count&) = delete;
    biased_count& operator=(const biased_count&) = delete;
    ~biased_count() = default;

    void retain() noexcept {
        if (is_mine()) {
            ++local_;
        } else {
            shared_.fetch_add(one, std::memory_order_relaxed);
        }
    }

    void release(ending end) noexcept {
        if (!is_mine()) {
            release_shared(end);
        } else if (--local_ == 0) {
            // Nothing shared: there is no other reference, hence nobody to agree with.
            if (shared_.load(std::memory_order_acquire) == 0 || merge(false)) {
                end(*this);
            }
        }
    }

    // The sum of both halves. Of the owner's half, other threads may see an old value.
    [[nodiscard]] std::uint64_t value() const noexcept {
        return static_cast<std::uint64_t>(local_ + (shared_.load(std::memory_order_acquire) >> flag_bits));
    }
    [[nodiscard]] bool is_merged() const noexcept {
        return (shared_.load(std::memory_order_acquire) & merged) != 0;
    }

    // Merges the counts of this thread that other threads brought below 0, and ends the objects that nobody holds.
    static void settle() noexcept {
        if (mine_ != nullptr) {
            merge_all(mine_->take_queue(false));
        }
    }

private:
    static constexpr int flag_bits = 2;
    static constexpr std::int64_t merged = 1;
    static constexpr std::int64_t queued = 2;
    static constexpr std::int64_t one = 1 << flag_bits;

    // One for each thread that made such a count. A later thread gets it again, and with it the counts that the
    // former one left behind.
    class record {
    public:
        // Leaves the count to its owner, or, when that thread is gone, merges it: true when nobody holds the object.
        [[nodiscard]] bool settle_or_queue(biased_count& count, ending last) noexcept {
            const std::scoped_lock only(lock_);
            if (ended_) {
                return count.merge(true);
            }
            count.end_ = last;
            count.next_ = std::exchange(queue_, &count);
            return false;
        }
        [[nodiscard]] biased_count* take_queue(bool thread_ends) noexcept {
            const std::scoped_lock only(lock_);
            ended_ = thread_ends;
            return std::exchange(queue_, nullptr);
        }

        [[nodiscard]] static record* begin() {
            idle_records& idle = all_idle();
            const std::scoped_lock only(idle.lock);
            if (idle.first == nullptr) {
                return new record;
            }
            record* const again = std::exchange(idle.first, idle.first->next_idle_);
            static_cast<void>(again->take_queue(false)); // nothing is queued for a thread that has ended
            return again;
        }
        void end() noexcept {
            merge_all(take_queue(true));
            idle_records& idle = all_idle();
            const std::scoped_lock only(idle.lock);
            next_idle_ = std::exchange(idle.first, this);
        }

    private:
        struct idle_records {
            std::mutex lock;
            record* first = nullptr;
        };
        [[nodiscard]] static idle_records& all_idle() {
            static idle_records* const all = new idle_records; // outlives every thread's end
            return *all;
        }

        std::mutex lock_;
        biased_count* queue_ = nullptr;
        bool ended_ = false;
        record* next_idle_ = nullptr;
    };

    // Ends the record with its thread, which from there on counts as any other.
    struct visit {
        record* const own = record::begin();
        visit() { mine_ = own; }
        visit(const visit&) = delete;
        visit& operator=(const visit&) = delete;
        ~visit() {
            mine_ = nullptr;
            own->end();
        }
    };

    [[nodiscard]] static record* this_thread() {
        if (mine_ == nullptr) [[unlikely]] {
            thread_local visit here;
            return here.own;
        }
        return mine_;
    }

    // A merged count has no owner, and a thread that made none is nobody's owner.
    [[nodiscard]] bool is_mine() const noexcept {
        return owner_.load(std::memory_order_relaxed) == mine_ && mine_ != nullptr;
    }

    void release_shared(ending end) noexcept {
        std::int64_t before = shared_.load(std::memory_order_relaxed);
        std::int64_t after = 0;
        do {
            after = before - one;
            if ((before & (merged | queued)) == 0 && after < 0) {
                after |= queued;
            }
        } while (
            !shared_.compare_exchange_weak(before, after, std::memory_order_acq_rel, std::memory_order_relaxed));
        if ((before & merged) != 0) {
            if (after >> flag_bits == 0) {
                end(*this);
            }
        } else if ((after & queued) != (before & queued) && home_->settle_or_queue(*this, end)) {
            end(*this);
        }
    }

    // Adds the owner's half to the shared one; true when nobody holds the object. The caller is the owner or speaks
    // for it. A count that is queued stays apart until it is taken from the queue: somebody still holds its address.
    [[nodiscard]] bool merge(bool from_queue) noexcept {
        record* const owner = owner_.load(std::memory_order_relaxed);
        const std::int64_t owned = local_ * one;
        owner_.store(nullptr, std::memory_order_relaxed); // before others may end the object
        std::int64_t before = shared_.load(std::memory_order_relaxed);
        std::int64_t after = 0;
        do {
            if ((before & queued) != 0 && !from_queue) {
                owner_.store(owner, std::memory_order_relaxed);
                return false;
            }
            after = ((before & ~queued) + owned) | merged;
        } while (
            !shared_.compare_exchange_weak(before, after, std::memory_order_acq_rel, std::memory_order_relaxed));
        return after >> flag_bits == 0;
    }

    static void merge_all(biased_count* first) noexcept {
        while (first != nullptr) {
            biased_count* const next = first->next_; // it may be gone after the merge
            if (first->merge(true)) {
                first->end_(*first);
            }
            first = next;
        }
    }

    static inline constinit thread_local record* mine_ = nullptr;

    std::atomic<record*> owner_;
    std::int64_t local_ = 1;
    std::atomic<std::int64_t> shared_{0};
    record* const home_;
    biased_count* next_ = nullptr;
    ending end_ = nullptr;
};

static_assert(reference_count<biased_count>);

} // namespace poolmark
