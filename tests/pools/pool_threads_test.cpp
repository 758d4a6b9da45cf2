// Pools that promise to be used by any threads at once: blocks stay apart, also when others release them.
#include "pools/errors.hpp"
#include "tests/pools/erased_pool.hpp"

#include <array>
#include <atomic>
#include <latch>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace poolmark::tests {
namespace {

constexpr std::size_t threads = 4;
constexpr std::size_t live_each = 60;
constexpr std::size_t shared_places = 40;
constexpr std::size_t words = usual.bytes / sizeof(std::uint64_t);

struct marked_block {
    std::uint64_t* block = nullptr; // null: none
    std::uint64_t mark = 0;
};

// A pool and a table on which its threads leave blocks for each other.
class shared_pool {
public:
    explicit shared_pool(const pool_kind& kind) : source_(kind.make(threads * live_each + shared_places)) {}

    void work(std::uint32_t thread, int operations) {
        start_.arrive_and_wait(); // short work would otherwise be done by one thread before the next one runs
        std::mt19937 random(thread);
        std::vector<marked_block> live;
        for (int i = 0; i != operations; ++i) {
            if (live.empty() || (live.size() < live_each && random() % 2 == 0)) {
                take(live, (std::uint64_t{thread} << 32) + static_cast<std::uint64_t>(i));
                continue;
            }
            marked_block& chosen = live[random() % live.size()];
            if (random() % 2 == 0) {
                swap_with_table(chosen, random() % shared_places);
            }
            give_back(std::exchange(chosen, live.back()));
            live.pop_back();
        }
        for (const marked_block& one : live) {
            give_back(one);
        }
    }

    void clear_table() {
        for (marked_block& one : table_) {
            give_back(std::exchange(one, {}));
        }
    }

    [[nodiscard]] std::size_t overwritten() const { return overwritten_; }

private:
    void take(std::vector<marked_block>& live, std::uint64_t mark) {
        try {
            auto* const block = static_cast<std::uint64_t*>(source_->acquire());
            std::fill_n(block, words, mark);
            live.push_back({block, mark});
        } catch (const pool_exhausted&) {
            // Of a fixed number of slots, some may wait where another thread has released them.
        }
    }

    void swap_with_table(marked_block& mine, std::size_t place) {
        const std::lock_guard<std::mutex> lock(mutex_);
        std::swap(mine, table_[place]);
    }

    void give_back(const marked_block& one) {
        if (one.block != nullptr) {
            const auto kept = static_cast<std::size_t>(std::count(one.block, one.block + words, one.mark));
            overwritten_ += words - kept;
            source_->release(one.block);
        }
    }

    std::unique_ptr<erased_pool> source_;
    std::latch start_{threads};
    std::mutex mutex_;
    std::array<marked_block, shared_places> table_{};
    std::atomic<std::size_t> overwritten_ = 0;
};

TEST(every_pool, that_is_thread_safe_keeps_blocks_apart_that_other_threads_release) {
    for_each_kind(usual_kinds(), [](const pool_kind& kind) {
        if (!kind.traits.thread_safe) {
            return;
        }
        shared_pool shared(kind);
        std::vector<std::thread> running;
        for (std::uint32_t thread = 0; thread != threads; ++thread) {
            running.emplace_back([&shared, thread] { shared.work(thread, 100'000); });
        }
        for (std::thread& one : running) {
            one.join();
        }
        shared.clear_table();
        expect_none(shared.overwritten(), "words that changed while their block was out");
    });
}

} // namespace
} // namespace poolmark::tests
