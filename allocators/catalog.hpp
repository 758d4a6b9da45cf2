// THE list of heaps that a process can be run on. Its order is the order of tables and charts; the first entry,
// glibc, is the baseline.
//
// To add one, add an entry in catalog.cpp. A reader's own needs none: NAME=LIBRARY.so wherever a name is taken.
//
// No entry knows a version: libraries are found by the pattern of their names, and say their version when they are
// asked. Where a system has several major versions of a heap, the newest has the plain name, and each older one is an
// entry of its own with the number behind it: mimalloc (3.0.1), mimalloc2 (2.0.9). A heap that can be told to give memory back
// within milliseconds is there a second time, told so: mimalloc_returning.
#pragma once

#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::allocators {

// Asks the library that serves this process for its version; empty when the library is not the one that the
// function knows (its functions are not there, or another file provides them).
using version_query = std::string (*)(const std::filesystem::path& library);

// A variable of the environment that a heap reads when its process begins.
struct setting {
    std::string_view name;
    std::string_view value;
};

struct entry {
    std::string_view name;
    std::string_view summary;             // one line, no full stop
    std::string_view package;             // what to install, by a name that every Debian and Ubuntu knows
    std::vector<std::string_view> places; // patterns of file names; empty: nothing to preload
    version_query version;
    bool limit = false; // does less than a heap must: a row to compare with in long runs, never a choice
    std::vector<setting> gives_back{}; // how it is told to give free memory back within 10 ms; empty: there is no way that we know
    int older_major = 0;               // an older major version, beside the newest; 0: the newest
    std::vector<setting> settings{};   // what this entry runs with; empty: as the heap comes
};

// The heaps we know, baseline first.
[[nodiscard]] std::span<const entry> catalog();

// What a process is asked to run on: a catalog name, or NAME=LIBRARY.so.
struct choice {
    std::string name;
    std::filesystem::path library; // to preload; empty for the C library's own heap
    const entry* known = nullptr;  // null for a reader's own
};

// A name or a library that cannot be used. what() is one line that names the way out.
class unusable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Reads NAME or NAME=LIBRARY.so. Throws unusable for a name that is not in the catalog, a library that is not
// there, or a catalog name that is not installed. A catalog name with a library (mimalloc=/opt/libmimalloc.so) is that
// heap of another file, which has to answer as it does; the baseline's name cannot be given away.
[[nodiscard]] choice parse_choice(std::string_view text);

// The files that `places` match, one for each major version, newest first. Of files of one major version the first place
// counts, then the first folder.
[[nodiscard]] std::vector<std::filesystem::path> find_libraries(const std::vector<std::string_view>& places);

// The entries, and behind each one the older major versions that this system has of it.
[[nodiscard]] std::vector<entry> with_older_versions(const std::vector<entry>& newest);

// The entries, and at the end each one again that can be told to give memory back: jemalloc_returning. Heaps differ by what
// they keep as much as by how they work, and whoever never gives back is always a little quicker. This is the same for all.
[[nodiscard]] std::vector<entry> with_settings(const std::vector<entry>& as_they_come);

// The file that `known` would preload; empty when there is none, or when nothing has to be preloaded.
[[nodiscard]] std::filesystem::path find_library(const entry& known);

// What is preloaded behind a heap of the reader's own, so that functions it lacks are refused and not glibc's; empty when
// it was not built.
[[nodiscard]] std::filesystem::path missing_functions();

// Why `known` cannot be used here, empty when it can.
[[nodiscard]] std::string reason_unavailable(const entry& known);

} // namespace poolmark::allocators
