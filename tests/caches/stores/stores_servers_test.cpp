// Servers that die, hang and restart: a miss within the limit, and a hit again afterwards.
#include "tests/caches/stores/any_store.hpp"
#include "tests/caches/stores/fake_server.hpp"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

namespace poolmark::tests {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto patience = 2min;

bool comes_back(any_store& store) {
    for (const auto end = clock::now() + patience; clock::now() < end; std::this_thread::sleep_for(5ms)) {
        if (store.put("key", "value") && store.get("key") == "value") {
            return store.problem().empty();
        }
    }
    return false;
}

// The signal is sent at once; threads that run stop a little later.
void wait_until_frozen(::pid_t process) {
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
        for (const auto end = clock::now() + patience; clock::now() < end; std::this_thread::sleep_for(1ms)) {
            const std::string state = content(thread.path() / "stat");
            if (state.substr(state.rfind(')')).starts_with(") T")) {
                break;
            }
        }
    }
}

// One that nobody buries has ended as well.
bool runs(::pid_t process) {
    const std::string state = content("/proc/" + std::to_string(process) + "/stat");
    return !state.empty() && !state.substr(state.rfind(')')).starts_with(") Z");
}
bool ends(::pid_t process) {
    for (const auto end = clock::now() + patience; runs(process) && clock::now() < end;
         std::this_thread::sleep_for(2ms)) {
    }
    return !runs(process);
}

std::vector<store_kind> kinds_with_servers() {
    std::vector<store_kind> kinds = store_kinds();
    std::erase_if(kinds, [](const store_kind& each) { return !each.traits.needs_server; });
    return kinds;
}

class a_server : public testing::TestWithParam<store_kind> {
protected:
    void SetUp() override {
        if (!GetParam().installed) {
            GTEST_SKIP() << "not installed";
        }
        place = GetParam().place();
        store = place->open();
        ASSERT_TRUE(store->put("key", "value")) << store->problem();
    }
    static void expect_misses(any_store& of) {
        for (int i = 0; i != 5; ++i) {
            EXPECT_EQ(in_time([&] { return of.get("key"); }), std::nullopt);
            EXPECT_FALSE(in_time([&] { return of.put("key", "other"); }));
            EXPECT_FALSE(in_time([&] { return of.erase("key"); }));
            EXPECT_FALSE(in_time([&] { return of.clear(); }));
            EXPECT_EQ(in_time([&] { return of.size(); }), 0U);
            EXPECT_NE(of.problem(), "");
        }
    }
    std::unique_ptr<store_place> place;
    std::unique_ptr<any_store> store;
};

TEST_P(a_server, that_is_killed_is_a_miss_until_it_is_back) {
    ASSERT_EQ(::kill(place->server()->process(), SIGKILL), 0);
    ASSERT_TRUE(ends(place->server()->process()));
    expect_misses(*store);
    place->server()->start();
    EXPECT_TRUE(comes_back(*store));
}

TEST_P(a_server, that_hangs_is_a_miss_until_it_goes_on) {
    store = place->open(100ms);
    ASSERT_TRUE(comes_back(*store)); // which a busy machine may not do within the limit each time
    ASSERT_EQ(::kill(place->server()->process(), SIGSTOP), 0);
    wait_until_frozen(place->server()->process());
    expect_misses(*store);
    const std::string large(std::size_t{16} << 20U, 'x'); // more than a socket takes
    std::this_thread::sleep_for(150ms);                    // beyond the longest back-off, so that it is tried
    EXPECT_FALSE(in_time([&] { return store->put("key", large); }));
    ASSERT_EQ(::kill(place->server()->process(), SIGCONT), 0);
    EXPECT_TRUE(comes_back(*store));
}

TEST_P(a_server, that_was_restarted_between_two_calls_is_not_noticed) {
    place->server()->stop();
    place->server()->start();
    EXPECT_EQ(store->get("key"), std::nullopt); // there is no persistence
    EXPECT_EQ(store->problem(), "");
    EXPECT_TRUE(store->put("key", "value"));
    place->server()->stop();
    place->server()->start();
    EXPECT_TRUE(store->put("key", "value"));
}

