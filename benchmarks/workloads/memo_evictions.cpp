// memo_evictions — a result is not there, is computed, and another one has to go.
//
// Question:  what does a miss cost in a cache that is full, and how many bytes does an entry take?
// Models:    caches that are too small for what they are asked: a crawler's, a proxy's, any scan.
// Favours:   what keeps its nodes; who forgets by number and not by freeing a block.
// Ignores:   the work behind the miss: the value of a key is the key (memo_crossover has both).
//
// Eight times as many keys as there is room for, in turn: nobody who forgets the oldest ever hits. W-TinyLFU does, because
// it refuses new keys that are no more popular than those it has: its hit ratio says how often it had less to do.
#include "benchmarks/harness/memo_subjects.hpp"

namespace poolmark::benchmarks {
namespace {

std::vector<strategy> strategies_of_memo_evictions() {
    std::vector<strategy> list;
    add_cache_strategies<evictions_subject>(list, []<class C>(std::type_identity<C>) { return C::traits.bounded; });
    list.push_back(functools_strategy(&make_memo_subject<functools_memo<>, evictions_subject>));
    list.push_back(cpython_call_strategy(&make_memo_subject<cpython_call_memo, evictions_subject>));
    return list;
}

const registration registered{{
    .name = "memo_evictions",
    .question = "What does a miss cost in a cache that is full?",
    .operation = "miss one key, keep its value and forget another",
    .models = "caches that are too small for what they are asked: a crawler's, a proxy's, any scan",
    .favours = "what keeps its nodes, and who forgets by number and not by freeing a block",
    .ignores = "the work behind the miss: the value of a key is the key",
    .from = preset::full,
    .strategies = strategies_of_memo_evictions(),
    .points = {{.where = {{"capacity", 1000}}, .every_allocator_from = preset::full, .memory = true},
               {.where = {{"capacity", 100'000}}, .from = preset::full, .every_allocator_from = preset::full},
               {.where = {{"capacity", 10'000}}, .from = preset::full, .every_allocator_from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
