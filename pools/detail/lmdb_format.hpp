// How a file of LMDB 0.9 is laid out, by its documentation, in the machine's own order of bytes.
//
//   [ head 0 | head 1 | pages 2 ... last ]   the newer head ──► tree of free pages ──► lists of page numbers
//                                                          └──► tree of entries ──► runs of pages: large values
//
//   a page:  [ number, kind, lower, upper | offsets ──► ...lower    upper... nodes, one beside the other ]
//   a node:  [ value bytes or child | flags | key bytes | key | value, or the number of its run's first page ]
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace poolmark::detail {

// Nodes begin at even places only, and values anywhere.
template <class T>
[[nodiscard]] T lmdb_load(const char* from) noexcept {
    T read;
    std::memcpy(&read, from, sizeof read);
    return read;
}

struct lmdb_page {
    static constexpr unsigned branch = 1, leaf = 2, run = 4, head = 8;
    std::size_t number;
    std::uint16_t unused, kind, lower, upper;
    [[nodiscard]] std::size_t pages() const {
        return std::bit_cast<std::uint32_t>(std::array{lower, upper});
    } // of a run
};

struct lmdb_node {
    static constexpr unsigned in_run = 1; // the only flag that a table of plain entries has
    std::array<std::uint16_t, 2> size;
    std::uint16_t flags, key_bytes;
    [[nodiscard]] std::size_t value_bytes() const { return std::bit_cast<std::uint32_t>(size); }
    [[nodiscard]] std::size_t child() const {
        return static_cast<std::size_t>(value_bytes() | std::uint64_t{flags} << 32U);
    }
};

struct lmdb_tree {
    static constexpr std::size_t no_root = ~std::size_t{0};
    std::uint32_t page_bytes; // in the tree of free pages, for the whole file
    std::uint16_t flags, depth;
    std::size_t branches, leaves, run_pages, entries, root;
    friend bool operator==(const lmdb_tree&, const lmdb_tree&) = default;
};

struct lmdb_head {
    std::uint32_t magic, version;
    std::size_t address, map_bytes;
    lmdb_tree free, main;
    std::size_t last_page, transaction;
};

} // namespace poolmark::detail
