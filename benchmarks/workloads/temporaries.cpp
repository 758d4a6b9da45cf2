// temporaries — one text through three functions, by value, by reference, moved, as a view.
//
// Question:  where do the allocations of a text pipeline come from, and from which length on do they matter?
// Models:    parsers, formatters, handlers of requests: a field is trimmed, labelled and read.
// Favours:   short texts, which fit into the string itself, favour everyone who copies.
// Ignores:   texts that are kept; functions that the compiler can inline, where it avoids some copies by itself.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/counting_resource.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/user_counters.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/text/catalog.hpp"

#include <memory_resource>
#include <string>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t lines_in_turn = 16;

// The same way with strings whose allocations can be counted.
template <class Way>
struct counted;
template <template <class> class Way>
struct counted<Way<std::string>> {
    using type = Way<std::pmr::string>;
};

template <class Way>
class text_subject final : public subject, public user_counters {
public:
    explicit text_subject(const parameters& where) {
        random_source chance(workload_seed);
        for (std::string& line : lines_) {
            for (std::int64_t i = 0; i != where.number("characters"); ++i) {
                line.push_back(static_cast<char>('a' + chance.below(26)));
            }
            line += "  "; // what trimming takes away
        }
    }

    std::uint64_t verify() override {
        digest seen;
        for (const std::string& line : lines_) {
            seen.add(way_(line));
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            for (const std::string& line : lines_) {
                sum_ += way_(line);
                barrier();
            }
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return lines_in_turn; }

    [[nodiscard]] std::vector<user_counter> counters() const override {
        counting_resource counting;
        typename counted<Way>::type way;
        std::uint64_t sum = way(lines_[0]); // what is kept from one text to the next is there then
        const std::size_t before = counting.made();
        for (const std::string& line : lines_) {
            sum += way(line);
        }
        static_cast<void>(sum);
        return {{"allocations_per_operation",
                 static_cast<double>(counting.made() - before) / static_cast<double>(lines_in_turn)}};
    }

private:
    std::array<std::string, lines_in_turn> lines_;
    std::uint64_t sum_ = 0;
    Way way_;
};

std::vector<strategy> strategies_of_temporaries() {
    std::vector<strategy> list;
    for_each_type(text_ways<std::string>{}, [&]<class Way>(std::type_identity<Way>) {
        list.push_back({.about = Way::about,
                        .heap = Way::about.kind == family::fresh ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = [](const parameters& where) -> std::unique_ptr<subject> {
                            return std::make_unique<text_subject<Way>>(where);
                        }});
    });
    return list;
}

const registration registered{{
    .name = "temporaries",
    .question = "Where do the allocations of a text pipeline come from, and from which length on do they matter?",
    .operation = "trim, label and read one text",
    .models = "parsers, formatters, handlers of requests",
    .favours = "short texts, which fit into the string itself, favour everyone who copies",
    .ignores = "texts that are kept; functions that the compiler can inline",
    .from = preset::full,
    .strategies = strategies_of_temporaries(),
    .points = grid({{"characters", {8, 9, 16, 32, 64, 256, 1024}}},
                   [](const parameters& at) { return at.number("characters") == 8 || at.number("characters") == 64; }, preset::full),
}};

} // namespace
} // namespace poolmark::benchmarks
