// Lazy and eager sequences, and the allocations of passing texts around.
#include "benchmarks/contenders/sequences/sequences.hpp"
#include "benchmarks/contenders/text/catalog.hpp"
#include "benchmarks/harness/counting_resource.hpp"
#include "tests/layouts/allocation_count.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory_resource>
#include <stdexcept>
#include <string>
#include <vector>

namespace poolmark::tests {
namespace {

// Squares, with a count of how many were asked for.
struct counted_squares {
    std::uint64_t* asked;
    std::uint64_t operator()(std::uint64_t i) const {
        ++*asked;
        return i * i;
    }
};

struct outcome {
    std::uint64_t sum = 0;
    std::uint64_t asked = 0;
    std::size_t allocations = 0;
};

// All values up to `last`, and no further.
template <class Way>
[[nodiscard]] outcome run(Way& way, std::uint64_t count, std::uint64_t last) {
    outcome seen;
    seen.allocations = allocations_of([&] {
        way(counted_squares{&seen.asked}, count, [&](std::uint64_t value) {
            seen.sum += value;
            return value != last;
        });
    });
    return seen;
}

constexpr std::uint64_t no_last = ~std::uint64_t{0};

TEST(sequences, give_the_same_sum) {
    for_each_type(sequence_ways{}, []<class Way>(std::type_identity<Way>) {
        Way way;
        const outcome all = run(way, 1000, no_last);
        EXPECT_EQ(all.sum, 332'833'500u) << Way::about.name;
        EXPECT_EQ(all.asked, 1000u) << Way::about.name;
        EXPECT_EQ(run(way, 0, no_last).sum, 0u) << Way::about.name;
    });
}

TEST(sequences, that_are_lazy_make_nothing_beyond_the_first_match) {
    for_each_type(sequence_ways{}, []<class Way>(std::type_identity<Way>) {
        Way way;
        const outcome some = run(way, 100'000, 49); // 7 squared: the eighth value
        EXPECT_EQ(some.sum, 140u) << Way::about.name;
        EXPECT_EQ(some.asked, Way::about.name.starts_with("lazy") ? 8u : 100'000u) << Way::about.name;
    });
}

TEST(sequences, that_are_lazy_allocate_the_same_for_ten_values_as_for_a_hundred_thousand) {
    std::map<std::string_view, std::pair<std::size_t, std::size_t>> counts;
    for_each_type(sequence_ways{}, [&]<class Way>(std::type_identity<Way>) {
        Way way;
        const std::size_t few = run(way, 10, no_last).allocations;
        counts[Way::about.name] = {few, run(way, 100'000, no_last).allocations};
    });
    using pair = std::pair<std::size_t, std::size_t>;
    EXPECT_EQ(counts["eager_vector"], pair(5, 18)) << "1, 2, 4, 8, 16 and so on, to 131,072";
    EXPECT_EQ(counts["eager_reserved"], pair(1, 1));
    EXPECT_EQ(counts["lazy_range"], pair(0, 0));
    EXPECT_EQ(counts["lazy_callback"], pair(0, 0));
#ifdef POOLMARK_HAS_COROUTINES
    EXPECT_EQ(counts["lazy_generator"], pair(1, 1)) << "the frame";
    EXPECT_EQ(counts["lazy_pooled_generator"].second, 0u) << "the frame of the first sequence";
#endif
}

#ifdef POOLMARK_HAS_COROUTINES

// Notes what is asked of it.
struct frame_resource {
    int live = 0;
    int made = 0;
    void* last = nullptr;

    void* allocate(std::size_t bytes, std::size_t alignment) {
        ++live;
        ++made;
        return last = pool.allocate(bytes, alignment);
    }
    void deallocate(void* block, std::size_t bytes, std::size_t alignment) noexcept {
        --live;
        pool.deallocate(block, bytes, alignment);
    }
    pool_resource pool;
};

TEST(generator, gives_its_frame_back_wherever_it_stops) {
    basic_lazy_pooled_generator<frame_resource> way;
    std::uint64_t asked = 0;
    way(counted_squares{&asked}, 100, [](std::uint64_t value) { return value != 4; });
    EXPECT_EQ(way.frames.live, 0);
    void* const first = way.frames.last;
    way(counted_squares{&asked}, 100, [](std::uint64_t) { return true; });
    EXPECT_EQ(way.frames.made, 2);
    EXPECT_EQ(way.frames.last, first) << "the same frame again";
    const auto frames_before = allocations();
    {
        counted_squares source{&asked};
        auto never_started = detail::yielded(source, 1);
        static_cast<void>(never_started);
    }
    EXPECT_EQ(allocations().made - frames_before.made, allocations().ended - frames_before.ended);
}

TEST(generator, hands_an_exception_to_whoever_asks_for_the_value) {
    const auto failing = [](std::uint64_t i) -> std::uint64_t {
        if (i == 3) {
            throw std::runtime_error("no fourth value");
        }
        return i;
    };
    const allocation_counts before = allocations();
    std::vector<std::uint64_t> seen;
    seen.reserve(8);
    lazy_generator way;
    EXPECT_THROW(way(failing, 8,
                     [&](std::uint64_t value) {
                         seen.push_back(value);
                         return true;
                     }),
                 std::runtime_error);
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 1, 2}));
    seen = {};
    seen.shrink_to_fit();
    const allocation_counts after = allocations();
    EXPECT_EQ(after.made - before.made, after.ended - before.ended) << "the frame and all else went back";
}

#endif

// A text that no compiler knows, with blanks behind it.
[[nodiscard]] std::string line_of_length(std::size_t length) {
    std::string line;
    for (std::size_t i = 0; i != length; ++i) {
        line.push_back(static_cast<char>('a' + i % 26));
    }
    return line;
}

// Allocations of one text for each way, after a first one of the same length.
[[nodiscard]] std::vector<std::size_t> allocations_by_way(std::size_t length) {
    const std::string line = line_of_length(length);
    std::vector<std::size_t> counts;
    for_each_type(text_ways<std::pmr::string>{}, [&]<class Way>(std::type_identity<Way>) {
        benchmarks::counting_resource counting;
        {
            Way way;
            static_cast<void>(way(line));
            const std::size_t before = counting.made();
            static_cast<void>(way(line));
            counts.push_back(counting.made() - before);
        }
    });
    return counts;
}

using counts = std::vector<std::size_t>;

TEST(texts, allocate_what_the_table_says) {
    EXPECT_EQ(allocations_by_way(8), (counts{0, 0, 0, 0, 0, 0})) << "all fit into the string itself";
    EXPECT_EQ(allocations_by_way(64), (counts{6, 4, 2, 1, 0, 0}));
    EXPECT_EQ(allocations_by_way(4096), (counts{6, 4, 2, 1, 1, 0})) << "more than 1 KiB of the stack";
}

TEST(texts, leave_the_string_itself_at_16_characters) {
    benchmarks::counting_resource counting;
    const std::string line = line_of_length(16);
    EXPECT_EQ(std::pmr::string(std::string_view(line).substr(1)).size(), 15u);
    EXPECT_EQ(counting.made(), 0u);
    EXPECT_EQ(std::pmr::string(line).size(), 16u);
    EXPECT_EQ(counting.made(), 1u);
    // With 7 characters of label and mark, the result leaves it at 9.
    EXPECT_EQ(allocations_by_way(8).at(3), 0u);
    EXPECT_EQ(allocations_by_way(9).at(3), 1u);
}

TEST(texts, come_to_the_same_sum_on_every_way) {
    for (const std::size_t length : {0u, 1u, 8u, 9u, 15u, 16u, 64u, 5000u}) {
        const std::string line = line_of_length(length) + "   ";
        const std::uint64_t expected = detail::sum_of("field=" + line_of_length(length) + ";");
        for_each_type(text_ways<std::string>{}, [&]<class Way>(std::type_identity<Way>) {
            Way way;
            EXPECT_EQ(way(line), expected) << Way::about.name << " of " << length;
            EXPECT_EQ(way(line), expected) << Way::about.name << " of " << length << ", once more";
        });
    }
}

} // namespace
} // namespace poolmark::tests
