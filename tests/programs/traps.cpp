// What a recorder stumbles over, one a word: run under it by tests/scripts/test_program_recorder.py.
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr int count = 1000;

template <class T>
T* used(T* object) {
    asm volatile("" : "+r"(object) : : "memory");
    return object;
}

[[gnu::noinline]] void churn() {
    for (int i = 0; i < count; ++i) {
        std::free(used(std::malloc(40)));
    }
}

// Freed after the destructor of the recorder's own key may have run.
void late_free(void* block) { std::free(block); }

void threads() {
    static pthread_key_t key;
    pthread_key_create(&key, late_free);
    for (int i = 0; i < 50; ++i) {
        std::vector<std::thread> all;
        for (int j = 0; j < 4; ++j) {
            all.emplace_back([] {
                pthread_setspecific(key, used(std::malloc(24)));
                churn();
            });
        }
        for (std::thread& each : all) {
            each.join();
        }
    }
}

// Each block is freed by whichever thread finds it, whose heap hands its address out again; between rounds one thread is alone.
void handing_over() {
    static std::atomic<void*> shared[64];
    for (int round = 0; round < 20; ++round) {
        std::vector<std::thread> all;
        for (unsigned j = 0; j < 3; ++j) {
            all.emplace_back([j] {
                for (unsigned i = 0; i < 2 * count; ++i) {
                    std::free(shared[(i * 7 + j) % 64].exchange(used(std::malloc(40))));
                }
            });
        }
        for (std::thread& each : all) {
            each.join();
        }
        for (std::atomic<void*>& each : shared) {
            std::free(each.exchange(nullptr));
        }
        churn();
    }
}

void every_form() {
    std::free(used(std::calloc(3, 7)));
    std::free(used(std::realloc(used(std::realloc(nullptr, 10)), 1000)));
    std::free(used(::reallocarray(nullptr, 4, 5)));
    std::free(used(std::aligned_alloc(64, 128)));
    std::free(used(::memalign(32, 100)));
    void* block = nullptr;
    if (::posix_memalign(&block, 4096, 10) == 0) {
        std::free(used(block));
    }
    ::operator delete(used(::operator new(5)));
    ::operator delete[](used(::operator new[](5)), 5);
    ::operator delete(used(::operator new(5, std::nothrow)), std::nothrow);
    ::operator delete(used(::operator new(5, std::align_val_t{64})), std::align_val_t{64});
}

} // namespace

int main(int words, char** word) {
    const std::string_view trap = words < 2 ? "" : word[1];
    churn();
    if (trap == "fork") {
        void* const inherited = used(std::malloc(77));
        if (const pid_t child = ::fork(); child == 0) {
            std::free(inherited);
            churn();
            ::_exit(0);
        } else {
            int status = 0;
            ::waitpid(child, &status, 0);
            std::free(inherited);
        }
    } else if (trap == "threads") {
        threads();
    } else if (trap == "handover") {
        handing_over();
    } else if (trap == "forms") {
        every_form();
    } else if (trap == "closed") {
        for (int i = 3; i < 1000; ++i) {
            ::close(i);
        }
        for (int i = 0; i < 40; ++i) {
            churn();
        }
    } else if (trap == "exit") {
        ::_exit(0);
    } else if (trap == "abort") {
        std::abort();
    } else if (trap == "kill") {
        ::kill(::getpid(), SIGKILL);
    } else if (trap == "usable") { // which heap or pool a block is of
        std::printf("%zu\n", ::malloc_usable_size(used(std::malloc(25))));
    } else if (trap == "forever") {
        ::pause();
    } else if (trap == "time") {
        std::printf("%d\n", ::getpid());
    }
}
