// object_layout — the same fields as a struct, behind a shape, and in a hash map per object.
//
// Question:  what does it cost, in time and in bytes, to let each object carry its own field names?
// Models:    events, log records, JSON-like documents, components with attributes.
// Favours:   the struct wherever the fields are known when the program is compiled; nothing favours the maps but
//            fields that really differ from object to object.
// Ignores:   strings and other fields that own memory, and objects that gain fields later.
//
// create_touched looks at each new object's dictionary once, as who measures it does: layouts that have one only for
// those who look pay then, the others have it anyway or never. create_million has a million objects out at once; where
// nothing is said, there are a thousand.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/layouts.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/workload.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t live_objects = 1000;
constexpr std::size_t weighed_objects = 1'000'000;

enum class operation { create, read, write, sweep };

operation operation_of(const parameters& where) {
    const std::string& name = where.word("operation");
    return name.starts_with("create") ? operation::create : name == "read" ? operation::read
           : name == "write" ? operation::write : operation::sweep;
}
bool is_touched(const parameters& where) { return where.word("operation") == "create_touched"; }
std::size_t live_at(const parameters& where) {
    if (where.has("live")) {
        return static_cast<std::size_t>(bounded_live(where.number("live")));
    }
    return where.word("operation") == "create_million" ? static_cast<std::size_t>(bounded_live(1'000'000)) : live_objects;
}

template <class Record, std::size_t Index>
class layout_subject final : public subject, public memory_measurable {
public:
    explicit layout_subject(const parameters& where)
        : operation_(operation_of(where)), touched_(is_touched(where)), objects_(live_at(where)) {
        if (operation_ != operation::create) {
            make_all();
        }
    }

    ~layout_subject() override {
        if (operation_ != operation::create) {
            destroy_all();
        }
        for (object* one : kept_) {
            layout_.destroy(one);
        }
    }

    layout_subject(const layout_subject&) = delete;
    layout_subject& operator=(const layout_subject&) = delete;

