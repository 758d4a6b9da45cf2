// boxed_integers — integers that travel as objects, a share of them small.
//
// Question:  from which share of small values on do boxes built beforehand pay?
// Models:    interpreters, variants, columns of nullable numbers: values behind a pointer because something demands it.
// Favours:   the table at 0 and 100 % small values; in between its branch is mispredicted as often as it can be.
// Ignores:   sharing, reference counts and arithmetic on the boxes.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/workload.hpp"
#include "pools/catalog.hpp"

#include <array>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t value_count = 1U << 14U; // long enough that no branch predictor learns the order by heart
constexpr std::size_t held = 64;               // boxes alive at a time
constexpr std::int64_t low = -5;
constexpr std::int64_t high = 256;

// `percent` of the values in [low, high], the others far above.
table<std::int64_t> values(std::int64_t percent) {
    random_source chance(workload_seed);
    table<std::int64_t> all(value_count);
    for (std::int64_t& value : all) {
        const bool small = static_cast<std::int64_t>(chance.below(100)) < percent;
        value = small ? low + static_cast<std::int64_t>(chance.below(high - low + 1))
                      : high + 1 + static_cast<std::int64_t>(chance.below(1'000'000));
    }
    return all;
}

template <class Boxing>
class boxed_subject final : public subject {
public:
    explicit boxed_subject(const parameters& where) : values_(values(where.number("small_percent"))) {
        for (handle& box : boxes_) {
            box = boxing_.box(0);
        }
    }

    ~boxed_subject() override {
        for (const handle box : boxes_) {
            boxing_.drop(box);
        }
    }

    boxed_subject(const boxed_subject&) = delete;
    boxed_subject& operator=(const boxed_subject&) = delete;

    std::uint64_t verify() override {
        digest seen;
        for (std::size_t i = 0; i < values_.size(); ++i) {
            replace();
            seen.add(static_cast<std::uint64_t>(boxing_.unbox(boxes_[(position_ - 1) % held])));
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            replace();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    using handle = typename Boxing::handle;

    // The oldest box is read and dropped, a new one takes its place.
    void replace() {
        handle& box = boxes_[position_ % held];
        sum_ += boxing_.unbox(box);
        boxing_.drop(box);
        barrier();
        box = boxing_.box(values_[position_ % value_count]);
        ++position_;
        barrier();
    }

    table<std::int64_t> values_;
    std::array<handle, held> boxes_{};
    std::size_t position_ = 0;
    std::int64_t sum_ = 0;
    Boxing boxing_;
};

std::vector<strategy> strategies_of_boxed_integers() {
    std::vector<strategy> list;
    for_each_type(boxings{}, [&]<class Boxing>(std::type_identity<Boxing>) {
        const bool heap_matters = Boxing::about.kind == family::fresh || Boxing::about.kind == family::singleton;
        list.push_back({.name = Boxing::about.name,
                        .heap = heap_matters ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = [](const parameters& where) -> std::unique_ptr<subject> {
                            return std::make_unique<boxed_subject<Boxing>>(where);
                        }});
    });
    return list;
}

std::vector<point> points_of_boxed_integers() {
    std::vector<point> points;
    for (const std::int64_t percent : {0, 25, 50, 75, 90, 100}) {
        const bool every = percent % 50 == 0;
        points.push_back({.where = {{"small_percent", percent}},
                          .every_allocator_from = every ? preset::quick : preset::full});
    }
    return points;
}

const registration registered{{
    .name = "boxed_integers",
    .question = "From which share of small values on do integers boxed beforehand pay?",
    .operation = "read and drop one boxed integer, box the next",
    .models = "interpreters, variants, nullable columns: numbers behind a pointer because something demands it",
    .favours = "the table at 0 and 100 % small values; in between its branch is hard to predict",
    .ignores = "sharing, reference counts, arithmetic on the boxes",
    .strategies = strategies_of_boxed_integers(),
    .points = points_of_boxed_integers(),
}};

} // namespace
} // namespace poolmark::benchmarks
