// One thread's file of a recording, event by event.
#pragma once

#include "programs/words.hpp"

namespace poolmark::programs {

struct event {
    operation how = operation::none;
    unsigned align_log2 = 0;
    std::uint32_t stack = 0;       // its number in this file
    std::uint64_t time = 0;        // ticks since the process began
    std::uint64_t block = 0;       // its address; the number of a thread
    std::uint64_t bytes = 0;
    std::vector<std::uint64_t> frames; // of a stack, the caller first
};

class events_of {
public:
    explicit events_of(const std::filesystem::path& path);

    // Whether there is an event in `now`.
    [[nodiscard]] bool more() const { return more_; }
    // The next one, if there is one.
    void advance();

    words_of words;
    event now;

private:
    // The next word; zero at the end.
    std::uint64_t word();

    std::span<const std::uint64_t> part_;
    std::size_t at_ = 0;
    bool more_ = false;
};

} // namespace poolmark::programs
