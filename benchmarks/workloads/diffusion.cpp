// diffusion — lists of several subsystems whose nodes move between them; then each list is walked.
//
// Question:  what does reading data cost when its nodes have mixed in memory, and does an arena per subsystem prevent it?
// Models:    programs that have run for long: sessions, orders, entities that go from one part of the program to another.
// Favours:   storage that belongs to one list alone; of the heaps, those that do not hand a freed block to whoever is next.
// Ignores:   what allocating and freeing costs (none of it is timed), threads, nodes of several sizes. The experiment is
//            the one that Bloomberg's allocator studies (P0089, P0213) call diffusion. A move takes the first node off one
//            list, frees it, and puts a new one at the end of another list; `shuffles` is how many moves there are for
//            each node. The lists are visited one after the other, each as often as `visits` says. no_heap walks the same
//            lists in one dense table, each node beside the next: no layout is better.
#include "benchmarks/harness/heaps.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/random.hpp"
#include "pools/arena.hpp"
#include "pools/object_pool.hpp"

#include <deque>
#include <optional>

namespace poolmark::benchmarks {
namespace {

struct node {
    node* next;
    std::uint64_t value;
    std::uint64_t payload[2];
};
static_assert(sizeof(node) == 32);

// All lists on the process's heap.
class heap_nodes {
public:
    static constexpr bool is_dense = false, has_pools = false;
    explicit heap_nodes(std::size_t /*lists*/) {}
    [[nodiscard]] void* take(std::size_t /*list*/) { return process_heap::take(sizeof(node)); }
    void give(std::size_t /*list*/, void* block) noexcept { process_heap::give(block); }
};

// Each list in a pool of its own.
template <class Pool, bool IsDense = false>
class pool_nodes {
public:
    static constexpr bool is_dense = IsDense, has_pools = true;
    explicit pool_nodes(std::size_t lists) {
        for (; lists != 0; --lists) {
            pools_.emplace_back();
        }
    }
    [[nodiscard]] void* take(std::size_t list) { return pools_[list].acquire(); }
    void give(std::size_t list, void* block) noexcept { pools_[list].release(block); }

private:
    std::deque<Pool> pools_;
};

template <class Nodes>
class diffusing_subject final : public subject, public memory_measurable {
public:
    explicit diffusing_subject(const parameters& where)
        : lists_(static_cast<std::size_t>(bounded_live(where.number("subsystems")))),
          nodes_(static_cast<std::size_t>(bounded_live(where.number("nodes"))) / lists_.size() * lists_.size()),
          shuffles_(static_cast<std::size_t>(where.number("shuffles"))),
          visits_(static_cast<std::uint64_t>(where.number("visits"))) {}
    diffusing_subject(const diffusing_subject&) = delete;
    diffusing_subject& operator=(const diffusing_subject&) = delete;
    ~diffusing_subject() override { diffusing_subject::release(); }

