// What the caches of this process are made of: nodes in one array, linked by 32-bit numbers, and where to find them.
//
//   node ───► [ previous | next, mark | chain | hash | key | value ]       the first nodes are the ends of lists
//   bucket ─► [ first node of a chain ] ...               32 + 6 bytes an entry of 8-byte keys and values
//
// A policy keeps its nodes in lists and its own knowledge of each in the mark, 0 to 2; mark 3 is a key without value: a
// ghost, of which a policy remembers that it was there.
//
// Good for: bounded caches; entries that come and go one for one.
// Bad for:  values that must not move: growing moves.
// Complexity: O(1); growing doubles, and where entries are counted takes room for all of them once a 64th is there: heaps
//             keep outgrown arrays, and nodes that were never used are address space alone. Bytes: as said.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"
#include "benchmarks/contenders/caches/cache_node.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace poolmark::detail {

template <class K, class V, class Hash, class Equal, class Weigh, std::uint32_t Lists>
class cache_nodes {
    using node = cache_node<K, V>;
    struct returned {
        std::size_t count;
        void operator()(node* nodes) const noexcept { std::allocator<node>().deallocate(nodes, count); }
    };
    using slab = std::unique_ptr<node[], returned>;

public:
    static_assert(checked_cache_types<K, V, Hash, Equal>::fine);
    using number = std::uint32_t;
    static constexpr number none = node_buckets::none;
    static constexpr std::uint32_t ghost = 3;

    // `most`: entries, and ghosts; the number of nodes never is larger.
    explicit cache_nodes(std::size_t most) : most_(std::min<std::size_t>(most, node_links::most_nodes - Lists)) {
        grow_to(room(0, std::min<std::size_t>(most_, 4)));
        end_lists();
    }
    cache_nodes(const cache_nodes&) = delete;
    cache_nodes& operator=(const cache_nodes&) = delete;
    ~cache_nodes() { destroy_all(); }

    template <class Q>
    [[nodiscard]] std::uint32_t hash(const Q& key) const {
        return spread(hash_(key));
    }
    template <class Q>
    [[nodiscard]] number find(std::uint32_t hash, const Q& key) const {
        number n = buckets_.head(hash);
        while (n != none && !(nodes_[n].hash == hash && equal_(nodes_[n].key, key))) {
            n = nodes_[n].chain;
        }
        return n;
    }

    [[nodiscard]] bool equals_itself(const K& key) const { return equal_(key, key); }

    [[nodiscard]] const K& key(number n) const noexcept { return nodes_[n].key; }
    [[nodiscard]] const V& value(number n) const noexcept { return nodes_[n].value; }
    [[nodiscard]] std::size_t weight(number n) const { return weigh_(nodes_[n].key, nodes_[n].value); }
    [[nodiscard]] std::size_t weigh(const K& key, const V& value) const { return weigh_(key, value); }
    [[nodiscard]] std::uint32_t hash_of(number n) const noexcept { return nodes_[n].hash; }

    // Room for one more: what had to be allocated, and nothing changed yet. Throws std::bad_alloc.
    struct room {
        room() = default;
        room(std::size_t old, std::size_t more)
            : nodes(std::allocator<node>().allocate(old + more + Lists), returned{old + more + Lists}),
              buckets(old + more), entries(old + more) {}
        slab nodes;
        node_buckets buckets;
        std::size_t entries = 0;
    };
    [[nodiscard]] room room_for_one() const {
        if (free_ != none || used_ != entries_) [[likely]] {
            return {};
        }
        return larger();
    }

    // Right after room_for_one(), while no node is free.
    void take(room&& more) noexcept {
        if (more.entries != 0) [[unlikely]] {
            grow_to(std::move(more));
        }
    }

    // There is room for it.
    number add(std::uint32_t hash, K&& key, V&& value) noexcept {
        number n = free_;
        if (n != none) {
            free_ = nodes_[n].links.next();
        } else {
            n = static_cast<number>(used_++) + Lists;
        }
        node& added = *std::construct_at(&nodes_[n]);
        std::construct_at(&added.key, std::move(key));
        std::construct_at(&added.value, std::move(value));
        added.hash = hash;
        added.chain = std::exchange(buckets_.head(hash), n);
        ++size_;
        return n;
    }

    void replace(number n, V&& value) noexcept {
        std::destroy_at(&nodes_[n].value);
        std::construct_at(&nodes_[n].value, std::move(value));
    }

