// Whether a file of LMDB 0.9 is what LMDB takes for granted. LMDB maps its file and believes each offset in it, so a
// flipped bit can end the process; who has looked at all of them first may open a file that was damaged.
//
//   lmdb_format.hpp: newer head ──► two trees of pages ──► nodes ──► runs of pages, numbers of free pages
//
// By LMDB's own account of its format each page up to the last is reached once, from a tree or from a list. Seen to:
// that nothing is reached twice or lies outside; that pages and nodes are of their kind, nodes fill their page without
// gap or overlap, keys ascend, leaves are equally deep, and the trees are of the sizes that the head says.
//
// Good for: the moment of opening, in a transaction that writes: nobody else changes pages then.
// Bad for:  values: their bytes are not read. Trees of other shapes (duplicates, tables in a table): all called damage.
// Complexity: O(pages of keys). In the page cache 100 MB of small entries take some 50 ms, of values of 10 kB some 20;
//           else a disk has to read the pages of keys.
#pragma once

#include "pools/detail/lmdb_format.hpp"
#include "pools/detail/lmdb_nodes.hpp"
#include "pools/detail/mapped_file.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::detail {

class lmdb_check {
public:
    explicit lmdb_check(int file) noexcept : file_(file), all_(file_.all().data()), bytes_(file_.all().size()) {}

    // What is wrong with that which LMDB believes while it opens a file, or nothing. Others may be writing.
    [[nodiscard]] std::string fault_of_heads() {
        static_cast<void>(read_heads());
        return fault_;
    }

    // What is wrong with the state that `transaction` left behind, or nothing. Nobody may be writing.
    [[nodiscard]] std::string fault_of_state(std::size_t transaction) {
        if (read_heads()) {
            now_ = heads_[transaction & 1U];
            const std::size_t before = heads_[~transaction & 1U].transaction;
            if (now_.transaction != transaction || before + (transaction == 0 ? 0 : 1) != transaction) {
                bad("its heads disagree");
            } else {
                reached_.assign(now_.last_page + 1, false);
                reached_[0] = reached_[1] = true;
                static_cast<void>(walk(now_.free, true) && walk(now_.main, false));
            }
        }
        return fault_;
    }

private:
    static constexpr std::size_t page_head = sizeof(lmdb_page);
    static constexpr std::size_t node_head = sizeof(lmdb_node);
    static constexpr std::size_t deepest = 32; // LMDB's cursors have as many places

    template <class T>
    [[nodiscard]] T load(std::size_t at) const noexcept {
        return lmdb_load<T>(all_ + at);
    }

    bool bad(const char* what) {
        fault_ = std::string("damaged: ") + what;
        return false;
    }
    bool bad(std::size_t page, const char* what) {
        bad(what);
        fault_ += ", page " + std::to_string(page);
        return false;
    }

    [[nodiscard]] bool read_heads() {
        constexpr std::size_t least = page_head + sizeof(lmdb_head);
        if (all_ == nullptr || bytes_ < least) {
            return bad("too short");
        }
        page_bytes_ = load<lmdb_head>(page_head).free.page_bytes;
        if (!std::has_single_bit(page_bytes_) || page_bytes_ < 4096 || page_bytes_ > 32768) {
            return bad("no page has this size");
        }
        pages_ = bytes_ / page_bytes_;
        for (std::size_t i = 0; i != 2; ++i) {
            const auto page = pages_ < 2 ? lmdb_page{} : load<lmdb_page>(i * page_bytes_);
            if (page.kind != lmdb_page::head || page.number != i) {
                return bad(i, "no head");
            }
            lmdb_head& head = heads_[i] = load<lmdb_head>(i * page_bytes_ + page_head);
            if (head.magic != 0xBEEFC0DEU || head.version != 1 || head.free.page_bytes != page_bytes_) {
                return bad(i, "another format");
            }
        }
        return is_bounded(heads_[heads_[1].transaction > heads_[0].transaction ? 1 : 0]) ||
               bad("impossible sizes");
    }

    // The last pages may be free ones that were never written; but a number may not ask for all memory there is.
    [[nodiscard]] bool is_bounded(const lmdb_head& head) const noexcept {
        return head.last_page >= 1 && head.last_page <= 2 * pages_ + 1024 &&
               head.last_page < head.map_bytes / page_bytes_ && head.map_bytes >> 46U == 0 &&
               head.transaction >> 62U == 0 && head.free.flags == 8 && head.main.flags == 0;
    }

    [[nodiscard]] bool walk(const lmdb_tree& said, bool free) {
        found_ = {said.page_bytes, said.flags, said.depth, 0, 0, 0, 0, said.root};
        of_free_ = free;
        last_ = {};
        if (said.root == lmdb_tree::no_root ? said.depth != 0 : said.depth == 0 || said.depth > deepest) {
            return bad("a tree of impossible depth");
        }
        return (said.depth == 0 || visit(said.root, said.depth)) &&
               (found_ == said || bad("a tree of another size"));
    }