    std::uint64_t verify() override {
        if (at_ == nullptr) {
            build();
            at_ = next_list();
        }
        digest seen;
        for (const ends& list : lists_) {
            for (const node* at = list.first; at != nullptr; at = at->next) {
                seen.add(at->value);
            }
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override { // a stretch of the lists: it goes on where it stopped
        std::uint64_t sum = 0;
        const node* at = at_;
        for (std::uint64_t left = iterations * nodes_per_iteration; left != 0; --left) {
            sum += at->value;
            at = at->next;
            if (at == nullptr) [[unlikely]] {
                at = next_list();
            }
        }
        at_ = at;
        sum_ = sum;
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return nodes_per_iteration; }

    [[nodiscard]] std::size_t usual_objects() const override { return nodes_; }
    [[nodiscard]] bool takes_any_number() const override { return false; }
    void prepare(std::size_t /*objects*/) override {}
    void build() override {
        storage_.emplace(lists_.size());
        fill();
        shuffle();
        if constexpr (Nodes::is_dense) {
            make_dense();
        }
    }
    [[nodiscard]] object_sizes sizes() override { return mean_sizes(nodes_ * sizeof(node), nodes_); }
    void release() override {
        for (std::size_t from = 0; from != lists_.size() && dense_.empty(); ++from) {
            while (lists_[from].first != nullptr) {
                static_cast<void>(pop(from));
            }
        }
    }
    bool end() override {
        storage_.reset();
        return Nodes::has_pools;
    }

private:
    static constexpr std::uint64_t nodes_per_iteration = 4096;

    struct ends {
        node* first = nullptr;
        node* last = nullptr;

        void append(node* one) noexcept {
            (first == nullptr ? first : last->next) = one;
            last = one;
        }
    };

    // The beginning of the list that was visited last, or of the next one that has nodes.
    [[nodiscard]] const node* next_list() noexcept {
        if (visited_ != visits_) {
            ++visited_;
            return lists_[list_].first;
        }
        visited_ = 1;
        do {
            list_ = list_ + 1 == lists_.size() ? 0 : list_ + 1;
        } while (lists_[list_].first == nullptr);
        return lists_[list_].first;
    }

    void push(std::size_t to, std::uint64_t value) {
        lists_[to].append(::new (storage_->take(to)) node{.next = nullptr, .value = value, .payload = {value, ~value}});
    }
    std::uint64_t pop(std::size_t from) noexcept {
        node* const gone = lists_[from].first;
        const std::uint64_t value = gone->value;
        lists_[from].first = gone->next;
        storage_->give(from, gone);
        return value;
    }

    void fill() {
        for (std::uint64_t value = 0; value != nodes_; ++value) {
            push(value / (nodes_ / lists_.size()), value);
        }
    }
    void shuffle() {
        random_source chance(workload_seed);
        for (std::size_t left = shuffles_ * nodes_; left != 0; --left) {
            const std::size_t from = chance.below(lists_.size());
            const std::size_t to = chance.below(lists_.size());
            if (lists_[from].first != nullptr) {
                push(to, pop(from));
            }
        }
    }
    void make_dense() {
        dense_.reserve(nodes_); // at once: the nodes point to each other
        for (std::size_t from = 0; from != lists_.size(); ++from) {
            ends moved;
            while (lists_[from].first != nullptr) {
                dense_.push_back({.next = nullptr, .value = pop(from), .payload = {}});
                moved.append(&dense_.back());
            }
            lists_[from] = moved;
        }
    }

    table<ends> lists_;
    std::size_t nodes_;
    std::size_t shuffles_;
    std::uint64_t visits_;
    std::optional<Nodes> storage_;
    table<node> dense_;
    const node* at_ = nullptr;
    std::size_t list_ = lists_.size() - 1;
    std::uint64_t visited_ = visits_;
    volatile std::uint64_t sum_ = 0; // what was read, so that it is read
};

template <class Nodes>
[[nodiscard]] std::unique_ptr<subject> make_lists(const parameters& where) {
    return std::make_unique<diffusing_subject<Nodes>>(where);
}

using pooled_node = object_pool<node>;
using arena_node = arena<node, warm_source>; // which begins small: there may be many lists

std::vector<point> points_of_diffusion() {
    const auto at = [](std::int64_t nodes, std::int64_t subsystems, std::int64_t shuffles, std::int64_t visits) {
        return parameters{{"nodes", nodes}, {"subsystems", subsystems}, {"shuffles", shuffles}, {"visits", visits}};
    };
    constexpr std::int64_t some = std::int64_t{1} << 17U;
    constexpr std::int64_t many = std::int64_t{1} << 21U;
    std::vector<point> points{{.where = at(some, 16, 0, 1)}, {.where = at(some, 16, 5, 1), .memory = true}};
    for (const std::int64_t shuffles : {1, 2}) {
        points.push_back({.where = at(some, 16, shuffles, 1), .from = preset::full});
    }
    points.push_back({.where = at(some, 16, 5, 16), .from = preset::full});
    for (const std::int64_t subsystems : {1, 16, 1024, 1 << 17}) {
        for (const std::int64_t shuffles : {0, 5}) {
            points.push_back({.where = at(many, subsystems, shuffles, 1), .from = preset::full});
        }
    }
    return points;
}

const registration registered{{
    .name = "diffusion",
    .question = "What does reading data cost when its nodes have mixed in memory, and does an arena per subsystem "
                "prevent it?",
    .operation = "go to the next of the nodes of 32 bytes in a list, and from list to list",
    .models = "programs that have run for long: sessions, orders, entities that go from one part to another",
    .favours = "storage that belongs to one list alone",
    .ignores = "what allocating and freeing costs, threads, nodes of several sizes",
    .from = preset::heaps,
    .strategies = {{.about = fresh_heap<node>::about, .heap = heap_use::every_allocator, .make = &make_lists<heap_nodes>},
                   {.about = arena_node::about, .make = &make_lists<pool_nodes<arena_node>>},
                   {.about = pooled_node::about, .make = &make_lists<pool_nodes<pooled_node>>},
                   {.about = no_heap_about, .make = &make_lists<pool_nodes<pooled_node, true>>, .as = role::limit}},
    .points = points_of_diffusion(),
}};

} // namespace
} // namespace poolmark::benchmarks
