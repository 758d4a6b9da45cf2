// A server that says what a test wants.
#pragma once

#include "benchmarks/contenders/stores/catalog.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace poolmark::tests {

inline constexpr auto far_beyond_the_limit = std::chrono::seconds(20); // of 100 ms; the machine may be slow and busy

template <class Call>
auto in_time(const Call& call) {
    const auto begin = std::chrono::steady_clock::now();
    auto result = call();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, far_beyond_the_limit);
    return result;
}

// Says what a test wants to whoever connects.
class fake_server {
public:
    using answer = std::function<void(int connection, const std::atomic<bool>& over)>;

    explicit fake_server(answer how) : how_(std::move(how)) {
        ::sockaddr_un at{};
        at.sun_family = AF_UNIX;
        where_ = {(folder_.path() / "socket").string()};
        where_.at.copy(at.sun_path, sizeof at.sun_path - 1);
        listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        EXPECT_EQ(::bind(listening_, reinterpret_cast<const ::sockaddr*>(&at), sizeof at), 0);
        EXPECT_EQ(::listen(listening_, 100), 0);
        thread_ = std::thread([this] {
            while (!over_) {
                ::pollfd one{listening_, POLLIN, 0};
                ::poll(&one, 1, 5);
                const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK);
                if (connection >= 0) {
                    how_(connection, over_);
                    ::close(connection);
                }
            }
        });
    }
    fake_server(const fake_server&) = delete;
    fake_server& operator=(const fake_server&) = delete;
    ~fake_server() {
        over_ = true;
        thread_.join();
        ::close(listening_);
    }
    [[nodiscard]] const endpoint& where() const { return where_; }

private:
    answer how_;
    scratch_folder folder_;
    endpoint where_;
    int listening_ = -1;
    std::atomic<bool> over_{false};
    std::thread thread_;
};

inline bool asked(int connection, const std::atomic<bool>& over) {
    std::array<char, 1000> question{};
    while (!over) {
        ::pollfd one{connection, POLLIN, 0};
        if (::poll(&one, 1, 5) == 1) {
            return ::recv(connection, question.data(), question.size(), 0) > 0;
        }
    }
    return false;
}
inline void say(int connection, std::string_view text) {
    static_cast<void>(!::send(connection, text.data(), text.size(), MSG_NOSIGNAL));
}

} // namespace poolmark::tests