    std::uint64_t verify() override {
        if (operation_ == operation::create) {
            make_all();
        }
        write_all();
        digest seen;
        for (const object* one : objects_) {
            seen.add(layout_.sweep(one));
            seen.add(read(one));
        }
        if (operation_ == operation::create) {
            destroy_all();
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            switch (operation_) {
            case operation::create:
                make_all();
                barrier();
                destroy_all();
                break;
            case operation::read: read_all(); break;
            case operation::write: write_all(); break;
            case operation::sweep: sweep_all(); break;
            }
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return objects_.size(); }

    [[nodiscard]] std::size_t usual_objects() const override { return weighed_objects; }
    void prepare(std::size_t objects) override { kept_.assign(objects, nullptr); }
    void build() override {
        std::int64_t seed = 0;
        for (object*& one : kept_) {
            one = layout_.make(sample_record<Record>(seed++));
            look_at(one);
        }
    }
    [[nodiscard]] object_sizes sizes() override {
        return {.requested_bytes = requested_bytes_per_object<Record, Index>(touched_), .usable_bytes = std::nullopt,
                .sizeof_bytes = sizeof(object), .payload_bytes = payload_bytes<Record>};
    }
    void release() override {
        for (object*& one : kept_) {
            layout_.destroy(std::exchange(one, nullptr));
        }
        kept_.clear();
    }

private:
    using layout = type_at<Index, layouts<Record>>;
    using object = typename layout::object;

    void make_all() {
        std::int64_t seed = 0;
        for (object*& one : objects_) {
            one = layout_.make(sample_record<Record>(seed++));
            look_at(one);
            escape(one);
        }
    }
    void look_at(object* one) {
        if (touched_) {
            look_at_dictionary(layout_, one);
        }
    }
    void destroy_all() {
        for (object* one : objects_) {
            layout_.destroy(one);
        }
    }
    [[nodiscard]] std::uint64_t read(const object* one) {
        return static_cast<std::uint64_t>(read_sample_field<Record>(layout_, one));
    }
    void read_all() {
        for (const object* one : objects_) {
            total_ += read(one);
            barrier();
        }
    }
    void write_all() {
        std::int64_t value = 0;
        for (object* one : objects_) {
            write_sample_field<Record>(layout_, one, value++);
            barrier();
        }
    }
    void sweep_all() {
        for (const object* one : objects_) {
            total_ += layout_.sweep(one);
            barrier();
        }
    }

    operation operation_;
    bool touched_;
    layout layout_;
    table<object*> objects_;
    table<object*> kept_;
    std::uint64_t total_ = 0;
};

template <std::size_t Index>
std::unique_ptr<subject> make_layout(const parameters& where) {
    if (where.word("record") == vector2d::record_name) {
        return std::make_unique<layout_subject<vector2d, Index>>(where);
    }
    return std::make_unique<layout_subject<log_record, Index>>(where);
}

// Those that a reader would consider first, and what shows their limits; the others in a wide run.
preset takes_part_from(std::string_view name) {
    for (const std::string_view first : {"unordered_map", "flat_hash_map", "shape_slots", "slotted", "slotted_rows",
                                         "columns"}) {
        if (name == first) {
            return preset::quick;
        }
    }
    return preset::wide;
}

std::vector<strategy> strategies_of_object_layout() {
    std::vector<strategy> list;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (list.push_back({.about = type_at<Index, layouts<vector2d>>::about,
                         .heap = keeps_memory<type_at<Index, layouts<vector2d>>> ? heap_use::baseline_only
                                                                                 : heap_use::every_allocator,
                         .make = &make_layout<Index>,
                         .from = takes_part_from(type_at<Index, layouts<vector2d>>::about.name)}),
         ...);
    }(std::make_index_sequence<type_count<layouts<vector2d>>>{});
    if (!flat_hash_map_about.available) {
        list.push_back({.about = flat_hash_map_about});
    }
    return list;
}

std::vector<point> points_of_object_layout() {
    std::vector<point> points;
    for (const char* const record : {"Vector2D", "LogRecord"}) {
        for (const char* const operation : {"create", "read", "write", "sweep", "create_touched", "create_million"}) {
            const std::string_view name = operation;
            const bool log_record = std::string_view(record) == "LogRecord";
            const bool main = name == "create" || (log_record && !name.starts_with("create_"));
            const bool quick = main && log_record && name != "write";
            points.push_back({.where = {{"record", record}, {"operation", operation}},
                              .from = quick ? preset::quick : preset::full,
                              .every_allocator_from = main && !quick ? preset::quick : preset::full,
                              .memory = name == "create" || name == "create_touched"});
        }
    }
    for (const std::int64_t live : {100, 10'000, 100'000}) { // from the first cache out of the last
        points.push_back({.where = {{"record", "LogRecord"}, {"operation", "sweep"}, {"live", live}},
                          .from = preset::full,
                          .every_allocator_from = preset::full});
    }
    return points;
}

const registration registered{{
    .name = "object_layout",
    .question = "What does it cost to let each object carry its own field names?",
    .operation = "create and destroy one object, or read, write or sweep the fields of one",
    .models = "events, log records, JSON-like documents, components with attributes",
    .favours = "the struct wherever fields are known at compile time",
    .ignores = "strings and other fields that own memory, objects that gain fields later",
    .why = {.text = "An object with a map of its own is a table and a node for each field, with as many requests "
                     "to the heap. A struct is one request, and a field is a load at an offset that the compiler "
                     "knows.",
            .slower = "object_layout/record=LogRecord,operation=create/unordered_map@glibc",
            .faster = "object_layout/record=LogRecord,operation=create/slotted@glibc"},
    .strategies = strategies_of_object_layout(),
    .points = points_of_object_layout(),
}};

} // namespace
} // namespace poolmark::benchmarks
