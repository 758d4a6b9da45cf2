// event_parser — lines of a log into events: a dictionary of strings each, or interned names, slots and small integers
// from a table, all at once.
//
// Question:  what do interning, slots and a table of small integers gain together, and which of them gains it?
// Models:    log pipelines and collectors that hold the last events in memory.
// Favours:   few `kinds` favour interning types; a large `small_percent` favours the table, and none of it the integers
//            that are not boxed at all.
// Ignores:   reading the file, fields that nobody foresaw, types without end, which interning would keep for ever.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/layouts.hpp"
#include "benchmarks/harness/log_lines.hpp"
#include "benchmarks/harness/weighable.hpp"
#include "benchmarks/harness/workload.hpp"

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t log_size = 1U << 14U; // lines, again and again
constexpr std::size_t held = 1000;          // events

template <class Store>
[[nodiscard]] std::uint64_t read(const Store& store, const typename Store::event* one) {
    std::uint64_t sum = 0;
    for (const event_field number : {event_field::time, event_field::level, event_field::user, event_field::duration}) {
        sum = sum * 31 + static_cast<std::uint64_t>(store.number(one, number));
    }
    for (const event_field text : {event_field::type, event_field::session}) {
        const std::string_view found = store.text(one, text);
        sum = sum * 31 + found.size() + static_cast<unsigned char>(found.back());
    }
    return sum;
}

// What one event asks for, everything it owns included. Tallied is the same store over an allocator that counts.
template <class Tallied>
[[nodiscard]] double requested_by_allocator(const log_lines& lines) {
    std::size_t bytes = 0;
    Tallied store{tallying_allocator<std::byte>(bytes)};
    for (std::size_t i = 0; i != held; ++i) {
        store.drop(store.parse(lines[i])); // the tally goes up only
    }
    return static_cast<double>(bytes) / static_cast<double>(held);
}

// The slot, and a box for each number outside of the table.
template <class Store>
[[nodiscard]] double requested_by_boxes(const log_lines& lines) {
    Store store;
    std::size_t boxes = 0;
    for (std::size_t i = 0; i != held; ++i) {
        auto* const one = store.parse(lines[i]);
        if constexpr (std::is_same_v<Store, interned_events<>>) {
            for (const auto box : one->numbers) {
                boxes += !boxed_int_table<>::is_shared(box);
            }
        }
        store.drop(one);
    }
    return static_cast<double>(sizeof(typename Store::event)) +
           static_cast<double>(boxes * sizeof(boxed_int)) / static_cast<double>(held);
}

template <class Store>
[[nodiscard]] double requested(const log_lines& lines) {
    using tally = tallying_allocator<std::byte>;
    if constexpr (std::is_same_v<Store, dictionary_events<>>) {
        return requested_by_allocator<dictionary_events<tally>>(lines);
    } else if constexpr (std::is_same_v<Store, string_events<>>) {
        return requested_by_allocator<string_events<tally>>(lines);
    } else {
        return requested_by_boxes<Store>(lines);
    }
}

template <class Store>
class parser_subject final : public subject, public weighable {
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

    [[nodiscard]] std::size_t usual_objects() const override { return 1'000'000; }
    void prepare(std::size_t objects) override { kept_.assign(objects, nullptr); }
    void build() override {
        for (std::size_t i = 0; i != kept_.size(); ++i) {
            kept_[i] = store_.parse(lines_[i % log_size]);
        }
    }
    [[nodiscard]] object_sizes sizes() override {
        return {.requested_bytes = requested<Store>(lines_), .usable_bytes = std::nullopt,
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
        return read(store_, place);
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
        list.push_back({.name = Store::about.name,
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
    .strategies = strategies_of_event_parser(),
    .points = points_of_event_parser(),
}};

} // namespace
} // namespace poolmark::benchmarks
