// lazy_sequences — squares, built into a vector or made one by one, looked at to the end or only at first.
//
// Question:  a range, a coroutine or a vector?
// Models:    functions that return many values to somebody who adds them up, or searches and stops.
// Favours:   the hand-written range, which is inlined; a small `consumed_percent` favours everyone but the vectors.
// Ignores:   values that are costly to make, which every way pays alike but the vectors for all; second visits.
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/sequences/sequences.hpp"

#include <algorithm>

namespace poolmark::benchmarks {
namespace {

struct squares {
    std::uint64_t operator()(std::uint64_t i) const noexcept { return i * i; }
};

// Each value must be there, in a register: no way may add up what nobody has made.
inline void need(std::uint64_t& value) noexcept { asm volatile("" : "+r"(value)); }

template <class Way>
class sequence_subject final : public subject {
public:
    explicit sequence_subject(const parameters& where)
        : elements_(static_cast<std::uint64_t>(bounded_live(where.number("elements")))),
          consumed_(std::max<std::uint64_t>(
              1, elements_ * static_cast<std::uint64_t>(where.number("consumed_percent")) / 100)) {}

    std::uint64_t verify() override {
        digest seen;
        std::uint64_t left = consumed_;
        way_(squares{}, elements_, [&](std::uint64_t value) {
            seen.add(value);
            return --left != 0;
        });
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            std::uint64_t left = consumed_;
            way_(squares{}, elements_, [&](std::uint64_t value) {
                need(value);
                sum_ += value;
                return --left != 0;
            });
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return consumed_; }

private:
    std::uint64_t elements_;
    std::uint64_t consumed_;
    std::uint64_t sum_ = 0;
    Way way_;
};

std::vector<strategy> strategies_of_lazy_sequences() {
    std::vector<strategy> list;
    for_each_type(sequence_ways{}, [&]<class Way>(std::type_identity<Way>) {
        list.push_back({.about = Way::about,
                        .heap = Way::about.kind == family::fresh ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = [](const parameters& where) -> std::unique_ptr<subject> {
                            return std::make_unique<sequence_subject<Way>>(where);
                        }});
    });
    return list;
}

std::vector<point> points_of_lazy_sequences() {
    std::vector<point> points;
    for (const std::int64_t elements : {10, 100, 1'000, 10'000, 100'000, 1'000'000}) {
        for (const std::int64_t percent : {100, 50, 10, 1}) {
            const bool quick = (elements == 10'000 && (percent == 100 || percent == 1)) || (elements == 10 && percent == 100);
            if (percent != 100 && elements < 1'000) {
                continue; // a hundredth of ten is none
            }
            points.push_back({.where = {{"elements", elements}, {"consumed_percent", percent}},
                              .from = quick ? preset::quick : preset::full,
                              .every_allocator_from = preset::full});
        }
    }
    return points;
}

const registration registered{{
    .name = "lazy_sequences",
    .question = "A range, a coroutine or a vector?",
    .operation = "make and look at one square",
    .models = "functions that return many values to somebody who adds them up, or searches and stops",
    .favours = "the range written by hand, which is inlined; stopping early favours everyone but the vectors",
    .ignores = "values that are costly to make, second visits",
    .from = preset::full,
    .strategies = strategies_of_lazy_sequences(),
    .points = points_of_lazy_sequences(),
}};

} // namespace
} // namespace poolmark::benchmarks
