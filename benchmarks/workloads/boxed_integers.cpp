// boxed_integers — integers that travel as objects, a share of them small.
//
// Question:  from which share of small values on do boxes built beforehand pay?
// Models:    interpreters, variants, columns of nullable numbers: values behind a pointer because something demands it.
// Favours:   the table at 0 and 100 % small values; in between its branch is mispredicted as often as it can be.
// Ignores:   sharing, reference counts and arithmetic on the boxes.
#include "benchmarks/harness/boxes.hpp"
#include "benchmarks/harness/random.hpp"

namespace poolmark::benchmarks {
namespace {

constexpr std::int64_t low = -5;
constexpr std::int64_t high = 256;

// `percent` of the values in [low, high], the others far above.
table<std::int64_t> values(const parameters& where) {
    const std::int64_t percent = where.number("small_percent");
    random_source chance(workload_seed);
    table<std::int64_t> all(boxed_value_count);
    for (std::int64_t& value : all) {
        const bool small = static_cast<std::int64_t>(chance.below(100)) < percent;
        value = small ? low + static_cast<std::int64_t>(chance.below(high - low + 1))
                      : high + 1 + static_cast<std::int64_t>(chance.below(1'000'000));
    }
    return all;
}

const registration registered{{
    .name = "boxed_integers",
    .question = "From which share of small values on do integers boxed beforehand pay?",
    .operation = "read and drop one boxed integer, box the next",
    .models = "interpreters, variants, nullable columns: numbers behind a pointer because something demands it",
    .favours = "the table at 0 and 100 % small values; in between its branch is hard to predict",
    .ignores = "sharing, reference counts, arithmetic on the boxes",
    .why = {.text = "The box of a small value is an index into a table, where a fresh one is a request to the "
                     "heap. With half of the values small, the branch between the two is mispredicted as often as "
                     "it can be.",
            .slower = "boxed_integers/small_percent=50/boxed_int_table@glibc",
            .faster = "boxed_integers/small_percent=100/boxed_int_table@glibc"},
    .strategies = only_in_quick(boxing_strategies<values>(),
                                {"fresh_box", "boxed_int_table", "shared_box_table", "free_list_box", "tagged_pointer",
                                 "plain_value"}),
    .points = littered_too(grid({{"small_percent", {0, 25, 50, 75, 90, 100}}},
                                [](const parameters& at) { return at.number("small_percent") % 50 == 0; }, preset::full),
                           {"small_percent=100"}),
}};

} // namespace
} // namespace poolmark::benchmarks
