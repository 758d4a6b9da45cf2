// boxed_distributions — integers that travel as objects, with the values that programs have.
//
// Question:  how wide must a table of small integers be before it pays?
// Models:    bytes of text, loop counters, identifiers of which some are common, sizes anywhere below a bound.
// Favours:   each table where the values end within it: 256 for bytes, the counter's last value for loops.
// Ignores:   sharing, arithmetic, and what else the table's cache lines could have held.
#include "benchmarks/harness/boxes.hpp"
#include "benchmarks/harness/random.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace poolmark::benchmarks {
namespace {

// The rank of a draw where rank r + 1 comes 1 / (r + 1) as often as the first, of `bound` ranks: Zipf's law, to within
// a rank, by the integral of the frequencies.
std::int64_t zipf(random_source& chance, std::int64_t bound) {
    const double at = static_cast<double>(chance.below(1U << 30U)) / static_cast<double>(1U << 30U);
    return std::min(bound - 1, static_cast<std::int64_t>(std::pow(static_cast<double>(bound), at)) - 1);
}

table<std::int64_t> values(const parameters& where) {
    const std::string& kind = where.word("values");
    const std::int64_t bound = where.number("bound");
    random_source chance(workload_seed);
    table<std::int64_t> all(boxed_value_count);
    std::int64_t next = 0;
    for (std::int64_t& value : all) {
        value = kind == "loop"   ? next++ % bound
                : kind == "zipf" ? zipf(chance, bound)
                                 : static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>(bound)));
    }
    return all;
}

std::vector<point> points_of_boxed_distributions() {
    std::vector<point> points{
        {.where = {{"values", "bytes"}, {"bound", 256}}, .from = preset::full, .every_allocator_from = preset::full}};
    for (const char* const kind : {"uniform", "zipf", "loop"}) {
        for (const std::int64_t bound : {128, 256, 512, 1024, 2048, 4096, 16384}) {
            const bool zipf_at_once = bound == 4096 && std::string_view(kind) == "zipf";
            points.push_back({.where = {{"values", kind}, {"bound", bound}},
                              .from = zipf_at_once ? preset::quick : preset::full,
                              .every_allocator_from = preset::full});
        }
    }
    return points;
}

const registration registered{{
    .name = "boxed_distributions",
    .question = "How wide must a table of small integers be before it pays?",
    .operation = "read and drop one boxed integer, box the next",
    .models = "bytes of text, loop counters, identifiers of which some are common, sizes anywhere below a bound",
    .favours = "each table where the values end within it",
    .ignores = "sharing, arithmetic, what else the table's cache lines could have held",
    .from = preset::full,
    .strategies = boxing_strategies<values>(),
    .points = points_of_boxed_distributions(),
}};

} // namespace
} // namespace poolmark::benchmarks
