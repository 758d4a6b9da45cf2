// controls — work whose true ratio is known, because one contender does a known share more of it.
//
// Question:  does this run see a difference that is there, and none where there is none?
// Models:    nothing: it is what the run is tested with before anything else in it is believed.
// Favours:   nobody.
// Ignores:   memory. Each step waits for the one before, so steps cannot overlap and time is their number.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/workload.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint64_t steps_per_operation = 100;

// One multiplication and one addition, each of which waits for its predecessor: no processor can do two at once.
constexpr std::uint64_t step(std::uint64_t value) noexcept {
    return value * 0x9E37'79B9'7F4A'7C15U + 1;
}

// `Extra` steps more in a hundred, by a template of its own for each: the code of two contenders is never the same code.
// One loop over all steps of an epoch, so that nothing but their number differs.
template <std::uint64_t Extra, int Instance>
class control final : public subject {
public:
    explicit control(const parameters&) {}

    // What everyone is asked for: the first hundred steps.
    std::uint64_t verify() override {
        std::uint64_t value = 1;
        for (std::uint64_t i = 0; i < steps_per_operation; ++i) {
            value = step(value);
        }
        digest seen;
        seen.add(value);
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        std::uint64_t value = value_;
        for (std::uint64_t left = iterations * (steps_per_operation + Extra); left != 0; --left) {
            value = step(value);
            asm volatile("" : "+r"(value)); // a hundred steps may not become one
        }
        value_ = value;
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    std::uint64_t value_ = 1;
};

template <std::uint64_t Extra, int Instance>
std::unique_ptr<subject> make_control(const parameters& where) {
    return std::make_unique<control<Extra, Instance>>(where);
}

const registration registered{{
    .name = "controls",
    .question = "Does this run see a planted difference, and none where none was planted?",
    .operation = "100 dependent steps, and as many more as were planted",
    .models = "nothing: the run is tested with it before anything else in it is believed",
    .favours = "nobody",
    .ignores = "memory, allocation",
    .strategies = {{.name = "planted_none", .make = make_control<0, 0>},
                   {.name = "planted_equal", .make = make_control<0, 1>},
                   {.name = "planted_2_percent", .make = make_control<2, 0>},
                   {.name = "planted_5_percent", .make = make_control<5, 0>},
                   {.name = "planted_20_percent", .make = make_control<20, 0>}},
    .points = {{.where = {{"steps", static_cast<std::int64_t>(steps_per_operation)}}}},
}};

} // namespace
} // namespace poolmark::benchmarks
