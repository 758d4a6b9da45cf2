// What is peculiar to cpu_pool: threads that are interrupted and moved in the middle of everything, and processes
// in which the kernel offers no restartable sequences.
#include "tests/pools/shared_pools.hpp"
#include "tests/support/subprocess.hpp"

#include <sys/time.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <utility>

namespace poolmark::tests {
namespace {

using pool_of_stamped = cpu_pool<stamped, counted_source>;

// Set by the test below in the process that it starts.
bool without_rseq() { return std::getenv("POOLMARK_TEST_WITHOUT_RSEQ") != nullptr; }

bool kernel_offers_sequences() { return detail::cpu_blocks<1, 16>::available(); }

TEST(cpu_pool, keeps_blocks_by_cpu_where_the_kernel_lets_it) {
    pool_of_stamped wanted;
    wanted.release(wanted.acquire());
    EXPECT_EQ(wanted.by_cpu(), kernel_offers_sequences());
    EXPECT_FALSE(without_rseq() && wanted.by_cpu());
    pool_of_stamped unwanted(0, per_cpu::never);
    unwanted.release(unwanted.acquire());
    EXPECT_FALSE(unwanted.by_cpu());
}

TEST(cpu_pool, does_without_by_cpu_where_there_is_no_memory_for_the_arrays) {
    pool_of_stamped source;
    counted_source::slabs_left = 0;
    EXPECT_THROW(static_cast<void>(source.acquire()), std::bad_alloc);
    counted_source::slabs_left = counted_source::unlimited;
    source.release(source.acquire());
    EXPECT_EQ(source.by_cpu(), kernel_offers_sequences());
}

// A signal's handler uses the same array, in between any two instructions of the sequence that it interrupts.
// Each time it leaves the array in another state than it found.
using few_blocks = detail::cpu_blocks<8, 128>;
few_blocks interrupted;
std::atomic<int> interruptions = 0;

void interrupt(int /*signal*/) {
    static void* kept = nullptr;
    void* newest = nullptr;
    void* second = nullptr;
    if (kept != nullptr) {
        static_cast<void>(interrupted.push(std::exchange(kept, nullptr)));
    } else if (interrupted.pop(newest) == few_blocks::outcome::done) {
        if (interrupted.pop(second) == few_blocks::outcome::done) {
            static_cast<void>(interrupted.push(newest)); // now below the one that it was above
            kept = second;
        } else {
            kept = newest;
        }
    }
    interruptions.fetch_add(1);
}

TEST(cpu_blocks, start_again_when_a_sequence_is_interrupted) {
    if (!few_blocks::available()) {
        GTEST_SKIP() << "the kernel offers no restartable sequences here";
    }
    alignas(128) static std::byte area[1024 * 128];
    std::array<char, 6> tokens{};
    std::multiset<void*> left;
    sigset_t alarms;
    ::sigemptyset(&alarms);
    ::sigaddset(&alarms, SIGALRM);
    ::pthread_sigmask(SIG_BLOCK, &alarms, nullptr); // for the thread below alone
    std::jthread([&] {
        move_to(0);
        interrupted = {area, 1024};
        for (char& token : tokens) {
            ASSERT_EQ(interrupted.push(&token), few_blocks::outcome::done);
        }
        std::signal(SIGALRM, interrupt);
        ::pthread_sigmask(SIG_UNBLOCK, &alarms, nullptr);
        const itimerval often{{0, 30}, {0, 30}};
        ::setitimer(ITIMER_REAL, &often, nullptr);
        const auto begin = std::chrono::steady_clock::now();
        std::array<void*, 2> two{};
        while (interruptions < 3000 && // fewer are enough where they take long
               std::chrono::steady_clock::now() - begin < std::chrono::seconds(interruptions > 2 ? 2 : 120)) {
            for (int i = 0; i != 1000; ++i) {
                void* one = nullptr;
                if (interrupted.pop(one) == few_blocks::outcome::done) {
                    static_cast<void>(interrupted.push(one));
                }
                if (interrupted.pop_many(two.data(), 2) == few_blocks::outcome::done) {
                    static_cast<void>(interrupted.push_many(two.data(), 2));
                }
            }
        }
        const itimerval never{};
        ::setitimer(ITIMER_REAL, &never, nullptr);
        std::signal(SIGALRM, SIG_IGN);
        for (int i = 0; i != 2; ++i) { // the handler may have kept one
            interrupt(0);
            for (void* each = nullptr; interrupted.pop(each) == few_blocks::outcome::done;) {
                left.insert(each);
            }
        }
    }).join();
    ::pthread_sigmask(SIG_UNBLOCK, &alarms, nullptr);
    EXPECT_GT(interruptions, 2);
    EXPECT_EQ(left.size(), tokens.size());
    EXPECT_EQ(std::set<void*>(left.begin(), left.end()).size(), tokens.size()) << "one twice, another lost";
}

// More threads than CPUs, each of which goes from CPU to CPU and gives way in between.
TEST(cpu_pool, keeps_blocks_apart_while_threads_are_interrupted_and_moved) {
    pool_of_stamped source;
    std::atomic<int> wrong = 0;
    in_threads(8, [&](std::size_t me) {
        std::mt19937 random(static_cast<unsigned>(me));
        std::vector<std::pair<stamped*, std::uint64_t>> live;
        for (std::uint64_t i = 0; i != 40'000; ++i) {
            if (i % 4096 == 0) {
                move_to(random() % 2);
            } else if (i % 1024 == 0) {
                std::this_thread::yield();
            }
            if (live.size() < 10 || (live.size() < 1000 && random() % 8000 < (i % 8000 < 4000 ? 5000u : 3000u))) {
                const std::uint64_t value = me << 40U | i << 8U;
                live.emplace_back(::new (source.acquire()) stamped, value);
                live.back().first->stamp(value);
            } else {
                std::swap(live[random() % live.size()], live.back());
                wrong += !live.back().first->has(live.back().second);
                source.release(live.back().first);
                live.pop_back();
            }
        }
        for (const auto& [object, value] : live) {
            wrong += !object->has(value);
            source.release(object);
        }
    });
    EXPECT_EQ(wrong, 0);
}

// Each block of the pool is handed out once: none was lost and none doubled, on whatever CPU it lies.
TEST(cpu_pool, loses_no_block_to_an_interrupted_sequence) {
    pool_of_stamped source;
    std::vector<void*> all(5000);
    for (int round = 0; round != 20; ++round) {
        for (void*& block : all) {
            block = source.acquire();
        }
        const std::size_t bytes = counted_source::bytes_out;
        in_threads(5, [&](std::size_t me) {
            for (std::size_t i = me * 1000; i != (me + 1) * 1000; ++i) {
                if (i % 200 == 0) {
                    move_to(i / 200 % 2);
                }
                source.release(all[i]);
            }
        });
        if (round > 2) {
            EXPECT_EQ(counted_source::bytes_out, bytes);
        }
    }
}

TEST(cpu_pool, works_in_a_process_without_restartable_sequences) {
    if (without_rseq() || !kernel_offers_sequences()) {
        GTEST_SKIP() << "this is such a process";
    }
    const finished answer =
        run("env -u GTEST_TOTAL_SHARDS -u GTEST_SHARD_INDEX -u GTEST_OUTPUT POOLMARK_TEST_WITHOUT_RSEQ=1 GLIBC_TUNABLES=glibc.pthread.rseq=0 '" +
            std::filesystem::read_symlink("/proc/self/exe").string() + "' --gtest_filter='*cpu_pool*'");
    EXPECT_EQ(answer.code, 0) << answer.out << answer.err;
    EXPECT_NE(answer.out.find("[  PASSED  ]"), std::string::npos) << answer.out;
}

} // namespace
} // namespace poolmark::tests
