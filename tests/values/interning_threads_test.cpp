// Interning from many threads: one handle a text, and no text that leaves while somebody is being given it.
#include "benchmarks/contenders/values/string_sets.hpp"
#include "pools/values/sharded_interner.hpp"
#include "tests/support/threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace poolmark::tests {
namespace {

constexpr std::size_t thread_count = 8;

template <class Table>
void gives_one_handle_to_all() {
    Table table;
    std::vector<std::vector<typename Table::handle>> got(thread_count);
    in_threads(thread_count, [&](std::size_t i) {
        for (int key = 0; key != 200; ++key) {
            got[i].push_back(table.intern("key " + std::to_string(key)));
        }
    });
    for (const auto& each : got) {
        EXPECT_EQ(each, got.front());
    }
    EXPECT_EQ(table.size(), 200U);
}

TEST(sharded_interner, gives_8_threads_one_handle_a_text) { gives_one_handle_to_all<sharded_interner>(); }
TEST(locked_interner, gives_8_threads_one_handle_a_text) { gives_one_handle_to_all<locked_interner<>>(); }

// Every thread lets go of the text all the time, so that its last handle is dropped while others intern it again.
TEST(sharded_interner, hands_out_no_text_that_is_about_to_leave) {
    sharded_interner table;
    std::atomic<int> wrong{0};
    in_threads(thread_count, [&](std::size_t i) {
        const std::string own = "thread " + std::to_string(i % 2);
        for (int round = 0; round != 4000; ++round) {
            const interned* const shared = table.intern("resurrected");
            const interned* const mine = table.intern(own);
            const interned* const again = table.retain(shared);
            const std::uint32_t generation = shared->generation();
            if (round % 64 == 0) {
                std::this_thread::yield();
            }
            wrong += shared->text() != "resurrected" || mine->text() != own || shared->generation() != generation;
            wrong += table.intern("resurrected") != shared; // as long as it is held, it is the one
            table.drop(shared);
            table.drop(shared);
            table.drop(mine);
            table.drop(again);
        }
    });
    EXPECT_EQ(wrong.load(), 0);
    EXPECT_EQ(table.size(), 0U) << "the last handle of each took it out";
}

// Handles go to other threads: copied by some, dropped by others, the last one by anybody.
TEST(sharded_interner, counts_handles_that_change_threads) {
    sharded_interner table;
    const interned* const shared = table.intern("wandering");
    in_threads(thread_count, [&](std::size_t) {
        for (int round = 0; round != 5000; ++round) {
            table.drop(table.retain(shared));
        }
    });
    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.intern("wandering"), shared);
    table.drop(shared);
    table.drop(shared);
    EXPECT_EQ(table.size(), 0U);
}

} // namespace
} // namespace poolmark::tests
