// A workload: one question, the points at which it is asked, and the strategies that answer it.
//
// A workload file defines one `workload` and registers it with one `registration`; nothing else has to be edited.
#pragma once

#include "benchmarks/harness/parameters.hpp"
#include "benchmarks/harness/subject.hpp"
#include "pools/description.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace poolmark::benchmarks {

// The smallest preset that includes something: the curated one, the one with every point, the one with every strategy. A
// workload from `heaps` on is asked by the preset of that name, and from `full` on.
enum class preset { quick, heaps, full, wide };

struct point {
    parameters where;
    preset from = preset::quick;
    preset every_allocator_from = preset::quick; // below it, this point runs on the baseline allocator alone
    bool memory = false;                         // the point also has a bytes-per-object figure
    bool latency = false;                        // single operations are timed at this point as well
    bool gives_back = false;                     // heaps that are told to give memory back take part as well
    bool littered = false;                       // asked once more on a heap that was in use before
    std::int64_t needs_mib = 0;                  // of memory, for one contender, where that is much: not run where there is less
};

// A parameter, and the values that a grid gives it.
struct axis {
    std::string name;
    std::vector<parameters::value> values;

    axis(std::string of, std::initializer_list<std::int64_t> numbers) : name(std::move(of)), values(numbers.begin(), numbers.end()) {}
    axis(std::string of, const std::vector<std::int64_t>& numbers) : name(std::move(of)), values(numbers.begin(), numbers.end()) {}
    axis(std::string of, std::initializer_list<const char*> words) : name(std::move(of)) {
        for (const char* const word : words) {
            values.emplace_back(std::string(word));
        }
    }
};

// A point for every combination of the axes' values, the last axis changing fastest. Those that `in_quick` picks are asked
// from the quick preset on, the others from the full one.
[[nodiscard]] std::vector<point> grid(const std::vector<axis>& axes, bool (*in_quick)(const parameters&),
                                      preset every_allocator_from = preset::quick);

enum class role {
    contender, // answers the question, and proves it by its digest
    limit      // does less than the question asks (an empty loop): a row to compare with, never a winner
};

enum class heap_use {
    every_allocator, // the process's heap matters to this strategy: compared on each
    baseline_only    // it does not: measured once, on the baseline's heap
};

using subject_factory = std::unique_ptr<subject> (*)(const parameters&);

struct strategy {
    description about;
    heap_use heap = heap_use::baseline_only;
    subject_factory make = nullptr; // null: not built here; `about` knows the reason
    role as = role::contender;
    preset from = preset::quick;          // below it, it takes part only where the reader names it
    std::int64_t live_limit = 0;          // not run with more live objects than this; 0: no limit
    std::string_view live_limit_reason{}; // what stands in the way
    bool one_thread = false;              // not run with more threads than one

    [[nodiscard]] std::string_view name() const noexcept { return about.name; } // part of each cell's identity
};

// The loop of a workload with nothing in it: what no strategy can go below.
inline constexpr description empty_loop_about{"empty_loop", family::limit, "the loop alone, with no work in it"};

// Of these strategies, the named ones take part in the quick preset, the others from the full one on.
[[nodiscard]] std::vector<strategy> only_in_quick(std::vector<strategy> all,
                                                  std::initializer_list<std::string_view> named);

// Of these points, the named ones (as parameters::text spells them) are asked on a littered heap as well.
[[nodiscard]] std::vector<point> littered_too(std::vector<point> all, std::initializer_list<std::string_view> named);

// Why `by` does not take part at a point of its workload; empty when it does.
[[nodiscard]] std::string excluded(const strategy& by, const point& at);

// The mechanism behind a workload's answer, in two short sentences. Where two cells of the quick preset show it by
// their times, they are named as results.json names cells.
struct mechanism {
    std::string_view text;
    std::string_view slower{};
    std::string_view faster{};
};

struct workload {
    std::string_view name;
    std::string_view question;
    std::string_view operation; // what one operation is
    std::string_view models;    // where programs do this
    std::string_view favours;
    std::string_view ignores;
    mechanism why{};
    preset from = preset::quick;      // below it, asked only where the reader names the workload
    std::vector<strategy> strategies; // the first one is the baseline
    std::vector<point> points;
    std::string_view brought{}; // the option with which the reader brings a point, where there is none without
};

// Puts a workload into the list. Workloads are an OBJECT library, because a linker drops self-registering objects
// from an archive. Two registrations of one name are one workload: a file that takes every pool is compiled twice, for
// the leading ones and for the others. The strategies of the one with the baseline stand first.
class registration {
public:
    explicit registration(workload&& added);
};

// Every registered workload, by name, so that the order does not depend on the linker's.
[[nodiscard]] const std::vector<workload>& workloads();

// Asks every workload that has a point with this parameter at these points as well: a reader's own trace.
void ask_also(std::string_view parameter, const std::vector<point>& more);

// Asks one workload at this point as well: a reader's own recording. A program that has no such workload asks nothing.
void ask_at(std::string_view workload, point more);

// While true, subjects bound themselves to smoke_live objects: every cell can then be tried in moments.
inline constexpr std::int64_t smoke_live = 1000;
void set_smoke(bool on) noexcept;
[[nodiscard]] std::int64_t bounded_live(std::int64_t live) noexcept;

} // namespace poolmark::benchmarks
