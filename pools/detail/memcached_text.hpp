// memcached's text protocol, as much of it as a cache needs: what a key may be, and what the answers say.
//
//   get a       ──► VALUE a 0 5 / hello / END     or  END
//   set, delete ──► STORED, DELETED, ...          or  SERVER_ERROR out of memory
//
// The functions take all that was received so far and look at nothing else: what a server invents cannot lead them
// outside of it. An answer with anything behind it is broken, as it would be taken for the next one.
#pragma once

#include "pools/detail/checksum.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace poolmark::detail {

struct memcached_reply {
    enum state { incomplete, complete, broken };
    state is = incomplete;
    bool found = false;
    std::string_view value{};
    std::size_t count = 0;
    std::string_view refusal{}; // what the server says in place of doing it
};

// What a key is called there: itself, where the protocol can say it, and else a hash. Texts that look like our hashes
// are hashed too, so that no key has another one's name.
class memcached_key {
public:
    explicit memcached_key(std::string_view key) : text_(key) {
        const bool sayable = std::all_of(key.begin(), key.end(), [](char each) { return each > ' ' && each < 127; });
        if (sayable && !key.empty() && key.size() <= 250 && !key.starts_with(mark)) {
            return;
        }
        hashed_ = mark;
        for (const std::uint64_t seed : {1U, 2U}) {
            std::uint64_t number = checksum(key, seed);
            for (int digit = 0; digit != 16; ++digit, number >>= 4U) {
                hashed_ += "0123456789abcdef"[number & 15U];
            }
        }
        text_ = hashed_;
        before_ = std::to_string(key.size());
        before_.append(":").append(key);
    }
    memcached_key(const memcached_key&) = delete;
    memcached_key& operator=(const memcached_key&) = delete;

    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] bool is_plain() const noexcept { return hashed_.empty(); }
    [[nodiscard]] std::string_view before_value() const noexcept { return before_; }

private:
    static constexpr std::string_view mark = "poolmark#";
    std::string_view text_;
    std::string hashed_;
    std::string before_;
};

inline constexpr std::string_view line_end = "\r\n";
inline constexpr std::size_t longest_line = 2048;

// The server's "no" is an answer; its "what?" means that the two of us have lost the thread.
[[nodiscard]] inline memcached_reply memcached_other(std::string_view received, std::size_t end) noexcept {
    const std::string_view line = received.substr(0, end);
    if (end + line_end.size() == received.size() && line.starts_with("SERVER_ERROR")) {
        return {.is = memcached_reply::complete, .refusal = line};
    }
    return {.is = memcached_reply::broken};
}

// One line that is `yes` or `no`.
[[nodiscard]] inline memcached_reply memcached_line(std::string_view received, std::string_view yes,
                                                    std::string_view no) noexcept {
    const std::size_t end = received.find(line_end);
    if (end == std::string_view::npos) {
        return {.is = received.size() > longest_line ? memcached_reply::broken : memcached_reply::incomplete};
    }
    const std::string_view line = received.substr(0, end);
    if (end + line_end.size() != received.size() || (line != yes && line != no)) {
        return memcached_other(received, end);
    }
    return {.is = memcached_reply::complete, .found = line == yes};
}

// Nothing of what was asked for.
[[nodiscard]] inline memcached_reply memcached_end(std::string_view received) noexcept {
    memcached_reply reply = memcached_line(received, "END", "END");
    reply.found = false;
    return reply;
}

// The answer to "get key".
[[nodiscard]] inline memcached_reply memcached_value(std::string_view received, std::string_view key) noexcept {
    const std::size_t end = received.find(line_end);
    if (end == std::string_view::npos) {
        return {.is = received.size() > longest_line ? memcached_reply::broken : memcached_reply::incomplete};
    }
    std::string_view line = received.substr(0, end);
    const auto skip = [&](std::string_view expected) {
        const bool there = line.starts_with(expected);
        line.remove_prefix(there ? expected.size() : 0);
        return there;
    };
    if (!(skip("VALUE ") && skip(key) && skip(" 0 "))) {
        return memcached_end(received);
    }
    std::uint64_t bytes = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), bytes);
    constexpr std::uint64_t most = std::uint64_t{1} << 40U; // so that sums stay sums
    if (error != std::errc{} || stop != line.data() + line.size() || bytes > most) {
        return {.is = memcached_reply::broken};
    }
    constexpr std::string_view after = "\r\nEND\r\n";
    const std::size_t begin = end + line_end.size();
    const std::size_t have = received.size() - begin;
    if (have < bytes + after.size()) {
        return {};
    }
    if (have != bytes + after.size() || received.substr(begin + bytes) != after) {
        return {.is = memcached_reply::broken};
    }
    return {.is = memcached_reply::complete, .found = true, .value = received.substr(begin, bytes)};
}

// One number of the answer to "stats": lines "STAT name value", then "END".
[[nodiscard]] inline memcached_reply memcached_count(std::string_view received, std::string_view name) noexcept {
    if (!received.starts_with(std::string_view("STAT ").substr(0, received.size()))) {
        return memcached_end(received);
    }
    if (!received.ends_with("\r\nEND\r\n")) {
        return {.is = received.size() > 32 * longest_line ? memcached_reply::broken : memcached_reply::incomplete};
    }
    memcached_reply reply{.is = memcached_reply::complete};
    for (std::size_t end = 0; (end = received.find(line_end)) != std::string_view::npos;
         received.remove_prefix(end + line_end.size())) {
        std::string_view line = received.substr(0, end);
        if (line.starts_with("STAT ") && line.substr(5).starts_with(name) && line.size() > 5 + name.size() &&
            line[5 + name.size()] == ' ') {
            line.remove_prefix(6 + name.size());
            std::from_chars(line.data(), line.data() + line.size(), reply.count);
        }
    }
    return reply;
}

} // namespace poolmark::detail
