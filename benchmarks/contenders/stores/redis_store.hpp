// A cache in a Redis server, over a unix socket or TCP.
//
//   get ──► "GET key" ──send──► [ redis-server ] ──receive──► hiredis reads the reply ──► value
//
// Good for: results that several processes or machines share, and that may outlive each of them.
// Bad for:  what costs less than a round trip, some 10 us: thousands of hits in this process. What must stay in a
//           private place: there is no password and no encryption here, so the server listens on a private socket.
// Complexity: one round trip a call. The server's own rules (maxmemory) say what is forgotten and when.
//
// A server that is dead, hangs, restarts or talks nonsense is a miss within `limit`, whatever it sends and however
// slowly; then calls fail at once for the back-off, and the next one after it connects anew. hiredis parses the replies;
// the waiting is ours, because its limit is for each read and its writes raise SIGPIPE.
//
// clear() empties the server's database of that number: give the store one of its own.
// Threads: one at a time. A process that forks makes a store of its own.
#pragma once

#if __has_include(<hiredis/read.h>) // the program links the library itself; without it there is no such store

#include "benchmarks/contenders/stores/store.hpp"
#include "benchmarks/contenders/stores/server_link.hpp"

#include <hiredis/read.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace poolmark {

namespace detail {

// What the server said, filled by the functions that hiredis calls, so that a value is copied once.
struct redis_reply {
    enum class kind { none, text, status, error, number, nil };
    kind is = kind::none;
    std::string text;
    long long number = 0;

    [[nodiscard]] static redis_reply& of(const ::redisReadTask* task) noexcept {
        return *static_cast<redis_reply*>(task->privdata);
    }
    static void* on_string(const ::redisReadTask* task, char* text, std::size_t size) noexcept {
        try {
            of(task).text.assign(text, size);
        } catch (const std::bad_alloc&) {
            return nullptr; // an exception must not pass through C
        }
        of(task).is = task->type == REDIS_REPLY_ERROR    ? kind::error
                      : task->type == REDIS_REPLY_STATUS ? kind::status
                      : task->type == REDIS_REPLY_STRING ? kind::text
                                                         : kind::none;
        return task->privdata;
    }
    static void* on_number(const ::redisReadTask* task, long long number) noexcept {
        of(task).is = kind::number;
        of(task).number = number;
        return task->privdata;
    }
    static void* on_nil(const ::redisReadTask* task) noexcept {
        of(task).is = kind::nil;
        return task->privdata;
    }
    static void on_free(void* /*ours*/) noexcept {}
};

// Reads the reply to one command; made anew for each connection, since what is left in it belongs to the old one.
class redis_reader {
public:
    redis_reader() : reader_(::redisReaderCreateWithFunctions(&functions_)) {
        if (!reader_) {
            throw std::bad_alloc();
        }
        reader_->maxbuf = std::size_t{1} << 20U; // below it, its buffer is used again
    }

    [[nodiscard]] talked receive(timed_socket& from, redis_reply& into, std::size_t most_bytes) {
        into.is = redis_reply::kind::none;
        reader_->privdata = &into;
        for (std::size_t bytes = 0; bytes <= most_bytes;) {
            const ::ssize_t got = from.receive(buffer_);
            if (got <= 0) {
                const bool closed = bytes == 0 && (got == 0 || errno == ECONNRESET || errno == EPIPE);
                return closed ? talked::closed : talked::late;
            }
            bytes += static_cast<std::size_t>(got);
            void* reply = nullptr;
            if (::redisReaderFeed(reader_.get(), buffer_.data(), static_cast<std::size_t>(got)) != REDIS_OK ||
                ::redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
                return talked::nonsense;
            }
            if (reply != nullptr) { // with anything behind it, it is no reply to one command
                return reader_->pos == reader_->len ? talked::fully : talked::nonsense;
            }
        }
        return talked::nonsense;
    }

private:
    struct ending {
        void operator()(::redisReader* reader) const noexcept { ::redisReaderFree(reader); }
    };
    // By name, as hiredis 1.0 has more of them, and another type for
    // the size of an array. What has no function is a reply of no kind.
    [[nodiscard]] static ::redisReplyObjectFunctions functions() noexcept {
        ::redisReplyObjectFunctions made{};
        made.createString = &redis_reply::on_string;
        made.createInteger = &redis_reply::on_number;
        made.createNil = &redis_reply::on_nil;
        made.freeObject = &redis_reply::on_free;
        made.createArray = [](const ::redisReadTask* /*task*/, auto /*size*/) -> void* {
            return nullptr; // nothing that we ask is answered by one, and its size is the server's word
        };
        return made;
    }
    ::redisReplyObjectFunctions functions_ = functions();
    std::unique_ptr<::redisReader, ending> reader_;
    std::array<char, std::size_t{16} << 10U> buffer_; // NOLINT(cppcoreguidelines-pro-type-member-init): read into
};

} // namespace detail

