// A store that any threads may use.
#include "benchmarks/contenders/stores/file_store.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace poolmark::tests {
namespace {

TEST(file_stores, serve_threads_that_write_read_and_remove_the_same_keys) {
    const scratch_folder folder;
    file_store store(folder.path() / "cache");
    std::vector<std::thread> threads;
    std::vector<int> wrong(4);
    for (std::size_t number = 0; number != wrong.size(); ++number) {
        threads.emplace_back([&, number] {
            for (int i = 0; i != 100; ++i) {
                const std::string key = "key " + std::to_string(i % 5);
                wrong[number] += store.put(key, std::string(1000, static_cast<char>('a' + number))) ? 0 : 1;
                if (const auto found = store.get(key)) { // all of one writer
                    wrong[number] += found->size() == 1000 && found->find_first_not_of((*found)[0]) == found->npos ? 0 : 1;
                }
                if (i % 10 == 0) {
                    static_cast<void>(store.erase(key));
                    static_cast<void>(store.size());
                }
            }
        });
    }
    for (std::thread& each : threads) {
        each.join();
    }
    EXPECT_EQ(wrong, std::vector<int>(4));
    EXPECT_LE(store.size(), 5U);
}

} // namespace
} // namespace poolmark::tests
