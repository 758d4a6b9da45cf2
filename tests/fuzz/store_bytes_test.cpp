// Any bytes as a value's file of a file_store (the bytes of a redis_store are parsed by hiredis): from libFuzzer, with POOLMARK_FUZZER, or
// random ones of fixed seeds, for a short while; and what formats on disks rely on.
#include "benchmarks/contenders/stores/checksum.hpp"
#include "benchmarks/contenders/stores/store_file.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace poolmark::tests {
namespace {

// Aborts where something is found that is not there.
void run_store_bytes(std::string_view bytes) {
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

#ifndef POOLMARK_FUZZER
TEST(store_bytes, find_nothing_that_is_not_there) {
    const std::vector<std::string> words{"key", "hello", "poolmark", std::string("\1\0\0\0\3\0\0\0", 8),
                                         std::string("\5\0\0\0\0\0\0\0", 8), "99999999999"};
    std::mt19937 random(1);
    for (int round = 0; round != 600; ++round) {
        std::string bytes;
        for (std::size_t left = random() % 12; left != 0; --left) {
            bytes += random() % 4 == 0 ? std::string(1, static_cast<char>(random())) : words[random() % words.size()];
        }
        run_store_bytes(bytes);
    }
}

TEST(checksums, are_what_files_were_written_with) {
    EXPECT_EQ(detail::checksum(""), 0x9b9d6a6710c4ccacU);
    EXPECT_EQ(detail::checksum("a"), 0x9aca8a2d1fcd1318U);
    EXPECT_EQ(detail::checksum(std::string(100, 'x')), 0x341f69bbfd8af6d3U);
    EXPECT_EQ(detail::checksum(std::string(200, 'x')), 0xfb346bea2bc73bf5U);
    EXPECT_EQ(detail::entry_sum("key", std::string(20, 'x'), 1), 0x8844b52d27ccc610U);
}

TEST(checksums, differ_with_every_bit_length_and_seed) {
    std::set<std::uint64_t> seen;
    std::size_t expected = 0;
    for (std::size_t size = 0; size != 200; ++size) {
        const std::string text(size, '\0');
        seen.insert(detail::checksum(text));
        seen.insert(detail::checksum(text, 1));
        expected += 2;
        for (std::size_t bit = 0; bit != (size % 9 == 0 ? size * 8 : 0); ++bit) {
            std::string other = text;
            other[bit / 8] = static_cast<char>(1 << (bit % 8));
            seen.insert(detail::checksum(other));
            ++expected;
        }
    }
    EXPECT_EQ(seen.size(), expected);
}

// Of real entries, not of zeros: what any one bit, byte or pair of words in the wrong order would make of them.
TEST(checksums, of_entries_differ_with_every_damage) {
    std::mt19937 random(1);
    for (std::size_t size = 0; size < 300; size += 1 + size / 8) {
        std::string key = "user:" + std::to_string(size) + ":profile";
        std::string value(size, '\0');
        for (char& each : value) {
            each = static_cast<char>(random());
        }
        std::set<std::uint64_t> seen{detail::entry_sum(key, value, 1), detail::entry_sum(key, value, 2),
                                     detail::entry_sum(value, key, 1), detail::entry_sum(key, value + '\0', 1),
                                     detail::entry_sum(key + '\0', value, 1)};
        std::size_t expected = 5;
        for (std::string* each : {&key, &value}) {
            for (std::size_t bit = 0; bit != each->size() * 8; ++bit, ++expected) {
                char& place = (*each)[bit / 8];
                const char before = std::exchange(place, static_cast<char>(place ^ (1 << (bit % 8))));
                seen.insert(detail::entry_sum(key, value, 1));
                place = before;
            }
        }
        for (std::size_t at = 0; at + 16 <= size; at += 8, ++expected) {
            std::string swapped = value;
            std::swap_ranges(swapped.begin() + static_cast<std::ptrdiff_t>(at), swapped.begin() + static_cast<std::ptrdiff_t>(at) + 8,
                             swapped.begin() + static_cast<std::ptrdiff_t>(at) + 8);
            seen.insert(detail::entry_sum(key, swapped, 1));
        }
        EXPECT_EQ(seen.size(), expected) << size;
    }
}
#endif

} // namespace
} // namespace poolmark::tests

#ifdef POOLMARK_FUZZER
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    poolmark::tests::run_store_bytes({reinterpret_cast<const char*>(data), size});
    return 0;
}
#endif
