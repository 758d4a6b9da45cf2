#include "allocators/proof.hpp"

#include <dlfcn.h>

#include <system_error>
#include <utility>

namespace poolmark::allocators {
namespace {

namespace fs = std::filesystem;

// All that a contender may call besides malloc and free: a heap without them would have glibc's measured under its name.
constexpr const char* further_functions[] = {"calloc", "realloc", "aligned_alloc", "memalign", "posix_memalign"};

constexpr std::pair<const char*, const char*> operators[] = {
    {"_Znwm", "operator new"},
    {"_Znam", "operator new[]"},
    {"_ZnwmRKSt9nothrow_t", "operator new(nothrow)"},
    {"_ZnwmSt11align_val_t", "operator new of an alignment"},
    {"_ZdlPv", "operator delete"},
    {"_ZdaPv", "operator delete[]"},
    {"_ZdlPvm", "operator delete of a size"},
    {"_ZdlPvSt11align_val_t", "operator delete of an alignment"},
};

fs::path file_of_symbol(const char* symbol) {
    // The symbol as the dynamic linker binds it for everybody. Taking the function's address in this program could
    // give the program's own jump table instead.
    return file_of(::dlsym(RTLD_DEFAULT, symbol));
}

std::string file_name(const fs::path& file) { return file.empty() ? "nothing" : file.string(); }

bool is_standard_library(const fs::path& file) {
    // Its operator new calls malloc, so the malloc that was proved serves it.
    return file.filename().string().starts_with("libstdc++.so");
}

void require_served(const char* what, const fs::path& by, const choice& wanted, const fs::path& library) {
    if (!same_file(by, library)) {
        throw unusable("refusing to measure: " + std::string(what) + " is served by " + file_name(by) + ", not by " +
                       wanted.name + " (" + file_name(library) + ")");
    }
}

} // namespace

fs::path file_of(const void* address) {
    Dl_info info{};
    if (address == nullptr || ::dladdr(address, &info) == 0 || info.dli_fname == nullptr) {
        return {};
    }
    return info.dli_fname;
}

bool same_file(const fs::path& a, const fs::path& b) {
    std::error_code ignored;
    return !a.empty() && !b.empty() && fs::equivalent(a, b, ignored);
}

proof examine() {
    proof found;
    found.served_malloc_by = file_of_symbol("malloc");
    found.served_free_by = file_of_symbol("free");
    found.served_new_by = file_of_symbol("_Znwm");
    found.library = found.served_malloc_by;
    found.name = found.library.filename().string();
    for (const entry& known : catalog()) {
        const std::string version = known.version(found.library);
        // Two major versions of a heap answer alike: the file tells which of them it is.
        if (known.settings.empty() && !version.empty() && (found.version.empty() || same_file(find_library(known), found.library))) {
            found.name = known.name;
            found.version = version;
        }
    }
    return found;
}

proof require(const choice& wanted) {
    proof found = examine();
    const bool is_glibc = wanted.library.empty();
    const fs::path library = is_glibc ? file_of_symbol("gnu_get_libc_version") : wanted.library;
    require_served("malloc", found.served_malloc_by, wanted, library);
    require_served("free", found.served_free_by, wanted, library);
    for (const char* const symbol : further_functions) {
        if (const fs::path by = file_of_symbol(symbol); !same_file(by, missing_functions())) { // that one refuses when it is called
            require_served(symbol, by, wanted, library);
        }
    }
    for (const auto& [symbol, what] : operators) {
        if (const fs::path by = file_of_symbol(symbol); !is_standard_library(by)) {
            require_served(what, by, wanted, library);
        }
    }
    if (wanted.known != nullptr && wanted.known->version(found.library).empty()) {
        throw unusable("refusing to measure: " + library.string() + " does not answer as " + wanted.name +
                       " does; it looks like " + found.name);
    }
    found.name = wanted.name;
    found.library = library;
    if (found.version.empty()) {
        found.version = "unknown";
    }
    return found;
}

} // namespace poolmark::allocators
