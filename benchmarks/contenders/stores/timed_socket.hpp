// A connection whose calls have one time limit altogether: what each wait takes, the next one has less.
//
//   begin(100 ms) ──► open ──► send ──► receive, receive, ...      over after 100 ms, however slowly bytes drip in
//
// A limit for each read, which sockets and client libraries offer, starts again with every byte: a server that sends
// one byte now and then would hold its caller forever. SIGPIPE is not raised.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace poolmark {

// Where a server listens: the path of a socket, or a numeric address
// and a port. Names are not looked up: that waits as long as it likes.
struct endpoint {
    std::string at;
    std::uint16_t port = 0; // 0: `at` is a path
};

} // namespace poolmark

namespace poolmark::detail {

[[nodiscard]] inline ::iovec bytes_of(std::string_view text) noexcept {
    return {const_cast<char*>(text.data()), text.size()}; // sendmsg() takes what recvmsg() takes
}

class timed_socket {
public:
    using clock = std::chrono::steady_clock;

    // Between a millisecond and a day, which is as good as forever, and what sums and poll() can take.
    explicit timed_socket(std::chrono::milliseconds limit)
        : limit_(std::clamp<std::chrono::milliseconds>(limit, std::chrono::milliseconds(1), std::chrono::hours(24))) {}
    timed_socket(const timed_socket&) = delete;
    timed_socket& operator=(const timed_socket&) = delete;
    ~timed_socket() { close(); }

    // A call of ours begins; all that follows is over by its end.
    void begin() noexcept {
        end_ = clock::now() + limit_;
        waited_ = false;
    }
    [[nodiscard]] clock::time_point end() const noexcept { return end_; }
    [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
    void close() noexcept {
        if (number_ >= 0) {
            ::close(std::exchange(number_, -1));
        }
    }

    [[nodiscard]] bool open(const endpoint& where) noexcept {
        close();
        ::sockaddr_storage address{};
        const ::socklen_t size = address_of(where, address);
        if (size == 0) {
            errno = EINVAL;
            return false;
        }
        number_ = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (number_ < 0 || !connected(reinterpret_cast<const ::sockaddr*>(&address), size) || !usual_waits()) {
            const int why = errno;
            close();
            errno = why;
            return false;
        }
        return true;
    }

    // Whether there is nothing to be read: what arrives before anybody asked would be taken for an answer. The other
    // side's end is something.
    [[nodiscard]] bool is_quiet() const noexcept {
        char any = 0;
        return ::recv(number_, &any, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }

    // All of it, or false. Changes `parts`.
    [[nodiscard]] bool send(std::span<::iovec> parts) noexcept {
        ::msghdr message{};
        while (!parts.empty()) {
            message.msg_iov = parts.data();
            message.msg_iovlen = parts.size();
            const ::ssize_t sent = ::sendmsg(number_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0) {
                if (errno != EINTR && !(errno == EAGAIN && wait_for(POLLOUT))) {
                    return false;
                }
                continue;
            }
            auto left = static_cast<std::size_t>(sent);
            for (; !parts.empty() && left >= parts.front().iov_len; parts = parts.subspan(1)) {
                left -= parts.front().iov_len;
            }
            if (!parts.empty()) {
                parts.front() = {static_cast<char*>(parts.front().iov_base) + left, parts.front().iov_len - left};
            }
        }
        return true;
    }

    // Some bytes; 0 when the other side has closed; less when there was an error or no time is left.
    [[nodiscard]] ::ssize_t receive(std::span<char> into) noexcept {
        for (;;) {
            // The first wait of a call is within recv(), whose limit is then the right one: two system calls fewer.
            const int how = std::exchange(waited_, true) ? MSG_DONTWAIT : 0;
            const ::ssize_t got = ::recv(number_, into.data(), into.size(), how);
            if (got > 0 && how == MSG_DONTWAIT && clock::now() >= end_) { // who always has more is late as well
                errno = ETIMEDOUT;
                return -1;
            }
            if (got >= 0) {
                return got;
            }
            if (errno != EINTR && !(errno == EAGAIN && how == MSG_DONTWAIT && wait_for(POLLIN))) {
                return -1;
            }
        }
    }

private:
    [[nodiscard]] static ::socklen_t address_of(const endpoint& where, ::sockaddr_storage& into) noexcept {
        if (where.port == 0) {
            ::sockaddr_un local{};
            local.sun_family = AF_UNIX;
            if (where.at.empty() || where.at.size() >= sizeof local.sun_path) {
                return 0;
            }
            std::memcpy(local.sun_path, where.at.data(), where.at.size());
            std::memcpy(&into, &local, sizeof local);
            return sizeof local;
        }
        ::sockaddr_in four{};
        ::sockaddr_in6 six{};
        if (::inet_pton(AF_INET, where.at.c_str(), &four.sin_addr) == 1) {
            four.sin_family = AF_INET;
            four.sin_port = htons(where.port);
            std::memcpy(&into, &four, sizeof four);
            return sizeof four;
        }
        if (::inet_pton(AF_INET6, where.at.c_str(), &six.sin6_addr) == 1) {
            six.sin6_family = AF_INET6;
            six.sin6_port = htons(where.port);
            std::memcpy(&into, &six, sizeof six);
            return sizeof six;
        }
        return 0;
    }

    [[nodiscard]] bool connected(const ::sockaddr* address, ::socklen_t size) noexcept {
        if (::connect(number_, address, size) == 0) {
            return true;
        }
        if (errno != EINPROGRESS || !wait_for(POLLOUT)) { // EAGAIN: too many wait for a local server already
            return false;
        }
        int why = 0;
        ::socklen_t length = sizeof why;
        ::getsockopt(number_, SOL_SOCKET, SO_ERROR, &why, &length);
        errno = why;
        return why == 0;
    }

    // From here on recv() waits by itself, for as long as a whole call may take.
    [[nodiscard]] bool usual_waits() const noexcept {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit_);
        const ::timeval most{static_cast<::time_t>(seconds.count()),
                             static_cast<::suseconds_t>(std::chrono::microseconds(limit_ - seconds).count())};
        const int at_once = 1;
        ::setsockopt(number_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once); // fails for a local one: no matter
        return ::setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0 &&
               ::fcntl(number_, F_SETFL, 0) == 0;
    }

    [[nodiscard]] bool wait_for(short what) noexcept {
        waited_ = true;
        for (;;) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - clock::now());
            if (left.count() <= 0) {
                errno = ETIMEDOUT;
                return false;
            }
            ::pollfd one{number_, what, 0};
            const int ready = ::poll(&one, 1, static_cast<int>(left.count()));
            if (ready > 0) {
                return true;
            }
            if (ready < 0 && errno != EINTR) {
                return false;
            }
        }
    }

    std::chrono::milliseconds limit_;
    clock::time_point end_{};
    int number_ = -1;
    bool waited_ = false; // within this call, so that less than the whole limit is left
};

} // namespace poolmark::detail
