// The work of the workloads about boxed integers: a ring of boxes in which the oldest is replaced, for any values.
#pragma once

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/values/catalog.hpp"

#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace poolmark::benchmarks {

inline constexpr std::size_t boxed_value_count = 1U << 14U; // so many that no branch predictor learns the order

template <class Boxing>
class boxed_subject final : public subject {
public:
    explicit boxed_subject(table<std::int64_t> values) : values_(std::move(values)) {
        for (handle& box : boxes_) {
            box = boxing_.box(0);
        }
    }

    ~boxed_subject() override {
        for (handle& box : boxes_) {
            boxing_.drop(std::move(box));
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
    static constexpr std::size_t held = 64; // boxes alive at a time

    // The oldest box is read and dropped, a new one takes its place.
    void replace() {
        handle& box = boxes_[position_ % held];
        sum_ += boxing_.unbox(box);
        boxing_.drop(std::move(box));
        barrier();
        box = boxing_.box(values_[position_ % boxed_value_count]);
        ++position_;
        barrier();
    }

    table<std::int64_t> values_; // boxed_value_count of them
    Boxing boxing_;
    std::array<handle, held> boxes_{}; // end before what they came from
    std::size_t position_ = 0;
    std::int64_t sum_ = 0;
};

// All ways to box, with the values that `Values` finds for a point.
template <table<std::int64_t> (*Values)(const parameters&)>
[[nodiscard]] std::vector<strategy> boxing_strategies() {
    std::vector<strategy> list;
    for_each_type(boxings{}, [&]<class Boxing>(std::type_identity<Boxing>) {
        const bool heap_matters = Boxing::about.kind == family::fresh || Boxing::about.kind == family::singleton;
        list.push_back({.about = Boxing::about,
                        .heap = heap_matters ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = [](const parameters& where) -> std::unique_ptr<subject> {
                            return std::make_unique<boxed_subject<Boxing>>(Values(where));
                        }});
    });
    return list;
}

} // namespace poolmark::benchmarks
