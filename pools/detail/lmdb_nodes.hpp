// Whether the nodes of one page of LMDB lie where its offsets say.
//
//   [ head | offsets ──► ...lower    upper...[ node ][ node ][ node ] ]   no gap, no overlap, none without its offset
//
// LMDB copies nodes from page to page by the sizes that they claim: where they overlap, they need more room than there is.
#pragma once

#include "pools/detail/lmdb_format.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace poolmark::detail {

class lmdb_nodes {
public:
    [[nodiscard]] bool fill(std::string_view page, bool leaf, std::size_t least) {
        const auto head = lmdb_load<lmdb_page>(page.data());
        if (head.lower < page_head + 2 * least || head.lower % 2 != 0 || head.lower > head.upper ||
            head.upper > page.size()) {
            return false;
        }
        starts_.assign(page.size() / 2, false);
        std::size_t nodes = 0;
        for (std::size_t next = head.upper; next != page.size(); ++nodes) {
            if (page.size() - next < sizeof(lmdb_node)) { // also what begins at an odd place: sizes are even
                return false;
            }
            const std::size_t bytes = bytes_of(lmdb_load<lmdb_node>(page.data() + next), leaf, page.size());
            if (bytes == 0 || bytes > page.size() - next) {
                return false;
            }
            starts_[next / 2] = true;
            next += bytes;
        }
        for (std::size_t i = page_head; i != head.lower; i += 2, --nodes) {
            const std::size_t offset = lmdb_load<std::uint16_t>(page.data() + i);
            if (offset % 2 != 0 || offset >= page.size() || !starts_[offset / 2]) {
                return false;
            }
            starts_[offset / 2] = false;
        }
        return nodes == 0;
    }

private:
    static constexpr std::size_t page_head = sizeof(lmdb_page);
    static constexpr std::size_t longest_key = 511;

    // What a node takes of its page; 0 for what is none. Two of the largest fit into a page.
    [[nodiscard]] static std::size_t bytes_of(const lmdb_node& node, bool leaf, std::size_t page_bytes) noexcept {
        if (node.key_bytes > longest_key || (leaf && (node.key_bytes == 0 || node.flags > lmdb_node::in_run))) {
            return 0;
        }
        const bool far = node.flags == lmdb_node::in_run;
        const std::size_t value = !leaf ? 0 : far ? sizeof(std::size_t) : node.value_bytes();
        const std::size_t bytes = sizeof(lmdb_node) + node.key_bytes + value;
        return bytes > (page_bytes - page_head) / 2 - 2 ? 0 : bytes + bytes % 2;
    }

    std::vector<bool> starts_; // at each second byte
};

} // namespace poolmark::detail
