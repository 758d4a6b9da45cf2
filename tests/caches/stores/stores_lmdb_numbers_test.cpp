// Each number in LMDB's file that LMDB believes, changed: the look at the file notices it.
#include "tests/caches/stores/lmdb_damage.hpp"

#ifdef POOLMARK_HAS_LMDB
#include <initializer_list>
#include <utility>

namespace poolmark::tests {
namespace {

class lmdb_numbers : public lmdb_damage {
protected:
    using words = std::initializer_list<unsigned>;
    using sizes = std::initializer_list<std::size_t>;

    void SetUp() override {
        lmdb_damage::SetUp();
        const std::size_t newer = number(page_bytes + whole_head - 8) > number(whole_head - 8) ? page_bytes : 0;
        head = newer + sizeof(lmdb_page);
        last = load<lmdb_head>(good, head).last_page;
        root = load<lmdb_head>(good, head).main.root * page_bytes;
        free = node(load<lmdb_head>(good, head).free.root * page_bytes, 0);
        for (std::size_t i = 0; far == 0 && i != nodes(root); ++i) {
            leaf = load<lmdb_node>(good, node(root, i)).child() * page_bytes;
            for (std::size_t j = 0; far == 0 && j != nodes(leaf); ++j) {
                far = load<lmdb_node>(good, node(leaf, j)).flags == lmdb_node::in_run ? node(leaf, j) : 0;
            }
        }
        ASSERT_NE(far, 0U);
        run_at = far + sizeof(lmdb_node) + load<lmdb_node>(good, far).key_bytes;
        run = number(run_at) * page_bytes;
        ASSERT_TRUE(load<lmdb_head>(good, head).main.depth == 2 && nodes(root) > 2 && nodes(leaf) > 2);
        ASSERT_GE(number(free + 16), 2U);
    }

    [[nodiscard]] std::size_t number(std::size_t place) const { return load<std::size_t>(good, place); }
    [[nodiscard]] std::uint16_t word(std::size_t place) const { return load<std::uint16_t>(good, place); }
    [[nodiscard]] std::size_t node(std::size_t page, std::size_t i) const {
        return page + word(page + 16 + 2 * i);
    }
    [[nodiscard]] std::size_t nodes(std::size_t page) const { return (word(page + 12) - sizeof(lmdb_page)) / 2; }

    [[nodiscard]] std::string fault_of(const std::string& bytes) const {
        return fault_of(bytes, number(head + sizeof(lmdb_head) - 8));
    }
    [[nodiscard]] std::string fault_of(const std::string& bytes, std::size_t transaction) const {
        write(bytes);
        const detail::file_number file(::open(data.c_str(), O_RDONLY));
        return detail::lmdb_check(file.get()).fault_of_state(transaction);
    }
    template <class T>
    void noticed(const char* what, std::size_t place, const T& value) const {
        std::string bytes = good;
        store_at(bytes, place, value);
        EXPECT_EQ(fault_of(bytes).find("damaged: "), 0U) << what << " at " << place;
    }
    void noticed_words(const char* what, std::size_t place, words values_instead) const {
        for (const unsigned each : values_instead) {
            if (each != word(place)) {
                noticed(what, place, static_cast<std::uint16_t>(each));
            }
        }
    }
    void noticed_sizes(const char* what, std::size_t place, sizes values_instead) const {
        for (const std::size_t each : values_instead) {
            if (each != number(place)) {
                noticed(what, place, each);
            }
        }
    }

