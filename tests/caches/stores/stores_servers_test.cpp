// Servers that die, hang, restart and talk nonsense: a miss within the limit, and a hit again afterwards.
#include "tests/caches/stores/any_store.hpp"
#include "tests/caches/stores/fake_server.hpp"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

namespace poolmark::tests {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto far_beyond_the_limit = 20s; // of 100 ms; the machine may be slow and busy
constexpr auto patience = 2min;

template <class Call>
auto in_time(const Call& call) {
    const auto begin = clock::now();
    auto result = call();
    EXPECT_LT(clock::now() - begin, far_beyond_the_limit);
    return result;
}

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

#ifdef POOLMARK_HAS_HIREDIS
// Every call is over in time, and nothing is found.
void expect_nothing_from(const fake_server::answer& how) {
    const fake_server server(how);
    redis_store store(server.where(), {.limit = 60ms, .first_back_off = 0ms, .longest_back_off = 0ms});
    EXPECT_EQ(in_time([&] { return store.get("key"); }), std::nullopt);
    EXPECT_NE(store.problem(), "");
    EXPECT_FALSE(in_time([&] { return store.put("key", "value"); }));
    EXPECT_FALSE(in_time([&] { return store.erase("key"); }));
    EXPECT_FALSE(in_time([&] { return store.clear(); }));
    EXPECT_EQ(in_time([&] { return store.size(); }), 0U);
}

TEST(strange_server, that_says_nothing) {
    expect_nothing_from([](int connection, const std::atomic<bool>& over) {
        while (asked(connection, over)) {
        }
    });
}

TEST(strange_server, that_hangs_up) {
    expect_nothing_from([](int connection, const std::atomic<bool>& over) { asked(connection, over); });
    expect_nothing_from([](int, const std::atomic<bool>&) {});
}

TEST(strange_server, that_says_one_byte_at_a_time_for_ever) {
    for (const std::string_view text : {"$90000\r\nxxxxxxxxxxxx", "+xxxxxxxxxxxxxxxxxxxxx"}) {
        expect_nothing_from([text](int connection, const std::atomic<bool>& over) {
            asked(connection, over);
            for (std::size_t i = 0; i != 1500 && !over; ++i) { // for longer than `far_beyond_the_limit`
                say(connection, text.substr(i < text.size() ? i : text.size() - 1, 1));
                std::this_thread::sleep_for(20ms);
            }
        });
    }
}

TEST(strange_server, is_not_tried_again_within_the_back_off) {
    std::atomic<int> connections{0};
    const fake_server server([&](int, const std::atomic<bool>&) { ++connections; }); // and hangs up
    redis_store store(server.where(), {.limit = 1min, .first_back_off = 1h, .longest_back_off = 1h});
    for (int i = 0; i != 1000; ++i) {
        EXPECT_EQ(store.get("key"), std::nullopt);
    }
    redis_store another(server.where(), {.limit = 1min}); // the server takes them in their order
    EXPECT_EQ(another.get("key"), std::nullopt);
    EXPECT_EQ(connections, 2);
}

TEST(strange_server, that_says_half_of_it) {
    for (const std::string_view text : {"$5\r\nhel", "$5\r\n", "$5", "+O"}) {
        expect_nothing_from([text](int connection, const std::atomic<bool>& over) {
            if (asked(connection, over)) {
                say(connection, text);
            }
        });
    }
}

TEST(strange_server, that_talks_nonsense) {
    for (const std::string_view text :
         {"\r\n", "hello\r\n", "$-5\r\n", "$99999999999999999999\r\n", "*1000000000\r\n", "*1\r\n$1\r\na\r\n", "*2147483647\r\n",
          ":abc\r\n", "$5\r\nhello\r\n$5\r\nhello\r\n", ":1\r\n:1\r\n", "+OK\r\n+OK\r\n", "HTTP/1.1 200 OK\r\n\r\n"}) {
        expect_nothing_from([text](int connection, const std::atomic<bool>& over) {
            while (asked(connection, over)) {
                say(connection, text);
            }
        });
    }
}

TEST(strange_server, that_talks_random_nonsense) {
    std::mt19937 random(3);
    const std::string_view pieces = "$*:+-0159\r\nOK \xff";
    for (int round = 0; round != 60; ++round) {
        std::string text;
        for (std::size_t size = 1 + random() % 40; size != 0; --size) {
            text += random() % 3 == 0 ? "\r\n" : std::string(1, pieces[random() % pieces.size()]);
        }
        const fake_server server([&](int connection, const std::atomic<bool>& over) {
            if (asked(connection, over)) {
                say(connection, text);
            }
        });
        redis_store store(server.where(), {.limit = 60ms});
        static_cast<void>(in_time([&] { return store.get("key"); }));
    }
}

TEST(strange_server, that_never_stops_talking) {
    expect_nothing_from([](int connection, const std::atomic<bool>& over) {
        const std::string text(10'000, 'x');
        say(connection, "$90000000000\r\n");
        for (int i = 0; i != 2000 && !over; ++i) {
            say(connection, text);
        }
    });
}

TEST(strange_server, that_is_none) {
    for (const endpoint& where : {endpoint{"/nowhere/socket"}, endpoint{std::string(200, 'x')}, endpoint{""},
                                  endpoint{"a.name.example", 1}, endpoint{"127.0.0.1", 1}}) {
        redis_store store(where);
        EXPECT_EQ(in_time([&] { return store.get("key"); }), std::nullopt);
        EXPECT_FALSE(in_time([&] { return store.put("key", "value"); }));
        EXPECT_NE(store.problem(), "");
    }
}

TEST(strange_server, that_does_not_accept) { // a full queue: a local connect would wait for ever
    const fake_server server([](int connection, const std::atomic<bool>& over) {
        while (asked(connection, over)) {
        }
    });
    std::vector<std::unique_ptr<redis_store>> many;
    for (int i = 0; i != 5; ++i) {
        many.push_back(std::make_unique<redis_store>(server.where(), server_options{.limit = 20ms}));
        EXPECT_EQ(in_time([&] { return many.back()->get("key"); }), std::nullopt);
    }
}
#endif

} // namespace
} // namespace poolmark::tests
