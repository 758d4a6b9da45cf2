#include "tests/fuzz/store_bytes.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    poolmark::tests::run_store_bytes({reinterpret_cast<const char*>(data), size});
    return 0;
}
