// What every store does, wherever it keeps things, and what measures them.
#include "benchmarks/harness/stores.hpp"
#include "tests/caches/stores/any_store.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

namespace poolmark::tests {
namespace {

class every_store : public testing::TestWithParam<store_kind> {
protected:
    void SetUp() override {
        if (!GetParam().installed) {
            GTEST_SKIP() << "its server is not installed";
        }
        place = GetParam().place();
        store = place->open();
        ASSERT_EQ(store->problem(), "");
    }
    std::unique_ptr<store_place> place;
    std::unique_ptr<any_store> store;
};

std::string every_byte() {
    std::string text;
    for (int each = 0; each != 256; ++each) {
        text += static_cast<char>(each);
    }
    return text;
}

TEST_P(every_store, remembers_overwrites_and_forgets) {
    EXPECT_EQ(store->get("a"), std::nullopt);
    EXPECT_FALSE(store->erase("a"));
    EXPECT_TRUE(store->put("a", "1"));
    EXPECT_TRUE(store->put("b", "2"));
    EXPECT_EQ(store->get("a"), "1");
    EXPECT_TRUE(store->put("a", "a longer one"));
    EXPECT_EQ(store->get("a"), "a longer one");
    EXPECT_EQ(store->size(), 2U);
    EXPECT_TRUE(store->erase("a"));
    EXPECT_FALSE(store->erase("a"));
    EXPECT_EQ(store->get("a"), std::nullopt);
    EXPECT_EQ(store->get("b"), "2");
    EXPECT_EQ(store->size(), 1U);
    EXPECT_TRUE(store->clear());
    EXPECT_EQ(store->get("b"), std::nullopt);
    if (GetParam().traits.exact_size) {
        EXPECT_EQ(store->size(), 0U);
    }
    EXPECT_EQ(store->problem(), "");
}

TEST_P(every_store, keeps_values_of_any_bytes_and_sizes) {
    const std::string bytes = every_byte();
    for (const std::string& value : {std::string(), bytes, std::string("\r\nEND\r\n"), std::string(1, '\0'),
                                     std::string(70, 'x'), bytes + std::string(300'000, 'y') + bytes}) {
        ASSERT_TRUE(store->put("key", value)) << value.size() << store->problem();
        ASSERT_EQ(store->get("key"), value);
    }
}

TEST_P(every_store, keeps_keys_of_any_bytes_and_sizes) {
    const std::string bytes = every_byte();
    std::map<std::string, std::string> all;
    for (const std::string& key :
         {std::string(), std::string("a b"), std::string("a\r\nflush_all"), std::string(1, '\0'), std::string(2, '\0'), bytes,
          bytes + "1", std::string(249, 'k'), std::string(250, 'k'), std::string(251, 'k'), std::string(510, 'k'),
          std::string(511, 'k'), std::string(511, '!'), std::string(512, 'k'), std::string(5000, 'k'), std::string("poolmark#1"),
          std::string("../../etc/passwd"), std::string("$5\r\nhello")}) {
        all[key] = "value " + std::to_string(all.size());
        ASSERT_TRUE(store->put(key, all[key])) << key.size() << store->problem();
    }
    for (const auto& [key, value] : all) {
        ASSERT_EQ(store->get(key), value) << key.size();
    }
    EXPECT_EQ(store->size(), all.size());
    for (const auto& [key, value] : all) {
        ASSERT_TRUE(store->erase(key)) << key.size();
        ASSERT_EQ(store->get(key), std::nullopt);
    }
}

TEST_P(every_store, agrees_with_a_map) {
    std::map<std::string, std::string> model;
    std::mt19937 random(7);
    for (int step = 0; step != 200; ++step) {
        const std::string key = "key " + std::to_string(random() % 20);
        switch (random() % 3) {
        case 0: {
            const std::string value(random() % 200, static_cast<char>('a' + random() % 26));
            ASSERT_TRUE(store->put(key, value));
            model[key] = value;
            break;
        }
        case 1: ASSERT_EQ(store->erase(key), model.erase(key) == 1); break;
        default:
            ASSERT_EQ(store->get(key), model.contains(key) ? std::optional(model[key]) : std::nullopt);
        }
    }
    EXPECT_EQ(store->size(), model.size());
}

TEST_P(every_store, shares_its_place_and_outlives_its_object) {
    EXPECT_TRUE(place->open()->put("a", "1"));
    EXPECT_EQ(store->get("a"), "1");
    EXPECT_TRUE(store->put("a", "2"));
    store.reset();
    EXPECT_EQ(place->open()->get("a"), "2");
    EXPECT_TRUE(GetParam().traits.survives_reopen);
}

INSTANTIATE_TEST_SUITE_P(catalog, every_store, testing::ValuesIn(store_kinds()),
                         [](const auto& kind) { return kind.param.name; });

// What measures stores: one that fails is fast, so it must not look like an answer.

bool is_gone = false;

class server_that_goes {
public:
    explicit server_that_goes(const benchmarks::parameters& /*where*/) {}
    [[nodiscard]] std::optional<std::string> get(const std::string& key) const {
        const auto at = kept_.find(key);
        return is_gone || at == kept_.end() ? std::nullopt : std::optional(at->second);
    }
    bool put(const std::string& key, const std::string& value) {
        kept_[key] = value;
        return !is_gone;
    }

private:
    std::map<std::string, std::string> kept_;
};

TEST(measured_stores, that_are_gone_are_no_answer_whatever_was_asked) {
    for (const char* const operation : {"hit", "miss", "put"}) {
        is_gone = false;
        benchmarks::store_subject<server_that_goes> subject({{"operation", operation}, {"bytes", 10}});
        const auto digest = subject.verify();
        EXPECT_EQ(subject.verify(), digest);
        EXPECT_NO_THROW(subject.run(3)) << operation;
        is_gone = true;
        EXPECT_THROW(static_cast<void>(subject.verify()), std::runtime_error) << operation;
        EXPECT_THROW(subject.run(3), std::runtime_error) << operation;
    }
}

} // namespace
} // namespace poolmark::tests
