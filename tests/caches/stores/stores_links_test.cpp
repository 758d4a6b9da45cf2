// What goes on between a store and its server beside questions and answers: what was not asked for, what is broken off.
#include "tests/caches/stores/fake_server.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <new>

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
