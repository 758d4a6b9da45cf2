// What a frame needs, and nobody afterwards: an arena, emptied in one step. Any pool behind the concept takes objects
// through the free functions create() and destroy().
#include "pools/arena.hpp"

#include <cstdio>

struct draw_command {
    int mesh;
    float depth;
};

int main() {
    poolmark::arena<draw_command> commands(1000); // a hint: how many are expected at once
    for (int frame = 1; frame <= 3; ++frame) {
        float farthest = 0;
        for (int mesh = 0; mesh != 1000; ++mesh) {
            const draw_command* const command = poolmark::create(commands, mesh, static_cast<float>(mesh * frame));
            farthest = command->depth > farthest ? command->depth : farthest;
        }
        std::printf("frame %d: farthest at %.0f\n", frame, static_cast<double>(farthest));
        commands.reset(); // all of them, without destructors; the memory stays for the next frame
    }
}

// Prints:
//   frame 1: farthest at 999
//   frame 2: farthest at 1998
//   frame 3: farthest at 2997
