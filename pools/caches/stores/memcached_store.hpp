// A cache in a memcached server, over a unix socket or TCP.
//
//   get ──► "get key" ──send──► [ memcached ] ──receive──► "VALUE key 0 5", 5 bytes, "END" ──► value
//
// Good for: results that several processes or machines share, under a bound of memory that the server keeps.
// Bad for:  what costs less than a round trip, some 10 us; values over the server's item size (1 MiB): put() is false.
// Complexity: one round trip a call.
//
// A server that is dead, hangs, restarts or talks nonsense is a miss within `limit`, whatever it sends and however
// slowly; then calls fail at once for the back-off, and the next one after it connects anew. That is why the text
// protocol is spoken here and not by libmemcached: its limits are for each read, so that a byte now and then holds the
// caller for as long as the server likes.
//
// Keys of any bytes and any length: those that the protocol cannot say go under a hash, with the key before the value.
// clear() empties the whole server, and size() is what the server counts: also what it has forgotten but not yet missed.
// Threads: one at a time. A process that forks makes a store of its own.
#pragma once

#include "pools/caches/stores/store.hpp"
#include "pools/detail/memcached_text.hpp"
#include "pools/detail/server_link.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace poolmark {

class memcached_store {
public:
    using key_type = std::string;
    using value_type = std::string;
    static constexpr description about{"memcached_store", family::pool, "a memcached server, one round trip a call"};
    static constexpr store_traits traits{.survives_reopen = true, .exact_size = false, .needs_server = true};

    // Connects with the first call.
    explicit memcached_store(endpoint where, server_options options = {}) : link_(std::move(where), options) {}

    [[nodiscard]] std::optional<std::string> get(std::string_view key) {
        const detail::memcached_key name(key);
        command_.assign("get ").append(name.text()).append("\r\n");
        if (!ask({}, [&] { return detail::memcached_value(received_, name.text()); }) || !reply_.found) {
            return std::nullopt;
        }
        const std::string_view found = reply_.value;
        if (name.is_plain()) {
            return std::string(found);
        }
        const bool same = found.starts_with(name.before_value()); // or another key with this hash
        return same ? std::optional<std::string>(found.substr(name.before_value().size())) : std::nullopt;
    }

    bool put(std::string_view key, std::string_view value) {
        const detail::memcached_key name(key);
        const std::string_view before = name.before_value();
        if (!link_.takes(value)) {
            return false;
        }
        command_.assign("set ").append(name.text()).append(" 0 0 ");
        command_.append(std::to_string(before.size() + value.size())).append("\r\n").append(before);
        return ask(&value, [&] { return detail::memcached_line(received_, "STORED", "NOT_STORED"); }) && reply_.found;
    }

    bool erase(std::string_view key) {
        command_.assign("delete ").append(detail::memcached_key(key).text()).append("\r\n");
        return ask({}, [&] { return detail::memcached_line(received_, "DELETED", "NOT_FOUND"); }) && reply_.found;
    }

    bool clear() {
        command_.assign("flush_all\r\n");
        return ask({}, [&] { return detail::memcached_line(received_, "OK", "OK"); });
    }

    [[nodiscard]] std::size_t size() const {
        command_.assign("stats\r\n");
        return ask({}, [&] { return detail::memcached_count(received_, "curr_items"); }) ? reply_.count : 0;
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return not_bounded; }
    [[nodiscard]] std::string problem() const { return link_.problem(); }

private:
    // Sends the command, and receives until `parse` says that the answer is complete. `value` is not copied.
    template <class Parse>
    bool ask(const std::string_view* value, const Parse& parse) const {
        const bool answered = link_.call([](detail::timed_socket&) { return detail::talked::fully; },
                                         [&](detail::timed_socket& to) { return talk(to, value, parse); });
        if (answered && !reply_.refusal.empty()) {
            link_.refused(reply_.refusal);
        }
        return answered && reply_.refusal.empty();
    }

    template <class Parse>
    [[nodiscard]] detail::talked talk(detail::timed_socket& to, const std::string_view* value,
                                      const Parse& parse) const {
        std::array<::iovec, 3> parts{detail::bytes_of(command_)};
        if (value != nullptr) {
            parts[1] = detail::bytes_of(*value);
            parts[2] = detail::bytes_of("\r\n");
        }
        if (!to.send(std::span(parts).first(value != nullptr ? 3 : 1))) {
            return errno == EPIPE || errno == ECONNRESET ? detail::talked::closed : detail::talked::late;
        }
        received_.clear();
        while (received_.size() <= link_.options().most_value_bytes + 4096) {
            const ::ssize_t got = to.receive(buffer_);
            if (got <= 0) {
                const bool closed = received_.empty() && (got == 0 || errno == ECONNRESET || errno == EPIPE);
                return closed ? detail::talked::closed : detail::talked::late;
            }
            received_.append(buffer_.data(), static_cast<std::size_t>(got));
            reply_ = parse();
            if (reply_.is != detail::memcached_reply::incomplete) {
                return reply_.is == detail::memcached_reply::complete ? detail::talked::fully
                                                                      : detail::talked::nonsense;
            }
        }
        return detail::talked::nonsense;
    }

    // size() asks the server as well, and so changes what only this object sees.
    mutable detail::server_link link_;
    mutable std::string command_;
    mutable std::string received_;
    mutable detail::memcached_reply reply_; // refers to received_
    mutable std::array<char, std::size_t{16} << 10U> buffer_; // NOLINT(cppcoreguidelines-pro-type-member-init): read into
};

static_assert(store<memcached_store>);

} // namespace poolmark
