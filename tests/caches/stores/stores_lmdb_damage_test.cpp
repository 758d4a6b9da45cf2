// LMDB's file with anything in it changed: looked at, thrown away if it was ours, and never the end of the
// process.
#include "tests/caches/stores/lmdb_damage.hpp"

#ifdef POOLMARK_HAS_LMDB
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

namespace poolmark::tests {
namespace {

// One damage of many kinds: bits, bytes, numbers that could be pages or offsets, whole pages, the end.
std::string damaged(std::string bytes, numbers& next) {
    const std::size_t pages = bytes.size() / page_bytes;
    const std::size_t place = next() % (bytes.size() - 8);
    const std::size_t page = next() % pages * page_bytes;
    const std::array<std::uint64_t, 4> odd{next(), next() % (pages + 3), next() % 4200,
                                           std::uint64_t{1} << next() % 64};
    const std::uint64_t number = odd[next() % 4];
    switch (next() % 8) {
    case 0:
    case 1: bytes[place] = static_cast<char>(bytes[place] ^ 1 << next() % 8); break;
    case 2: bytes[place] = static_cast<char>(number); break;
    case 3: store_at(bytes, place / 8 * 8, number); break;
    case 4: bytes.replace(page, page_bytes, bytes.substr(next() % pages * page_bytes, page_bytes)); break;
    case 5: bytes.resize(next() % 2 == 0 ? place : page); break;
    case 6: // where pages say what they are
        store_at(bytes, page + next() % 64 / 2 * 2, static_cast<std::uint16_t>(number));
        break;
    default: // the heads
        store_at(bytes, next() % 2 * page_bytes + next() % 20 * 8, number);
    }
    return bytes;
}

TEST_F(lmdb_damage, whatever_was_changed_is_a_miss_or_the_old_value) {
    for (std::size_t round = 0; round != 250; ++round) {
        numbers next(round);
        write(damaged(good, next));
        if (round % 16 == 0) {
            std::ofstream(at / "lock.mdb") << std::string(next() % 9000, static_cast<char>(next()));
        }
        lmdb_store store(at, {.synced = false});
        ASSERT_EQ(store.problem(), "") << round;
        found(store);
        for (int i = 0; i != 4; ++i) {
            const std::string value(i == 3 ? 9000 : next() % 900, 'n');
            ASSERT_TRUE(store.put(key(i * 9 % 80) + "new", value)) << round;
            ASSERT_EQ(store.get(key(i * 9 % 80) + "new"), value) << round;
            static_cast<void>(store.erase(key(static_cast<int>(next() % 80))));
        }
        ASSERT_TRUE(store.clear()) << round;
        ASSERT_EQ(store.size(), 0U) << round;
    }
}

// What LMDB believes, one after the other, is no longer believed.
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
    noticed("order", free + 24, std::array{number(free + 32), number(free + 24)});
}

TEST_F(lmdb_damage, a_store_that_worked_is_never_called_damaged) {
    numbers next(3);
    for (int opened = 0; opened != 40; ++opened) {
        lmdb_store store(at, {.synced = false});
        ASSERT_EQ(store.problem(), "");
        ASSERT_EQ(found(store), values.size());
        for (int i = 0; i != 12; ++i) {
            const std::string name = key(static_cast<int>(next() % 400));
            if (next() % 3 == 0) {
                ASSERT_EQ(store.erase(name), values.erase(name) != 0);
            } else {
                put(store, name, std::string(next() % 8 == 0 ? next() % 60'000 : next() % 900, 'w'));
            }
        }
    }
}

// The root of the tree of entries: which page it is has no second witness.
std::string without_root(std::string bytes) {
    for (const std::size_t head : {std::size_t{0}, page_bytes}) {
        store_at(bytes, head + head_of_page + offsetof(lmdb_head, main) + 40, std::size_t{1});
    }
    return bytes;
}

TEST_F(lmdb_damage, a_file_that_only_looks_like_ours_stays) {
    std::filesystem::rename(data, folder.path() / "kept");
    write(without_root(good)); // made by somebody else
    const std::string before = content(data);
    {
        lmdb_store store(at);
        EXPECT_NE(store.problem().find("damaged"), std::string::npos);
        EXPECT_EQ(found(store), 0U);
        EXPECT_FALSE(store.put("key", "value") || store.clear());
    }
    EXPECT_EQ(content(data), before);
    std::filesystem::rename(folder.path() / "kept", data);
    write(without_root(good));
    lmdb_store store(at);
    EXPECT_EQ(store.problem(), "");
    EXPECT_EQ(store.size(), 0U);
}

TEST_F(lmdb_damage, what_another_process_has_open_stays_until_it_ends) {
    std::array<int, 2> ready{};
    std::array<int, 2> end{};
    ASSERT_TRUE(::pipe(ready.data()) == 0 && ::pipe(end.data()) == 0);
    const ::pid_t child = ::fork();
    char any = 0;
    if (child == 0) {
        ::close(end[1]);
        const lmdb_store open(at);
        static_cast<void>(::write(ready[1], &any, 1) + ::read(end[0], &any, 1));
        ::_exit(0);
    }
    ASSERT_EQ(::read(ready[0], &any, 1), 1);
    const std::string bytes = without_root(content(data));
    write(bytes);
    EXPECT_NE(lmdb_store(at).problem().find("damaged"), std::string::npos);
    EXPECT_EQ(content(data), bytes);
    ::close(end[1]);
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(lmdb_store(at).problem(), "");
    for (const int each : {ready[0], ready[1], end[0]}) {
        ::close(each);
    }
}

TEST_F(lmdb_damage, a_lost_mark_is_damage_where_the_file_is_ours) {
    std::string bytes = good;
    for (std::size_t place = 0; (place = bytes.find(detail::lmdb_key::mark(), place)) != bytes.npos; ++place) {
        bytes[place + 500] = '"';
    }
    write(bytes);
    lmdb_store store(at);
    EXPECT_EQ(store.problem(), "");
    EXPECT_EQ(store.size(), 0U);
}

TEST_F(lmdb_damage, who_does_not_want_the_look_at_all_pages_has_none) {
    std::string bytes = good;
    for (const std::size_t head : {std::size_t{0}, page_bytes}) { // one entry more, which harms nobody
        const std::size_t count = head + head_of_page + offsetof(lmdb_head, main) + 32;
        store_at(bytes, count, load<std::size_t>(bytes, count) + 1);
    }
    write(bytes);
    {
        lmdb_store store(at, {.checked_at_opening = false});
        EXPECT_EQ(found(store), values.size());
    }
    EXPECT_EQ(lmdb_store(at).size(), 0U);
}

} // namespace
} // namespace poolmark::tests
#endif
