// The fuzz's function with random bytes of fixed seeds, for a short while.
#include "pools/leaks.hpp"
#include "tests/fuzz/object_pool_model.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace poolmark::tests {
namespace {

class object_pool_fuzz : public testing::TestWithParam<check> {};

TEST_P(object_pool_fuzz, agrees_with_its_shadow_whatever_the_order_of_calls) {
    const leak_handler before = set_leak_handler([](const leak_report&) noexcept {}); // the other pool's object
    for (unsigned seed = 0; seed != 16; ++seed) {
        std::mt19937 random(seed);
        std::vector<std::uint8_t> bytes(1000);
        for (std::uint8_t& each : bytes) {
            each = static_cast<std::uint8_t>(random());
        }
        run_object_pool(GetParam(), bytes);
    }
    set_leak_handler(before);
}

INSTANTIATE_TEST_SUITE_P(at, object_pool_fuzz, testing::Values(check::off, check::fast, check::full),
                         [](const auto& level) {
                             return level.param == check::off ? "off" : level.param == check::fast ? "fast" : "full";
                         });

} // namespace
} // namespace poolmark::tests
