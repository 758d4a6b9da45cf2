// One file of a file_store: how it is written, so that it is there as a whole or not at all, and how it is read back.
//
//   [ "poolmark" | version 4 | key bytes 4 | value bytes 8 | checksum 8 ][ key ][ value ]
//
// Numbers are in the machine's order: a file of a machine with the other one has another version for us.
#pragma once

#include "benchmarks/contenders/stores/checksum.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace poolmark::detail {

// A number that no other process has, on this machine, and probably none elsewhere.
[[nodiscard]] inline unsigned long long moment() noexcept {
    ::timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<unsigned long long>(now.tv_sec) * 1'000'000'000U + static_cast<unsigned long long>(now.tv_nsec);
}

class file_number {
public:
    explicit file_number(int number = -1) noexcept : number_(number) {}
    file_number(file_number&& from) noexcept : number_(std::exchange(from.number_, -1)) {}
    file_number& operator=(file_number&& from) noexcept {
        std::swap(number_, from.number_);
        return *this;
    }
    ~file_number() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }

private:
    int number_;
};

struct store_file_head {
    std::array<char, 8> magic{'p', 'o', 'o', 'l', 'm', 'a', 'r', 'k'};
    std::uint32_t version = 1;
    std::uint32_t key_bytes = 0;
    std::uint64_t value_bytes = 0;
    std::uint64_t sum = 0;

    store_file_head() = default;
    store_file_head(std::string_view key, std::string_view value) noexcept
        : key_bytes(static_cast<std::uint32_t>(key.size())), value_bytes(value.size()),
          sum(entry_sum(key, value, version)) {}
    friend bool operator==(const store_file_head&, const store_file_head&) = default;
};
static_assert(sizeof(store_file_head) == 32, "there is nothing in it but what is checked");

[[nodiscard]] inline ::iovec bytes_at(const void* from, std::size_t size) noexcept {
    return {const_cast<void*>(from), size}; // writev() takes what readv() takes
}

// All of it, or false.
[[nodiscard]] inline bool write_all(int file, std::array<::iovec, 3> parts) noexcept {
    for (auto* part = parts.begin(); part != parts.end();) {
        const ::ssize_t written = ::writev(file, part, static_cast<int>(parts.end() - part));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0 || (written == 0 && part->iov_len != 0)) {
            return false;
        }
        auto left = static_cast<std::size_t>(written);
        for (; part != parts.end() && left >= part->iov_len; ++part) {
            left -= part->iov_len;
        }
        if (part != parts.end()) {
            *part = bytes_at(static_cast<const char*>(part->iov_base) + left, part->iov_len - left);
        }
    }
    return true;
}

// What a file says that claims to be the one of `key`; nothing when it is damaged, of
// another version, another key's, no plain file, or larger than expected. The size
// comes from the file system: what the head says is believed only when it agrees.
[[nodiscard]] inline std::optional<std::string> read_store_file(int folder, const char* name, std::string_view key,
                                                                std::size_t max_value_bytes) {
    // Neither waits for a pipe's other end nor follows a link out of the folder.
    const file_number file(::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct ::stat about {};
    if (!file || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
        return std::nullopt;
    }
    const auto size = static_cast<std::uint64_t>(about.st_size);
    if (size < sizeof(store_file_head) + key.size() ||
        size - sizeof(store_file_head) - key.size() > max_value_bytes) {
        return std::nullopt;
    }
    std::array<char, 256> short_key; // NOLINT(cppcoreguidelines-pro-type-member-init): read into
    std::string long_key(key.size() <= short_key.size() ? 0 : key.size(), '\0');
    char* const found_key = long_key.empty() ? short_key.data() : long_key.data();
    std::optional<std::string> value(std::in_place, size - sizeof(store_file_head) - key.size(), '\0');
    store_file_head head;
    const std::array<::iovec, 3> parts{bytes_at(&head, sizeof head), bytes_at(found_key, key.size()),
                                       bytes_at(value->data(), value->size())};
    if (std::cmp_not_equal(::readv(file.get(), parts.data(), static_cast<int>(parts.size())), size) ||
        std::string_view(found_key, key.size()) != key || head != store_file_head(key, *value)) {
        value.reset();
    }
    return value;
}

// A file under a name of its own that becomes the one of `name` when it is complete. Its lock says that somebody is
// still writing it: what is not locked was left behind by a writer who was killed.
[[nodiscard]] inline bool write_store_file(int folder, const char* draft, const char* name, std::string_view key,
                                           std::string_view value, bool synced) noexcept {
    const file_number file(::openat(folder, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) {
        return false;
    }
    const store_file_head head(key, value);
    const bool there = ::flock(file.get(), LOCK_EX | LOCK_NB) == 0 &&
                       write_all(file.get(), {bytes_at(&head, sizeof head), bytes_at(key.data(), key.size()),
                                              bytes_at(value.data(), value.size())}) &&
                       (!synced || ::fdatasync(file.get()) == 0) && ::renameat(folder, draft, folder, name) == 0;
    if (!there) {
        const int why = errno;
        ::unlinkat(folder, draft, 0);
        errno = why;
    }
    return there;
}

// Whether it was left behind, and is gone now.
inline bool remove_abandoned_draft(int folder, const char* draft) noexcept {
    const file_number file(::openat(folder, draft, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    return file && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0 && ::unlinkat(folder, draft, 0) == 0;
}

} // namespace poolmark::detail
