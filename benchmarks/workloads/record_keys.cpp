// record_keys — records of three named fields, read from text one after another.
//
// Question:  a map for each record, interned names, or a schema?
// Models:    lines of JSON, rows of a driver, events of a log: the names arrive with every record.
// Favours:   building: who keeps no names. Reading one field of all: columns. A million: whoever is small.
// Ignores:   fields that differ from record to record, values that are not numbers, writing.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/keyed/catalog.hpp"

#include <memory>
#include <optional>
#include <string>

namespace poolmark::benchmarks {
namespace {

template <class Store>
class record_subject final : public subject, public memory_measurable {
public:
    explicit record_subject(const parameters& where)
        : reads_(where.word("operation") == "read"),
          count_(static_cast<std::size_t>(bounded_live(where.number("live")))) {
        if (reads_) {
            build(count_);
        }
    }

    std::uint64_t verify() override {
        build(count_);
        digest seen;
        for (const std::string_view name : event_fields) {
            const auto key = store_->key(name);
            for (std::size_t i = 0; i != count_; ++i) {
                seen.add(static_cast<std::uint64_t>(store_->get(i, key)));
            }
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            if (reads_) {
                read_all();
            } else {
                build(count_);
                barrier();
                store_.reset();
            }
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return count_; }

    [[nodiscard]] std::size_t usual_objects() const override { return 1'000'000; }
    void prepare(std::size_t objects) override {
        store_.reset();
        weighed_ = objects;
    }
    void build() override { build(weighed_); }
    [[nodiscard]] object_sizes sizes() override {
        constexpr std::size_t values = event_fields.size() * sizeof(std::int64_t);
        return {.requested_bytes = values, .usable_bytes = std::nullopt, .sizeof_bytes = values,
                .payload_bytes = values};
    }
    void release() override { store_.reset(); }

private:
    void build(std::size_t count) {
        store_ = std::make_unique<Store>();
        std::array<keyed_field, event_fields.size()> fields{};
        for (std::size_t i = 0; i != count; ++i) {
            // The names lie in the reader's buffer, where the compiler cannot know them.
            char* buffer = buffer_.data();
            escape(buffer);
            const std::string_view all(buffer, buffer_.size());
            const auto number = static_cast<std::int64_t>(i);
            fields = {
                {{all.substr(0, 7), number * 7}, {all.substr(8, 10), number % 4}, {all.substr(19, 9), number}}};
            store_->add(fields);
        }
    }

    void read_all() {
        const auto key = store_->key(event_fields[2]);
        for (std::size_t i = 0; i != count_; ++i) {
            total_ += store_->get(i, key);
            barrier();
        }
    }

    bool reads_;
    std::size_t count_;
    std::size_t weighed_ = 0;
    std::string buffer_ = "user_id event_type timestamp";
    std::unique_ptr<Store> store_;
    std::int64_t total_ = 0;
};

std::vector<strategy> strategies_of_record_keys() {
    std::vector<strategy> list;
    for_each_type(keyed_stores{}, [&]<class Store>(std::type_identity<Store>) {
        list.push_back({.about = Store::about,
                        .heap = heap_use::every_allocator,
                        .make = [](const parameters& where) -> std::unique_ptr<subject> {
                            return std::make_unique<record_subject<Store>>(where);
                        }});
    });
    return list;
}

std::vector<point> points_of_record_keys() {
    std::vector<point> points;
    for (const char* const operation : {"build", "read"}) {
        for (const std::int64_t live : {1'000, 1'000'000}) {
            const bool build = std::string_view(operation) == "build";
            points.push_back({.where = {{"operation", operation}, {"live", live}},
                              .from = live == 1'000 ? preset::quick : preset::full,
                              .every_allocator_from = preset::full,
                              .memory = build && live == 1'000'000});
        }
    }
    return points;
}

const registration registered{{
    .name = "record_keys",
    .question = "A map for each record, interned names, or a schema?",
    .operation = "read in one record of three named numbers, or look up one of its fields",
    .models = "lines of JSON, rows of a driver, events of a log: the names arrive with every record",
    .favours = "building: who keeps no names; reading one field of all: columns; a million: whoever is small",
    .ignores = "fields that differ from record to record, values that are not numbers, writing",
    .from = preset::full,
    .strategies = strategies_of_record_keys(),
    .points = points_of_record_keys(),
}};

} // namespace
} // namespace poolmark::benchmarks
