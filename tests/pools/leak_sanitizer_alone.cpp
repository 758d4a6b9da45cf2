// Pools that live at exit, full of objects that own memory, under -fsanitize=leak and no other sanitizer: what slots refer to is not lost,
// and what nobody refers to is. With an argument, one block is lost.
#include "pools/local_pool.hpp"
#include "pools/object_pool.hpp"
#include "pools/slab_pool.hpp"
#include "pools/stack_pool.hpp"

#include <cstddef>
#include <new>

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

int* volatile forgotten = nullptr;

void lose() {
    forgotten = new int[256];
    forgotten = nullptr;
}

} // namespace

int main(int count, char**) {
    for (const std::size_t objects : {std::size_t{3}, std::size_t{200'000}}) { // on the heap, and in slabs of their own
        fill<poolmark::object_pool<owner>>(objects);
        fill<poolmark::object_pool<owner, {.checks = poolmark::check::fast}>>(objects);
        fill<poolmark::slab_pool<owner>>(objects);
        fill<poolmark::stack_pool<owner>>(objects);
        fill<poolmark::local_pool<owner>>(objects);
    }
    if (count > 1) {
        lose();
    }
}
