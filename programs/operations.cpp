// Makes a file of operations from the recording of one process: `poolmark-program operations FOLDER NAME.ops`. What it counted goes to standard
// output as JSON.
#include "programs/commands.hpp"
#include "programs/events.hpp"
#include "programs/operations.hpp"

#include <cstdio>
#include <string>

namespace poolmark::programs {
namespace {

int write_operations(const std::string& folder, const std::string& path) {
    merged_events recorded(folder);
    if (recorded.files.empty() || recorded.files.size() > most_replay_threads) {
        throw bad_recording(folder + " has no events of 1 to " + std::to_string(most_replay_threads) + " threads at once; name the folder of one process of a recording");
    }
    operation_streams packed(recorded.files.size());
    recorded.each([&](std::size_t number) { packed.take(recorded.files[number].now, static_cast<std::uint32_t>(number)); });
    for (const events_of& file : recorded.files) {
        if (file.words.head.lost != 0 || !file.words.whole()) {
            throw bad_recording(folder + " is not whole: " + (file.words.whole() ? "events were lost" : "a file was cut") + "; record again, with room on the disk");
        }
    }
    packed.finish();
    if (!packed.fits()) {
        throw bad_recording(folder + " has " + std::to_string(most_slots) + " blocks at once or more; record a shorter run");
    }
    if (packed.head.operations == 0) {
        throw bad_recording(folder + " has no call in it; record a program that allocates");
    }
    if (!packed.write(path)) {
        throw bad_recording("cannot write " + path + "; choose another place, or make room");
    }
    const replay_header& head = packed.head;
    std::printf("{\"threads\": %u, \"slots\": %lu, \"operations\": %lu, \"made\": %lu, \"resized\": %lu, \"bytes\": %lu, \"peak_live\": %lu, "
                "\"peak_bytes\": %lu, \"handed\": %lu, \"left\": %lu, \"unknown_frees\": %lu, \"duplicates\": %lu, \"file_bytes\": %lu}\n",
                head.threads, head.slots, head.operations, head.made, head.resized, head.bytes, head.peak_live, head.peak_bytes, head.handed,
                head.left, packed.unknown, packed.duplicates, sizeof head + head.words * sizeof(std::uint32_t));
    return 0;
}

} // namespace

int operations(char** words) {
    if (words[0] == nullptr || words[1] == nullptr) {
        return complain("operations: wants the folder of a process, and the file to write");
    }
    try {
        return write_operations(words[0], words[1]);
    } catch (const bad_recording& why) {
        return complain(why.what());
    }
}

} // namespace poolmark::programs
