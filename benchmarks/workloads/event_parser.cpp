// event_parser — lines of a log into events: a dictionary of strings each, or interned names, slots and small integers
// from a table, all at once.
//
// Question:  what do interning, slots and a table of small integers gain together, and which of them gains it?
// Models:    log pipelines and collectors that hold the last events in memory.
// Favours:   few `kinds` favour interning types; a large `small_percent` favours the table, and none of it the integers
//            that are not boxed at all.
// Ignores:   reading the file, fields that nobody foresaw, types without end, which interning would keep forever.
#include "benchmarks/contenders/events/catalog.hpp"
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/event_costs.hpp"
#include "benchmarks/harness/user_counters.hpp"
#include "benchmarks/harness/log_lines.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/workload.hpp"

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t log_size = 1U << 14U; // lines, again and again
constexpr std::size_t held = 1000;          // events

template <class Store>
class parser_subject final : public subject, public memory_measurable, public user_counters {
public:
    explicit parser_subject(const parameters& where)
        : lines_(log_size, where.number("kinds"), where.number("small_percent")), events_(held) {
        for (event*& one : events_) {
            one = store_.parse(lines_[0]);
        }
    }
    ~parser_subject() override {
        parser_subject::release();
        for (event* const one : events_) {
            store_.drop(one);
        }
    }
    parser_subject(const parser_subject&) = delete;
    parser_subject& operator=(const parser_subject&) = delete;

    std::uint64_t verify() override {
        digest seen;
        for (std::size_t i = 0; i != 4 * held; ++i) {
            seen.add(step(i));
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            sum_ += step(next_++);
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

    [[nodiscard]] std::vector<user_counter> counters() const override {
        return {{"allocations_per_event", asked_by<Store>(lines_, held).allocations}};
    }

    [[nodiscard]] std::size_t usual_objects() const override { return 1'000'000; }
    void prepare(std::size_t objects) override { kept_.assign(objects, nullptr); }
    void build() override {
        for (std::size_t i = 0; i != kept_.size(); ++i) {
            kept_[i] = store_.parse(lines_[i % log_size]);
        }
    }
    [[nodiscard]] object_sizes sizes() override {
        return {.requested_bytes = asked_by<Store>(lines_, held).bytes, .usable_bytes = std::nullopt,
                .sizeof_bytes = sizeof(event), .payload_bytes = 4 * sizeof(std::int64_t) + 8 + sizeof(symbol)};
    }
    void release() override {
        for (event* const one : kept_) {
            store_.drop(one);
        }
        kept_.clear();
    }

private:
    using event = typename Store::event;

    // The oldest event leaves, the next line takes its place and is read.
    std::uint64_t step(std::size_t i) {
        event*& place = events_[i % held];
        store_.drop(place);
        barrier();
        place = store_.parse(lines_[i % log_size]);
        return read_event(store_, place);
    }

    log_lines lines_;
    table<event*> events_;
    table<event*> kept_;
    std::size_t next_ = 0;
    std::uint64_t sum_ = 0;
    Store store_;
};

std::vector<strategy> strategies_of_event_parser() {
    std::vector<strategy> list;
    for_each_type(event_stores{}, [&]<class Store>(std::type_identity<Store>) {
        const bool heap_matters = !std::is_same_v<Store, interned_events<plain_value>>;
        list.push_back({.about = Store::about,
                        .heap = heap_matters ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = [](const parameters& where) -> std::unique_ptr<subject> {
                            return std::make_unique<parser_subject<Store>>(where);
                        }});
    });
    return list;
}

std::vector<point> points_of_event_parser() {
    std::vector<point> points;
    for (const std::int64_t kinds : {16, 1, 256, 4096, 65'536}) {
        for (const std::int64_t small : {90, 0, 50, 100}) {
            const bool quick = kinds == 16 && small == 90;
            if (kinds == 16 || small == 90) { // one of the two at a time
                points.push_back({.where = {{"kinds", kinds}, {"small_percent", small}},
                                  .from = quick ? preset::quick : preset::full,
                                  .every_allocator_from = quick ? preset::quick : preset::full,
                                  .memory = kinds == 16});
            }
        }
    }
    return points;
}

const registration registered{{
    .name = "event_parser",
    .question = "What do interning, slots and a table of small integers gain together, and which of them gains it?",
    .operation = "parse one line into an event, read its six fields, drop the oldest event",
    .models = "log pipelines and collectors that hold the last events in memory",
    .favours = "few kinds favour interning types; many small numbers favour the table",
    .ignores = "reading the file, fields that nobody foresaw, types without end",
    .from = preset::full,
    .strategies = strategies_of_event_parser(),
    .points = points_of_event_parser(),
}};

} // namespace
} // namespace poolmark::benchmarks
