// Reads the recording of one process and says what each call site did: `poolmark-program sites FOLDER`. JSON on standard output.
//
// Threads' files are merged by time, each in its own order. Live objects of a site form a list in the order of their birth, so that
// whether the newest or the oldest one dies costs no search.
#include "programs/commands.hpp"
#include "programs/events.hpp"
#include "programs/site_table.hpp"

#include <algorithm>
#include <filesystem>
#include <queue>
#include <string>
#include <vector>

namespace poolmark::programs {
namespace {

namespace fs = std::filesystem;

struct thread_events : events_of {
    using events_of::events_of;
    std::uint32_t thread = 0;
    std::vector<std::uint32_t> stacks{0}; // of this file, as numbers of the table
};

} // namespace

int pack(char** words) {
    std::error_code failed;
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(words[0] == nullptr ? "" : words[0], failed)) {
        if (entry.path().extension() == ".events") {
            files.push_back(entry.path());
        }
    }
    for (const fs::path& file : files) {
        pack_file(file); // or it stays as it is, which is as good and takes more room
    }
    return failed ? complain("pack: no folder") : 0;
}

int sites(char** words) {
    if (*words == nullptr) {
        return complain("sites: no folder");
    }
    std::vector<thread_events> files;
    std::error_code failed;
    std::uint64_t lost = 0, expected = 0, ticks = 0, ns = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(words[0], failed)) {
        if (entry.path().extension() == ".events") {
            files.emplace_back(entry.path());
            if (!files.back().words.valid()) {
                return complain(("not a recording of this version: " + entry.path().string()).c_str());
            }
            const header& head = files.back().words.head;
            lost += head.lost;
            expected += files.back().words.expected();
            if (head.ticks > ticks) {
                ticks = head.ticks;
                ns = head.ns;
            }
        }
    }
    if (failed) {
        return complain(("cannot read " + std::string(words[0])).c_str());
    }
    const auto later = [&files](std::size_t a, std::size_t b) {
        return files[a].now.time != files[b].now.time ? files[a].now.time > files[b].now.time : a > b;
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> order(later);
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (files[i].more()) {
            order.push(i);
        }
    }
    site_table table(expected / 3 * 2);
    while (!order.empty()) {
        thread_events& file = files[order.top()];
        const std::size_t number = order.top();
        order.pop();
        // As long as no other file has an earlier event, there is nothing to order.
        do {
            const event& now = file.now;
            switch (now.how) {
            case operation::stack:
                file.stacks.resize(std::max<std::size_t>(file.stacks.size(), now.stack + 1));
                file.stacks[now.stack] = now.frames.empty() ? 0 : table.stack(now.frames);
                break;
            case operation::thread: file.thread = table.threads++; break;
            default: table.take(now, now.stack < file.stacks.size() ? file.stacks[now.stack] : 0, file.thread);
            }
            file.advance();
        } while (file.more() && (order.empty() || file.now.time < files[order.top()].now.time));
        if (file.more()) {
            order.push(number);
        }
    }
    table.print(ticks != 0 ? static_cast<double>(ns) / static_cast<double>(ticks) : 0, lost);
    return 0;
}

} // namespace poolmark::programs
