// What goes on between a store and its server beside questions and answers: what was not asked for, what is broken off,
// servers that talk nonsense. Each is a miss within the limit.
#include "tests/caches/stores/fake_server.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace poolmark::tests {
namespace {

using namespace std::chrono_literals;

#ifdef POOLMARK_HAS_HIREDIS
std::string found(const std::string& key) { return "$1\r\n" + key + "\r\n"; }

TEST(server_links, take_nothing_for_an_answer_that_nobody_asked_for) {
    std::atomic<bool> more{false};
    std::atomic<bool> said{false};
    const fake_server server([&](int connection, const std::atomic<bool>& over) {
        for (bool first = !more; asked(connection, over); first = false) {
            say(connection, found(first ? "a" : "b"));
            while (first && !more && !over) {
                std::this_thread::sleep_for(1ms);
            }
            if (first) {
                say(connection, found("a")); // again, and then no more
                said = true;
                asked(connection, over);
                return;
            }
        }
    });
    redis_store store(server.where(), {.limit = 1min});
    EXPECT_EQ(store.get("a"), "a");
    more = true;
    while (!said) {
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(store.get("b"), "b");
    EXPECT_EQ(store.problem(), "");
}

TEST(server_links, take_limits_of_any_size) {
    const fake_server server([&](int connection, const std::atomic<bool>& over) {
        while (asked(connection, over)) {
            say(connection, found("a"));
        }
    });
    const auto most = std::chrono::milliseconds::max();
    redis_store patient(server.where(), {.limit = most, .first_back_off = most, .longest_back_off = most});
    EXPECT_EQ(patient.get("a"), "a");
    redis_store hasty(server.where(), {.limit = -most, .first_back_off = -most, .longest_back_off = -most});
    static_cast<void>(hasty.get("a"));
    redis_store none({"/nowhere/socket"}, {.limit = most, .first_back_off = most, .longest_back_off = most});
    EXPECT_EQ(none.get("a"), std::nullopt);
    EXPECT_EQ(none.get("a"), std::nullopt);
    EXPECT_NE(none.problem(), "");
}

TEST(server_links, do_not_send_what_is_too_large) {
    redis_store store({"/nowhere/socket"}, {.max_value_bytes = 5});
    EXPECT_FALSE(store.put("key", "123456"));
    EXPECT_NE(store.problem().find("max_value_bytes"), std::string::npos);
}

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

TEST(programs, are_where_the_path_says_and_nowhere_else) {
    const std::string before = std::getenv("PATH");
    const scratch_folder folder;
    std::filesystem::create_directories(folder.path() / "first" / "sh"); // a folder is no program
    ::setenv("PATH", (folder.path() / "first").c_str(), 1);
    EXPECT_EQ(program_on_path("sh"), "");
    ::setenv("PATH", ((folder.path() / "first").string() + "::/bin").c_str(), 1);
    EXPECT_EQ(program_on_path("sh"), "/bin/sh");
    ::unsetenv("PATH");
    EXPECT_NE(program_on_path("sh"), "");
    ::setenv("PATH", before.c_str(), 1);
}

TEST(server_link, is_dropped_by_an_exception) { // no memory for an answer: what is left of it is not the next one
    const fake_server server([](int connection, const std::atomic<bool>& over) {
        while (asked(connection, over)) {
        }
    });
    detail::server_link link(server.where(), {.limit = 1min});
    int connections = 0;
    const auto greet = [&](detail::timed_socket&) {
        ++connections;
        return detail::talked::fully;
    };
    const auto fails = [](detail::timed_socket&) -> detail::talked { throw std::bad_alloc(); };
    EXPECT_THROW(static_cast<void>(link.call(greet, fails)), std::bad_alloc);
    EXPECT_TRUE(link.call(greet, [](detail::timed_socket&) { return detail::talked::fully; }));
    EXPECT_EQ(connections, 2);
}

} // namespace
} // namespace poolmark::tests
