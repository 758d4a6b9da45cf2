// A contender that does not do the same work gets no number.
#include "benchmarks/harness/by_hand.hpp"
#include "benchmarks/harness/cell.hpp"
#include "benchmarks/harness/digest.hpp"

#include <benchmark/benchmark.h>
#include <gtest/gtest.h>

namespace poolmark::benchmarks {
namespace {

int runs_of_the_liar = 0;

class honest : public subject {
public:
    std::uint64_t verify() override { return 7; }
    void run(std::uint64_t) override {}
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }
};

class liar final : public honest {
public:
    std::uint64_t verify() override { return 8; }
    void run(std::uint64_t) override { ++runs_of_the_liar; }
};

template <class Subject>
std::unique_ptr<subject> make(const parameters&) {
    return std::make_unique<Subject>();
}

const registration registered{{.name = "lies",
                               .question = "?",
                               .operation = "",
                               .models = "",
                               .favours = "",
                               .ignores = "",
                               .strategies = {{.about = {"honest"}, .make = make<honest>}, {.about = {"liar"}, .make = make<liar>}},
                               .points = {{.where = {{"n", 1}}}}}};

TEST(differing_digests, stop_the_cell_and_show_in_the_exit_code) {
    register_cells("test");
    testing::internal::CaptureStdout();
    const int code = run_by_hand(false);
    const std::string said = testing::internal::GetCapturedStdout();
    EXPECT_EQ(code, 1);
    EXPECT_NE(said.find("lies/n=1/honest@test"), std::string::npos) << said;
    EXPECT_NE(said.find("digest 0000000000000008 differs from the baseline's 0000000000000007"), std::string::npos)
        << said;
    EXPECT_EQ(runs_of_the_liar, 0);
}

TEST(digest, depends_on_every_value_and_on_their_order) {
    const auto of = [](std::initializer_list<std::uint64_t> values) {
        digest seen;
        for (const std::uint64_t value : values) {
            seen.add(value);
        }
        return seen.value();
    };
    EXPECT_EQ(of({1, 2, 3}), of({1, 2, 3}));
    EXPECT_NE(of({1, 2, 3}), of({1, 3, 2}));
    EXPECT_NE(of({1, 2, 3}), of({1, 2}));
    EXPECT_NE(of({1, 2, 3}), of({1, 2, 4}));
}

} // namespace
} // namespace poolmark::benchmarks
