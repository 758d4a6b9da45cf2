// memo_hits — a function's result is asked for again, and the cache has it.
//
// Question:  what does a hit cost?
// Models:    memoised functions, resolved names, parsed templates: everything that was computed a moment ago.
// Favours:   maps that remember no order, direct_mapped most; a policy that writes on each hit pays for it here.
// Ignores:   misses (memo_evictions), hit ratios (memo_traces), values that are costly to copy.
//
// functools_lru_cache finds keys made beforehand and hands out the value's object; cpython_call is the same call without
// a cache. Keys that share a place in direct_mapped are misses: its hit ratio says how many.
#include "benchmarks/harness/memo_subjects.hpp"

namespace poolmark::benchmarks {
namespace {

std::vector<strategy> strategies_of_memo_hits() {
    std::vector<strategy> list;
    add_cache_strategies<hits_subject>(list, [](auto) { return true; });
    list.push_back(functools_strategy(&make_memo_subject<functools_memo<>, hits_subject>));
    list.push_back(cpython_call_strategy(&make_memo_subject<cpython_call_memo, hits_subject>));
    return list;
}

const registration registered{{
    .name = "memo_hits",
    .question = "What does a hit in a cache cost?",
    .operation = "find the value of one key that is there",
    .models = "memoised functions, resolved names, parsed templates: what was computed a moment ago",
    .favours = "maps that remember no order; a policy that writes on each hit pays for it here",
    .ignores = "misses, hit ratios, values that are costly to copy",
    .from = preset::full,
    .strategies = strategies_of_memo_hits(),
    .points = {{.where = {{"capacity", 1000}}, .every_allocator_from = preset::full},
               {.where = {{"capacity", 100'000}}, .from = preset::full, .every_allocator_from = preset::full},
               {.where = {{"capacity", 100}}, .from = preset::full, .every_allocator_from = preset::full},
               {.where = {{"capacity", 10'000}}, .from = preset::full, .every_allocator_from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
