// interning — a text arrives in a buffer; which of the texts known already is it?
//
// Question:  what does it cost to find the one object that stands for a text, and how many bytes does the table take?
// Models:    field names and levels of a log, identifiers of a compiler, HTTP headers, column names.
// Favours:   hits: whatever hashes quickly and copies nothing. Filling and dropping: what allocates few and large
//            blocks. The frozen table is made from all texts at once, which no reader of a stream could do.
// Ignores:   what is gained afterwards (see interned_lookups), threads (see shared_interning).
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/texts.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/values/catalog.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

namespace poolmark::benchmarks {
namespace {

// Long texts are fewer, so that all of them stay within what a last-level cache holds.
std::size_t texts_at(const parameters& where) {
    const auto live = static_cast<std::size_t>(bounded_live(where.number("live")));
    const std::size_t most = (std::size_t{32} << 20U) / static_cast<std::size_t>(where.number("bytes"));
    return std::max<std::size_t>(16, std::min(live, most));
}

template <class Table>
class interning_subject final : public subject, public memory_measurable {
public:
    explicit interning_subject(const parameters& where)
        : operation_(where.word("operation")),
          texts_(texts_at(where), static_cast<std::size_t>(where.number("bytes"))),
          order_(shuffled_indices(texts_.size())), handles_(texts_.size()) {
        for (std::size_t i = 0; i != texts_.size(); ++i) {
            views_.push_back(texts_[i]);
        }
        if (operation_ == "hit") {
            fill();
        }
    }

    std::uint64_t verify() override {
        if (operation_ != "hit") {
            fill();
        }
        digest seen;
        for (const std::uint32_t at : order_) {
            const handle found = table_->intern(views_[at]);
            seen.add(static_cast<std::uint64_t>(found == handles_[at]));
            seen.add(static_cast<std::uint64_t>(table_->text(found)[0]));
            table_->drop(found);
        }
        if (operation_ != "hit") {
            empty();
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            if (operation_ == "hit") {
                find_all();
            } else {
                fill();
                barrier();
                empty();
            }
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return texts_.size(); }

    // 16 bytes a text. What release() leaves is the question that separates mortal texts from others.
    [[nodiscard]] std::size_t usual_objects() const override { return 300'000; }
    void prepare(std::size_t objects) override {
        weighed_.emplace(objects, weighed_bytes);
        weighed_views_.resize(objects);
        for (std::size_t i = 0; i != objects; ++i) {
            weighed_views_[i] = (*weighed_)[i];
        }
        kept_.assign(objects, handle{});
    }
    void build() override {
        table_ = made(weighed_views_);
        for (std::size_t i = 0; i != kept_.size(); ++i) {
            kept_[i] = table_->intern(weighed_views_[i]);
        }
    }
    [[nodiscard]] object_sizes sizes() override {
        return {.requested_bytes = weighed_bytes, .usable_bytes = std::nullopt, .sizeof_bytes = sizeof(handle),
                .payload_bytes = weighed_bytes};
    }
    void release() override {
        for (handle& each : kept_) {
            table_->drop(each);
            each = handle{};
        }
    }
    bool end() override {
        table_.reset();
        return true;
    }

private:
    using handle = typename Table::handle;
    static constexpr std::size_t weighed_bytes = 16;

    template <class Views>
    [[nodiscard]] static std::unique_ptr<Table> made(const Views& known) {
        if constexpr (Table::traits.frozen) {
            return std::make_unique<Table>(std::span<const std::string_view>(known));
        } else {
            return std::make_unique<Table>();
        }
    }

    void fill() {
        table_ = made(views_);
        for (std::size_t i = 0; i != views_.size(); ++i) {
            handles_[i] = table_->intern(views_[i]);
        }
    }

    void empty() {
        for (handle& each : handles_) {
            table_->drop(each);
            each = handle{};
        }
        table_.reset();
    }

    void find_all() {
        for (const std::uint32_t at : order_) {
            const handle found = table_->intern(views_[at]);
            barrier();
            table_->drop(found);
        }
    }

    std::string operation_;
    distinct_texts texts_;
    table<std::string_view> views_;
    table<std::uint32_t> order_;
    std::unique_ptr<Table> table_; // ends after its handles
    table<handle> handles_;
    std::optional<distinct_texts> weighed_;
    table<std::string_view> weighed_views_;
    table<handle> kept_;
};

std::vector<strategy> strategies_of_interning() {
    std::vector<strategy> list;
    for_each_type(internings{}, [&]<class Table>(std::type_identity<Table>) {
        const bool on_heap = Table::about.kind == family::fresh || Table::about.kind == family::peer;
        list.push_back({.about = Table::about,
                        .heap = on_heap ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = [](const parameters& where) -> std::unique_ptr<subject> {
                            return std::make_unique<interning_subject<Table>>(where);
                        }});
    });
    if (!boost_flyweight_about.available) {
        list.push_back({.about = boost_flyweight_about});
    }
    return list;
}

std::vector<point> points_of_interning() {
    std::vector<point> points;
    for (const std::int64_t bytes : {16, 8, 32, 64, 256, 1024, 4096, 65536}) {
        points.push_back({.where = {{"operation", "hit"}, {"bytes", bytes}, {"live", 1000}},
                          .from = bytes == 16 ? preset::quick : preset::full,
                          .every_allocator_from = preset::full});
    }
    points.push_back({.where = {{"operation", "hit"}, {"bytes", 16}, {"live", 1'000'000}},
                      .from = preset::full,
                      .every_allocator_from = preset::full});
    for (const char* const operation : {"fill", "fill_and_drop"}) {
        for (const std::int64_t live : {1'000, 100'000}) {
            points.push_back({.where = {{"operation", operation}, {"bytes", 16}, {"live", live}},
                              .from = preset::full,
                              .every_allocator_from = preset::full,
                              .memory = live == 1'000 && std::string_view(operation) == "fill"});
        }
    }
    return points;
}

const registration registered{{
    .name = "interning",
    .question = "What does it cost to find the one object that stands for a text?",
    .operation = "intern one text, known or new, and drop its handle",
    .models = "field names of a log, identifiers of a compiler, HTTP headers, column names",
    .favours = "hits: whatever hashes quickly and copies nothing; the frozen table, made from all texts at once",
    .ignores = "what is gained afterwards, and threads",
    .from = preset::full,
    .strategies = strategies_of_interning(),
    .points = points_of_interning(),
}};

} // namespace
} // namespace poolmark::benchmarks
