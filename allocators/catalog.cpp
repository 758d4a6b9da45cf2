#include "allocators/catalog.hpp"

#include "allocators/proof.hpp"

#include <dlfcn.h>
#include <glob.h>
#include <gnu/libc-version.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
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
    const int packed = ask();
    const int digit = packed < 10'000 ? 10 : 100; // 209 means 2.0.9; newer ones give each part two digits: 30206, 3.2.6
    return std::to_string(packed / (digit * digit)) + "." + std::to_string(packed / digit % digit) + "." +
           std::to_string(packed % digit);
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
    return "unknown";
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

#if defined(__aarch64__)
#define POOLMARK_PROCESSOR "aarch64"
#else
#define POOLMARK_PROCESSOR "x86_64"
#endif

constexpr std::array library_folders{"/usr/local/lib/", "/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/",
                                     "/lib/x86_64-linux-gnu/", "/usr/lib64/", "/usr/lib/"};

// 3 of libmimalloc.so.3, 19 of /usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.scudo_standalone-x86_64.so
int major_version(const std::string& path) {
    for (const std::string_view before : {".so.", "/clang/"}) {
        if (const std::size_t at = path.rfind(before); at != std::string::npos) {
            return std::atoi(path.c_str() + at + before.size());
        }
    }
    return 0;
}

// The first file of each major version stays: "libmimalloc.so.3" comes before "libmimalloc.so.3.0", where it leads.
void add_matches(const std::string& pattern, std::map<int, fs::path, std::greater<>>& found) {
    glob_t matched{};
    if (::glob(pattern.c_str(), 0, nullptr, &matched) == 0) {
        for (std::size_t i = 0; i < matched.gl_pathc; ++i) {
            found.try_emplace(major_version(matched.gl_pathv[i]), matched.gl_pathv[i]);
        }
    }
    ::globfree(&matched);
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
    static const std::vector<entry> entries = with_settings(with_older_versions({
        {"glibc", "the C library's own heap: per-thread caches over bins", "libc6", {}, glibc_version},
        {"mimalloc", "free lists sharded by page", "libmimalloc-dev", {"libmimalloc.so.[0-9]*"}, mimalloc_version, false,
         {{"MIMALLOC_PURGE_DELAY", "10"}, {"MIMALLOC_RESET_DELAY", "10"}, {"MIMALLOC_PAGE_RESET", "1"}}}, // 3 and 2.1; 2.0
        {"jemalloc", "size-class slabs behind per-thread stacks", "libjemalloc2", {"libjemalloc.so.[0-9]*"},
         jemalloc_version, false, {{"MALLOC_CONF", "dirty_decay_ms:10,muzzy_decay_ms:0"}}},
        {"tcmalloc", "per-thread free lists over spans (gperftools, minimal)", "libgoogle-perftools-dev",
         {"libtcmalloc_minimal.so.[0-9]*"}, tcmalloc_version, false, {{"TCMALLOC_AGGRESSIVE_DECOMMIT", "1"}}},
        {"tbbmalloc", "per-thread slabs with remote free lists (oneTBB, proxy library)", "libtbbmalloc2",
         {"libtbbmalloc_proxy.so.[0-9]*"}, tbbmalloc_version},
        {"scudo", "hardened heap with checked headers (LLVM, standalone)", "libclang-rt-dev",
         {"/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.scudo_standalone-" POOLMARK_PROCESSOR ".so",
          "/usr/lib*/clang/*/lib/*/libclang_rt.scudo_standalone*.so"}, scudo_version, false,
         {{"SCUDO_OPTIONS", "release_to_os_interval_ms=10"}}},
        {"bump", "moves a pointer and never frees: the limit", "", {"libpoolmark_bump.so"}, bump_version,
         true},
    }));
    return entries;
}

std::vector<entry> with_settings(const std::vector<entry>& as_they_come) {
    static std::deque<std::string> texts; // what entries point to
    std::vector<entry> all = as_they_come;
    for (const entry& known : as_they_come) {
        if (known.gives_back.empty() || known.older_major != 0) {
            continue;
        }
        std::string how;
        for (const setting& one : known.gives_back) {
            how += (how.empty() ? "" : " ") + std::string(one.name) + "=" + std::string(one.value);
        }
        entry told = known;
        told.name = texts.emplace_back(std::string(known.name) + "_returning");
        told.summary = texts.emplace_back(std::string(known.name) + ", told to give free memory back soon: " + how);
        told.settings = known.gives_back;
        all.push_back(told);
    }
    return all;
}

std::vector<entry> with_older_versions(const std::vector<entry>& newest) {
    static std::deque<std::string> names; // what entries point to
    std::vector<entry> all;
    for (const entry& known : newest) {
        all.push_back(known);
        const std::vector<fs::path> found = find_libraries(known.places);
        for (std::size_t i = 1; i < found.size(); ++i) {
            entry older = known;
            older.older_major = major_version(found[i]);
            older.name = names.emplace_back(std::string(known.name) + std::to_string(older.older_major));
            all.push_back(older);
        }
    }
    return all;
}

std::vector<fs::path> find_libraries(const std::vector<std::string_view>& places) {
    std::map<int, fs::path, std::greater<>> found;
    for (const std::string_view place : places) {
        if (place.starts_with('/')) {
            add_matches(std::string(place), found);
            continue;
        }
        for (const char* const folder : library_folders) {
            add_matches(folder + std::string(place), found);
        }
    }
    std::vector<fs::path> newest_first;
    for (const auto& [major, path] : found) {
        newest_first.push_back(path);
    }
    return newest_first;
}

fs::path find_library(const entry& known) {
    if (known.package.empty() && !known.places.empty()) {
        return beside_the_program(known.places.front());
    }
    const std::vector<fs::path> found = find_libraries(known.places);
    const auto is_it = [&](const fs::path& path) { return known.older_major == 0 || major_version(path) == known.older_major; };
    const auto first = std::ranges::find_if(found, is_it);
    return first != found.end() ? *first : fs::path();
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
        if (name == catalog().front().name) {
            throw unusable("allocator name '" + name + "' is the baseline's: give your library another name");
        }
        if (!fs::is_regular_file(library)) {
            throw unusable("allocator '" + name + "': no library at " + library.string());
        }
        if (library.string().find_first_of(" :") != std::string::npos) {
            throw unusable("allocator '" + name + "': a preloaded path may not hold a space or a colon: " + library.string());
        }
        const auto known = std::ranges::find(catalog(), name, &entry::name);
        return {name, library, known != catalog().end() ? &*known : nullptr};
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
