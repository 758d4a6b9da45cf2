// SQLite whose file was damaged, is somebody else's, is full, or whose writer was killed.
#include "benchmarks/contenders/stores/catalog.hpp"
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

TEST_F(sqlite, flipped_bits_never_give_a_wrong_value) {
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
    }
}

TEST_F(sqlite, damaged_pages_are_misses_and_the_problem_says_what_to_do) {
    fill();
    std::string bytes = content(at);
    const std::size_t page = 4096;
    for (std::size_t begin = page; begin < bytes.size(); begin += page) {
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), 100, '\xff');
    }
    std::ofstream(at, std::ios::binary) << bytes;
    sqlite_store store(at);
    EXPECT_EQ(store.get("key 1"), std::nullopt);
    EXPECT_FALSE(store.put("key 1", "again"));
    EXPECT_TRUE(store.problem().ends_with("; remove the file to start with an empty cache")) << store.problem();
    std::filesystem::remove(at);
    EXPECT_TRUE(sqlite_store(at).put("key 1", "again"));
}

TEST_F(sqlite, a_table_that_another_process_took_is_a_miss) {
    sqlite_store store(at);
    ASSERT_TRUE(store.put("key", "value"));
    change_as_another(at, "drop table poolmark_cache");
    EXPECT_EQ(store.get("key"), std::nullopt);
    EXPECT_FALSE(store.put("key", "again"));
    EXPECT_NE(store.problem(), "");
}

TEST_F(sqlite, what_is_no_database_is_left_alone) {
    std::ofstream(at) << std::string(5000, 'x');
    const std::string before = content(at);
    {
        sqlite_store other(at);
        EXPECT_NE(other.problem(), "");
        EXPECT_EQ(other.get("key"), std::nullopt);
        EXPECT_FALSE(other.put("key", "value"));
        EXPECT_FALSE(other.erase("key"));
        EXPECT_FALSE(other.clear());
        EXPECT_EQ(other.size(), 0U);
    }
    EXPECT_EQ(content(at), before);
}

TEST_F(sqlite, a_folder_that_is_not_there_says_so) {
    const std::filesystem::path nowhere = folder.path() / "none" / "cache.db";
    EXPECT_EQ(sqlite_store(nowhere).problem(), nowhere.string() + ": unable to open database file");
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
    if (!second && std::string(static_cast<const char*>(text)).find("create table") != std::string::npos) {
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

// One writes 300 kB values of one letter over and over and is killed; what is found is all one letter.
TEST_F(sqlite, a_killed_writer_leaves_the_old_value_or_the_new_one) {
    { ASSERT_TRUE(sqlite_store(at).put("key", std::string(300'000, 'a'))); }
    for (int round = 0; round != 12; ++round) {
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        const ::pid_t child = ::fork();
        if (child == 0) {
            sqlite_store own(at);
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
        const auto found = sqlite_store(at).get("key");
        ASSERT_TRUE(found && found->size() == 300'000 && found->find_first_not_of((*found)[0]) == found->npos) << round;
    }
}
#endif

} // namespace
} // namespace poolmark::tests
