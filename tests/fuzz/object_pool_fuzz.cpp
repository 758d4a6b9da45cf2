// libFuzzer's way in: the first byte chooses the level of checks.
#include "pools/leaks.hpp"
#include "tests/fuzz/object_pool_model.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using poolmark::check;
    poolmark::set_leak_handler([](const poolmark::leak_report&) noexcept {});
    if (size != 0) {
        constexpr check levels[] = {check::off, check::fast, check::full};
        poolmark::tests::run_object_pool(levels[data[0] % 3], std::span(data, size).subspan(1));
    }
    return 0;
}
