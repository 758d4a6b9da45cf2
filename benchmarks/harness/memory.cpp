#include "benchmarks/harness/memory.hpp"

#include "allocators/proof.hpp"

#include <dlfcn.h>

#include <algorithm>
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

std::optional<double> slot_bytes(table<std::uintptr_t>& addresses) {
    if (addresses.size() < 2) {
        return std::nullopt;
    }
    std::ranges::sort(addresses);
    for (std::size_t i = 0; i + 1 < addresses.size(); ++i) {
        addresses[i] = addresses[i + 1] - addresses[i];
    }
    const auto middle = addresses.begin() + static_cast<std::ptrdiff_t>((addresses.size() - 1) / 2);
    std::nth_element(addresses.begin(), middle, addresses.end() - 1);
    return static_cast<double>(*middle);
}

std::optional<double> usable_bytes(const table<std::uintptr_t>& blocks, std::size_t asked) {
    using asker = std::size_t (*)(void*);
    void* const found = ::dlsym(RTLD_DEFAULT, "malloc_usable_size");
    const auto serving = allocators::examine().served_malloc_by;
    if (found == nullptr || blocks.empty() || !allocators::same_file(allocators::file_of(found), serving)) {
        return std::nullopt;
    }
    const auto usable = reinterpret_cast<asker>(found);
    table<std::size_t> sizes;
    for (const std::uintptr_t block : blocks) {
        sizes.push_back(usable(reinterpret_cast<void*>(block)));
    }
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    return *middle < asked ? std::nullopt : std::optional(static_cast<double>(*middle));
}

} // namespace poolmark::benchmarks
