// What every way to box an integer promises: the value comes back, whatever it is.
#include "benchmarks/contenders/values/catalog.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace poolmark {
namespace {

template <class Check>
void for_every_boxing(Check&& check) {
    for_each_type(boxings{}, [&]<class B>(std::type_identity<B>) {
        SCOPED_TRACE(B::about.name);
        B boxing_of;
        check(boxing_of);
    });
}

TEST(every_boxing, gives_the_value_back_at_every_bound) {
    constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> values{smallest, smallest + 1, largest - 1, largest, 0};
    for (const std::int64_t around :
         {std::int64_t{-5}, std::int64_t{256}, std::int64_t{1} << 62, -(std::int64_t{1} << 62),
          std::int64_t{1} << 31, -(std::int64_t{1} << 31)}) {
        for (std::int64_t offset = -2; offset <= 2; ++offset) {
            values.push_back(around + offset);
        }
    }
    for_every_boxing([&](auto& boxes) {
        for (const std::int64_t value : values) {
            const auto boxed = boxes.box(value);
            EXPECT_EQ(boxes.unbox(boxed), value);
            boxes.drop(boxed);
        }
    });
}

TEST(every_boxing, keeps_many_live_handles_apart) {
    for_every_boxing([](auto& boxes) {
        std::mt19937_64 random(7);
        std::vector<std::int64_t> values(5000);
        std::vector<typename std::remove_reference_t<decltype(boxes)>::handle> handles;
        for (std::int64_t& value : values) {
            value = random() % 2 == 0 ? static_cast<std::int64_t>(random() % 300) - 20
                                      : static_cast<std::int64_t>(random());
            handles.push_back(boxes.box(value));
        }
        for (std::size_t i = 0; i != values.size(); ++i) {
            ASSERT_EQ(boxes.unbox(handles[i]), values[i]);
        }
        for (auto& handle : handles) {
            boxes.drop(std::move(handle));
        }
    });
}

TEST(every_boxing, adds_across_the_end_of_the_table) {
    for_every_boxing([](auto& boxes) {
        const auto one = boxes.box(1);
        auto sum = boxes.box(250);
        for (int i = 0; i != 10; ++i) {
            const auto next = boxes.box(boxes.unbox(sum) + boxes.unbox(one));
            boxes.drop(sum);
            sum = next;
        }
        EXPECT_EQ(boxes.unbox(sum), 260);
        boxes.drop(sum);
        boxes.drop(one);
    });
}

TEST(tagged_pointer, boxes_only_what_does_not_fit_into_63_bits) {
    tagged_pointer boxes;
    for (const std::int64_t value :
         {tagged_pointer::smallest_inline, tagged_pointer::largest_inline, std::int64_t{0}}) {
        EXPECT_TRUE(tagged_pointer::is_inline(boxes.box(value))) << value;
    }
    for (const std::int64_t value : {tagged_pointer::smallest_inline - 1, tagged_pointer::largest_inline + 1}) {
        const tagged_pointer::handle boxed = boxes.box(value);
        EXPECT_FALSE(tagged_pointer::is_inline(boxed)) << value;
        boxes.drop(boxed);
    }
}

TEST(shared_box_table, shares_the_boxes_that_a_table_of_plain_ones_would) {
    shared_box_table boxes;
    shared_box_table others;
    volatile std::int64_t value = 0; // so that nothing is folded beforehand
    for (const std::int64_t small : {-5, 0, 256}) {
        value = small;
        EXPECT_EQ(boxes.box(value), others.box(value)) << small;
    }
    for (const std::int64_t other : {-6, 257}) {
        value = other;
        EXPECT_NE(boxes.box(value), boxes.box(value)) << other;
    }
    const shared_box_table::handle held = boxes.box(7);
    const long owners = held.use_count();
    boxes.drop(boxes.box(7));
    EXPECT_EQ(held.use_count(), owners);
}

TEST(free_list_box, reuses_the_box_dropped_last) {
    free_list_box boxes;
    const boxed_int* const first = boxes.box(1000);
    boxes.drop(first);
    EXPECT_EQ(boxes.box(2000), first);
}

} // namespace
} // namespace poolmark
