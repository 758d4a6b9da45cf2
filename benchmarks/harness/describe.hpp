// What this build can measure, as one JSON object. The driver plans from it; docs/protocol.md specifies it.
#pragma once

#include <string>

namespace poolmark::benchmarks {

[[nodiscard]] std::string describe();

// How this program was built, for by-hand runs and for the refusal to measure anything but a bench build.
struct build_facts {
    std::string type;
    std::string compiler;
    std::string flags;
    std::string standard_library;
    std::string sanitizers;
    bool ndebug;
};

[[nodiscard]] build_facts this_build();

// The hash of the sources that this program was built from. Defined in a file that cmake/source_hash.cmake writes.
[[nodiscard]] const char* sources() noexcept;

} // namespace poolmark::benchmarks
