// Who owns the names of a million records: counted by the addresses of the objects that hold them.
#include "benchmarks/contenders/keyed/catalog.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace poolmark {
namespace {

constexpr std::size_t records = 1000;

// As a reader of JSON lines would: the names lie in a buffer that is written again for each record.
template <class Store>
void read_records(Store& into, std::size_t count) {
    std::string buffer;
    for (std::size_t i = 0; i != count; ++i) {
        buffer.assign("user_id|event_type|timestamp");
        const std::string_view all = buffer;
        const auto number = static_cast<std::int64_t>(i);
        const std::array<keyed_field, 3> fields{keyed_field{all.substr(0, 7), number * 7},
                                                keyed_field{all.substr(8, 10), number % 4},
                                                keyed_field{all.substr(19, 9), 1'000'000 + number}};
        into.add(fields);
    }
    buffer.assign(buffer.size(), '?');
}

template <class Check>
void for_every_store(Check&& check) {
    for_each_type(keyed_stores{}, [&]<class Store>(std::type_identity<Store>) {
        SCOPED_TRACE(Store::about.name);
        Store store;
        check(store);
    });
}

// The negative control is part of it: stores that copy must show 3 names a record, or the count would prove nothing.
TEST(keyed_records, hold_3_names_a_record_where_they_are_copied_and_3_in_all_where_they_are_shared) {
    const std::map<std::string_view, std::size_t> expected{{"keyed_map", 3 * records},
                                                           {"keyed_unordered_map", 3 * records},
                                                           {"keyed_copies", 3 * records},
                                                           {"keyed_interned", 3},
                                                           {"keyed_shape", 3},
                                                           {"keyed_struct", 3},
                                                           {"keyed_columns", 3}};
    for_every_store([&]<class Store>(Store& store) {
        read_records(store, records);
        std::set<const void*> objects;
        std::set<std::string> texts;
        for (std::size_t i = 0; i != store.size(); ++i) {
            store.visit_keys(i, [&](const void* address, std::string_view text) {
                objects.insert(address);
                texts.emplace(text);
            });
        }
        EXPECT_EQ(objects.size(), expected.at(Store::about.name));
        EXPECT_EQ(texts, (std::set<std::string>{"user_id", "event_type", "timestamp"}));
    });
}

TEST(keyed_records, give_back_what_was_read_whoever_keeps_the_names) {
    for_every_store([](auto& store) {
        read_records(store, records);
        ASSERT_EQ(store.size(), records);
        const auto user = store.key(std::string("user_id"));
        const auto event = store.key(std::string("event_type"));
        const auto time = store.key(std::string("timestamp"));
        for (std::size_t i = 0; i != records; ++i) {
            const auto number = static_cast<std::int64_t>(i);
            ASSERT_EQ(store.get(i, user), number * 7);
            ASSERT_EQ(store.get(i, event), number % 4);
            ASSERT_EQ(store.get(i, time), 1'000'000 + number);
        }
    });
}

TEST(keyed_records, refuse_a_name_that_no_record_has) {
    for_every_store([](auto& store) {
        read_records(store, 3);
        EXPECT_THROW(static_cast<void>(store.get(0, store.key("colour"))), unknown_field);
    });
}

TEST(keyed_records, of_fixed_fields_refuse_others_and_stay_as_they_were) {
    const std::array<keyed_field, 3> stranger{keyed_field{"user_id", 1}, keyed_field{"colour", 2},
                                              keyed_field{"timestamp", 3}};
    const std::array<keyed_field, 1> incomplete{keyed_field{"user_id", 1}};
    keyed_struct rows;
    keyed_columns columns;
    for (const std::span<const keyed_field> bad :
         {std::span<const keyed_field>(stranger), std::span<const keyed_field>(incomplete)}) {
        EXPECT_THROW(rows.add(bad), unknown_field);
        EXPECT_THROW(columns.add(bad), unknown_field);
    }
    EXPECT_EQ(rows.size(), 0U);
    EXPECT_EQ(columns.size(), 0U);
}

TEST(keyed_shape, has_one_shape_for_each_order_of_names) {
    keyed_shape store;
    const keyed_field a{"a", 1};
    const keyed_field b{"b", 2};
    const std::array<keyed_field, 2> there{a, b};
    const std::array<keyed_field, 2> back{b, a};
    const std::array<keyed_field, 1> less{b};
    for (int round = 0; round != 3; ++round) {
        store.add(there);
        store.add(back);
        store.add(less);
    }
    EXPECT_EQ(store.shapes(), 3U);
    const keyed_shape::key_type key = store.key("b"); // finds its slot again whenever the shape is another one
    for (std::size_t i = 0; i != store.size(); ++i) {
        EXPECT_EQ(store.get(i, key), 2);
    }
    const keyed_shape::key_type other = store.key("a");
    EXPECT_EQ(store.get(0, other), 1);
    EXPECT_THROW(static_cast<void>(store.get(2, other)), unknown_field);
    EXPECT_EQ(store.get(1, other), 1) << "a failed lookup leaves nothing behind";
}

} // namespace
} // namespace poolmark
