// One thread makes what another one drops. The pool may be used by both at once; an object is handed over as any other
// is, here by starting a thread and waiting for it.
#include "pools/local_pool.hpp"

#include <cstdio>
#include <thread>
#include <vector>

struct message {
    int number;
};

int main() {
    poolmark::local_pool<message> messages; // ends after all threads that use it
    std::vector<message*> sent;
    std::thread producer([&] {
        for (int number = 1; number <= 1000; ++number) {
            sent.push_back(poolmark::create(messages, number));
        }
    });
    producer.join();

    int sum = 0;
    std::thread consumer([&] {
        for (message* const received : sent) {
            sum += received->number;
            poolmark::destroy(messages, received);
        }
    });
    consumer.join();
    std::printf("1 + 2 + ... + 1000 = %d\n", sum);
}

// Prints:
//   1 + 2 + ... + 1000 = 500500
