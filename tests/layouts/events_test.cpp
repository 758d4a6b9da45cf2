// Events are the same in every store, and cost what the header says.
#include "benchmarks/contenders/events/catalog.hpp"
#include "tests/layouts/allocation_count.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace poolmark::tests {
namespace {

// `type` has 20 characters, one more than fit into a string.
[[nodiscard]] std::string line_of(std::int64_t i) {
    const std::string session = std::to_string(10'000'000 + i);
    return "level=" + std::to_string(i % 5) + " ts=" + std::to_string(1'700'000'000'000 + i) + " user=" +
           std::to_string(i % 300) + " session=" + session + " type=session_type_number" + std::to_string(i % 10) +
           " ms=" + std::to_string(i % 50);
}

TEST(event_stores, hold_what_the_line_said) {
    for_each_type(event_stores{}, []<class Store>(std::type_identity<Store>) {
        SCOPED_TRACE(Store::about.name);
        Store store;
        std::vector<typename Store::event*> events;
        for (std::int64_t i = 0; i != 500; ++i) {
            events.push_back(store.parse(line_of(i)));
        }
        for (std::int64_t i = 0; i != 500; ++i) {
            const auto* const event = events[static_cast<std::size_t>(i)];
            ASSERT_EQ(store.number(event, event_field::time), 1'700'000'000'000 + i);
            ASSERT_EQ(store.number(event, event_field::level), i % 5);
            ASSERT_EQ(store.number(event, event_field::user), i % 300);
            ASSERT_EQ(store.number(event, event_field::duration), i % 50);
            ASSERT_EQ(store.text(event, event_field::type), "session_type_number" + std::to_string(i % 10));
            ASSERT_EQ(store.text(event, event_field::session), std::to_string(10'000'000 + i));
        }
        for (auto* const event : events) {
            store.drop(event);
        }
    });
}

TEST(event_stores, refuse_what_is_no_event_and_go_on) {
    for_each_type(event_stores{}, []<class Store>(std::type_identity<Store>) {
        SCOPED_TRACE(Store::about.name);
        Store store;
        const std::string good = line_of(7);
        auto* const kept = store.parse(good);
        const allocation_counts before = allocations();
        for (const std::string& bad :
             {std::string(), std::string("ts"), "x " + good, good + " ts=1", good.substr(0, good.rfind(' ')),
              std::string("level=much ") + good.substr(8), good + "x", std::string("=1 ") + good}) {
            EXPECT_THROW(static_cast<void>(store.parse(bad)), malformed_event) << bad;
        }
        EXPECT_THROW(static_cast<void>(store.parse("colour=red " + good)), unknown_field);
        EXPECT_THROW(static_cast<void>(store.parse(good + " session_type_number7=1")), unknown_field)
            << "a text that is a symbol, and no name";
        EXPECT_EQ(allocations().made - before.made, allocations().ended - before.ended);
        auto* const again = store.parse(good);
        EXPECT_EQ(store.text(again, event_field::type), store.text(kept, event_field::type));
        store.drop(again);
        store.drop(kept);
    });
}

// Allocations of one event, after a thousand others have filled tables and slabs.
template <class Store>
[[nodiscard]] std::size_t allocations_of_one(const std::string& line) {
    Store store;
    std::vector<typename Store::event*> events;
    for (std::int64_t i = 0; i != 1000; ++i) {
        events.push_back(store.parse(line_of(i)));
    }
    for (auto* const event : events) {
        store.drop(event);
    }
    typename Store::event* one = nullptr;
    const std::size_t count = allocations_of([&] { one = store.parse(line); });
    store.drop(one);
    return count;
}

TEST(event_stores, allocate_what_the_header_says) {
    const std::string line = line_of(42);
    EXPECT_EQ(allocations_of_one<dictionary_events<>>(line), 9u) << "the map, its buckets, six nodes, a long text";
    EXPECT_EQ(allocations_of_one<string_events<>>(line), 2u);
    EXPECT_EQ(allocations_of_one<interned_events<>>(line), 1u) << "the time; all else is in the table";
    EXPECT_EQ(allocations_of_one<interned_events<>>(line_of(257)), 2u) << "and a user above 256";
    EXPECT_EQ(allocations_of_one<interned_events<plain_value>>(line), 0u);
}

TEST(interned_events, share_small_integers_and_types_and_do_not_keep_sessions) {
    interned_events<> store;
    auto* const one = store.parse(line_of(256));
    auto* const same = store.parse(line_of(256));
    const auto user = static_cast<std::size_t>(event_field::user);
    EXPECT_EQ(one->numbers[user], same->numbers[user]) << "256 is in the table";
    EXPECT_EQ(one->type, same->type);
    EXPECT_EQ(store.text(one, event_field::type).data(), store.text(same, event_field::type).data());
    auto* const large = store.parse(line_of(257));
    auto* const large_too = store.parse(line_of(257));
    EXPECT_NE(large->numbers[user], large_too->numbers[user]) << "257 is not";
    for (auto* const event : {one, same, large, large_too}) {
        store.drop(event);
    }
    const std::size_t symbols = store.symbols().size();
    for (std::int64_t i = 250; i != 2000; i += 10) {
        auto* const event = store.parse(line_of(i + 6));
        store.drop(event);
    }
    EXPECT_EQ(store.symbols().size(), symbols) << "175 sessions, none of them a symbol";
}

// Boxes that run out: what was boxed before must be dropped again.
struct few_boxes {
    using handle = const boxed_int*;
    static inline int left = 0;
    static inline int out = 0;
    static constexpr description about{"few_boxes", family::fresh, "for this test"};
    handle box(std::int64_t value) {
        if (left == 0) {
            throw std::bad_alloc();
        }
        --left;
        ++out;
        return new boxed_int{value};
    }
    [[nodiscard]] std::int64_t unbox(handle boxed) const noexcept { return boxed->value; }
    void drop(handle boxed) noexcept {
        --out;
        delete boxed;
    }
};
static_assert(boxing<few_boxes>);

TEST(interned_events, give_everything_back_when_a_box_cannot_be_had) {
    interned_events<few_boxes> store;
    for (int boxes = 0; boxes != 4; ++boxes) {
        few_boxes::left = boxes;
        EXPECT_THROW(static_cast<void>(store.parse(line_of(1))), std::bad_alloc);
        EXPECT_EQ(few_boxes::out, 0);
    }
    few_boxes::left = 8;
    auto* const first = store.parse(line_of(1));
    store.drop(first);
    auto* const second = store.parse(line_of(2));
    EXPECT_EQ(first, second) << "no slot was lost";
    store.drop(second);
    EXPECT_EQ(few_boxes::out, 0);
}

TEST(hashed_symbols, give_equal_texts_one_number_over_many_growths) {
    hashed_symbols symbols;
    std::vector<symbol> numbers;
    for (int i = 0; i != 5000; ++i) {
        numbers.push_back(symbols.symbol_of("text " + std::to_string(i)));
        EXPECT_EQ(numbers.back(), static_cast<symbol>(i));
    }
    const std::string long_text(10'000, 'x');
    const symbol of_long = symbols.symbol_of(long_text);
    EXPECT_EQ(symbols.symbol_of(""), of_long + 1) << "an empty text is one as well";
    for (int i = 0; i != 5000; ++i) {
        const std::string text = "text " + std::to_string(i);
        ASSERT_EQ(symbols.symbol_of(text), numbers[static_cast<std::size_t>(i)]);
        ASSERT_EQ(symbols.text_of(numbers[static_cast<std::size_t>(i)]), text);
    }
    EXPECT_EQ(symbols.text_of(of_long), long_text);
    EXPECT_EQ(symbols.size(), 5002u);
    EXPECT_EQ(symbols.find("text 5000"), hashed_symbols::none);
    EXPECT_EQ(symbols.size(), 5002u);
}

} // namespace
} // namespace poolmark::tests
