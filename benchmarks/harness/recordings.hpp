// The recording of a program that the reader brought with --recording=FILE.ops or POOLMARK_RECORDING.
#pragma once

#include "benchmarks/harness/replay/format.hpp"
#include "benchmarks/harness/workload.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace poolmark::benchmarks {
namespace detail {

struct brought_recording {
    std::unique_ptr<replaying::ops_file> file;
    std::string name;
};

inline brought_recording& the_recording() {
    static brought_recording one;
    return one;
}

} // namespace detail

// Maps and checks the file, and asks the workload `recorded` about it. Throws replaying::bad_ops.
inline void bring_recording(const std::string& file) {
    detail::brought_recording& ours = detail::the_recording();
    ours.file = std::make_unique<replaying::ops_file>(file);
    std::array<char, 16> name{}; // two recordings are two questions: their cells must not share a name
    std::snprintf(name.data(), name.size(), "own-%08x", static_cast<unsigned>(ours.file->head().check & 0xffffffffU));
    ours.name = name.data();
    ask_at("recorded", {.where = {{"recording", ours.name}, {"threads", static_cast<std::int64_t>(ours.file->head().threads)}}});
}

// Throws std::out_of_range where none was brought under this name.
[[nodiscard]] inline const replaying::ops_file& recording(const std::string& name) {
    if (detail::the_recording().file == nullptr || name != detail::the_recording().name) {
        throw std::out_of_range("no recording is called '" + name + "'; one of your own comes with --recording=FILE.ops");
    }
    return *detail::the_recording().file;
}

} // namespace poolmark::benchmarks
