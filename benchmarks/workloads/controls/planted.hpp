// A contender that does a known number of steps too many, whatever a step is.
#pragma once

#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/workload.hpp"

#include <cstdint>
#include <memory>

namespace poolmark::benchmarks::controls {

inline constexpr std::uint64_t steps_per_operation = 100;

// A kind of work, in steps of equal size:
//   restart()   goes back to where it began
//   run(n)      does n steps, in one loop that is inlined into its caller
//   seen()      what the steps so far came to
//   warm()      brings its data back into the caches
template <class K>
concept kind_of_work = requires(K& work, const K& done, std::uint64_t steps) {
    work.restart();
    work.run(steps);
    work.warm();
    { done.seen() } -> std::same_as<std::uint64_t>;
};

// `Extra` steps more in a hundred. Each instance has code of its own, and it is the same code: one loop over all steps
// of an epoch, whose number is the only difference. It is aligned so that it lies within one page: a loop across two
// of them took a few percent more.
template <kind_of_work Work, std::uint64_t Extra, int Instance>
class planted final : public subject {
public:
    explicit planted(const parameters&) {}

    // What everyone is asked for: the first hundred steps.
    std::uint64_t verify() override {
        work_.restart();
        work_.run(steps_per_operation);
        digest seen;
        seen.add(work_.seen());
        return seen.value();
    }

    void warm() override { work_.warm(); }

    [[gnu::aligned(256)]] void run(std::uint64_t iterations) override {
        asm volatile("" ::"i"(Extra * 2 + Instance)); // no instruction; keeps equal functions from being merged
        work_.run(iterations * steps_);
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    std::uint64_t steps_ = steps_per_operation + Extra; // read at run time, so that the instructions are the same
    Work work_;
};

template <kind_of_work Work, std::uint64_t Extra, int Instance = 0>
[[nodiscard]] std::unique_ptr<subject> make(const parameters& where) {
    return std::make_unique<planted<Work, Extra, Instance>>(where);
}

} // namespace poolmark::benchmarks::controls