    [[nodiscard]] bool claim(std::size_t first, std::size_t count, std::size_t end) {
        if (first >= end || count > end - first) {
            return bad(first, "outside");
        }
        for (; count != 0; --count, ++first) {
            if (reached_[first]) {
                return bad(first, "reached twice");
            }
            reached_[first] = true;
        }
        return true;
    }
    [[nodiscard]] std::size_t end_of_written() const noexcept {
        return pages_ < reached_.size() ? pages_ : reached_.size();
    }

    [[nodiscard]] bool visit(std::size_t number, std::size_t levels) {
        if (!claim(number, 1, end_of_written())) {
            return false;
        }
        const std::size_t at = number * page_bytes_;
        const auto page = load<lmdb_page>(at);
        const bool leaf = levels == 1;
        if (page.number != number || page.kind != (leaf ? lmdb_page::leaf : lmdb_page::branch)) {
            return bad(number, "not what is expected");
        }
        ++(leaf ? found_.leaves : found_.branches);
        // A branch with one child is no branch; while LMDB makes room in its tree of free pages, there are some.
        if (!nodes_.fill({all_ + at, page_bytes_}, leaf, leaf || of_free_ ? 1 : 2)) {
            return bad(number, "nodes that do not fit");
        }
        for (std::size_t i = page_head; i != page.lower; i += 2) {
            const std::size_t node_at = at + load<std::uint16_t>(at + i);
            const auto node = load<lmdb_node>(node_at);
            const std::string_view key(all_ + node_at + node_head, node.key_bytes);
            if ((leaf || i != page_head) && !ascends(key, leaf)) {
                return bad(number, "keys that do not ascend");
            }
            if (!(leaf ? entry(node, key) : visit(node.child(), levels - 1))) {
                return false;
            }
        }
        return true;
    }

    // In the order of the tree: the key before a branch's key is less than it, the one behind it is not.
    [[nodiscard]] bool ascends(std::string_view key, bool leaf) {
        if (of_free_ && key.size() != sizeof(std::size_t)) {
            return false;
        }
        const bool may_equal = leaf && !last_is_leafs_;
        const int order = last_.data() == nullptr ? 1
                          : of_free_              ? compare_numbers(key, last_)
                                                  : key.compare(last_);
        last_ = key;
        last_is_leafs_ = leaf;
        return order > 0 || (may_equal && order == 0);
    }
    [[nodiscard]] std::size_t number_in(std::string_view key) const noexcept {
        return load<std::size_t>(static_cast<std::size_t>(key.data() - all_));
    }
    [[nodiscard]] int compare_numbers(std::string_view one, std::string_view other) const noexcept {
        return number_in(one) > number_in(other) ? 1 : number_in(one) < number_in(other) ? -1 : 0;
    }

    [[nodiscard]] bool entry(const lmdb_node& node, std::string_view key) {
        ++found_.entries;
        std::size_t value_at = static_cast<std::size_t>(key.data() - all_) + key.size();
        if (node.flags == lmdb_node::in_run) {
            const auto first = load<std::size_t>(value_at);
            const std::size_t count = (page_head - 1 + node.value_bytes()) / page_bytes_ + 1;
            if (!claim(first, count, end_of_written())) {
                return false;
            }
            const auto page = load<lmdb_page>(first * page_bytes_);
            if (page.number != first || page.kind != lmdb_page::run || page.pages() != count) {
                return bad(first, "no run of pages");
            }
            found_.run_pages += count;
            value_at = first * page_bytes_ + page_head;
        }
        return !of_free_ || free_list(number_in(key), value_at, node.value_bytes());
    }

    // The pages that a transaction freed: how many, and the numbers, falling.
    [[nodiscard]] bool free_list(std::size_t transaction, std::size_t at, std::size_t bytes) {
        constexpr std::size_t each = sizeof(std::size_t);
        const std::size_t count = bytes < each ? 0 : load<std::size_t>(at);
        if (bytes < each || bytes % each != 0 || count > bytes / each - 1 || transaction == 0 ||
            transaction > now_.transaction) {
            return bad("a list of free pages that cannot be");
        }
        for (std::size_t i = 1, before = lmdb_tree::no_root; i <= count; ++i) {
            const auto number = load<std::size_t>(at + i * each);
            if (number >= before) {
                return bad(number, "free pages in disorder");
            }
            if (!claim(number, 1, reached_.size())) {
                return false;
            }
            before = number;
        }
        return true;
    }

    mapped_file file_;
    const char* all_;
    std::size_t bytes_;
    std::size_t page_bytes_ = 0;
    std::size_t pages_ = 0; // of the file
    std::array<lmdb_head, 2> heads_{};
    lmdb_head now_{};
    lmdb_tree found_{};
    lmdb_nodes nodes_;
    std::vector<bool> reached_;
    std::string_view last_;
    bool last_is_leafs_ = false;
    bool of_free_ = false;
    std::string fault_;
};

} // namespace poolmark::detail
