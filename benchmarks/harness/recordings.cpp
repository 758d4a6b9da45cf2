#include "benchmarks/harness/recordings.hpp"

#include "benchmarks/harness/workload.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace poolmark::benchmarks {
namespace {

struct brought_recording {
    std::unique_ptr<replaying::ops_file> file;
    std::string name;
};

brought_recording& the_recording() {
    static brought_recording one;
    return one;
}

} // namespace

void bring_recording(const std::string& file) {
    brought_recording& ours = the_recording();
    ours.file = std::make_unique<replaying::ops_file>(file);
    std::array<char, 16> name{}; // two recordings are two questions: their cells must not share a name
    std::snprintf(name.data(), name.size(), "own-%08x", static_cast<unsigned>(ours.file->head().check & 0xffffffffU));
    ours.name = name.data();
    ask_at("recorded", {.where = {{"recording", ours.name}, {"threads", static_cast<std::int64_t>(ours.file->head().threads)}}});
}

const replaying::ops_file& recording(const std::string& name) {
    if (the_recording().file == nullptr || name != the_recording().name) {
        throw std::out_of_range("no recording is called '" + name + "'; one of your own comes with --recording=FILE.ops");
    }
    return *the_recording().file;
}

} // namespace poolmark::benchmarks
