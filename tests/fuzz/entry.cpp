// libFuzzer's way in, to a pool or to the bytes of a store.
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

#if POOLMARK_FUZZED_POOL
#include "pools/leaks.hpp"
#include "tests/fuzz/object_pool_model.hpp"

#include <span>

// The first byte chooses the level of checks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using poolmark::check;
    poolmark::set_leak_handler([](const poolmark::leak_report&) noexcept {});
    if (size != 0) {
        constexpr check levels[] = {check::off, check::fast, check::full};
        poolmark::tests::run_object_pool(levels[data[0] % 3], std::span(data, size).subspan(1));
    }
    return 0;
}
#else
#include "tests/fuzz/store_bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    poolmark::tests::run_store_bytes({reinterpret_cast<const char*>(data), size});
    return 0;
}
#endif
