#include "benchmarks/harness/memory.hpp"

#include <fstream>
#include <string>
#include <string_view>

namespace poolmark::benchmarks {
namespace {

// The kilobytes on the line of `file` that starts with `key`; 0 when there is none.
std::int64_t kilobytes(const char* file, std::string_view key) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(key)) {
            return std::stoll(line.substr(key.size()));
        }
    }
    return 0;
}

} // namespace

std::int64_t resident_bytes() {
    const std::int64_t exact = kilobytes("/proc/self/smaps_rollup", "Rss:");
    return 1024 * (exact != 0 ? exact : kilobytes("/proc/self/status", "VmRSS:"));
}

std::int64_t anonymous_bytes() { return 1024 * kilobytes("/proc/self/status", "RssAnon:"); }

std::int64_t peak_resident_bytes() { return 1024 * kilobytes("/proc/self/status", "VmHWM:"); }

} // namespace poolmark::benchmarks
