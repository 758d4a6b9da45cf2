// cycles — pairs of objects that refer to each other, made, read, dropped and reclaimed.
//
// Question:  weak pointers by discipline, a collector, or an arena that goes as a whole?
// Models:    parents and children, observers, graphs: what counts of references never free.
// Favours:   the arena, which asks nobody; mark and sweep while little survives; trial deletion while much does.
// Ignores:   threads, destructors with work of their own, and the pause of a single collection.
#include "pools/arena.hpp"
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/lifetime/catalog.hpp"
#include "benchmarks/contenders/lifetime/intrusive_ref.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace poolmark::benchmarks {
namespace {

// A way keeps pairs in places: first ──► second, and back where it is asked for.
//   make(place, value, circle)   value(place)
//   keep()    what was made so far stays to the end
//   drop(n)   the first n places are empty, and what was in them is reclaimed
struct weak_adapter {
    struct node {
        std::uint64_t value = 0;
        std::shared_ptr<node> next;
        std::weak_ptr<node> back;
    };
    explicit weak_adapter(std::size_t places) : first(places) {}
    void make(std::size_t place, std::uint64_t value, bool circle) {
        first[place] = std::make_shared<node>();
        first[place]->next = std::make_shared<node>();
        first[place]->next->value = value;
        if (circle) {
            first[place]->next->back = first[place];
        }
    }
    [[nodiscard]] std::uint64_t value(std::size_t place) const { return first[place]->next->value; }
    void keep() {}
    void drop(std::size_t count) {
        for (std::size_t i = 0; i != count; ++i) {
            first[i].reset();
        }
    }
    table<std::shared_ptr<node>> first;
};

struct trial_adapter {
    struct node {
        std::uint64_t value = 0;
        collected_ref<node> other;
        template <class Visit>
        void trace(Visit&& visit) {
            visit(other);
        }
    };
    explicit trial_adapter(std::size_t places) : first(places) {}
    void make(std::size_t place, std::uint64_t value, bool circle) {
        first[place] = heap.make();
        auto second = heap.make();
        second->value = value;
        if (circle) {
            second->other = first[place];
        }
        first[place]->other = std::move(second);
    }
    [[nodiscard]] std::uint64_t value(std::size_t place) const { return first[place]->other->value; }
    void keep() {}
    void drop(std::size_t count) {
        for (std::size_t i = 0; i != count; ++i) {
            first[i] = {};
        }
        heap.collect();
    }
    collected_heap<node> heap{collected_heap<node>::never};
    table<collected_ref<node>> first;
};

struct plain_node {
    std::uint64_t value = 0;
    plain_node* other = nullptr;
    template <class Visit>
    void trace(Visit&& visit) {
        visit(other);
    }
};

// The pairs hang on one another from one root, as a table of them would.
struct sweep_adapter {
    struct node : plain_node {
        node* pair = nullptr;
        node* left = nullptr;
        template <class Visit>
        void trace(Visit&& visit) {
            visit(pair);
            visit(left);
        }
    };
    explicit sweep_adapter(std::size_t places) : first(places), chain(heap, nullptr), kept(heap, nullptr) {}
    void make(std::size_t place, std::uint64_t value, bool circle) {
        const auto one = heap.make();
        const auto two = heap.make();
        one->pair = two.get();
        two->value = value;
        if (circle) {
            two->pair = one.get();
        }
        one->left = chain.get();
        chain = one;
        first[place] = one.get();
    }
    [[nodiscard]] std::uint64_t value(std::size_t place) const { return first[place]->pair->value; }
    void keep() {
        kept = chain;
        chain.reset();
    }
    void drop(std::size_t /*count*/) {
        chain.reset();
        heap.collect();
    }
    traced_heap<node> heap{traced_heap<node>::never};
    table<node*> first;
    traced_root<node> chain;
    traced_root<node> kept;
};

struct arena_adapter {
    explicit arena_adapter(std::size_t places) : first(places), for_ever(0), together(places * 2) {}
    void make(std::size_t place, std::uint64_t value, bool circle) {
        plain_node* const one = create(*into);
        plain_node* const two = create(*into);
        one->other = two;
        two->value = value;
        two->other = circle ? one : nullptr;
        first[place] = one;
    }
    [[nodiscard]] std::uint64_t value(std::size_t place) const { return first[place]->other->value; }
    void keep() { into = &together; }
    void drop(std::size_t /*count*/) { together.reset(); }
    table<plain_node*> first;
    arena<plain_node> for_ever;
    arena<plain_node> together;
    arena<plain_node>* into = &for_ever;
};

// Counts alone: circles stay, so this is what making the pairs costs, and nobody gets them back. The next pairs
// take the places of the old ones, or the memory would not last for the measurement.
struct leaking_adapter {
    struct node : counted<node, plain_count> {
        std::uint64_t value = 0;
        node* other = nullptr;
    };
    explicit leaking_adapter(std::size_t places) : nodes(places * 2) {}
    void make(std::size_t place, std::uint64_t value, bool circle) {
        node* const one = ::new (&nodes[place * 2]) node;
        node* const two = ::new (&nodes[place * 2 + 1]) node;
        one->other = two;
        two->value = value;
        if (circle) {
            two->other = one;
            one->references().retain();
        }
    }
    [[nodiscard]] std::uint64_t value(std::size_t place) const { return nodes[place * 2].other->value; }
    void keep() {}
    void drop(std::size_t count) {
        for (std::size_t i = 0; i != count; ++i) {
            nodes[i * 2].references().release([](plain_count&) noexcept {});
        }
    }
    table<node> nodes;
};

struct boehm_adapter {
    explicit boehm_adapter(std::size_t places)
        : first(static_cast<plain_node**>(gc.allocate_root(places * sizeof(plain_node*)))) {}
    ~boehm_adapter() { gc.free_root(first); }
    boehm_adapter(const boehm_adapter&) = delete;
    boehm_adapter& operator=(const boehm_adapter&) = delete;
    void make(std::size_t place, std::uint64_t value, bool circle) {
        first[place] = ::new (gc.allocate(sizeof(plain_node))) plain_node;
        first[place]->other =
            ::new (gc.allocate(sizeof(plain_node))) plain_node{value, circle ? first[place] : nullptr};
    }
    [[nodiscard]] std::uint64_t value(std::size_t place) const { return first[place]->other->value; }
    void keep() {}
    void drop(std::size_t dropped) {
        std::fill_n(first, dropped, nullptr);
        gc.collect();
    }
    const boehm_collector& gc = boehm_collector::get();
    plain_node** first; // where the collector looks
};

template <class Way>
class cycles_subject final : public subject {
public:
    explicit cycles_subject(const parameters& where)
        : pairs_(static_cast<std::size_t>(bounded_live(where.number("pairs")))),
          circle_percent_(static_cast<std::size_t>(where.number("circle_percent"))),
          way_(pairs_ + static_cast<std::size_t>(bounded_live(where.number("survivors")))) {
        make(pairs_, pairs_ + static_cast<std::size_t>(bounded_live(where.number("survivors"))));
        way_.keep();
    }

