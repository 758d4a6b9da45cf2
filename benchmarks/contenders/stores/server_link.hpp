// The connection of a store to its server: made when it is needed, dropped when anything is odd, not tried again at once.
//
//   call ──► open and quiet? ──► talk ──► ok
//              │         ├──► closed before it answered, after an idle time: the server is a new one. Once more
//              │         └──► late, closed, nonsense: drop it, for what arrives later would be taken for the next answer
//              └──► no: back-off 10, 20, 40 ... 1000 ms, within which calls fail without waiting
#pragma once

#include "benchmarks/contenders/stores/timed_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace poolmark {

struct server_options {
    std::chrono::milliseconds limit{100};           // for a whole call, connecting included
    std::chrono::milliseconds first_back_off{10};   // after a failure; doubles with each further one
    std::chrono::milliseconds longest_back_off{1000};
    std::size_t max_value_bytes = std::size_t{1} << 26U; // more is not sent, and not believed when it arrives
    int database = 0;                                     // of a Redis server
};

} // namespace poolmark

namespace poolmark::detail {

enum class talked {
    fully,    // asked and answered
    closed,   // the connection had ended, not a byte of an answer came
    nonsense, // an answer that is none
    late      // time was over, or the connection broke within an answer
};

class server_link {
public:
    server_link(endpoint where, server_options options)
        : where_(std::move(where)), options_(options), socket_(options.limit) {}

    // talk(socket) ──► talked. It may be called twice. greet(socket) likewise, once for each new connection. Where one
    // throws, half of an answer may be on its way: the connection is dropped.
    template <class Greet, class Talk>
    [[nodiscard]] bool call(const Greet& greet, const Talk& talk) {
        socket_.begin();
        bool idle = socket_.is_open();
        if (!idle && timed_socket::clock::now() < not_before_) {
            return false; // problem() still says why
        }
        if (idle && !socket_.is_quiet()) { // it was closed, or said something that nobody asked for
            socket_.close();
            idle = false;
        }
        open_until_ok kept{socket_};
        talked how = talked::closed;
        for (;; idle = false) {
            if (!socket_.is_open()) {
                if (!socket_.open(where_)) {
                    return failed(std::generic_category().message(errno));
                }
                how = greet(socket_);
            } else {
                how = talked::fully;
            }
            if (how == talked::fully) {
                how = talk(socket_);
            }
            if (how == talked::fully) {
                kept.ok = true;
                back_off_ = {};
                if (!problem_.empty()) {
                    problem_.clear();
                }
                return true;
            }
            socket_.close();
            if (!(idle && how == talked::closed)) {
                return failed(how == talked::late     ? "no answer in time"
                              : how == talked::closed ? "the server closed the connection"
                                                      : "an answer that is none");
            }
        }
    }

    // The server says no, or is not asked.
    void refused(std::string_view why) { problem_ = where_.at + ": " + std::string(why); }
    [[nodiscard]] bool takes(std::string_view value) {
        const bool small = value.size() <= options_.max_value_bytes;
        if (!small) {
            refused("the value is larger than max_value_bytes");
        }
        return small;
    }
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    [[nodiscard]] const server_options& options() const noexcept { return options_; }

private:
    struct open_until_ok {
        timed_socket& socket;
        bool ok = false;
        ~open_until_ok() {
            if (!ok) {
                socket.close();
            }
        }
    };

    [[nodiscard]] static std::chrono::milliseconds within_reason(std::chrono::milliseconds given) noexcept {
        return std::clamp<std::chrono::milliseconds>(given, {}, std::chrono::hours(24)); // so that sums stay sums
    }

    [[nodiscard]] bool failed(std::string_view why) {
        socket_.close();
        const auto first = within_reason(options_.first_back_off);
        back_off_ = std::clamp(back_off_ * 2, first, std::max(first, within_reason(options_.longest_back_off)));
        not_before_ = timed_socket::clock::now() + back_off_;
        refused(why);
        return false;
    }

    endpoint where_;
    server_options options_;
    timed_socket socket_;
    std::chrono::milliseconds back_off_{};
    timed_socket::clock::time_point not_before_{};
    std::string problem_;
};

} // namespace poolmark::detail
