// A folder of LMDB with everything in it that there can be, to be damaged.
#pragma once

#include "pools/caches/stores/catalog.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#ifdef POOLMARK_HAS_LMDB
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

namespace poolmark::tests {

using detail::lmdb_head;
using detail::lmdb_node;
using detail::lmdb_page;
using numbers = std::mt19937_64;

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t head_of_page = sizeof(lmdb_page);

class lmdb_damage : public testing::Test {
protected:
    // Small values and large ones, branches and leaves, and free pages.
    void SetUp() override {
        lmdb_store store(at, {.synced = false});
        numbers next(7);
        for (int i = 0; i != 80; ++i) {
            put(store, key(i), std::string(i % 7 == 0 ? 5000 + next() % 9000 : next() % 600, 'v'));
        }
        for (int i = 0; i < 80; i += 3) {
            ASSERT_TRUE(store.erase(key(i)));
            values.erase(key(i));
        }
        put(store, std::string(900, 'k'), "of a long key");
        ASSERT_EQ(::sysconf(_SC_PAGESIZE), page_bytes);
        good = content(data);
    }
    void put(lmdb_store& store, const std::string& key, const std::string& value) {
        ASSERT_TRUE(store.put(key, value));
        values[key] = value;
    }
    static std::string key(int i) { return std::string(200, 'k') + std::to_string(i * 7919 % 1000); }
    // Not cut off first: some file systems wait for the disk then.
    void write(const std::string& bytes) const {
        std::ofstream(data, std::ios::binary | std::ios::app) << "";
        std::filesystem::resize_file(data, bytes.size());
        std::ofstream(data, std::ios::binary | std::ios::in) << bytes;
    }

    // How many are found; what is found must be right.
    std::size_t found(lmdb_store& store) const {
        std::size_t hits = 0;
        for (const auto& [key, value] : values) {
            const auto now = store.get(key);
            EXPECT_TRUE(!now || *now == value);
            hits += now ? 1U : 0U;
        }
        return hits;
    }

    scratch_folder folder;
    std::filesystem::path at = folder.path() / "cache";
    std::filesystem::path data = at / "data.mdb";
    std::map<std::string, std::string> values;
    std::string good;
};

template <class T>
T load(const std::string& bytes, std::size_t at) {
    return detail::lmdb_load<T>(bytes.data() + at);
}

template <class T>
void store_at(std::string& bytes, std::size_t at, const T& value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

} // namespace poolmark::tests
#endif
