#include "tests/fuzz/store_bytes.hpp"

#include "pools/detail/memcached_text.hpp"
#include "pools/detail/store_file.hpp"
#include "tests/support/subprocess.hpp"

#include <cstdlib>
#include <fstream>

namespace poolmark::tests {
namespace {

void require(bool right) {
    if (!right) {
        std::abort();
    }
}

void read_as_file(std::string_view bytes) {
    static const scratch_folder folder;
    static const detail::file_number opened(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
    std::ofstream(folder.path() / "file", std::ios::binary | std::ios::trunc) << bytes;
    for (const std::string_view key : {std::string_view(), std::string_view("key")}) {
        const auto found = detail::read_store_file(opened.get(), "file", key, 1000);
        if (found) { // then it is what would be written for it
            detail::store_file_head head(key, *found);
            std::string whole(reinterpret_cast<const char*>(&head), sizeof head);
            require(whole.append(key).append(*found) == bytes);
        }
    }
}

void read_as_answer(std::string_view bytes) {
    // However it arrives: what is complete with less is broken with more.
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const std::string part(bytes.substr(0, size)); // of its own, so that AddressSanitizer knows its end
        const auto value = detail::memcached_value(part, "key");
        if (value.is == detail::memcached_reply::complete && value.found) {
            const std::string head = "VALUE key 0 ";
            require(part.starts_with(head) && part.ends_with("\r\nEND\r\n"));
            require(value.value.data() >= part.data() && value.value.size() + head.size() < part.size());
        }
        static_cast<void>(detail::memcached_line(part, "STORED", "NOT_STORED"));
        static_cast<void>(detail::memcached_count(part, "curr_items"));
    }
}

} // namespace

void run_store_bytes(std::string_view bytes) {
    read_as_file(bytes);
    if (bytes.size() <= 300) {
        read_as_answer(bytes);
    }
}

} // namespace poolmark::tests
