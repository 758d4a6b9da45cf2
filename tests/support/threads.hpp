// Several threads at once.
#pragma once

#include <cstddef>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

namespace poolmark::tests {

// Runs work(0) to work(count - 1), each in a thread of its own, all at once, and waits for all.
inline void in_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::latch all_are_there(static_cast<std::ptrdiff_t>(count));
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i != count; ++i) {
        threads.emplace_back([&, i] {
            all_are_there.arrive_and_wait();
            work(i);
        });
    }
}

} // namespace poolmark::tests
