// A subject whose threads work side by side: the calling one, which is thread 0, and the helpers of a team.
#pragma once

#include "benchmarks/harness/subject.hpp"
#include "benchmarks/harness/team.hpp"

#include <cstddef>
#include <cstdint>

namespace poolmark::benchmarks {

class side_by_side : public subject {
public:
    explicit side_by_side(std::size_t threads)
        : threads_(threads), helpers_(threads - 1, [this](std::size_t helper, std::uint64_t n) { work(helper + 1, n); }) {}

    void warm() override { helpers_.wake(); }
    void rest() override { helpers_.rest(); }
    [[nodiscard]] bool oversubscribed() const override { return threads_ > cpus(); }
    void run(std::uint64_t iterations) override {
        helpers_.start(iterations);
        work(0, iterations);
        helpers_.wait();
    }

protected:
    [[nodiscard]] std::size_t threads() const noexcept { return threads_; }

private:
    // What thread `thread` does of a run. None does when the subject ends: helpers only wait then.
    virtual void work(std::size_t thread, std::uint64_t iterations) = 0;

    std::size_t threads_;
    team helpers_;
};

} // namespace poolmark::benchmarks
