#include "allocators/catalog.hpp"

#include "allocators/proof.hpp"

#include <dlfcn.h>
#include <glob.h>
#include <gnu/libc-version.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace poolmark::allocators {
namespace {

namespace fs = std::filesystem;

// A function of the library under proof; null when it has none of that name, or when another file provides it.
template <class Function>
Function* function_of(const fs::path& library, const char* symbol) {
    void* const found = ::dlsym(RTLD_DEFAULT, symbol);
    return found != nullptr && same_file(file_of(found), library) ? reinterpret_cast<Function*>(found) : nullptr;
}

std::string glibc_version(const fs::path& library) {
    return function_of<const char*()>(library, "gnu_get_libc_version") != nullptr ? ::gnu_get_libc_version() : "";
}

std::string mimalloc_version(const fs::path& library) {
    auto* const ask = function_of<int()>(library, "mi_version");
    if (ask == nullptr) {
        return "";
    }
    const int packed = ask(); // 209 means 2.0.9
    return std::to_string(packed / 100) + "." + std::to_string(packed / 10 % 10) + "." + std::to_string(packed % 10);
}

std::string jemalloc_version(const fs::path& library) {
    auto* const ask = function_of<int(const char*, void*, std::size_t*, void*, std::size_t)>(library, "mallctl");
    const char* version = nullptr;
    std::size_t length = sizeof version;
    return ask != nullptr && ask("version", &version, &length, nullptr, 0) == 0 ? version : "";
}

std::string tcmalloc_version(const fs::path& library) {
    auto* const ask = function_of<const char*(int*, int*, const char**)>(library, "tc_version");
    return ask != nullptr ? ask(nullptr, nullptr, nullptr) : "";
}

// The digits and points after `mark`, and after blanks behind it: a version, where a library has no function to ask.
std::string version_after(std::string_view text, std::string_view mark) {
    constexpr std::string_view of_version = "0123456789.";
    for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
        const std::size_t begin = text.find_first_not_of(" \t", at + mark.size());
        if (begin != text.npos && of_version.find(text[begin]) != of_version.npos) {
            return std::string(text.substr(begin, text.find_first_not_of(of_version, begin) - begin));
        }
    }
    return "unknown version";
}

// The proxy forwards to libtbbmalloc, which has no version function but carries its version as text.
std::string tbbmalloc_version(const fs::path& library) {
    if (function_of<void()>(library, "__TBB_malloc_proxy") == nullptr) {
        return "";
    }
    std::ifstream file(file_of(::dlsym(RTLD_DEFAULT, "scalable_malloc")), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return version_after(text, "TBBmalloc: VERSION");
}

std::string scudo_version(const fs::path& library) {
    return function_of<void()>(library, "__scudo_print_stats") != nullptr
               ? version_after(fs::weakly_canonical(library).string(), "/clang/") : "";
}

std::string bump_version(const fs::path& library) {
    auto* const ask = function_of<const char*()>(library, "poolmark_bump_version");
    return ask != nullptr ? ask() : "";
}

constexpr std::array library_folders{"/usr/local/lib/", "/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/",
                                     "/lib/x86_64-linux-gnu/", "/usr/lib64/", "/usr/lib/"};

fs::path first_match(const std::string& pattern) {
    glob_t found{};
    fs::path result;
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0 && found.gl_pathc > 0) {
        result = found.gl_pathv[found.gl_pathc - 1]; // sorted, so the newest version of a pattern comes last
    }
    ::globfree(&found);
    return result;
}

// Our own libraries lie there; tests run from a folder below it.
fs::path beside_the_program(std::string_view file) {
    const fs::path beside = fs::read_symlink("/proc/self/exe").parent_path();
    for (const fs::path& folder : {beside, beside.parent_path(), beside.parent_path().parent_path()}) {
        if (fs::exists(folder / file)) {
            return folder / file;
        }
    }
    return {};
}

std::string known_names() {
    std::string names;
    for (const entry& known : catalog()) {
        names += (names.empty() ? "" : ", ") + std::string(known.name);
    }
    return names;
}

} // namespace

std::span<const entry> catalog() {
    static const std::vector<entry> entries{
        {"glibc", "the C library's own heap: per-thread caches over bins", "libc6", {}, glibc_version},
        {"mimalloc", "free lists sharded by page", "libmimalloc2.0", {"libmimalloc.so.2"}, mimalloc_version},
        {"jemalloc", "size-class slabs behind per-thread stacks", "libjemalloc2", {"libjemalloc.so.2"},
         jemalloc_version},
        {"tcmalloc", "per-thread free lists over spans (gperftools, minimal)", "libtcmalloc-minimal4",
         {"libtcmalloc_minimal.so.4"}, tcmalloc_version},
        {"tbbmalloc", "per-thread slabs with remote free lists (oneTBB, proxy library)", "libtbbmalloc2",
         {"libtbbmalloc_proxy.so.2"}, tbbmalloc_version},
        {"scudo", "hardened heap with checked headers (LLVM, standalone)", "libclang-rt-14-dev",
         {"/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.scudo_standalone-x86_64.so",
          "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.scudo_standalone-*.so"}, scudo_version},
        {"bump", "moves a pointer and never frees: the limit", "", {"libpoolmark_bump.so"}, bump_version,
         true},
    };
    return entries;
}

fs::path find_library(const entry& known) {
    for (const std::string_view place : known.places) {
        if (place.starts_with('/')) {
            if (fs::path found = first_match(std::string(place)); !found.empty()) {
                return found;
            }
            continue;
        }
        if (const fs::path own = known.package.empty() ? beside_the_program(place) : fs::path(); !own.empty()) {
            return own;
        }
        for (const char* const folder : library_folders) {
            if (fs::exists(fs::path(folder) / place)) {
                return fs::path(folder) / place;
            }
        }
    }
    return {};
}

fs::path missing_functions() { return beside_the_program("libpoolmark_missing.so"); }

std::string reason_unavailable(const entry& known) {
    if (known.places.empty() || !find_library(known).empty()) {
        return "";
    }
    return known.package.empty() ? "not built: " + std::string(known.places.front()) + " is not beside the program"
                                 : "not installed: apt install " + std::string(known.package);
}

choice parse_choice(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string name(text.substr(0, equals));
    if (equals != std::string_view::npos) {
        const fs::path library = fs::absolute(fs::path(text.substr(equals + 1)));
        if (name.empty()) {
            throw unusable("allocator '" + std::string(text) + "' has no name: write NAME=LIBRARY.so");
        }
        if (std::ranges::any_of(catalog(), [&](const entry& known) { return known.name == name; })) {
            throw unusable("allocator name '" + name + "' is taken by the catalog: give your library another name");
        }
        if (!fs::is_regular_file(library)) {
            throw unusable("allocator '" + name + "': no library at " + library.string());
        }
        if (library.string().find_first_of(" :") != std::string::npos) {
            throw unusable("allocator '" + name + "': a preloaded path may not hold a space or a colon: " + library.string());
        }
        return {name, library, nullptr};
    }
    for (const entry& known : catalog()) {
        if (known.name == name) {
            if (const std::string reason = reason_unavailable(known); !reason.empty()) {
                throw unusable("allocator '" + name + "' is " + reason);
            }
            return {name, find_library(known), &known};
        }
    }
    throw unusable("unknown allocator '" + name + "': use one of " + known_names() + ", or NAME=LIBRARY.so");
}

} // namespace poolmark::allocators
