// The events of a recording: those of one file in turn, and those of all threads of a process in one order, merged by time.
#pragma once

#include "programs/words.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <queue>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

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

// One file, event by event.
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

// A recording that cannot be read. what() is one line.
class bad_recording : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// All threads of a recorded process: each file in its own order.
class merged_events {
public:
    // Of the process that was recorded in this folder. Files are numbered in the order in which threads needed them. Throws bad_recording.
    explicit merged_events(const std::filesystem::path& folder) {
        std::error_code failed;
        std::vector<std::filesystem::path> paths;
        for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator(folder, failed)) {
            if (entry.path().extension() == ".events") {
                paths.push_back(entry.path());
            }
        }
        if (failed) {
            throw bad_recording("cannot read " + folder.string());
        }
        std::sort(paths.begin(), paths.end(), [](const auto& a, const auto& b) {
            return a.native().size() != b.native().size() ? a.native().size() < b.native().size() : a < b; // 2 comes before 10
        });
        for (const std::filesystem::path& path : paths) {
            files.emplace_back(path);
            if (!files.back().words.valid()) {
                throw bad_recording("not a recording of this version: " + path.string());
            }
        }
    }

    // Calls `take(number of the file)` for each event, which is then in `now` of that file. O(log files) for each change of the file.
    template <class Take>
    void each(Take&& take) {
        const auto later = [this](std::size_t a, std::size_t b) {
            return files[a].now.time != files[b].now.time ? files[a].now.time > files[b].now.time : a > b;
        };
        std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> order(later);
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (files[i].more()) {
                order.push(i);
            }
        }
        while (!order.empty()) {
            const std::size_t number = order.top();
            events_of& file = files[number];
            order.pop();
            // As long as no other file has an earlier event, there is nothing to order.
            do {
                take(number);
                file.advance();
            } while (file.more() && (order.empty() || file.now.time < files[order.top()].now.time));
            if (file.more()) {
                order.push(number);
            }
        }
    }

    std::vector<events_of> files;
};

} // namespace poolmark::programs