    // It is in no list any more.
    void remove(number n) noexcept {
        number* at = &buckets_.head(nodes_[n].hash);
        while (*at != n) {
            at = &nodes_[*at].chain;
        }
        *at = nodes_[n].chain;
        std::destroy_at(&nodes_[n].key);
        if (mark(n) != ghost) {
            std::destroy_at(&nodes_[n].value);
            --size_;
        }
        set_mark(n, ghost);
        nodes_[n].links.set_next(free_);
        free_ = n;
    }
    void make_ghost(number n) noexcept {
        std::destroy_at(&nodes_[n].value);
        set_mark(n, ghost);
        --size_;
    }
    void revive(number n, V&& value) noexcept {
        std::construct_at(&nodes_[n].value, std::move(value));
        set_mark(n, 0);
        ++size_;
    }

    void clear() noexcept {
        destroy_all();
        buckets_.clear();
        used_ = size_ = 0;
        free_ = none;
        end_lists();
    }

    [[nodiscard]] std::uint32_t mark(number n) const noexcept { return nodes_[n].links.mark(); }
    void set_mark(number n, std::uint32_t mark) noexcept { nodes_[n].links.set_mark(mark); }

    // Lists, by the number of their end, 0 to Lists - 1, which is what the last node of each leads to.
    [[nodiscard]] number previous(number n) const noexcept { return nodes_[n].links.previous(); }
    [[nodiscard]] number back(number list) const noexcept { return nodes_[list].links.previous(); }
    void unlink(number n) noexcept {
        const node_links out = nodes_[n].links;
        nodes_[out.previous()].links.set_next(out.next());
        nodes_[out.next()].links.set_previous(out.previous());
    }
    void push_front(number list, number n) noexcept {
        const number first = nodes_[list].links.next();
        nodes_[n].links.set_previous(list);
        nodes_[n].links.set_next(first);
        nodes_[first].links.set_previous(n);
        nodes_[list].links.set_next(n);
    }
    void move_to_front(number list, number n) noexcept {
        unlink(n);
        push_front(list, n);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; } // without ghosts
    [[nodiscard]] number first_number() const noexcept { return Lists; }
    [[nodiscard]] number end_number() const noexcept { return static_cast<number>(used_) + Lists; }
    [[nodiscard]] std::size_t bytes() const noexcept { return (entries_ + Lists) * sizeof(node) + buckets_.bytes(); }

private:
    static constexpr std::size_t few_of_all = 64; // when a cache may be believed to fill one day
    static constexpr std::size_t most_at_once = std::size_t{1} << 22U; // heaps give larger outgrown arrays back

    [[gnu::noinline]] room larger() const {
        if (entries_ >= most_) {
            throw std::bad_alloc();
        }
        const std::size_t left = most_ - entries_;
        const bool takes_all =
            std::is_same_v<Weigh, each_weighs_one> && most_ <= most_at_once && entries_ >= most_ / few_of_all;
        return room(entries_, takes_all ? left : std::min(std::max<std::size_t>(entries_, 4), left));
    }

    // Called with no free nodes, so that all of them are to be moved.
    [[gnu::noinline]] void grow_to(room&& more) noexcept {
        for (std::size_t n = 0; n != Lists; ++n) {
            std::construct_at(&more.nodes[n])->links = nodes_ ? nodes_[n].links : node_links{};
        }
        for (std::size_t n = Lists; n != used_ + Lists; ++n) {
            node& from = nodes_[n];
            node& to = *std::construct_at(&more.nodes[n]);
            to.links = from.links;
            to.hash = from.hash;
            to.chain = std::exchange(more.buckets.head(to.hash), static_cast<number>(n));
            std::construct_at(&to.key, std::move(from.key));
            std::destroy_at(&from.key);
            if (from.links.mark() != ghost) {
                std::construct_at(&to.value, std::move(from.value));
                std::destroy_at(&from.value);
            }
        }
        nodes_ = std::move(more.nodes);
        buckets_ = std::move(more.buckets);
        entries_ = more.entries;
    }

    void destroy_all() noexcept {
        for (number n : buckets_) {
            for (; n != none; n = nodes_[n].chain) {
                std::destroy_at(&nodes_[n].key);
                if (mark(n) != ghost) {
                    std::destroy_at(&nodes_[n].value);
                }
            }
        }
    }

    void end_lists() noexcept {
        for (number list = 0; list != Lists; ++list) {
            nodes_[list].links.set_previous(list);
            nodes_[list].links.set_next(list);
        }
    }

    [[no_unique_address]] Hash hash_;
    [[no_unique_address]] Equal equal_;
    [[no_unique_address]] Weigh weigh_;
    slab nodes_;
    node_buckets buckets_;
    std::size_t entries_ = 0; // that there is room for
    std::size_t used_ = 0;    // nodes that were in use once
    std::size_t size_ = 0;
    std::size_t most_;
    number free_ = none;
};

} // namespace poolmark::detail
