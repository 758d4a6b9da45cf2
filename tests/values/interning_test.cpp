// What every way to intern promises: one handle a text, whatever the text and wherever it lies.
#include "benchmarks/contenders/values/catalog.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::tests {
namespace {

// Every way to intern behind virtual functions, so that a check is compiled once and not once for each.
// Handles are named by the order in which they were taken.
class any_interner {
public:
    any_interner() = default;
    any_interner(const any_interner&) = delete;
    any_interner& operator=(const any_interner&) = delete;
    virtual ~any_interner() = default;

    virtual std::size_t intern(std::string_view text) = 0;
    [[nodiscard]] virtual bool same(std::size_t one, std::size_t other) const = 0;
    [[nodiscard]] virtual std::string_view text(std::size_t handle) const = 0;
    virtual void drop(std::size_t handle) = 0;
    [[nodiscard]] virtual std::size_t size() const = 0;
};

template <class Table>
class erased_interner final : public any_interner {
public:
    explicit erased_interner(std::span<const std::string_view> known) : table_(made(known)) {}

    std::size_t intern(std::string_view text) override {
        handles_.push_back(table_->intern(text));
        return handles_.size() - 1;
    }
    [[nodiscard]] bool same(std::size_t one, std::size_t other) const override {
        return handles_[one] == handles_[other];
    }
    [[nodiscard]] std::string_view text(std::size_t handle) const override {
        return table_->text(handles_[handle]);
    }
    void drop(std::size_t handle) override {
        table_->drop(handles_[handle]);
        handles_[handle] = typename Table::handle{};
    }
    [[nodiscard]] std::size_t size() const override { return table_->size(); }

private:
    static std::unique_ptr<Table> made(std::span<const std::string_view> known) {
        if constexpr (Table::traits.frozen) {
            return std::make_unique<Table>(known);
        } else {
            return std::make_unique<Table>();
        }
    }

