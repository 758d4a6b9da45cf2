// A subject that fills a table with objects and empties it again, once an iteration.
#pragma once

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/subject.hpp"
#include "benchmarks/harness/table.hpp"

#include <cstddef>
#include <cstdint>

namespace poolmark::benchmarks {

// `Subject` derives from it and has `fill()` and `empty()`, which the timed loop calls without indirection.
template <class Subject, class Object>
class filled_table : public subject {
public:
    [[nodiscard]] std::uint64_t verify() final {
        itself().fill();
        const std::uint64_t seen = digest_of(objects_);
        itself().empty();
        return seen;
    }

    void run(std::uint64_t iterations) final {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            itself().fill();
            barrier();
            itself().empty();
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const final { return objects_.size(); }

protected:
    explicit filled_table(std::size_t size) : objects_(size) {}

    table<Object*> objects_; // written by everyone alike, and there before the clock starts

private:
    [[nodiscard]] Subject& itself() noexcept { return static_cast<Subject&>(*this); }
};

} // namespace poolmark::benchmarks
