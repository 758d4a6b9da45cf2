// immortal_table: one identity for each key, none for any other, and nothing to do at run time.
#include "pools/values/immortal_table.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace poolmark {
namespace {

struct letter { // a one-character string; it can be neither copied nor assigned
    char text[2];
    constexpr explicit letter(std::size_t code) : text{static_cast<char>(code), '\0'} {}
    letter(const letter&) = delete;
    letter& operator=(const letter&) = delete;
};

constexpr immortal_table<letter, 256> letters{[](std::size_t code) { return letter(code); }};
constinit const immortal_table<bool, 2> truths{[](std::size_t key) { return key == 1; }};

// Folded by the compiler, when the key is known to it.
static_assert(letters.get('a')->text[0] == 'a' && letters.get('a') == letters.data() + 'a');
static_assert(letters.get(255) == letters.data() + 255 && letters.get(256) == nullptr);
static_assert(sizeof letters == 256 * sizeof(letter) && decltype(letters)::size() == 256);

[[nodiscard]] std::uint64_t at_run_time(std::uint64_t key) {
    volatile std::uint64_t opaque = key;
    return opaque;
}

TEST(immortal_table, has_one_object_for_each_key) {
    for (std::uint64_t key = 0; key != 256; ++key) {
        const letter* const first = letters.get(at_run_time(key));
        ASSERT_NE(first, nullptr);
        EXPECT_EQ(first, letters.get(at_run_time(key)));
        EXPECT_EQ(first, letters.data() + key);
        EXPECT_EQ(static_cast<unsigned char>(first->text[0]), key);
    }
    EXPECT_EQ(*truths.get(at_run_time(1)), true);
    EXPECT_EQ(*truths.get(at_run_time(0)), false);
}

TEST(immortal_table, has_none_for_any_other) {
    for (const std::uint64_t key :
         {std::uint64_t{256}, std::uint64_t{1} << 32, ~std::uint64_t{0}, std::uint64_t(-5)}) {
        EXPECT_EQ(letters.get(at_run_time(key)), nullptr) << key;
    }
}

TEST(immortal_table, tells_its_own_by_the_address) {
    const letter same('a');
    EXPECT_FALSE(letters.contains(&same)) << "equal, but not the one";
    EXPECT_TRUE(letters.contains(letters.data()));
    EXPECT_TRUE(letters.contains(letters.data() + 255));
    EXPECT_FALSE(letters.contains(letters.data() + 256));
    EXPECT_FALSE(letters.contains(nullptr));
}

static_assert(!std::is_copy_constructible_v<immortal_table<int, 1>>);

} // namespace
} // namespace poolmark
