// What `scripts/poolmark program` cannot do in Python: list the heaps, start processes, read recordings.
#include "allocators/catalog.hpp"
#include "programs/commands.hpp"

#include <cstdio>
#include <string>
#include <string_view>

namespace {

// A heap a line: name, library, why it cannot be used, whether it is a limit. The first is the C library's.
int heaps() {
    for (const poolmark::allocators::entry& known : poolmark::allocators::catalog()) {
        std::printf("%s\t%s\t%s\t%d\n", std::string(known.name).c_str(), poolmark::allocators::find_library(known).c_str(),
                    poolmark::allocators::reason_unavailable(known).c_str(), known.limit ? 1 : 0);
    }
    return 0;
}

} // namespace

int main(int count, char** words) {
    using namespace poolmark::programs;
    const std::string_view command = count < 2 ? "" : words[1];
    char** const rest = words + 2;
    return command == "heaps" ? heaps() : command == "launch" ? launch(rest) : command == "sites" ? sites(rest) : command == "pack" ? pack(rest)
           : command == "operations" ? operations(rest) : command == "replay" ? replay(rest)
           : complain("heaps, launch, sites, pack, operations or replay");
}
