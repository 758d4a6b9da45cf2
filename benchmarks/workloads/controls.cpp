// controls — work whose true ratio is known, because one contender does a known share more of it.
//
// Question:  does this run see a difference that is there, and none where there is none?
// Models:    nothing: it is what the run is tested with before anything else in it is believed.
// Favours:   nobody.
// Ignores:   allocation.
//
// Four kinds of work, each limited by something else: the latency of an operation, how many of them a core starts at
// once, mispredicted branches and forwarded stores, the last level of cache. Neighbours on the host slow each by
// another factor, and what is right of one kind need not be right of the others.
#include "benchmarks/workloads/controls/dependent_chain.hpp"
#include "benchmarks/workloads/controls/heap_like.hpp"
#include "benchmarks/workloads/controls/independent.hpp"
#include "benchmarks/workloads/controls/l3_walk.hpp"
#include "benchmarks/workloads/controls/planted.hpp"

#include <stdexcept>
#include <string>

namespace poolmark::benchmarks {
namespace {

template <std::uint64_t Extra, int Instance = 0>
std::unique_ptr<subject> make_control(const parameters& where) {
    const std::string& kind = where.word("kind");
    if (kind == "dependent_chain") {
        return controls::make<controls::dependent_chain, Extra, Instance>(where);
    }
    if (kind == "independent") {
        return controls::make<controls::independent, Extra, Instance>(where);
    }
    if (kind == "heap_like") {
        return controls::make<controls::heap_like, Extra, Instance>(where);
    }
    if (kind == "l3_walk") {
        return controls::make<controls::l3_walk, Extra, Instance>(where);
    }
    throw std::out_of_range("controls: no kind of work is called " + kind);
}

const registration registered{{
    .name = "controls",
    .question = "Does this run see a planted difference, and none where none was planted?",
    .operation = "100 steps of known work, and as many more as were planted",
    .models = "nothing: the run is tested with it before anything else in it is believed",
    .favours = "nobody",
    .ignores = "allocation",
    .strategies = {{.about = {"planted_none", family::control, "100 steps of known work"}, .make = make_control<0>},
                   {.about = {"planted_equal", family::control, "the same 100 steps once more, by code of its own"}, .make = make_control<0, 1>},
                   {.about = {"planted_2_percent", family::control, "102 such steps"}, .make = make_control<2>},
                   {.about = {"planted_5_percent", family::control, "105 such steps"}, .make = make_control<5>},
                   {.about = {"planted_20_percent", family::control, "120 such steps"}, .make = make_control<20>}},
    .points = {{.where = {{"kind", "dependent_chain"}}},
               {.where = {{"kind", "independent"}}},
               {.where = {{"kind", "heap_like"}}},
               {.where = {{"kind", "l3_walk"}}}},
}};

} // namespace
} // namespace poolmark::benchmarks
