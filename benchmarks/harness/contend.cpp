#include "benchmarks/harness/cell_commands.hpp"

#include "benchmarks/harness/epoch.hpp"
#include "benchmarks/harness/events.hpp"
#include "benchmarks/harness/user_counters.hpp"
#include "benchmarks/harness/memory.hpp"
#include "benchmarks/harness/witness.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace poolmark::benchmarks {
namespace {

json as_json(const epoch& measured) {
    const interference& meanwhile = measured.meanwhile;
    // Whole nanoseconds: what stands behind the point is the reporter's arithmetic, not the clock.
    return {{"event", "epoch"}, {"iterations", measured.iterations}, {"real_ns", std::round(measured.real_ns)},
            {"cpu_ns", std::round(measured.cpu_ns)}, {"cpu", meanwhile.cpu}, {"migrations", meanwhile.migrations},
            {"involuntary_switches", meanwhile.involuntary_switches}, {"run_delay_ns", meanwhile.run_delay_ns},
            {"minor_faults", meanwhile.minor_faults}, {"major_faults", meanwhile.major_faults}};
}

// Both readings of each witness that was asked, in nanoseconds.
json as_json(const epoch& measured, const witness& beside_it) {
    const auto digits = [](double ns) { return std::round(ns * 10'000) / 10'000; };
    json all = json::object();
    const auto add = [&](const char* name, double witness_reading::* which) {
        if (measured.before.*which > 0 && measured.after.*which > 0) {
            all[name] = {digits(measured.before.*which), digits(measured.after.*which)};
        }
    };
    add("core", &witness_reading::core);
    add("chain", &witness_reading::chain);
    if (beside_it.level() != memory_level::first) {
        add(name_of(beside_it.level()), &witness_reading::memory);
    }
    add("fault", &witness_reading::fault);
    add("line", &witness_reading::line);
    return all;
}

// A subject's counters, which stand beside its time; an empty object where it has none.
json counters_of(const subject& ours) {
    json counters = json::object();
    if (const auto* const knows = dynamic_cast<const user_counters*>(&ours)) {
        for (const user_counter& each : knows->counters()) {
            counters[std::string(each.name)] = each.value;
        }
    }
    return counters;
}

// The N of "run N"; 0 when the line is none.
std::uint64_t iterations_in(const std::string& line) {
    constexpr std::string_view word = "run ";
    std::uint64_t iterations = 0;
    if (line.starts_with(word)) {
        std::from_chars(line.data() + word.size(), line.data() + line.size(), iterations);
    }
    return iterations;
}

} // namespace

int contend(const cell& which, const allocators::proof& heap, bool counts, std::size_t in_turn) {
    std::optional<instruction_counter> counter;
    if (counts) {
        counter.emplace();
    }
    const std::int64_t bare = anonymous_bytes();
    const std::unique_ptr<subject> ours = which.make();
    const std::uint64_t digest = ours->verify();
    const std::int64_t peak_before = peak_resident_bytes();
    witness neighbours(static_cast<std::size_t>(std::max<std::int64_t>(0, anonymous_bytes() - bare)), in_turn);
    bool faults = false; // known after the first epoch
    json ready{{"event", "ready"}, {"protocol", 1}, {"cell", which.text()},
               {"operations_per_iteration", ours->operations_per_iteration()}, {"allocator", as_json(heap)},
               {"notes", json::array()}};
    ready["digest"] = which.by->as == role::limit ? json(nullptr) : json(digest_text(digest));
    if (json counters = counters_of(*ours); !counters.empty()) {
        ready["facts"] = std::move(counters);
    }
    if (counter) {
        ready["instructions"] = counter->unavailable();
    }
    say(ready);
    for (std::string line; std::getline(std::cin, line) && line != "quit";) {
        const std::uint64_t iterations = iterations_in(line);
        if (iterations == 0) {
            std::fprintf(stderr, "poolmark-bench: not a command: '%s'; say 'run N' or 'quit'\n", line.c_str());
            return 2;
        }
        const epoch measured = run_epoch(*ours, iterations, {counter ? &*counter : nullptr, &neighbours, faults});
        faults = measured.meanwhile.minor_faults > 0;
        json answer = as_json(measured);
        answer["witness"] = as_json(measured, neighbours);
        answer["witness_ns"] = measured.witness_ns;
        if (ours->oversubscribed()) {
            answer["takes_turns"] = true; // the name that the rounds of earlier runs have
        }
        if (counter && counter->unavailable().empty()) {
            answer["instructions"] = measured.instructions;
        }
        say(answer);
    }
    // The witness's own pages are no part of what the contender takes.
    const std::int64_t peak = peak_resident_bytes() - static_cast<std::int64_t>(neighbours.buffer_bytes());
    say({{"event", "done"}, {"peak_rss_bytes", std::max(peak_before, peak)}});
    return 0;
}

} // namespace poolmark::benchmarks