TEST_P(a_server, listens_to_nobody_else) {
    const endpoint where = place->server()->where();
    const std::string command = "ss -Hltnp 2>/dev/null | grep -F pid=" + std::to_string(place->server()->process()) + ",";
    const std::string listening = run(command + " || true").out;
    if (where.port == 0) {
        EXPECT_EQ(listening, "");
        EXPECT_EQ(std::filesystem::status(place->server()->folder()).permissions(), std::filesystem::perms::owner_all);
    } else if (!listening.empty()) { // where there is an ss
        EXPECT_NE(listening.find("127.0.0.1:" + std::to_string(where.port)), std::string::npos);
        EXPECT_TRUE(is_one_line(listening)) << listening;
    }
}

TEST_P(a_server, is_gone_with_its_folder) {
    const ::pid_t process = place->server()->process();
    const std::string folder = place->server()->folder();
    place.reset();
    EXPECT_EQ(::kill(process, 0), -1);
    EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_P(a_server, outlives_a_signal_to_its_keeper_and_leaves_nothing_when_that_is_killed) {
    ASSERT_EQ(::kill(place->server()->keeper(), SIGTERM), 0); // as "pkill -f poolmark-bench" sends it
    std::this_thread::sleep_for(20ms);
    EXPECT_TRUE(store->put("key", "value"));
    const ::pid_t process = place->server()->process();
    const std::string folder = place->server()->folder();
    ASSERT_EQ(::kill(place->server()->keeper(), SIGKILL), 0);
    place.reset();
    EXPECT_FALSE(std::filesystem::exists(folder));
    EXPECT_TRUE(ends(process));
}

TEST_P(a_server, is_not_taken_for_another_one_at_its_place) {
    const endpoint where = place->server()->where();
    if (where.port == 0) { // nobody else can come into the folder
        return;
    }
    place->server()->stop();
    ::sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(where.port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int again = 1;
    ::setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
    ASSERT_EQ(::bind(other, reinterpret_cast<const ::sockaddr*>(&at), sizeof at), 0);
    ASSERT_EQ(::listen(other, 10), 0);
    std::atomic<bool> over{false};
    std::thread answers([&] {
        while (!over) {
            const int connection = ::accept4(other, nullptr, nullptr, SOCK_NONBLOCK);
            if (connection >= 0 && asked(connection, over)) {
                say(connection, "+PONG\r\n");
            }
            ::close(connection);
            std::this_thread::sleep_for(1ms);
        }
    });
    EXPECT_THROW(place->server()->start(), std::runtime_error);
    over = true;
    answers.join();
    ::close(other);
}

TEST_P(a_server, is_gone_with_its_folder_when_its_parent_is_killed) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const ::pid_t parent = ::fork();
    if (parent == 0) {
        const auto other = GetParam().place();
        std::array<char, 256> folder{};
        other->server()->folder().copy(folder.data(), 200);
        const ::pid_t process = other->server()->process();
        static_cast<void>(!::write(ends[1], &process, sizeof process));
        static_cast<void>(!::write(ends[1], folder.data(), folder.size()));
        ::pause();
    }
    ::pid_t process = 0;
    std::array<char, 256> folder{};
    ASSERT_EQ(::read(ends[0], &process, sizeof process), static_cast<::ssize_t>(sizeof process));
    ASSERT_EQ(::read(ends[0], folder.data(), folder.size()), static_cast<::ssize_t>(folder.size()));
    EXPECT_TRUE(std::filesystem::exists(folder.data()));
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    const auto end = clock::now() + patience;
    while (std::filesystem::exists(folder.data()) && clock::now() < end) {
        std::this_thread::sleep_for(2ms);
    }
    EXPECT_FALSE(std::filesystem::exists(folder.data()));
    EXPECT_EQ(::kill(process, 0), -1);
    ::close(ends[0]);
    ::close(ends[1]);
}

INSTANTIATE_TEST_SUITE_P(catalog, a_server, testing::ValuesIn(kinds_with_servers()),
                         [](const auto& kind) { return kind.param.name; });

} // namespace
} // namespace poolmark::tests
