// Reads one thread's file of a recording, event by event.
#pragma once

#include "programs/recording.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace poolmark::programs {

struct event {
    operation how = operation::none;
    unsigned align_log2 = 0;
    std::uint32_t stack = 0;       // its number in this file
    std::uint64_t time = 0;        // ticks since the process began; never less than that of the event before
    std::uint64_t block = 0;       // its address; the number of a thread
    std::uint64_t bytes = 0;
    std::vector<std::uint64_t> frames; // of a stack, the caller first
};

// What is there of a file that was cut, or whose process was killed, is read. Not to be copied.
class events_of {
public:
    explicit events_of(const std::filesystem::path& path);
    ~events_of();
    events_of(events_of&& other) noexcept;
    events_of& operator=(events_of&&) = delete;

    // Whether this is a file of this version.
    [[nodiscard]] bool valid() const;
    // Whether there is an event in `now`.
    [[nodiscard]] bool more() const { return more_; }
    // About as many events as there are.
    [[nodiscard]] std::uint64_t expected() const { return words_left() / 3 * 2; }
    // The next one, if there is one.
    void advance();

    event now;
    header head{};

private:
    [[nodiscard]] std::uint64_t words_left() const;
    // The next word; zero at the end.
    std::uint64_t word();

    const unsigned char* data_ = nullptr;
    std::size_t length_ = 0;
    std::uint64_t blocks_ = 0, block_ = 0; // complete ones; the one that is read now, the window behind the last
    std::uint32_t used_ = 0, at_ = 0;      // words of the window, and where the next word of the block is
    bool more_ = false;
};

} // namespace poolmark::programs
