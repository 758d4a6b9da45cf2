// SQLite and LMDB whose files were damaged, are somebody else's, are full, or whose writers were killed.
#include "pools/caches/stores/catalog.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace poolmark::tests {
namespace {

void damage(const std::filesystem::path& file, const std::string& from, const std::string& to) {
    std::string bytes = content(file);
    ASSERT_NE(bytes.find(from), std::string::npos);
    for (std::size_t at = 0; (at = bytes.find(from, at)) != std::string::npos; at += to.size()) {
        bytes.replace(at, from.size(), to);
    }
    std::ofstream(file, std::ios::binary) << bytes;
}

// Nothing found, nothing kept, a reason, and the file as it was.
template <class Store>
void expect_left_alone(const std::filesystem::path& at, const std::filesystem::path& file) {
    const std::string before = content(file);
    {
        Store other(at);
        EXPECT_NE(other.problem(), "");
        EXPECT_EQ(other.get("key"), std::nullopt);
        EXPECT_FALSE(other.put("key", "value"));
        EXPECT_FALSE(other.erase("key"));
        EXPECT_FALSE(other.clear());
        EXPECT_EQ(other.size(), 0U);
    }
    EXPECT_EQ(content(file), before);
}

// One writes values of one letter over and over and is killed at it; what is found is all one letter.
template <class Store>
void expect_old_or_new_after_kills(const std::filesystem::path& at) {
    { ASSERT_TRUE(Store(at).put("key", std::string(300'000, 'a'))); }
    for (int round = 0; round != 12; ++round) {
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        const ::pid_t child = ::fork();
        if (child == 0) {
            Store own(at);
            if (!own.put("key", std::string(300'000, 'a')) || ::write(ends[1], "", 1) != 1) {
                ::_exit(1);
            }
            for (char each = 'b';; each = each == 'z' ? 'a' : static_cast<char>(each + 1)) {
                static_cast<void>(own.put("key", std::string(300'000, each)));
            }
        }
        char at_work = 0;
        ::close(ends[1]);
        ASSERT_EQ(::read(ends[0], &at_work, 1), 1);
        ::close(ends[0]);
        std::this_thread::sleep_for(std::chrono::milliseconds(5 + 3 * round));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        const auto found = Store(at).get("key");
        ASSERT_TRUE(found && found->size() == 300'000 && found->find_first_not_of((*found)[0]) == found->npos) << round;
    }
}

#ifdef POOLMARK_HAS_SQLITE
class sqlite : public testing::Test {
protected:
    void fill() {
        sqlite_store store(at);
        for (int i = 0; i != 200; ++i) {
            ASSERT_TRUE(store.put("key " + std::to_string(i), std::string(100, 'v') + std::to_string(i)));
        }
    }
    // How many are found; what is found must be right.
    std::size_t found() {
        sqlite_store store(at);
        std::size_t hits = 0;
        for (int i = 0; i != 200; ++i) {
            if (const auto value = store.get("key " + std::to_string(i))) {
                EXPECT_EQ(*value, std::string(100, 'v') + std::to_string(i));
                ++hits;
            }
        }
        static_cast<void>(store.put("another", "one"));
        return hits;
    }
    scratch_folder folder;
    std::filesystem::path at = folder.path() / "cache.db";
};

TEST_F(sqlite, a_changed_value_is_a_miss) {
    fill();
    damage(at, std::string(100, 'v') + "77", std::string(99, 'v') + "x77");
    EXPECT_EQ(found(), 199U);
}

TEST_F(sqlite, a_file_cut_off_anywhere_never_crashes) {
    fill();
    const std::string whole = content(at);
    for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 40) {
        std::filesystem::remove(at.string() + "-wal");
        std::filesystem::remove(at.string() + "-shm");
        std::ofstream(at, std::ios::binary) << whole.substr(0, size);
        EXPECT_LT(found(), 200U);
    }
}

// What another program does to a file.
void change_as_another(const std::filesystem::path& file, const char* how) {
    ::sqlite3* other = nullptr;
    ASSERT_EQ(::sqlite3_open(file.c_str(), &other), SQLITE_OK);
    EXPECT_EQ(::sqlite3_exec(other, how, nullptr, nullptr, nullptr), SQLITE_OK) << ::sqlite3_errmsg(other);
    ::sqlite3_close(other);
}

// Of the head, by SQLite's account of its format: who may write, how much of a page is used, and whose file it is.
const std::set<std::size_t> believed{18, 20, 68, 69, 70, 71};

TEST_F(sqlite, flipped_bits_never_give_a_wrong_value_and_the_store_is_of_use_again) {
    fill();
    const std::string whole = content(at);
    for (std::size_t round = 0; round != 150; ++round) { // the heads of all pages, and places all over
        std::string bytes = whole;
        const std::size_t place = round < 100 ? round : round * 7919 % bytes.size();
        bytes[place] = static_cast<char>(bytes[place] ^ (1 << (round % 8)));
        std::filesystem::remove(at.string() + "-wal");
        std::filesystem::remove(at.string() + "-shm");
        std::ofstream(at, std::ios::binary) << bytes;
        found();
        EXPECT_TRUE(believed.contains(place) || sqlite_store(at).get("another") == "one") << place;
    }
}

TEST_F(sqlite, pages_that_are_damaged_while_it_is_open_cost_their_values_and_no_more) {
    fill();
    sqlite_store store(at);
    ASSERT_TRUE(store.get("key 1"));
    std::string bytes = content(at);
    const std::size_t page = 4096;
    for (std::size_t begin = page; begin < bytes.size(); begin += page) {
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), 100, '\xff');
    }
    std::ofstream(at, std::ios::binary) << bytes;
    sqlite_store reader(at); // the other one may have its pages still
    EXPECT_EQ(reader.get("key 1"), std::nullopt);
    EXPECT_NE(reader.problem(), "");
    EXPECT_TRUE(reader.put("key 1", "again")) << reader.problem();
    EXPECT_EQ(reader.get("key 1"), "again");
    EXPECT_TRUE(store.put("key 2", "as well")) << store.problem();
    EXPECT_EQ(reader.get("key 2"), "as well");
}

TEST_F(sqlite, clears_what_cannot_be_read) {
    fill();
    std::string bytes = content(at);
    std::fill_n(bytes.begin() + 4096, 100, '\xff'); // the table's first page
    std::ofstream(at, std::ios::binary) << bytes;
    sqlite_store store(at);
    EXPECT_TRUE(store.clear()) << store.problem();
    EXPECT_EQ(store.size(), 0U);
    EXPECT_TRUE(store.put("key", "value"));
}

TEST_F(sqlite, a_table_that_another_process_took_is_made_anew) {
    for (const char* how : {"drop table cache", "drop table cache; pragma application_id = 0",
                            "alter table cache rename column sum to number"}) {
        sqlite_store store(at);
        ASSERT_TRUE(store.put("key", "value"));
        change_as_another(at, how);
        EXPECT_EQ(store.get("key"), std::nullopt);
        EXPECT_TRUE(store.put("key", "again")) << how << ": " << store.problem();
        EXPECT_EQ(store.get("key"), "again");
    }
}

TEST_F(sqlite, a_file_that_another_program_takes_over_is_its_own) {
    for (const char* and_damages_it : {"", "; pragma writable_schema = on; update sqlite_schema set rootpage = 99999"}) {
        std::filesystem::remove(at);
        fill(); // and is closed, so that the file's own head says whose it was
        sqlite_store store(at);
        ASSERT_TRUE(store.put("key", "value"));
        change_as_another(at, (std::string("drop table cache; pragma application_id = 7; create table mine(a)") +
                               and_damages_it).c_str());
        EXPECT_EQ(store.get("key"), std::nullopt);
        EXPECT_FALSE(store.put("key", "again"));
        EXPECT_FALSE(store.clear());
        EXPECT_NE(store.problem(), "");
        change_as_another(at, "pragma writable_schema = on; update sqlite_schema set rootpage = 2 where name = 'mine'");
        EXPECT_EQ(sqlite_store(at).problem(), at.string() + ": not a cache of ours");
    }
}

TEST_F(sqlite, what_is_no_database_or_another_programs_is_left_alone) {
    std::ofstream(at) << std::string(5000, 'x');
    expect_left_alone<sqlite_store>(at, at);
    std::filesystem::remove(at);
    change_as_another(at, "create table cache(key, sum, value); insert into cache values('key', 0, 'mine')");
    expect_left_alone<sqlite_store>(at, at);
}

TEST_F(sqlite, another_version_is_emptied) {
    fill();
    change_as_another(at, "pragma user_version = 2");
    EXPECT_EQ(found(), 0U);
    sqlite_store store(at);
    EXPECT_EQ(store.problem(), "");
    EXPECT_EQ(store.get("another"), "one");
}

TEST_F(sqlite, a_file_that_stays_locked_is_a_miss_and_then_a_hit) {
    fill();
    sqlite_store store(at, {.busy_limit = std::chrono::milliseconds(20)});
    ::sqlite3* other = nullptr;
    ::sqlite3_open(at.c_str(), &other);
    ::sqlite3_exec(other, "begin immediate", nullptr, nullptr, nullptr);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(store.put("key", "value"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)); // slow machines included
    EXPECT_NE(store.problem(), "");
    EXPECT_TRUE(store.get("key 1").has_value()); // who reads does not wait
    ::sqlite3_exec(other, "rollback", nullptr, nullptr, nullptr);
    ::sqlite3_close(other);
    EXPECT_TRUE(store.put("key", "value"));
    EXPECT_EQ(store.problem(), "");
}

TEST_F(sqlite, a_file_that_is_locked_when_it_is_opened_is_tried_again) {
    ::sqlite3* other = nullptr;
    ::sqlite3_open(at.c_str(), &other);
    ::sqlite3_exec(other, "begin exclusive; create table mine(a)", nullptr, nullptr, nullptr);
    sqlite_store store(at, {.busy_limit = std::chrono::milliseconds(5)});
    EXPECT_NE(store.problem(), "");
    EXPECT_FALSE(store.put("key", "value"));
    EXPECT_EQ(store.get("key"), std::nullopt);
    ::sqlite3_exec(other, "rollback", nullptr, nullptr, nullptr);
    ::sqlite3_close(other);
    EXPECT_TRUE(store.put("key", "value"));
    EXPECT_EQ(store.get("key"), "value");
    EXPECT_EQ(store.problem(), "");
}

// Within the opening of the first store, when it has seen that the file is empty, a second one comes.
std::filesystem::path second_place;
std::unique_ptr<sqlite_store> second;
int bring_second(unsigned, void*, void*, void* text) {
    if (!second && std::string(static_cast<const char*>(text)).find("sqlite_schema") != std::string::npos) {
        const auto where = std::exchange(second_place, {});
        if (!where.empty()) {
            second = std::make_unique<sqlite_store>(where, sqlite_store_options{.busy_limit = std::chrono::milliseconds(5)});
        }
    }
    return 0;
}
int watch(::sqlite3* opened, const char**, const void*) {
    return ::sqlite3_trace_v2(opened, SQLITE_TRACE_STMT, &bring_second, nullptr);
}

TEST_F(sqlite, a_file_that_two_make_at_once_is_for_both) {
    second_place = at;
    ::sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch));
    sqlite_store first(at);
    ::sqlite3_reset_auto_extension();
    ASSERT_TRUE(second);
    EXPECT_TRUE(first.put("key", "value")) << first.problem();
    EXPECT_EQ(second->get("key"), "value");
    EXPECT_EQ(second->problem(), "");
    second.reset();
}

TEST_F(sqlite, a_value_that_is_too_large_says_so) {
    sqlite_store store(at);
    const std::string_view much(reinterpret_cast<const char*>(&at), std::size_t{1} << 40U); // nobody looks at its bytes
    EXPECT_FALSE(store.put("key", much));
    EXPECT_NE(store.problem(), "");
}

TEST_F(sqlite, a_killed_writer_leaves_the_old_value_or_the_new_one) {
    expect_old_or_new_after_kills<sqlite_store>(at);
}
#endif

#ifdef POOLMARK_HAS_LMDB
class lmdb : public testing::Test {
protected:
    scratch_folder folder;
    std::filesystem::path at = folder.path() / "cache";
    std::filesystem::path data = at / "data.mdb";
    const std::string value = std::string(100, 'v') + "77";
};

TEST_F(lmdb, a_changed_value_is_a_miss_unless_nobody_checks) {
    for (const std::size_t size : {std::size_t{100}, std::size_t{10'000}}) {
        { ASSERT_TRUE(lmdb_store(at).put("key", value + std::string(size, '.'))); }
        damage(data, value, std::string(100, 'v') + "78");
        EXPECT_EQ(lmdb_store(at).get("key"), std::nullopt);
        EXPECT_NE(lmdb_store(at, {.checked = false}).get("key"), std::nullopt);
    }
}

TEST_F(lmdb, a_file_cut_off_anywhere_never_crashes) {
    {
        lmdb_store store(at, {.synced = false});
        for (int i = 0; i != 200; ++i) {
            ASSERT_TRUE(store.put("key " + std::to_string(i), value + std::string(i % 7 == 0 ? 9000 : 10, '.')));
        }
    }
    const std::string whole = content(data);
    for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 40) {
        std::ofstream(data, std::ios::binary | std::ios::trunc) << whole.substr(0, size);
        lmdb_store store(at);
        for (int i = 0; i != 200; ++i) {
            const auto found = store.get("key " + std::to_string(i));
            ASSERT_TRUE(!found || *found == value + std::string(i % 7 == 0 ? 9000 : 10, '.'));
        }
    }
}

TEST_F(lmdb, what_is_no_database_or_another_programs_is_left_alone) {
    std::filesystem::create_directories(at);
    std::ofstream(data) << std::string(20'000, 'x');
    expect_left_alone<lmdb_store>(at, data);
    std::filesystem::remove(data);
    ::MDB_env* other = nullptr;
    ::MDB_txn* writing = nullptr;
    ::MDB_dbi table = 0;
    ::MDB_val text{3, const_cast<char*>("key")};
    ::mdb_env_create(&other);
    ASSERT_EQ(::mdb_env_open(other, at.c_str(), 0, 0600), 0);
    ASSERT_EQ(::mdb_txn_begin(other, nullptr, 0, &writing), 0);
    ASSERT_EQ(::mdb_dbi_open(writing, nullptr, 0, &table), 0);
    ASSERT_EQ(::mdb_put(writing, table, &text, &text, 0), 0);
    ASSERT_EQ(::mdb_txn_commit(writing), 0);
    ::mdb_env_close(other);
    expect_left_alone<lmdb_store>(at, data);
}

TEST_F(lmdb, another_version_is_emptied) {
    { ASSERT_TRUE(lmdb_store(at).put("key", value)); }
    damage(data, "poolmark 1", "poolmark 2");
    lmdb_store store(at);
    EXPECT_EQ(store.get("key"), std::nullopt);
    EXPECT_EQ(store.size(), 0U);
    EXPECT_TRUE(store.put("key", value));
    EXPECT_EQ(store.get("key"), value);
}

TEST_F(lmdb, a_full_map_loses_the_store_and_not_the_value) {
    lmdb_store store(at, {.map_bytes = std::size_t{1} << 18U, .synced = false});
    ASSERT_TRUE(store.put("key", value));
    EXPECT_FALSE(store.put("key", std::string(std::size_t{1} << 20U, 'x')));
    EXPECT_NE(store.problem(), "");
    EXPECT_EQ(store.get("key"), value);
    EXPECT_EQ(store.problem(), "");
    EXPECT_TRUE(store.put("key", "small"));
}

TEST_F(lmdb, a_killed_writer_leaves_the_old_value_or_the_new_one) {
    expect_old_or_new_after_kills<lmdb_store>(at);
}
#endif

} // namespace
} // namespace poolmark::tests
