// Tables of values that are there once: small integers, and objects that never end.
#include "pools/values/boxed_int_table.hpp"
#include "pools/values/immortal_table.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace poolmark {
namespace {

template <class Integer>
[[nodiscard]] Integer at_run_time(Integer value) {
    volatile Integer opaque = value;
    return opaque;
}

template <class Table>
[[nodiscard]] bool same_box_twice(Table& boxes, std::int64_t value) {
    const boxed_int* const first = boxes.box(at_run_time(value));
    const boxed_int* const second = boxes.box(at_run_time(value));
    EXPECT_EQ(first->value, value);
    EXPECT_EQ(second->value, value);
    const bool same = first == second;
    boxes.drop(first);
    boxes.drop(second);
    return same;
}

TEST(boxed_int_table, has_one_box_for_each_value_from_minus_5_to_256) {
    boxed_int_table<> boxes;
    for (std::int64_t value = -5; value <= 256; ++value) {
        EXPECT_TRUE(same_box_twice(boxes, value)) << value;
    }
}

TEST(boxed_int_table, has_a_new_box_each_time_for_others) {
    boxed_int_table<> boxes;
    for (const std::int64_t value :
         {std::int64_t{-6}, std::int64_t{257}, std::numeric_limits<std::int64_t>::min(),
          std::numeric_limits<std::int64_t>::max(), std::int64_t{-5} - (std::int64_t{1} << 32),
          std::int64_t{256} + (std::int64_t{1} << 32)}) {
        EXPECT_FALSE(same_box_twice(boxes, value)) << value;
    }
}

TEST(boxed_int_table, keeps_262_boxes_one_after_another) {
    boxed_int_table<> boxes;
    std::set<const boxed_int*> distinct;
    const boxed_int* const first = boxes.box(at_run_time(-5));
    for (std::int64_t value = -5; value <= 256; ++value) {
        const boxed_int* const boxed = boxes.box(at_run_time(value));
        EXPECT_EQ(boxed - first, value + 5);
        distinct.insert(boxed);
    }
    EXPECT_EQ(distinct.size(), 262u);
    static_assert(boxed_int_table<>::size == 262 && sizeof(boxed_int_table<>::table) == 262 * 8);
}

TEST(boxed_int_table, finds_the_box_of_a_computed_value) {
    boxed_int_table<> boxes;
    const boxed_int* const sum = boxes.box(at_run_time(255) + at_run_time(1));
    EXPECT_EQ(sum, boxes.box(at_run_time(256)));
    EXPECT_EQ(sum->value, 256);
}

TEST(boxed_int_table, gives_equal_boxes_whoever_asks) {
    boxed_int_table<> one;
    boxed_int_table<> other;
    EXPECT_EQ(one.box(at_run_time(42)), other.box(at_run_time(42)));
}

TEST(boxed_int_table, can_be_dropped_as_often_as_it_was_boxed) {
    boxed_int_table<> boxes;
    for (int i = 0; i != 1000; ++i) {
        boxes.drop(boxes.box(at_run_time(7)));
    }
    EXPECT_EQ(boxes.box(at_run_time(7))->value, 7);
}

TEST(boxed_int_table, moves_only_the_bound_when_it_is_made_wider) {
    boxed_int_table<-5, 1024> wide;
    EXPECT_FALSE(same_box_twice(wide, -6));
    EXPECT_TRUE(same_box_twice(wide, 257));
    EXPECT_TRUE(same_box_twice(wide, 1024));
    EXPECT_FALSE(same_box_twice(wide, 1025));
    static_assert(boxed_int_table<-5, 1024>::size == 1030);
    boxed_int_table<-128, 127> bytes;
    EXPECT_FALSE(same_box_twice(bytes, -129));
    EXPECT_TRUE(same_box_twice(bytes, -128));
    EXPECT_TRUE(same_box_twice(bytes, 127));
    EXPECT_FALSE(same_box_twice(bytes, 128));
    boxed_int_table<0, 0> one;
    EXPECT_TRUE(same_box_twice(one, 0));
    EXPECT_FALSE(same_box_twice(one, -1));
    EXPECT_FALSE(same_box_twice(one, 1));
}

// "55d0c000-55d0d000 r--p ..." of the mapping that holds the address.
[[nodiscard]] std::string permissions_of(const void* address) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::istringstream fields(line);
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        char dash = 0;
        std::string permissions;
        fields >> std::hex >> begin >> dash >> end >> permissions;
        if (begin <= wanted && wanted < end) {
            return permissions;
        }
    }
    return "unmapped";
}

TEST(boxed_int_table, lies_in_memory_that_cannot_be_written_to) {
    EXPECT_EQ(permissions_of(boxed_int_table<>::table.data()).substr(0, 2), "r-");
    EXPECT_EQ(permissions_of(boxed_int_table<>::table.data() + 261).substr(0, 2), "r-");
}

// immortal_table: one identity for each key, none for any other, and nothing to do at run time.

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

TEST(immortal_table, has_one_object_for_each_key) {
    for (std::uint64_t key = 0; key != 256; ++key) {
        const letter* const first = letters.get(at_run_time(key));
        ASSERT_NE(first, nullptr);
        EXPECT_EQ(first, letters.get(at_run_time(key)));
        EXPECT_EQ(first, letters.data() + key);
        EXPECT_EQ(static_cast<unsigned char>(first->text[0]), key);
    }
    EXPECT_EQ(*truths.get(at_run_time(std::uint64_t{1})), true);
    EXPECT_EQ(*truths.get(at_run_time(std::uint64_t{0})), false);
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