class redis_store {
public:
    using key_type = std::string;
    using value_type = std::string;
    static constexpr description about{"redis_store", family::peer, "a Redis server, one round trip a call"};
    static constexpr store_traits traits{.survives_reopen = true, .needs_server = true};

    // Connects with the first call.
    explicit redis_store(endpoint where, server_options options = {}) : link_(std::move(where), options) {}

    [[nodiscard]] std::optional<std::string> get(std::string_view key) {
        if (!ask(kind::text, {"GET", key}) || reply_.is == kind::nil) {
            return std::nullopt;
        }
        return std::move(reply_.text);
    }
    bool put(std::string_view key, std::string_view value) {
        return link_.takes(value) && ask(kind::status, {"SET", key}, &value);
    }
    bool erase(std::string_view key) { return ask(kind::number, {"DEL", key}) && reply_.number == 1; }
    bool clear() { return ask(kind::status, {"FLUSHDB"}); }
    [[nodiscard]] std::size_t size() const {
        return ask(kind::number, {"DBSIZE"}) && reply_.number > 0 ? static_cast<std::size_t>(reply_.number) : 0;
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return not_bounded; }
    [[nodiscard]] std::string problem() const { return link_.problem(); }

private:
    using kind = detail::redis_reply::kind;

    // Whether the server did what it was asked. `value` is the last word of the command, and not copied.
    bool ask(kind expected, std::initializer_list<std::string_view> words,
             const std::string_view* value = nullptr) const {
        command_ = '*';
        command_ += static_cast<char>('0' + words.size() + (value == nullptr ? 0 : 1));
        for (const std::string_view each : words) {
            append_size(each.size());
            command_.append(each);
        }
        if (value != nullptr) {
            append_size(value->size());
        }
        const bool answered =
            link_.call([&](detail::timed_socket& to) { return greet(to); },
                       [&](detail::timed_socket& to) { return talk(to, value, expected); });
        if (answered && reply_.is == kind::error) {
            link_.refused(reply_.text);
        }
        return answered && reply_.is != kind::error;
    }

    [[nodiscard]] detail::talked talk(detail::timed_socket& to, const std::string_view* value, kind expected) const {
        std::array<::iovec, 3> parts{detail::bytes_of(command_), detail::bytes_of("\r\n")};
        if (value != nullptr) {
            parts = {parts[0], detail::bytes_of(*value), parts[1]};
        }
        if (!to.send(std::span(parts).first(value != nullptr ? 3 : 2))) {
            return errno == EPIPE || errno == ECONNRESET ? detail::talked::closed : detail::talked::late;
        }
        const detail::talked how = reader_->receive(to, reply_, link_.options().max_value_bytes + 1024);
        const bool fits = reply_.is == expected || reply_.is == kind::error ||
                          (expected == kind::text && reply_.is == kind::nil);
        return how == detail::talked::fully && !fits ? detail::talked::nonsense : how;
    }

    // Another connection has another reader, and the database that was asked for.
    [[nodiscard]] detail::talked greet(detail::timed_socket& to) const {
        reader_.emplace();
        if (link_.options().database == 0) {
            return detail::talked::fully;
        }
        const std::string number = std::to_string(link_.options().database);
        std::string said = "*2\r\n$6\r\nSELECT\r\n$" + std::to_string(number.size()) + "\r\n" + number + "\r\n";
        ::iovec part = detail::bytes_of(said);
        if (!to.send({&part, 1})) {
            return detail::talked::late;
        }
        const detail::talked how = reader_->receive(to, reply_, 1024);
        return how == detail::talked::fully && reply_.is != kind::status ? detail::talked::nonsense : how;
    }

    void append_size(std::size_t size) const {
        std::array<char, 20> digits; // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size).ptr;
        command_.append("\r\n$").append(digits.data(), end).append("\r\n");
    }

    // size() asks the server as well, and so changes what only this object sees.
    mutable detail::server_link link_;
    mutable std::optional<detail::redis_reader> reader_;
    mutable detail::redis_reply reply_;
    mutable std::string command_;
};

static_assert(store<redis_store>);

} // namespace poolmark

#endif
