#include "allocators/activate.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace poolmark::allocators {
namespace {

constexpr const char* preload_variable = "LD_PRELOAD";
// Set before the exec. A library that clears LD_PRELOAD on its way up would otherwise send us round for ever.
constexpr const char* guard_variable = "POOLMARK_ACTIVATED";

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

} // namespace

void activate(const choice& wanted, char** argv) {
    const std::string preload = wanted.library.string();
    if (variable(preload_variable) == preload || variable(guard_variable) == wanted.name + "=" + preload) {
        return;
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