    std::uint64_t verify() override {
        make(0, pairs_);
        digest seen;
        for (std::size_t i = 0; i != pairs_; ++i) {
            seen.add(way_.value(i));
        }
        way_.drop(pairs_);
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            make(0, pairs_);
            way_.drop(pairs_);
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return pairs_; }

private:
    void make(std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i != end; ++i) {
            way_.make(i, i, i % 100 < circle_percent_);
        }
        barrier();
    }

    std::size_t pairs_;
    std::size_t circle_percent_;
    Way way_;
};

template <class Way>
std::unique_ptr<subject> make_cycles(const parameters& where) {
    return std::make_unique<cycles_subject<Way>>(where);
}

std::vector<strategy> strategies_of_cycles() {
    return {
        {.about = weak_back_edge_about, .heap = heap_use::every_allocator, .make = &make_cycles<weak_adapter>},
        {.about = collected_heap<int>::about, .make = &make_cycles<trial_adapter>},
        {.about = traced_heap<int>::about, .make = &make_cycles<sweep_adapter>},
        {.about = arena_drop_about, .make = &make_cycles<arena_adapter>},
        {.about = boehm_collector_about,
         .make = boehm_collector_about.installed() ? &make_cycles<boehm_adapter> : nullptr},
        {.about = leaked_cycles_about, .make = &make_cycles<leaking_adapter>, .as = role::limit},
    };
}

std::vector<point> points_of_cycles() {
    std::vector<point> points;
    const auto add = [&](std::int64_t pairs, std::int64_t circles, std::int64_t survivors, preset from) {
        points.push_back({.where = {{"pairs", pairs}, {"circle_percent", circles}, {"survivors", survivors}},
                          .from = from,
                          .every_allocator_from = preset::full});
    };
    for (const std::int64_t pairs : {10, 1'000, 10'000, 100'000, 1'000'000}) {
        add(pairs, 100, 0, pairs == 1'000 ? preset::quick : preset::full);
    }
    for (const std::int64_t circles : {0, 10, 50}) {
        add(1'000, circles, 0, circles == 0 ? preset::quick : preset::full);
    }
    for (const std::int64_t survivors : {1'000, 10'000, 100'000}) {
        add(1'000, 100, survivors, survivors == 10'000 ? preset::quick : preset::full);
    }
    return points;
}

const registration registered{{
    .name = "cycles",
    .question = "Weak pointers by discipline, a collector, or an arena that goes as a whole?",
    .operation = "make one pair of objects, drop it and reclaim it",
    .models = "parents and children, observers, graphs: what counts of references never free",
    .favours = "the arena, mark and sweep while little survives, trial deletion while much does",
    .ignores = "threads, destructors with work of their own, the pause of a single collection",
    .from = preset::full,
    .strategies = strategies_of_cycles(),
    .points = points_of_cycles(),
}};

} // namespace
} // namespace poolmark::benchmarks
