#include "allocators/activate.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace poolmark::allocators {
namespace {

namespace fs = std::filesystem;

constexpr const char* preload_variable = "LD_PRELOAD";
// Set before the exec. A library that clears LD_PRELOAD on its way up would otherwise send us round for ever.
constexpr const char* guard_variable = "POOLMARK_ACTIVATED";

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

// As LD_PRELOAD takes it: the list is split at spaces and colons before $ORIGIN is replaced, so a library of ours may lie
// below a folder of any name.
std::string preloadable(const fs::path& library) {
    if (library.string().find_first_of(" :") == std::string::npos) {
        return library.string();
    }
    return "$ORIGIN/" + library.lexically_relative(fs::read_symlink("/proc/self/exe").parent_path()).string();
}

} // namespace

void activate(const choice& wanted, char** argv) {
    std::string preload = wanted.library.empty() ? "" : preloadable(wanted.library);
    if (const fs::path behind = missing_functions(); wanted.known == nullptr && !behind.empty()) {
        preload += ":" + preloadable(behind);
    }
    const std::vector<setting> settings = wanted.known != nullptr ? wanted.known->settings : std::vector<setting>();
    const bool set = std::ranges::all_of(settings, [](const setting& one) { return variable(one.name.data()) == one.value; });
    if ((variable(preload_variable) == preload && set) || variable(guard_variable) == wanted.name + "=" + preload) {
        return;
    }
    for (const setting& one : settings) {
        ::setenv(one.name.data(), std::string(one.value).c_str(), 1);
    }
    ::setenv(guard_variable, (wanted.name + "=" + preload).c_str(), 1);
    if (preload.empty()) {
        ::unsetenv(preload_variable);
    } else {
        ::setenv(preload_variable, preload.c_str(), 1);
    }
    ::execv("/proc/self/exe", argv);
    throw unusable("cannot run this program again on " + wanted.name + ": " + std::strerror(errno));
}

} // namespace poolmark::allocators