    static constexpr std::size_t whole_head = sizeof(lmdb_page) + sizeof(lmdb_head);
    static constexpr std::size_t most = ~std::size_t{0};
    std::size_t head = 0, last = 0, root = 0, leaf = 0, far = 0, run_at = 0, run = 0;
    std::size_t free = 0; // the first list of free pages: its node, transaction, count, pages
};

TEST_F(lmdb_numbers, of_heads_and_trees) {
    EXPECT_EQ(fault_of(good), "");
    noticed_words("kind", 10, {0, 2, 9});
    noticed_sizes("number", page_bytes, {0, 2});
    noticed_words("magic", head, {1});
    noticed_words("version", head + 4, {0, 2});
    noticed_sizes("map", head + offsetof(lmdb_head, map_bytes), {0, std::size_t{1} << 50U});
    noticed_sizes("last page", head + offsetof(lmdb_head, last_page), {0, last / 2, 100'000, most});
    const std::size_t transaction = head + offsetof(lmdb_head, transaction);
    noticed_sizes("transaction", transaction, {number(transaction) + 1, number(transaction) - 2, most});
    const std::size_t other = whole_head - 8 + (head < page_bytes ? page_bytes : 0);
    noticed_sizes("transaction before", other, {number(other) - 2, number(other) + 2, most});
    for (const std::size_t tree : {head + offsetof(lmdb_head, free), head + offsetof(lmdb_head, main)}) {
        noticed_words("flags", tree + 4, {4});
        noticed_words("depth", tree + 6, {0, 1, 2, 3, 40});
        for (const std::size_t count : {8U, 16U, 24U, 32U}) {
            noticed_sizes("counts", tree + count, {number(tree + count) + 1});
        }
        noticed_sizes("root", tree + 40, {0, 1, last + 1, run / page_bytes, most});
    }
    noticed_words("size of pages", head + offsetof(lmdb_head, free), {0, 1, 3000, 8192});
    std::string both = good;
    for (const unsigned size : {0U, 1U, 3000U, 65536U}) {
        store_at(both, sizeof(lmdb_page) + offsetof(lmdb_head, free), size);
        store_at(both, page_bytes + sizeof(lmdb_page) + offsetof(lmdb_head, free), size);
        EXPECT_NE(fault_of(both), "") << size;
    }
    std::string hidden = good; // entries that nobody counts
    store_at(hidden, head + offsetof(lmdb_head, main) + 6, std::uint16_t{0});
    store_at(hidden, head + offsetof(lmdb_head, main) + 8, std::array<std::size_t, 4>{});
    EXPECT_NE(fault_of(hidden), "");
    both = good; // a number that cannot grow any more
    both.replace(sizeof(lmdb_page), sizeof(lmdb_head), good.substr(head, sizeof(lmdb_head)));
    both.replace(page_bytes + sizeof(lmdb_page), sizeof(lmdb_head), good.substr(head, sizeof(lmdb_head)));
    store_at(both, whole_head - 8, most - 1);
    store_at(both, page_bytes + whole_head - 8, most);
    EXPECT_NE(fault_of(both, most), "");
    EXPECT_NE(fault_of(good.substr(0, page_bytes)), "");
    EXPECT_NE(fault_of(good.substr(0, 100)), "");
    EXPECT_NE(fault_of(""), "");
}

TEST_F(lmdb_numbers, of_branches_and_leaves) {
    for (const std::size_t page : {root, leaf}) {
        noticed_sizes("number", page, {0, 3, most});
        noticed_words("kind", page + 10, {0, 1, 2, 4, 34, 66});
        noticed_words("lower", page + 12, {0, 15, 16, 17, 18, 4000, 5000});
        noticed_words("upper", page + 14, {0, 16, 4095, 4096, 4098, 65534});
        noticed_words("offset", page + 16, {0, 1, 16, 4096, 65535, word(page + 18)});
        noticed("order", page + 18, std::array{word(page + 20), word(page + 18)});
        noticed_words("key's size", node(page, 1) + 6, {0, 100, 512, 65535});
        noticed("key", node(page, 1) + sizeof(lmdb_node), 'a');
        noticed("key", node(page, 1) + sizeof(lmdb_node), 'z');
    }
    noticed_words("child", node(root, 1), {0, word(node(root, 0)), static_cast<unsigned>(last + 1)});
    noticed_words("child, far", node(root, 1) + 4, {1});
    noticed_words("flags of a node", far + 4, {0, 2, 3, 4, 5});
}

// Trees that add up, but that LMDB does not make and cannot work with.
TEST_F(lmdb_numbers, of_pages_with_too_few_nodes) {
    const auto fault_with = [&](std::string bytes, std::uint16_t depth, std::size_t runs, std::size_t entries) {
        const std::size_t top = depth == 1 ? leaf : root;
        store_at(bytes, head + offsetof(lmdb_head, main),
                 detail::lmdb_tree{0, 0, depth, depth - 1U, 1, runs, entries, top / page_bytes});
        return fault_of(bytes);
    };
    std::size_t runs = 0;
    for (std::size_t i = 0; i != nodes(leaf); ++i) {
        const auto each = load<lmdb_node>(good, node(leaf, i));
        runs += each.flags == lmdb_node::in_run ? (each.value_bytes() + 15) / page_bytes + 1 : 0;
    }
    EXPECT_EQ(fault_with(good, 1, runs, nodes(leaf)), "");
    std::string bytes = good; // a branch with one child
    store_at(bytes, root + 12, std::array<std::uint16_t, 3>{18, 4088, 4088});
    store_at(bytes, root + 4088, static_cast<std::uint64_t>(leaf / page_bytes));
    EXPECT_NE(fault_with(bytes, 2, runs, nodes(leaf)), "");
    store_at(bytes, leaf + 12, std::array<std::uint16_t, 2>{16, 4096}); // a leaf with nothing
    EXPECT_NE(fault_with(bytes, 1, 0, 0), "");
}

TEST_F(lmdb_numbers, of_runs_and_free_pages) {
    noticed_words("size of a value", far, {0, 100, 60'000});
    noticed_sizes("run", run_at, {0, 1, leaf / page_bytes, last, last + 1, most});
    noticed_sizes("its number", run, {0, 3});
    noticed_words("its kind", run + 10, {0, 2, 6});
    noticed_words("its pages", run + 12, {0, 1, 60'000});
    noticed_words("flags", free + 4, {1, 2});
    noticed_words("size of a number", free + 6, {7, 0});
    noticed_sizes("transaction", free + 8, {0, number(head + sizeof(lmdb_head) - 8) + 1});
    noticed_sizes("count", free + 16, {600, most});
    noticed_sizes("page", free + 24, {0, 1, root / page_bytes, last + 1, most});
    noticed_sizes("last page", free + 16 + 8 * number(free + 16), {0, 1});
    noticed("order", free + 24, std::array{number(free + 32), number(free + 24)});
}

// Three nodes fill the page up to its end, and the first one's size is the last offset.
std::string page_with(std::uint16_t upper) {
    std::string page(page_bytes, '\0');
    const auto node_at = [&](std::size_t place, unsigned end) {
        const auto value = static_cast<std::uint16_t>(end - place - sizeof(lmdb_node) - 500);
        store_at(page, place, lmdb_node{{value, 0}, 0, 500});
    };
    node_at(upper, upper + 528);
    node_at(upper + 528U, 2560);
    node_at(2560, page_bytes);
    store_at(page, 12, std::array<std::uint16_t, 4>{22, upper, static_cast<std::uint16_t>(upper + 528), 2560});
    store_at(page, 20, upper);
    return page;
}

TEST(lmdb_nodes, lie_where_the_offsets_say_and_not_in_the_offsets) {
    EXPECT_TRUE(detail::lmdb_nodes().fill(page_with(1000), true, 1));
    EXPECT_FALSE(detail::lmdb_nodes().fill(page_with(20), true, 1));
    for (const auto& [place, word] : {std::pair{12, 20}, {12, 21}, {12, 24}, {16, 2560}, {16, 2}, {16, 1530}}) {
        // One offset less, half a one, one more; twice the same, or of no node.
        std::string page = page_with(1000);
        store_at(page, static_cast<std::size_t>(place), static_cast<std::uint16_t>(word));
        EXPECT_FALSE(detail::lmdb_nodes().fill(page, true, 1)) << place << " " << word;
    }
}

TEST(lmdb_nodes, are_such_as_lmdb_makes) {
    for (const lmdb_node& node : {lmdb_node{{928, 0}, 0, 600}, {{1528, 0}, 0, 0}, {{1028, 0}, 2, 500}}) {
        std::string page =
            page_with(1000); // a key too long, or none, or a table in the table: of the size before
        store_at(page, 2560, node);
        EXPECT_FALSE(detail::lmdb_nodes().fill(page, true, 1)) << node.key_bytes;
    }
    std::string page = page_with(1000); // so large that a second one would not fit
    store_at(page, 1528, lmdb_node{{2060, 0}, 0, 500});
    store_at(page, 12, std::array<std::uint16_t, 4>{20, 1000, 1528, 1000});
    EXPECT_FALSE(detail::lmdb_nodes().fill(page, true, 1));
}

} // namespace
} // namespace poolmark::tests
#endif
