// interned_lookups — a key arrives as text and is then looked up a number of times.
//
// Question:  after how many lookups has it paid to intern the key first?
// Models:    a parser that meets a field name and then asks several tables about it; symbol tables.
// Favours:   the text at 1 lookup, which then hashes it once where the others hash it and look up a handle besides;
//            handles at many, the sooner the longer the text; numbers, whose tables are arrays.
// Ignores:   the memory that one object a text saves (see record_keys), and keys that are never seen again.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/texts.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/values/catalog.hpp"

#include <memory>
#include <string>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t key_count = 64; // the fields of a few kinds of records

// What both kinds of subject have in common; each only says what becomes of one text.
class lookup_subject : public subject {
public:
    explicit lookup_subject(const parameters& where)
        : texts_(key_count, static_cast<std::size_t>(where.number("bytes"))), order_(shuffled_indices(key_count)),
          lookups_(static_cast<std::size_t>(where.number("lookups"))) {}

    std::uint64_t verify() final {
        digest seen;
        for (const std::uint32_t at : order_) {
            seen.add(look_up(texts_[at]));
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) final {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            all();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const final { return key_count; }

protected:
    virtual std::uint64_t look_up(std::string_view text) = 0; // the sum of what was found
    virtual void all() = 0; // the same for every text, with no virtual call in between

    template <class LookUp>
    void for_all(LookUp&& each) {
        for (const std::uint32_t at : order_) {
            total_ += each(texts_[at]);
        }
    }

    distinct_texts texts_;       // NOLINT(*-non-private-*): for the two classes below
    table<std::uint32_t> order_; // NOLINT(*-non-private-*)
    std::size_t lookups_;        // NOLINT(*-non-private-*)

private:
    std::uint64_t total_ = 0;
};

class text_subject final : public lookup_subject {
public:
    explicit text_subject(const parameters& where) : lookup_subject(where) {
        for (std::size_t i = 0; i != key_count; ++i) {
            values_.emplace(texts_[i], i + 1);
        }
    }

private:
    std::uint64_t look_up(std::string_view text) override {
        key_.assign(text); // a map of strings is asked with a string; this one is used again
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i != lookups_; ++i) {
            sum += values_.find(key_)->second;
            barrier();
        }
        return sum;
    }
    void all() override {
        for_all([this](std::string_view text) { return text_subject::look_up(text); });
    }

    std::unordered_map<std::string, std::uint64_t> values_;
    std::string key_;
};

template <class Table>
class handle_subject final : public lookup_subject {
public:
    explicit handle_subject(const parameters& where) : lookup_subject(where) {
        std::vector<std::string_view> known;
        for (std::size_t i = 0; i != key_count; ++i) {
            known.push_back(texts_[i]);
        }
        if constexpr (Table::traits.frozen) {
            table_ = std::make_unique<Table>(known);
        } else {
            table_ = std::make_unique<Table>();
        }
        for (std::size_t i = 0; i != key_count; ++i) {
            handles_.push_back(table_->intern(known[i]));
            values_.set(handles_.back(), i + 1);
        }
    }

    ~handle_subject() override {
        for (const handle& each : handles_) {
            table_->drop(each);
        }
    }
    handle_subject(const handle_subject&) = delete;
    handle_subject& operator=(const handle_subject&) = delete;

private:
    using handle = typename Table::handle;

    std::uint64_t look_up(std::string_view text) override {
        const handle key = table_->intern(text);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i != lookups_; ++i) {
            sum += values_.get(key);
            barrier();
        }
        table_->drop(key);
        return sum;
    }
    void all() override {
        for_all([this](std::string_view text) { return handle_subject::look_up(text); });
    }

    std::unique_ptr<Table> table_;
    std::vector<handle> handles_;
    values_by_handle<handle> values_;
};

std::vector<strategy> strategies_of_interned_lookups() {
    std::vector<strategy> list{{.about = text_keys_about,
                                .heap = heap_use::every_allocator,
                                .make = [](const parameters& where) -> std::unique_ptr<subject> {
                                    return std::make_unique<text_subject>(where);
                                }}};
    for_each_type(type_list<unordered_string_set, weak_interner, arena_interner, frozen_interner>{},
                  [&]<class Table>(std::type_identity<Table>) {
                      list.push_back({.about = Table::about,
                                      .make = [](const parameters& where) -> std::unique_ptr<subject> {
                                          return std::make_unique<handle_subject<Table>>(where);
                                      }});
                  });
    return list;
}

const registration registered{{
    .name = "interned_lookups",
    .question = "After how many lookups has it paid to intern a key first?",
    .operation = "take one key as text and look it up as often as the point says",
    .models = "a parser that meets a field name and asks several tables about it; symbol tables",
    .favours =
        "the text at 1 lookup; handles at many, the sooner the longer the text; numbers, which index arrays",
    .ignores = "the memory that one object a text saves, keys that are never seen again",
    .from = preset::full,
    .strategies = strategies_of_interned_lookups(),
    .points = grid({{"bytes", {16, 8, 64, 1024, 65536}}, {"lookups", {1, 2, 4, 8, 16, 64}}},
                   [](const parameters& at) {
                       return at.number("bytes") == 16 && (at.number("lookups") == 1 || at.number("lookups") == 8);
                   },
                   preset::full),
}};

} // namespace
} // namespace poolmark::benchmarks
