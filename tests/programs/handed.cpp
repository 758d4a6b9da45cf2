// A program with every way to ask for a block and to give it back; with "two", of two threads that free what the other made, in turns, so
// that the same places hold blocks of either. Recorded and replayed by tests/scripts/test_program_replay.py.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <thread>

namespace {

constexpr int rounds = 200, blocks = 50;

template <class T>
T* used(T* object) { // the compiler may not leave an allocation out that nobody needs
    asm volatile("" : "+r"(object) : : "memory");
    return object;
}

void every_way() {
    for (int i = 0; i < rounds; ++i) {
        const std::size_t bytes = static_cast<std::size_t>(i * 17 % 3000);
        void* grown = used(std::malloc(bytes));
        void* const zeros = used(std::calloc(3, bytes));
        void* const aligned = used(std::aligned_alloc(256, 512));
        grown = used(std::realloc(grown, 3 * bytes + 1));
        auto* const one = used(new long[4]);
        auto* const strict = used(static_cast<char*>(::operator new(100, std::align_val_t{128})));
        grown = used(std::realloc(grown, bytes / 2 + 1));
        delete[] used(one);
        ::operator delete(used(strict), std::align_val_t{128});
        std::free(zeros);
        std::free(grown);
        std::free(aligned);
    }
}

std::atomic<int> turn{0};
void* handed[blocks];

void in_turns(int self) {
    for (int round = self; round < rounds; round += 2) {
        while (turn.load() != round) {
            std::this_thread::yield();
        }
        for (void*& each : handed) { // what the other one made
            if (round % 10 == 3) {
                each = std::realloc(each, 200);
            } else {
                std::free(each);
                each = std::malloc(static_cast<std::size_t>(16 + round));
            }
        }
        turn.store(round + 1);
    }
}

} // namespace

int main(int count, char** words) {
    every_way();
    if (count > 1 && std::string_view(words[1]) == "two") {
        std::thread other(in_turns, 1);
        in_turns(0);
        other.join();
    }
}
