// shared_interning — several threads find and drop the same texts in one table.
//
// Question:  what does it take to share a table of interned texts?
// Models:    threads that parse the same kind of log, compilers that share a symbol table.
// Favours:   16 mutexes over 1 as soon as there are two threads; an uncontended mutex costs both the same.
// Ignores:   one text that everybody wants at once, texts that are new. The figure is the time of all divided by the
//            texts of all: it halves with twice the threads where nobody is in another's way.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/team.hpp"
#include "benchmarks/harness/texts.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/values/catalog.hpp"

#include <memory>
#include <vector>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t text_count = 1000;

template <class Table>
class shared_interning_subject final : public subject {
public:
    explicit shared_interning_subject(const parameters& where)
        : texts_(text_count, 16), shares_(static_cast<std::size_t>(where.number("threads"))),
          helpers_(shares_.size() - 1,
                   [this](std::size_t helper, std::uint64_t n) { work(shares_[helper + 1], n); }) {
        for (std::size_t i = 0; i != text_count; ++i) {
            handles_.push_back(table_.intern(texts_[i]));
        }
        for (std::size_t i = 0; i != shares_.size(); ++i) {
            shares_[i].order = shuffled_indices(text_count, workload_seed + i);
        }
    }

    ~shared_interning_subject() override {
        for (const auto& each : handles_) {
            table_.drop(each);
        }
    }
    shared_interning_subject(const shared_interning_subject&) = delete;
    shared_interning_subject& operator=(const shared_interning_subject&) = delete;

    std::uint64_t verify() override {
        run(1);
        rest();
        digest all;
        for (share& each : shares_) {
            all.add(each.found);
        }
        return all.value();
    }

    void warm() override { helpers_.wake(); }
    void rest() override { helpers_.rest(); }

    void run(std::uint64_t iterations) override {
        helpers_.start(iterations);
        work(shares_.front(), iterations);
        helpers_.wait();
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return shares_.size() * text_count; }

private:
    struct alignas(128) share { // a thread's own
        table<std::uint32_t> order;
        std::uint64_t found = 0; // in the last run
    };

    void work(share& mine, std::uint64_t iterations) {
        mine.found = 0;
        for (std::uint64_t i = 0; i != iterations; ++i) {
            for (const std::uint32_t at : mine.order) {
                const auto held = table_.intern(texts_[at]);
                mine.found += held == handles_[at];
                table_.drop(held);
            }
        }
    }

    distinct_texts texts_;
    Table table_;
    std::vector<typename Table::handle> handles_;
    std::vector<share> shares_;
    team helpers_; // end first
};

template <class Table>
strategy shared_interner(heap_use heap) {
    return {
        .about = Table::about, .heap = heap, .make = [](const parameters& where) -> std::unique_ptr<subject> {
            return std::make_unique<shared_interning_subject<Table>>(where);
        }};
}

const registration registered{{
    .name = "shared_interning",
    .question = "What does it take to share a table of interned texts?",
    .operation = "intern a known text of 16 bytes and drop its handle, in one of the threads",
    .models = "threads that parse the same kind of log, compilers that share a symbol table",
    .favours = "16 mutexes over 1 as soon as there are two threads",
    .ignores = "one text that everybody wants at once, texts that are new",
    .from = preset::full,
    .strategies = {shared_interner<locked_interner<>>(heap_use::every_allocator),
                   shared_interner<sharded_interner>(heap_use::baseline_only)},
    .points = {{.where = {{"threads", 2}}, .every_allocator_from = preset::full},
               {.where = {{"threads", 1}}, .from = preset::full, .every_allocator_from = preset::full},
               {.where = {{"threads", 4}}, .from = preset::full, .every_allocator_from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
