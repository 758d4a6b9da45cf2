// A particle system: everything that is alive is visited, what has burnt out is destroyed on the way, and when the
// fireworks are over the memory goes back.
#include "pools/object_pool.hpp"

#include <cstdio>

struct particle {
    float height;
    float speed;
    int ticks_left;
};

int main() {
    poolmark::object_pool<particle> sparks;
    sparks.reserve(100'000); // the next 100,000 need no memory from outside...
    sparks.prefault();       // ...and none of them waits for the kernel to find it a page
    const std::size_t reserved = sparks.slab_bytes();

    for (int spark = 0; spark != 100'000; ++spark) {
        static_cast<void>(sparks.create(0.0F, 10.0F, 1 + spark % 4));
    }
    for (int tick = 1; tick <= 4; ++tick) {
        // In order of address. The visitor may destroy what it is given, and nothing else.
        sparks.for_each_live([&](particle& spark) {
            spark.height += spark.speed;
            if (--spark.ticks_left == 0) {
                sparks.destroy(&spark);
            }
        });
        std::printf("tick %d: %zu alight\n", tick, sparks.stats().live);
    }
    std::printf("more memory was %s\n", sparks.slab_bytes() == reserved ? "not needed" : "needed");

    const std::size_t given = sparks.trim(); // slabs in which nothing is left
    std::printf("trimmed: %s\n", given >= 100'000 * sizeof(particle) && sparks.slab_bytes() == 0 ? "all of it" : "a part");
}

// Prints:
//   tick 1: 75000 alight
//   tick 2: 50000 alight
//   tick 3: 25000 alight
//   tick 4: 0 alight
//   more memory was not needed
//   trimmed: all of it
