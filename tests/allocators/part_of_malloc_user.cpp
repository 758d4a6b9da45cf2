// Runs on the heap that its first argument names, and calls what the second says of malloc's family, from the program or
// through the C++ library. Threads show that the C library itself may go on.
#include "allocators/activate.hpp"
#include "allocators/proof.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <thread>

namespace {

void* volatile kept;

void use(std::string_view way) {
    if (way == "calloc") {
        kept = std::calloc(3, 5);
    } else if (way == "realloc") {
        kept = std::realloc(std::malloc(1), 100); // NOLINT: kept for good
    } else if (way == "aligned") {
        kept = ::operator new(64, std::align_val_t{64});
    } else {
        kept = ::operator new(64);
    }
}

} // namespace

int main(int, char** argv) {
    try {
        const poolmark::allocators::choice wanted = poolmark::allocators::parse_choice(argv[1]);
        poolmark::allocators::activate(wanted, argv);
        static_cast<void>(poolmark::allocators::require(wanted));
        std::thread(use, argv[2]).join();
        return 0;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 3;
    }
}
