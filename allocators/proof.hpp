// Which library really serves malloc in this process, and whether it is the one that was asked for.
//
// A benchmark that believes the name on its command line measures glibc under other names sooner or later: a
// preload that fails to load is only a warning. So the address of malloc is traced back to its file, and a
// process that runs on the wrong heap refuses to measure.
#pragma once

#include "allocators/catalog.hpp"

#include <filesystem>
#include <string>

namespace poolmark::allocators {

// The file that holds the code at `address`; empty when no loaded file does. O(loaded files).
[[nodiscard]] std::filesystem::path file_of(const void* address);

// Whether both paths lead to one file, whatever links lie between.
[[nodiscard]] bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

// What serves this process, as found, not as promised.
struct proof {
    std::string name;                      // the catalog's or the reader's; the file's name when nobody asked
    std::filesystem::path library;         // the file that should serve malloc
    std::filesystem::path served_malloc_by;
    std::filesystem::path served_free_by;
    std::filesystem::path served_new_by;
    std::string version;
};

// Looks at the process's heap. Never throws for what it finds.
[[nodiscard]] proof examine();

// The proof that this process runs on `wanted`. Throws unusable, one line saying which file serves what, when
// any of malloc's family or of the forms of operator new and delete is served by another library than it or
// missing_functions(), or when the library does not answer as `wanted` does.
[[nodiscard]] proof require(const choice& wanted);

} // namespace poolmark::allocators