    std::unique_ptr<Table> table_;
    std::vector<typename Table::handle> handles_; // end before the table
};

struct interner_kind {
    description about;
    interning_traits traits;
    std::unique_ptr<any_interner> (*make)(std::span<const std::string_view> known);
};

[[nodiscard]] std::vector<interner_kind> every_interner() {
    std::vector<interner_kind> all;
    for_each_type(internings{}, [&]<class Table>(std::type_identity<Table>) {
        all.push_back({Table::about, Table::traits, [](std::span<const std::string_view> known) {
                           return std::unique_ptr<any_interner>(std::make_unique<erased_interner<Table>>(known));
                       }});
    });
    return all;
}

// A copy in a buffer of its own, made at run time, so that no two texts share their characters.
[[nodiscard]] std::string copy_of(std::string_view text) { return std::string(text.begin(), text.end()); }

void for_every_interner(const std::vector<std::string>& texts,
                        const std::function<void(const interner_kind&, any_interner&)>& check) {
    const std::vector<std::string_view> known(texts.begin(), texts.end());
    for (const interner_kind& kind : every_interner()) {
        SCOPED_TRACE(kind.about.name);
        const std::unique_ptr<any_interner> table = kind.make(known);
        check(kind, *table);
    }
}

// No characters, zeros in all places, other alphabets, every length around the ways in which lengths are treated.
[[nodiscard]] std::vector<std::string> awkward_texts() {
    using namespace std::string_literals;
    std::vector<std::string> texts{""s,         "\0"s,           "\0\0"s,        "a"s,
                                   "a\0"s,      "a\0b"s,         "a\0c"s,        "\0a"s,
                                   "user_id"s,  "user_ie"s,      "h\u00e9llo"s,  "he\u0301llo"s,
                                   "\xff\xfe"s, "content-type"s, "Content-Type"s};
    for (const char filling : {'x', 'y'}) {
        for (std::size_t length = 2; length != 70; ++length) {
            texts.emplace_back(length, filling);
        }
        for (const std::size_t length : {495U, 496U, 497U, 512U, 4096U, 65536U}) {
            texts.emplace_back(length, filling);
        }
    }
    return texts;
}

TEST(every_interner, gives_one_handle_for_a_text_wherever_it_lies) {
    const std::vector<std::string> texts = awkward_texts();
    for_every_interner(texts, [&](const interner_kind&, any_interner& table) {
        for (const std::string& text : texts) {
            const std::string here = copy_of(text);
            const std::string there = copy_of(text);
            const std::size_t one = table.intern(here);
            const std::size_t other = table.intern(there);
            EXPECT_TRUE(table.same(one, other)) << text.size();
            EXPECT_EQ(table.text(one), text);
        }
    });
}

TEST(every_interner, keeps_different_texts_apart) {
    const std::vector<std::string> texts = awkward_texts();
    for_every_interner(texts, [&](const interner_kind&, any_interner& table) {
        for (const std::string& text : texts) {
            static_cast<void>(table.intern(text));
        }
        for (std::size_t one = 0; one != texts.size(); ++one) {
            for (std::size_t other = 0; other != one; ++other) {
                EXPECT_FALSE(table.same(one, other)) << one << " " << other;
            }
        }
    });
}

TEST(every_interner, keeps_a_copy_of_the_text) {
    for_every_interner({"timestamp"}, [](const interner_kind&, any_interner& table) {
        std::string buffer = "timestamp";
        const std::size_t handle = table.intern(buffer);
        buffer = "overwritten";
        EXPECT_EQ(table.text(handle), "timestamp");
        EXPECT_TRUE(table.same(handle, table.intern("timestamp")));
    });
}

TEST(every_interner, keeps_its_handles_while_it_grows) {
    std::vector<std::string> texts;
    for (int i = 0; i != 5000; ++i) {
        texts.push_back("key_" + std::to_string(i * 7919));
    }
    for_every_interner(texts, [&](const interner_kind& kind, any_interner& table) {
        for (const std::string& text : texts) {
            static_cast<void>(table.intern(text));
        }
        for (std::size_t i = 0; i != texts.size(); ++i) {
            ASSERT_EQ(table.text(i), texts[i]);
            ASSERT_TRUE(table.same(i, table.intern(texts[i])));
        }
        if (kind.about.kind != family::peer) {
            EXPECT_EQ(table.size(), texts.size());
        }
    });
}

// What comes and goes with its handles, and what stays: the leak of a mode in which nothing ever leaves.
TEST(every_interner, lets_go_of_a_text_exactly_when_it_is_mortal) {
    std::vector<std::string> texts;
    for (int i = 0; i != 1000; ++i) {
        texts.push_back("name " + std::to_string(i));
    }
    for_every_interner(texts, [&](const interner_kind& kind, any_interner& table) {
        for (int round = 0; round != 2; ++round) {
            for (const std::string& text : texts) {
                static_cast<void>(table.intern(text));
            }
        }
        for (std::size_t i = 0; i != texts.size(); ++i) {
            table.drop(i);
        }
        if (kind.about.kind != family::peer) {
            EXPECT_EQ(table.size(), texts.size()) << "each text has a handle left";
        }
        for (std::size_t i = 0; i != texts.size(); ++i) {
            ASSERT_EQ(table.text(texts.size() + i), texts[i]);
            table.drop(texts.size() + i);
        }
        EXPECT_EQ(table.size(), kind.traits.mortal || kind.about.kind == family::peer ? 0U : texts.size());
    });
}

TEST(frozen_interner, refuses_a_text_it_was_not_made_with) {
    const std::vector<std::string_view> known{"user_id", "event_type", "user_id", ""};
    const frozen_interner table(known);
    EXPECT_EQ(table.size(), 3U) << "one of them was there twice";
    EXPECT_EQ(table.intern(copy_of("event_type")), text_id{1});
    EXPECT_EQ(table.find("timestamp"), std::nullopt);
    EXPECT_THROW(static_cast<void>(table.intern("timestamp")), unknown_text);
    const frozen_interner empty({});
    EXPECT_EQ(empty.find(""), std::nullopt);
    EXPECT_THROW(static_cast<void>(empty.intern("user_id")), unknown_text);
}

// Texts with little in them are where a multiplication loses most.
TEST(text_hash, tells_texts_of_one_repeated_character_apart) {
    std::set<std::uint64_t> hashes;
    std::size_t texts = 0;
    for (int character = 0; character < 256; character += 5) {
        for (std::size_t length = 1; length != 200; ++length) {
            hashes.insert(detail::text_hash{}(std::string(length, static_cast<char>(character))));
            ++texts;
        }
    }
    EXPECT_EQ(hashes.size(), texts);
}

TEST(is_name_like, is_what_a_compiler_of_python_interns) {
    for (const char* const yes : {"hello", "hello_world_123", "123abc", "", "_", "Z9"}) {
        EXPECT_TRUE(is_name_like(yes)) << yes;
    }
    for (const char* const no : {"hello world", "hello-world", "hello!", "h\u00e9llo", " ", "a.b"}) {
        EXPECT_FALSE(is_name_like(no)) << no;
    }
}

} // namespace
} // namespace poolmark::tests
