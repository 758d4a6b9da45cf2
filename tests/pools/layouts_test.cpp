// All layouts give the same answers, and differ only in what they ask their allocator for.
#include "benchmarks/contenders/layouts/catalog.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace poolmark {
namespace {

struct tally {
    std::size_t bytes = 0;
    std::size_t blocks = 0;
};
tally requested; // by all counting_allocators, and not yet given back

template <class T>
struct counting_allocator {
    using value_type = T;

    counting_allocator() = default;
    template <class U>
    explicit(false) counting_allocator(const counting_allocator<U>& /*other*/) noexcept {}

    [[nodiscard]] T* allocate(std::size_t count) {
        requested.bytes += count * sizeof(T);
        ++requested.blocks;
        return std::allocator<T>{}.allocate(count);
    }
    void deallocate(T* block, std::size_t count) noexcept {
        requested.bytes -= count * sizeof(T);
        --requested.blocks;
        std::allocator<T>{}.deallocate(block, count);
    }
    template <class U>
    [[nodiscard]] bool operator==(const counting_allocator<U>& /*other*/) const noexcept {
        return true;
    }
};

template <class Record, class Check>
void for_every_layout(Check&& check) {
    for_each_type(layouts<Record, counting_allocator<std::byte>>{}, [&]<class L>(std::type_identity<L>) {
        static_assert(record_layout<L, Record>);
        SCOPED_TRACE(std::string(L::about.name) + " of " + std::string(Record::record_name));
        {
            L layout;
            check(layout);
            if constexpr (!requires { L::keeps_memory; }) {
                EXPECT_EQ(requested.bytes, 0u) << "each object gives back what it took";
            }
        }
        EXPECT_EQ(requested.bytes, 0u) << "something was not given back";
        EXPECT_EQ(requested.blocks, 0u);
    });
}

const vector2d some_vector{1.5, -2.25};
const log_record some_line{1'700'000'000'123'456'789, -3, -42, 0.125, 7};

TEST(every_layout, reads_what_was_written_by_names_known_beforehand) {
    for_every_layout<log_record>([](auto& layout) {
        auto* const line = layout.make(some_line);
        EXPECT_EQ(layout.get(line, field<"timestamp">), some_line.timestamp);
        EXPECT_EQ(layout.get(line, field<"level">), some_line.level);
        EXPECT_EQ(layout.get(line, field<"user_id">), some_line.user_id);
        EXPECT_EQ(layout.get(line, field<"duration">), some_line.duration);
        EXPECT_EQ(layout.get(line, field<"event">), some_line.event);
        layout.set(line, field<"level">, 4);
        layout.set(line, field<"duration">, 0.5);
        EXPECT_EQ(layout.get(line, field<"level">), 4);
        EXPECT_EQ(layout.get(line, field<"duration">), 0.5);
        EXPECT_EQ(layout.get(line, field<"event">), some_line.event) << "its neighbour is as it was";
        layout.destroy(line);
    });
}

TEST(every_layout, reads_what_was_written_by_names_known_at_run_time) {
    for_every_layout<log_record>([](auto& layout) {
        auto* const line = layout.make(some_line);
        EXPECT_EQ(layout.get(line, "level"), field_value(std::int64_t{-3}));
        EXPECT_EQ(layout.get(line, "duration"), field_value(0.125));
        layout.set(line, "user_id", std::int64_t{99});
        EXPECT_EQ(layout.get(line, field<"user_id">), 99) << "both ways lead to the same field";
        layout.set(line, field<"event">, 8);
        EXPECT_EQ(layout.get(line, "event"), field_value(std::int64_t{8}));
        layout.destroy(line);
    });
}

TEST(every_layout, rejects_a_field_that_its_record_does_not_have) {
    for_every_layout<vector2d>([](auto& layout) {
        auto* const vector = layout.make(some_vector);
        const std::uint64_t before = layout.sweep(vector);
        for (const char* const name : {"z", "", "xx", "X"}) {
            EXPECT_THROW(static_cast<void>(layout.get(vector, name)), unknown_field) << name;
            EXPECT_THROW(layout.set(vector, name, 1.0), unknown_field) << name;
        }
        EXPECT_EQ(layout.sweep(vector), before);
        layout.destroy(vector);
    });
}

TEST(every_layout, rejects_a_value_that_is_not_the_fields_and_keeps_the_old_one) {
    for_every_layout<log_record>([](auto& layout) {
        auto* const line = layout.make(some_line);
        EXPECT_THROW(layout.set(line, "duration", std::int64_t{1}), std::bad_variant_access);
        EXPECT_THROW(layout.set(line, "event", 1.0), std::bad_variant_access);
        EXPECT_THROW(layout.set(line, "level", std::int64_t{1} << 32), std::out_of_range);
        EXPECT_EQ(layout.get(line, field<"level">), some_line.level);
        EXPECT_EQ(layout.get(line, field<"duration">), some_line.duration);
        layout.destroy(line);
    });
}

TEST(every_layout, sweeps_to_the_same_sum) {
    std::uint64_t expected = 0;
    slotted<log_record> reference;
    for (std::int64_t i = 0; i != 100; ++i) {
        const log_record line{i * 1'000'003, static_cast<std::int32_t>(i % 5) - 2, -i, static_cast<double>(i) / 3,
                              i * i};
        auto* const object = reference.make(line);
        expected += reference.sweep(object);
        reference.destroy(object);
    }
    for_every_layout<log_record>([&](auto& layout) {
        std::uint64_t sum = 0;
        std::vector<decltype(layout.make(some_line))> live;
        for (std::int64_t i = 0; i != 100; ++i) {
            live.push_back(layout.make(
                {i * 1'000'003, static_cast<std::int32_t>(i % 5) - 2, -i, static_cast<double>(i) / 3, i * i}));
        }
        for (auto* const object : live) {
            sum += layout.sweep(object);
            layout.destroy(object);
        }
        EXPECT_EQ(sum, expected);
    });
}

TEST(shape_slots, finds_fields_through_a_cache_that_never_answers_for_another_field) {
    shape_slots<vector2d> layout;
    auto* const one = layout.make({1, 2});
    auto* const other = layout.make({3, 4});
    for (int i = 0; i != 3; ++i) {
        EXPECT_EQ(layout.get(one, field<"x">), 1);
        EXPECT_EQ(layout.get(other, field<"y">), 4);
        EXPECT_EQ(layout.get(one, field<"y">), 2);
        EXPECT_EQ(layout.get(other, field<"x">), 3);
    }
    // An object of another shape, with the names the other way round, meets the same caches.
    const shape<vector2d> turned{{"y", "x"}};
    shape_slots<vector2d>::object stranger = *one;
    stranger.kind = &turned;
    EXPECT_EQ(layout.get(&stranger, field<"x">), 2);
    EXPECT_EQ(layout.get(&stranger, field<"y">), 1);
    EXPECT_EQ(layout.get(one, field<"x">), 1);
    EXPECT_EQ(layout.get(&stranger, "x"), field_value(2.0));
    layout.destroy(one);
    layout.destroy(other);
}

// What a layout asks its allocator for, for one object.
template <class Record>
[[nodiscard]] std::map<std::string, tally> requests(const Record& values) {
    std::map<std::string, tally> found;
    for_each_type(layouts<Record, counting_allocator<std::byte>>{}, [&]<class L>(std::type_identity<L>) {
        L layout;
        auto* const object = layout.make(values);
        found[std::string(L::about.name)] = requested;
        layout.destroy(object);
    });
    return found;
}

TEST(every_layout, asks_for_what_its_header_says) {
    auto vector = requests(some_vector);
    EXPECT_EQ(vector["slotted"].bytes, 16u);
    EXPECT_EQ(vector["shape_slots"].bytes, 24u);
    EXPECT_GT(vector["unordered_map"].bytes, 5u * 16) << "a dictionary for two numbers";
    EXPECT_EQ(vector["unordered_map"].blocks, 4u) << "the object, its buckets, a node a field";
    auto line = requests(some_line);
    EXPECT_EQ(line["slotted"].bytes, 40u);
    EXPECT_EQ(line["shape_slots"].bytes, 48u);
    EXPECT_EQ(line["unordered_map"].blocks, 7u);
#ifdef POOLMARK_HAS_ABSEIL
    EXPECT_GT(vector["flat_hash_map"].bytes, 5u * 16);
    EXPECT_EQ(line["flat_hash_map"].blocks, 2u) << "the object and its table";
#endif
}

} // namespace
} // namespace poolmark
