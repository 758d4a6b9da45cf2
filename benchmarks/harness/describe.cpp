#include "benchmarks/harness/describe.hpp"

#include "allocators/catalog.hpp"
#include "benchmarks/harness/footprint_proxy.hpp"
#include "benchmarks/harness/workload.hpp"

#include <gnu/libc-version.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string_view>

namespace poolmark::benchmarks {
namespace {

using json = nlohmann::ordered_json;

const char* text(preset from) {
    switch (from) {
    case preset::quick: return "quick";
    case preset::heaps: return "heaps";
    case preset::full: return "full";
    case preset::wide: return "wide";
    }
    return "wide";
}

json as_json(const build_facts& build) {
    return {{"type", build.type},
            {"compiler", build.compiler},
            {"flags", build.flags},
            {"standard_library", build.standard_library},
            {"ndebug", build.ndebug},
            {"sanitizers", build.sanitizers},
            {"google_benchmark", POOLMARK_GOOGLE_BENCHMARK_VERSION},
            // Debian's package says so of itself. It concerns the library's own checks, none of which stand in the
            // timed loop, which is compiled with our flags.
            {"google_benchmark_library_build", POOLMARK_GOOGLE_BENCHMARK_BUILD},
            // Google Benchmark's Time of threaded benchmarks changed its meaning in 1.9; ours never goes through it.
            {"threaded_time", "wall time of the epoch, own threads"},
            {"version", POOLMARK_VERSION}};
}

json as_json(const allocators::entry& known) {
    const std::string reason = allocators::reason_unavailable(known);
    json settings = json::object();
    for (const allocators::setting& one : known.settings) {
        settings[std::string(one.name)] = one.value;
    }
    const preset from = !known.settings.empty() ? preset::heaps : known.limit || known.older_major != 0 ? preset::full : preset::quick;
    return {{"name", known.name},
            {"summary", known.summary},
            {"library", allocators::find_library(known).string()},
            {"available", reason.empty()},
            {"reason", reason},
            {"package", known.package},
            {"preset", text(from)},
            {"settings", settings}};
}

json as_json(const description& strategy) {
    const bool installed = strategy.installed();
    return {{"name", strategy.name},
            {"family", to_string(strategy.kind)},
            {"summary", strategy.summary},
            {"available", installed},
            {"reason", installed ? "" : "not installed: apt install " + std::string(strategy.package)}};
}

json as_json(const parameters& where) {
    json all = json::object();
    for (const auto& [name, held] : where.entries()) {
        std::visit([&, key = name](const auto& value) { all[key] = value; }, held);
    }
    return all;
}

json as_json(const mechanism& why) {
    json all{{"text", why.text}};
    if (!why.slower.empty()) {
        all["slower"] = why.slower;
        all["faster"] = why.faster;
    }
    return all;
}

json as_json(const workload& asked) {
    json strategies = json::array();
    for (const strategy& by : asked.strategies) {
        strategies.push_back({{"name", by.name()},
                              {"allocators", by.heap == heap_use::every_allocator ? "every" : "baseline"},
                              {"role", by.as == role::limit ? "limit" : "contender"},
                              {"preset", text(by.from)}});
    }
    json points = json::array();
    for (const point& at : asked.points) {
        json except = json::array();
        json unanswered = json::array();
        for (const strategy& by : asked.strategies) {
            if (const std::string reason = excluded(by, at); !reason.empty()) {
                except.push_back({{"strategy", by.name()}, {"reason", reason}});
            }
            if ((at.memory || at.latency) && not_measured_by_proxy(asked, at, by.name())) {
                unanswered.push_back(by.name());
            }
        }
        points.push_back({{"parameters", as_json(at.where)},
                          {"preset", text(at.from)},
                          {"every_allocator_from", text(at.every_allocator_from)},
                          {"memory", at.memory},
                          {"latency", at.latency},
                          {"gives_back", at.gives_back},
                          {"littered", at.littered},
                          {"needs_mib", at.needs_mib},
                          {"unanswered", unanswered},
                          {"except", except}});
    }
    json all{{"name", asked.name},     {"question", asked.question}, {"operation", asked.operation},
             {"models", asked.models}, {"favours", asked.favours},   {"ignores", asked.ignores},
             {"preset", text(asked.from)}};
    if (!asked.why.text.empty()) {
        all["why"] = as_json(asked.why);
    }
    all["strategies"] = strategies;
    all["points"] = points;
    return all;
}

} // namespace

build_facts this_build() {
    return {.type = POOLMARK_BUILD_TYPE,
            .compiler = POOLMARK_COMPILER,
            .flags = POOLMARK_FLAGS,
            .standard_library = "libstdc++ " + std::to_string(_GLIBCXX_RELEASE),
            .sanitizers = POOLMARK_SANITIZERS,
#ifdef NDEBUG
            .ndebug = true
#else
            .ndebug = false
#endif
    };
}

std::string describe() {
    json all{{"protocol", 1}, {"sources", sources()}, {"build", as_json(this_build())}};
    all["allocators"] = json::array();
    for (const allocators::entry& known : allocators::catalog()) {
        all["allocators"].push_back(as_json(known));
    }
    all["strategies"] = json::array();
    std::set<std::string_view> seen;
    for (const workload& asked : workloads()) {
        for (const strategy& by : asked.strategies) {
            if (seen.insert(by.name()).second) {
                all["strategies"].push_back(as_json(by.about));
            }
        }
    }
    all["workloads"] = json::array();
    for (const workload& asked : workloads()) {
        if (!asked.points.empty()) { // else the reader brought none
            all["workloads"].push_back(as_json(asked));
        }
    }
    return all.dump(1);
}

} // namespace poolmark::benchmarks
