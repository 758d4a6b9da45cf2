// Reads the recording of one process and says what each call site did: `poolmark-program sites FOLDER`. JSON on standard output.
//
// Live objects of a site form a list in the order of their birth, so that whether the newest or the oldest one dies costs no search.
#include "programs/commands.hpp"
#include "programs/events.hpp"
#include "programs/site_table.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace poolmark::programs {
namespace {

struct of_thread {
    std::uint32_t thread = 0;
    std::vector<std::uint32_t> stacks{0}; // of its file, as numbers of the table
};

void read(const char* folder) {
    merged_events recorded(folder);
    std::uint64_t lost = 0, expected = 0, ticks = 0, ns = 0;
    for (const events_of& file : recorded.files) {
        lost += file.words.head.lost;
        expected += file.words.expected();
        if (file.words.head.ticks > ticks) {
            ticks = file.words.head.ticks;
            ns = file.words.head.ns;
        }
    }
    site_table table(expected / 3 * 2);
    std::vector<of_thread> threads(recorded.files.size());
    recorded.each([&](std::size_t number) {
        const event& now = recorded.files[number].now;
        of_thread& its = threads[number];
        switch (now.how) {
        case operation::stack:
            its.stacks.resize(std::max<std::size_t>(its.stacks.size(), now.stack + 1));
            its.stacks[now.stack] = now.frames.empty() ? 0 : table.stack(now.frames);
            break;
        case operation::thread: its.thread = table.threads++; break;
        default: table.take(now, now.stack < its.stacks.size() ? its.stacks[now.stack] : 0, its.thread);
        }
    });
    table.print(ticks != 0 ? static_cast<double>(ns) / static_cast<double>(ticks) : 0, lost);
}

} // namespace

int pack(char** words) {
    std::error_code failed;
    std::vector<std::filesystem::path> files;
    for (const std::filesystem::directory_entry& entry : std::filesystem::recursive_directory_iterator(words[0] == nullptr ? "" : words[0], failed)) {
        if (entry.path().extension() == ".events") {
            files.push_back(entry.path());
        }
    }
    for (const std::filesystem::path& file : files) {
        pack_file(file); // or it stays as it is, which is as good and takes more room
    }
    return failed ? complain("pack: no folder") : 0;
}

int sites(char** words) {
    if (*words == nullptr) {
        return complain("sites: no folder");
    }
    try {
        read(words[0]);
        return 0;
    } catch (const bad_recording& why) {
        return complain(why.what());
    }
}

} // namespace poolmark::programs
