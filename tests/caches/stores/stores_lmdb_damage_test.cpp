// LMDB's file with anything in it changed: looked at, thrown away if it was ours, and never the end of the
// process.
#include "tests/caches/stores/lmdb_damage.hpp"

#ifdef POOLMARK_HAS_LMDB
#include <sys/wait.h>
#include <unistd.h>

namespace poolmark::tests {
namespace {

// One damage of many kinds: bits, bytes, numbers that could be pages or offsets, whole pages, the end.
std::string damaged(std::string bytes, numbers& next) {
    const std::size_t pages = bytes.size() / page_bytes;
    const std::size_t place = next() % (bytes.size() - 8);
    const std::size_t page = next() % pages * page_bytes;
    const std::array<std::uint64_t, 4> odd{next(), next() % (pages + 3), next() % 4200,
                                           std::uint64_t{1} << next() % 64};
    const std::uint64_t number = odd[next() % 4];
    switch (next() % 8) {
    case 0:
    case 1: bytes[place] = static_cast<char>(bytes[place] ^ 1 << next() % 8); break;
    case 2: bytes[place] = static_cast<char>(number); break;
    case 3: store_at(bytes, place / 8 * 8, number); break;
    case 4: bytes.replace(page, page_bytes, bytes.substr(next() % pages * page_bytes, page_bytes)); break;
    case 5: bytes.resize(next() % 2 == 0 ? place : page); break;
    case 6: // where pages say what they are
        store_at(bytes, page + next() % 64 / 2 * 2, static_cast<std::uint16_t>(number));
        break;
    default: // the heads
        store_at(bytes, next() % 2 * page_bytes + next() % 20 * 8, number);
    }
    return bytes;
}

// Other damages with each repetition of: --gtest_filter='*whatever_was_changed*' --gtest_shuffle --gtest_repeat=1200
TEST_F(lmdb_damage, whatever_was_changed_is_a_miss_or_the_old_value) {
    const auto repetition = static_cast<std::uint64_t>(testing::UnitTest::GetInstance()->random_seed());
    for (std::size_t round = 0; round != 250; ++round) {
        numbers next(round + repetition * 1000);
        write(damaged(good, next));
        if (round % 16 == 0) {
            std::ofstream(at / "lock.mdb") << std::string(next() % 9000, static_cast<char>(next()));
        }
        lmdb_store store(at, {.synced = false});
        ASSERT_EQ(store.problem(), "") << round;
        found(store);
        for (int i = 0; i != 4; ++i) {
            const std::string value(i == 3 ? 9000 : next() % 900, 'n');
            ASSERT_TRUE(store.put(key(i * 9 % 80) + "new", value)) << round;
            ASSERT_EQ(store.get(key(i * 9 % 80) + "new"), value) << round;
            static_cast<void>(store.erase(key(static_cast<int>(next() % 80))));
        }
        ASSERT_TRUE(store.clear()) << round;
        ASSERT_EQ(store.size(), 0U) << round;
    }
}

TEST_F(lmdb_damage, a_store_that_worked_is_never_called_damaged) {
    numbers next(3);
    for (int opened = 0; opened != 40; ++opened) {
        lmdb_store store(at, {.synced = false});
        ASSERT_EQ(store.problem(), "");
        ASSERT_EQ(found(store), values.size());
        for (int i = 0; i != 12; ++i) {
            const std::string name = key(static_cast<int>(next() % 400));
            if (next() % 3 == 0) {
                ASSERT_EQ(store.erase(name), values.erase(name) != 0);
            } else {
                put(store, name, std::string(next() % 8 == 0 ? next() % 60'000 : next() % 900, 'w'));
            }
        }
    }
}

// The root of the tree of entries: which page it is has no second witness.
std::string without_root(std::string bytes) {
    for (const std::size_t head : {std::size_t{0}, page_bytes}) {
        store_at(bytes, head + head_of_page + offsetof(lmdb_head, main) + 40, std::size_t{1});
    }
    return bytes;
}

TEST_F(lmdb_damage, a_file_that_only_looks_like_ours_stays) {
    std::filesystem::rename(data, folder.path() / "kept");
    write(without_root(good)); // made by somebody else
    const std::string before = content(data);
    {
        lmdb_store store(at);
        EXPECT_NE(store.problem().find("damaged"), std::string::npos);
        EXPECT_EQ(found(store), 0U);
        EXPECT_FALSE(store.put("key", "value") || store.clear());
    }
    EXPECT_EQ(content(data), before);
    std::filesystem::rename(folder.path() / "kept", data);
    write(without_root(good));
    lmdb_store store(at);
    EXPECT_EQ(store.problem(), "");
    EXPECT_EQ(store.size(), 0U);
}

TEST_F(lmdb_damage, what_another_process_has_open_stays_until_it_ends) {
    std::array<int, 2> ready{};
    std::array<int, 2> end{};
    ASSERT_TRUE(::pipe(ready.data()) == 0 && ::pipe(end.data()) == 0);
    const ::pid_t child = ::fork();
    char any = 0;
    if (child == 0) {
        ::close(end[1]);
        const lmdb_store open(at);
        static_cast<void>(::write(ready[1], &any, 1) + ::read(end[0], &any, 1));
        ::_exit(0);
    }
    ASSERT_EQ(::read(ready[0], &any, 1), 1);
    const std::string bytes = without_root(content(data));
    write(bytes);
    EXPECT_NE(lmdb_store(at).problem().find("damaged"), std::string::npos);
    EXPECT_EQ(content(data), bytes);
    ::close(end[1]);
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(lmdb_store(at).problem(), "");
    for (const int each : {ready[0], ready[1], end[0]}) {
        ::close(each);
    }
}

TEST_F(lmdb_damage, a_lost_mark_is_damage_where_the_file_is_ours) {
    std::string bytes = good;
    for (std::size_t place = 0; (place = bytes.find(detail::lmdb_key::mark(), place)) != bytes.npos; ++place) {
        bytes[place + 500] = '"';
    }
    write(bytes);
    lmdb_store store(at);
    EXPECT_EQ(store.problem(), "");
    EXPECT_EQ(store.size(), 0U);
}

TEST_F(lmdb_damage, who_does_not_want_the_look_at_all_pages_has_none) {
    std::string bytes = good;
    for (const std::size_t head : {std::size_t{0}, page_bytes}) { // one entry more, which harms nobody
        const std::size_t count = head + head_of_page + offsetof(lmdb_head, main) + 32;
        store_at(bytes, count, load<std::size_t>(bytes, count) + 1);
    }
    write(bytes);
    {
        lmdb_store store(at, {.checked_at_opening = false});
        EXPECT_EQ(found(store), values.size());
    }
    EXPECT_EQ(lmdb_store(at).size(), 0U);
}

} // namespace
} // namespace poolmark::tests
#endif
