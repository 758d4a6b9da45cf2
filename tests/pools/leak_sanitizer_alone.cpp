// Pools that live at exit, full of objects that own memory, under -fsanitize=leak and no other sanitizer: what slots refer to is not lost,
// and what nobody refers to is. With an argument, one block is lost. Under -fsanitize=memory the same: what one owner wrote and the next
// one reads after it wrote anew is initialised, also where the block came from another thread.
#include "pools/bitmap_pool.hpp"
#include "pools/cpu_pool.hpp"
#include "pools/local_pool.hpp"
#include "pools/object_pool.hpp"
#include "pools/slab_pool.hpp"
#include "pools/stack_pool.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>
#include <thread>
#include <vector>

namespace {

struct owner {
    int* owned;
    std::size_t rest[7];
};

template <class Pool>
Pool* known[2]; // as a program would know a pool that never ends

template <class Pool>
void fill(std::size_t objects) {
    auto* const pool = known<Pool>[objects > 3] = new Pool;
    for (std::size_t i = 0; i != objects; ++i) {
        ::new (pool->acquire()) owner{new int(0), {}};
    }
}

// Blocks that come and go, on two threads where the pool is for threads.
template <class Pool>
void use_again() {
    Pool pool;
    const auto use = [&pool] {
        std::vector<owner*> all(3000);
        for (int round = 0; round != 3; ++round) {
            std::size_t sum = 0;
            for (std::size_t i = 0; i != all.size(); ++i) {
                all[i] = ::new (pool.acquire()) owner{nullptr, {i}};
            }
            for (owner* const each : all) {
                sum += each->rest[0];
                pool.release(each);
            }
            if (sum != all.size() * (all.size() - 1) / 2) {
                std::abort();
            }
        }
    };
    if constexpr (Pool::traits.thread_safe) {
        std::thread(use).join();
        std::thread other(use);
        use();
        other.join();
    } else {
        use();
    }
}

int* volatile forgotten = nullptr;

void lose() {
    forgotten = new int[256];
    forgotten = nullptr;
}

} // namespace

int main(int count, char**) {
    for (const std::size_t objects : {std::size_t{3}, std::size_t{200'000}}) { // on the heap, and in slabs of their own
        fill<poolmark::object_pool<owner>>(objects);
        fill<poolmark::object_pool<owner, poolmark::pool_options{.checks = poolmark::check::fast}>>(objects);
        fill<poolmark::slab_pool<owner>>(objects);
        fill<poolmark::stack_pool<owner>>(objects);
        fill<poolmark::local_pool<owner>>(objects);
    }
    use_again<poolmark::object_pool<owner>>();
    use_again<poolmark::object_pool<owner, poolmark::pool_options{.checks = poolmark::check::full}>>();
    use_again<poolmark::bitmap_pool<owner>>();
    use_again<poolmark::local_pool<owner>>();
    use_again<poolmark::cpu_pool<owner>>();
    if (count > 1) {
        lose();
    }
}
