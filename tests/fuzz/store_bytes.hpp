// Any bytes as a value's file of a file_store. Aborts where something is found that is not there. The bytes of a
// redis_store are parsed by hiredis.
#pragma once

#include "benchmarks/contenders/stores/store_file.hpp"
#include "tests/support/subprocess.hpp"

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace poolmark::tests {

inline void run_store_bytes(std::string_view bytes) {
    static const scratch_folder folder;
    static const detail::file_number opened(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
    std::ofstream(folder.path() / "file", std::ios::binary | std::ios::trunc) << bytes;
    for (const std::string_view key : {std::string_view(), std::string_view("key")}) {
        const auto found = detail::read_store_file(opened.get(), "file", key, 1000);
        if (found) { // then it is what would be written for it
            detail::store_file_head head(key, *found);
            std::string whole(reinterpret_cast<const char*>(&head), sizeof head);
            if (whole.append(key).append(*found) != bytes) {
                std::abort();
            }
        }
    }
}

} // namespace poolmark::tests
