// Files that were damaged, writers that were killed, disks that are full.
#include "benchmarks/contenders/stores/file_store.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <new>
#include <random>
#include <thread>

namespace poolmark::tests {
namespace {

class files : public testing::Test {
protected:
    std::filesystem::path file(const std::string& key = "key") const { return at / file_store::file_name(key); }
    void write(const std::string& bytes) const { std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes; }
    std::size_t drafts() const {
        std::size_t count = 0;
        for (const auto& each : std::filesystem::directory_iterator(at)) {
            count += each.path().filename().string().starts_with("draft-") ? 1U : 0U;
        }
        return count;
    }
    // Stops a writer at a moment when its draft is there, however long it takes to get to one.
    [[nodiscard]] bool stopped_at_work(::pid_t writer, std::chrono::microseconds pause) const {
        for (const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
             std::chrono::steady_clock::now() < end; pause += pause / 4) {
            std::this_thread::sleep_for(pause);
            ::kill(writer, SIGSTOP);
            int status = 0;
            ::waitpid(writer, &status, WUNTRACED);
            if (!WIFSTOPPED(status) || drafts() != 0) {
                return WIFSTOPPED(status);
            }
            ::kill(writer, SIGCONT);
        }
        return false;
    }
    scratch_folder folder;
    std::filesystem::path at = folder.path() / "cache";
    file_store store{at};
};

TEST_F(files, a_flipped_bit_anywhere_is_a_miss) {
    ASSERT_TRUE(store.put("key", "a value of some length, beyond the sixty-four bytes that the checksum takes at once"));
    const std::string whole = content(file());
    for (std::size_t bit = 0; bit != whole.size() * 8; ++bit) {
        std::string damaged = whole;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        write(damaged);
        ASSERT_EQ(store.get("key"), std::nullopt) << bit;
    }
    write(whole);
    EXPECT_TRUE(store.get("key").has_value());
}

TEST_F(files, a_file_of_another_length_is_a_miss) {
    ASSERT_TRUE(store.put("key", "value"));
    const std::string whole = content(file());
    for (std::size_t size = 0; size != whole.size(); ++size) {
        write(whole.substr(0, size));
        ASSERT_EQ(store.get("key"), std::nullopt) << size;
    }
    for (const std::string& more : {std::string(1, '\0'), std::string("x"), whole}) {
        write(whole + more);
        ASSERT_EQ(store.get("key"), std::nullopt);
    }
}

TEST_F(files, random_bytes_are_a_miss) {
    std::mt19937 random(1);
    ASSERT_TRUE(store.put("key", "value"));
    const std::string whole = content(file());
    for (int i = 0; i != 500; ++i) {
        std::string bytes(random() % 100, '\0');
        for (char& each : bytes) {
            each = static_cast<char>(random());
        }
        bytes.replace(0, std::min<std::size_t>(bytes.size(), random() % 40), whole, 0, std::min<std::size_t>(bytes.size(), 12));
        write(bytes);
        ASSERT_EQ(store.get("key"), std::nullopt);
    }
    EXPECT_TRUE(store.put("key", "another"));
    EXPECT_EQ(store.get("key"), "another");
}

TEST_F(files, what_is_no_plain_file_is_a_miss) {
    ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0); // whoever opens it waits for the other end
    EXPECT_EQ(store.get("key"), std::nullopt);
    std::filesystem::remove(file());
    std::filesystem::create_directory(file());
    EXPECT_EQ(store.get("key"), std::nullopt);
    EXPECT_FALSE(store.put("key", "value"));
    EXPECT_EQ(drafts(), 0U);
    std::filesystem::remove(file());
    ASSERT_TRUE(store.put("key", "value"));
    std::filesystem::rename(file(), folder.path() / "elsewhere");
    std::filesystem::create_symlink(folder.path() / "elsewhere", file());
    EXPECT_EQ(store.get("key"), std::nullopt);
    EXPECT_TRUE(store.put("key", "new"));
    EXPECT_EQ(store.get("key"), "new");
}

TEST_F(files, another_keys_file_is_a_miss) { // as if both had one hash
    ASSERT_TRUE(store.put("kez", "value"));
    std::filesystem::rename(file("kez"), file());
    EXPECT_EQ(store.get("key"), std::nullopt);
}

TEST_F(files, a_file_that_claims_to_be_huge_takes_no_memory) {
    ASSERT_TRUE(store.put("key", "value"));
    std::filesystem::resize_file(file(), std::uintmax_t{1} << 40U);
    EXPECT_EQ(store.get("key"), std::nullopt);
}

TEST_F(files, values_over_the_limit_are_not_kept) {
    file_store small(folder.path() / "small", {.max_value_bytes = 10});
    EXPECT_TRUE(small.put("key", "0123456789"));
    EXPECT_FALSE(small.put("key", "0123456789a"));
    EXPECT_NE(small.problem(), "");
    EXPECT_EQ(small.get("key"), "0123456789");
}

TEST_F(files, the_folder_is_for_its_owner) {
    EXPECT_EQ(std::filesystem::status(at).permissions(), std::filesystem::perms::owner_all);
    for (const char* const name : {"a/", "b/.", "c//", "d/e/"}) {
        const file_store other(folder.path() / name);
        EXPECT_EQ(other.problem(), "");
        const auto made = (folder.path() / name / "x").parent_path();
        EXPECT_EQ(std::filesystem::status(made).permissions(), std::filesystem::perms::owner_all) << name;
    }
}

TEST_F(files, a_folder_that_cannot_be_is_a_store_that_never_hits) {
    std::ofstream(folder.path() / "file") << "x";
    file_store none(folder.path() / "file");
    EXPECT_NE(none.problem(), "");
    EXPECT_FALSE(none.put("key", "value"));
    EXPECT_EQ(none.get("key"), std::nullopt);
    EXPECT_FALSE(none.erase("key"));
    EXPECT_FALSE(none.clear());
    EXPECT_EQ(none.size(), 0U);
}

TEST_F(files, a_folder_that_is_removed_loses_the_store_and_not_the_value) {
    const std::string value = "value";
    std::filesystem::remove_all(at);
    EXPECT_FALSE(store.put("key", value));
    EXPECT_EQ(value, "value");
    EXPECT_EQ(store.get("key"), std::nullopt);
}

TEST_F(files, a_damaged_file_can_be_erased) {
    ASSERT_TRUE(store.put("key", "value"));
    write("garbage");
    EXPECT_FALSE(store.erase("key")); // there was none
    EXPECT_EQ(store.size(), 0U);
}

TEST_F(files, what_was_erased_while_nothing_could_be_read_stays_away) {
    ASSERT_TRUE(store.put("key", "old"));
    EXPECT_TRUE(in_a_child([this] {
        const ::rlimit few{32, 32};
        ::setrlimit(RLIMIT_NOFILE, &few);
        const auto take_all = [] {
            while (::dup(0) >= 0) { // until there are no descriptors left
            }
        };
        const auto fails = [&](bool done) {
            ::close(30); // UBSan looks through a pipe whether the text's source can be read
            ::close(31);
            return !done && !store.problem().empty();
        };
        take_all();
        const bool put_failed = fails(store.put("key", "new"));
        take_all();
        const bool clear_failed = fails(store.clear());
        take_all();
        static_cast<void>(store.erase("key"));
        return put_failed && clear_failed;
    }));
    EXPECT_EQ(store.get("key"), std::nullopt);
}

TEST_F(files, a_limit_of_the_disk_leaves_the_value_before) {
    ASSERT_TRUE(store.put("key", "old"));
    EXPECT_TRUE(in_a_child([this] { // a limit of files' sizes stands for a disk that takes a part
        ::signal(SIGXFSZ, SIG_IGN);
        const ::rlimit most{1000, 1000};
        ::setrlimit(RLIMIT_FSIZE, &most);
        return !store.put("key", std::string(5000, 'x')) && store.get("key") == "old" && drafts() == 0 &&
               store.put("key 2", "small");
    }));
}

TEST_F(files, a_full_disk_leaves_the_value_before) {
    const std::string small = (folder.path() / "disk").string();
    std::filesystem::create_directory(small);
    if (std::system(("mount -t tmpfs -o size=64k none " + small + " 2>/dev/null").c_str()) != 0) {
        GTEST_SKIP() << "may not mount";
    }
    {
        file_store full(small);
        EXPECT_TRUE(full.put("key", "old"));
        EXPECT_FALSE(full.put("key", std::string(100'000, 'x')));
        EXPECT_NE(full.problem(), "");
        EXPECT_EQ(full.get("key"), "old");
        EXPECT_EQ(full.problem(), "");
        EXPECT_EQ(full.size(), 1U);
        EXPECT_TRUE(full.put("key 2", "there is room for it")); // so the draft is gone
    }
    ASSERT_EQ(std::system(("umount " + small).c_str()), 0);
}

TEST_F(files, a_killed_writer_leaves_the_old_value_or_the_new_one) {
    std::mt19937 random(1);
    const std::size_t size = std::size_t{1} << 20U;
    ASSERT_TRUE(store.put("key", std::string(size, 'a')));
    for (int round = 0; round != 40; ++round) {
        const ::pid_t child = ::fork();
        if (child == 0) {
            file_store own(at);
            for (char each = 'a';; each = each == 'z' ? 'a' : static_cast<char>(each + 1)) {
                static_cast<void>(own.put("key", std::string(size, each)));
            }
        }
        const bool at_work = stopped_at_work(child, std::chrono::microseconds(500 + random() % 9000));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ASSERT_TRUE(at_work && drafts() == 1U) << round;
        const auto found = file_store(folder.path() / "cache").get("key");
        ASSERT_TRUE(found && found->size() == size && found->find_first_not_of((*found)[0]) == found->npos) << round;
        ASSERT_EQ(drafts(), 0U); // the next store to be opened removed what the writer left
    }
}

TEST_F(files, drafts_of_writers_who_are_at_it_stay) {
    std::ofstream(at / "draft-dead") << "x";
    const detail::file_number alive(::open((at / "draft-alive").c_str(), O_WRONLY | O_CREAT, 0600));
    ASSERT_EQ(::flock(alive.get(), LOCK_EX), 0);
    const file_store another(at);
    EXPECT_FALSE(std::filesystem::exists(at / "draft-dead"));
    EXPECT_TRUE(std::filesystem::exists(at / "draft-alive"));
}

TEST_F(files, a_writer_is_not_disturbed_by_those_who_open_the_store) {
    void* const shared =
        ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    auto& opened = *::new (shared) std::atomic<int>(0);
    std::array<::pid_t, 2> others{};
    for (::pid_t& each : others) {
        each = ::fork();
        while (each == 0) {
            const file_store another(at); // removes what was left behind, and nothing else
            ++opened;
        }
    }
    int failed = 0;
    for (int i = 0; i < 200 || opened < 200; ++i) { // until the others had their turns, too
        failed += store.put("key", "value") ? 0 : 1;
    }
    EXPECT_EQ(failed, 0) << store.problem();
    for (const ::pid_t each : others) {
        ::kill(each, SIGKILL);
        ::waitpid(each, nullptr, 0);
    }
    ::munmap(shared, sizeof opened);
}

TEST_F(files, two_processes_that_write_leave_whole_values) {
    const ::pid_t child = ::fork();
    const char mine = child == 0 ? 'c' : 'p';
    file_store own(at);
    bool right = true;
    for (int i = 0; i != 200; ++i) {
        right = own.put("key", std::string(20'000, mine)) && right;
        const auto found = own.get("key");
        right = found && found->size() == 20'000 && found->find_first_not_of((*found)[0]) == found->npos && right;
    }
    if (child == 0) {
        ::_exit(right ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(right);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(store.size(), 1U);
}

} // namespace
} // namespace poolmark::tests
