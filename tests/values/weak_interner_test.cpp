// The interner whose texts go with their last handle: entries, generations, collisions, and where the memory goes.
#include "pools/memory/sanitizers.hpp"
#include "pools/values/arena_interner.hpp"
#include "pools/values/frozen_interner.hpp"
#include "pools/values/interned_string.hpp"
#include "pools/values/interner.hpp"
#include "pools/values/sharded_interner.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <random>
#include <vector>

namespace poolmark {
namespace {

TEST(weak_interner, loses_an_entry_with_its_last_handle) {
    weak_interner table;
    const interned* const one = table.intern("session");
    const interned* const two = table.retain(one);
    EXPECT_EQ(table.intern("session"), two);
    table.drop(one);
    table.drop(two);
    EXPECT_EQ(table.size(), 1U) << "a third handle is out";
    table.drop(one);
    EXPECT_EQ(table.size(), 0U);
}

TEST(weak_interner, gives_a_text_that_comes_back_another_generation_at_the_same_address) {
    weak_interner table;
    const interned* const before = table.intern("session");
    const std::uint32_t generation = before->generation();
    table.drop(before);
    const interned* const after = table.intern("session");
    ASSERT_EQ(after, before) << "the slot released last is handed out first";
    EXPECT_NE(after->generation(), generation);
    table.drop(after);
}

TEST(weak_interner, never_ends_a_text_that_immortal_handles_refer_to) {
    immortal_interner table;
    const interned* const held = table.intern("forever");
    for (int i = 0; i != 1000; ++i) {
        table.drop(held);
    }
    EXPECT_EQ(table.intern("forever"), held);
    EXPECT_EQ(held->text(), "forever");
}

TEST(interned_string, counts_by_itself) {
    weak_interner table;
    {
        const interned_string key(table, "user_id");
        interned_string copy = key;
        interned_string moved = std::move(copy);
        EXPECT_EQ(moved, key);
        EXPECT_EQ(moved.text(), "user_id");
        moved = interned_string(table, "event_type");
        EXPECT_NE(moved, key);
        EXPECT_EQ(table.size(), 2U);
        moved = key;
        EXPECT_EQ(table.size(), 1U);
    }
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(interned_string<>().text(), "");
}

struct one_hash_for_all {
    std::uint64_t operator()(std::string_view) const noexcept { return 7; }
};
// Few different ones, at the end of the table, so that runs of slots overlap and go round.
struct crowded_hash {
    std::uint64_t operator()(std::string_view text) const noexcept {
        return (std::uint64_t{0xffff'fff8U} + text.size() % 8) << 32U;
    }
};

// Random calls beside a map that counts the same things.
template <class Hash>
void behaves_like_a_map_of_counts() {
    interner<true, Hash> table;
    std::map<std::string, std::vector<const interned*>> model;
    std::mt19937 random(11);
    for (int step = 0; step != 20000; ++step) {
        const std::string text(random() % 13, static_cast<char>('a' + random() % 17));
        std::vector<const interned*>& held = model[text];
        // Phases that fill and phases that empty.
        if (held.empty() || (random() % 8 < 3) == (step / 2500 % 2 == 0)) {
            held.push_back(table.intern(text));
            ASSERT_EQ(held.back(), held.front());
            ASSERT_EQ(held.back()->text(), text);
        } else {
            table.drop(held.back());
            held.pop_back();
        }
        if (held.empty()) {
            model.erase(text);
        }
        ASSERT_EQ(table.size(), model.size());
    }
    for (const auto& [text, held] : model) {
        ASSERT_EQ(table.intern(text), held.front()) << "lost";
        table.drop(held.front());
    }
    for (const auto& [text, held] : model) {
        for (const interned* each : held) {
            table.drop(each);
        }
    }
    EXPECT_EQ(table.size(), 0U);
}

TEST(weak_interner, behaves_like_a_map_of_counts) { behaves_like_a_map_of_counts<detail::text_hash>(); }
TEST(weak_interner, survives_hashes_that_crowd) { behaves_like_a_map_of_counts<crowded_hash>(); }
TEST(weak_interner, survives_hashes_that_all_agree) { behaves_like_a_map_of_counts<one_hash_for_all>(); }

TEST(other_interners, survive_hashes_that_all_agree) {
    basic_arena_interner<one_hash_for_all> numbered;
    basic_sharded_interner<4, one_hash_for_all> shared;
    for (int round = 0; round != 2; ++round) {
        for (std::uint32_t i = 0; i != 300; ++i) {
            const std::string text = "t" + std::to_string(i);
            EXPECT_EQ(numbered.intern(text), text_id{i});
            EXPECT_EQ(shared.intern(text)->text(), text);
        }
    }
    EXPECT_EQ(numbered.size(), 300U);
    EXPECT_EQ(shared.size(), 300U);
    const std::array<std::string_view, 2> two{"one", "two"};
    EXPECT_THROW(basic_frozen_interner<one_hash_for_all>{two}, std::length_error);
}

TEST(weak_interner, refuses_a_text_of_4_gigabytes) {
    weak_interner table;
    const std::string_view endless("x", std::size_t{1} << 32U); // never read: its length is enough
    EXPECT_THROW(static_cast<void>(detail::checked_length(endless)), std::length_error);
}

TEST(weak_interner, gives_its_storage_back_when_it_is_emptied) {
    weak_interner table;
    std::vector<const interned*> held;
    const auto fill = [&](std::size_t texts) {
        for (std::size_t i = 0; i != texts; ++i) {
            held.push_back(table.intern("a key of some length " + std::to_string(i)));
        }
    };
    fill(1);
    const std::size_t at_first = table.bytes();
    fill(100'000);
    EXPECT_GT(table.bytes(), 100'000U * 48);
    std::shuffle(held.begin(), held.end(), std::mt19937(3));
    for (const interned* each : held) {
        table.drop(each);
    }
    EXPECT_EQ(table.size(), 0U);
    EXPECT_LE(table.bytes(), at_first + (std::size_t{256} << 10)) << "a slab of each size at most";
}

#if !defined(POOLMARK_HAS_ASAN) && !defined(POOLMARK_HAS_TSAN)
[[nodiscard]] std::int64_t resident_kilobytes() {
    std::ifstream lines("/proc/self/smaps_rollup");
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("Rss:")) {
            return std::stoll(line.substr(4));
        }
    }
    return 0;
}

TEST(weak_interner, leaves_the_resident_set_as_it_was_after_300_000_texts_were_dropped) {
    std::vector<const interned*> held(300'000); // touched before the first reading
    weak_interner table;
    static_cast<void>(resident_kilobytes());
    const std::int64_t before = resident_kilobytes();
    if (before == 0) {
        GTEST_SKIP() << "no smaps_rollup here";
    }
    for (std::size_t i = 0; i != held.size(); ++i) {
        held[i] = table.intern("distinct_string_number_" + std::to_string(i));
    }
    const std::int64_t full = resident_kilobytes();
    for (const interned* each : held) {
        table.drop(each);
    }
    const std::int64_t after = resident_kilobytes();
    EXPECT_GT(full - before, 12'000) << "the texts themselves were there";
    EXPECT_LT(after - before, 1024) << "kilobytes";
    RecordProperty("kilobytes_left", std::to_string(after - before));
}
#endif

} // namespace
} // namespace poolmark
