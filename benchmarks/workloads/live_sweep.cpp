// live_sweep — a set whose members come and go one by one, and which is visited as a whole.
//
// Question:  what does it cost to keep objects where all that live can be visited, and how do holes change that?
// Models:    particles, sessions, entities, subscribers: update all of them, drop some, add others.
// Favours:   members that lie side by side; the list's nodes do so only until the set has changed for a while.
// Ignores:   the order of the visit, threads, members of several sizes.
//
// Insertion and erasure cannot be timed apart without a clock between them, so `replace` does both, and `build` fills
// an empty set and drops it as a whole.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"
#include "pools/bitmap_pool.hpp"

#include <cstdint>
#include <list>
#include <string>

#ifdef POOLMARK_HAS_PLF_COLONY
#include <plf_colony.h>
#endif

namespace poolmark::benchmarks {
namespace {

// The sets, with one face for all of them:
//
//   insert(value) ──► place        erase(place)        visit(each)        drop_all()
struct member : object<64> {
    explicit member(std::uint64_t value) noexcept { stamp(value); } // NOLINT(*-member-init): the rest is not read
};

// std::list and plf::colony: both are erased from through iterators, which stay valid.
template <class Container>
struct iterator_set {
    using place = typename Container::iterator;
    Container members;

    void drop_all() { members.clear(); }
    void erase(place which) { members.erase(which); }
    template <class Visit>
    void visit(Visit&& each) {
        for (member& one : members) {
            each(one);
        }
    }
};
struct list_set : iterator_set<std::list<member>> {
    place insert(std::uint64_t value) { return members.emplace(members.end(), value); }
};
#ifdef POOLMARK_HAS_PLF_COLONY
struct colony_set : iterator_set<plf::colony<member>> {
    place insert(std::uint64_t value) { return members.emplace(value); }
};
#endif
struct bitmap_set {
    using place = member*;
    bitmap_pool<member> members;

    place insert(std::uint64_t value) { return members.create(value); }
    void erase(place which) { members.destroy(which); }
    void drop_all() { members.clear(); }
    template <class Visit>
    void visit(Visit&& each) {
        members.for_each_live(each);
    }
};

template <class Set>
class sweep_subject final : public subject {
public:
    explicit sweep_subject(const parameters& where)
        : operation_(where.word("operation")), room_(static_cast<std::size_t>(bounded_live(where.number("slots")))) {
        if (operation_ != "build") {
            punch(static_cast<std::size_t>(where.number("percent")));
        }
    }

    std::uint64_t verify() override {
        once();
        digest seen; // of sums, which do not depend on the order of the visit
        std::uint64_t count = 0;
        std::uint64_t squares = 0;
        set_.visit([&](const member& one) {
            ++count;
            squares += one.read() * one.read();
        });
        seen.add(count);
        seen.add(squares);
        seen.add(sum_);
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            once();
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override {
        return operation_ == "build" ? room_ : operation_ == "replace" ? order_.size() : places_.size();
    }

private:
    // Fills the set and erases at random until so many per cent are left; the rest stays in a random order.
    void punch(std::size_t percent) {
        for (const std::uint32_t value : shuffled_indices(room_)) {
            places_.push_back(set_.insert(value));
        }
        const table<std::uint32_t> order = shuffled_indices(room_, workload_seed + 1);
        const std::size_t kept = room_ * percent / 100;
        table<typename Set::place> left;
        for (std::size_t i = 0; i < room_; ++i) {
            if (i < kept) {
                left.push_back(places_[order[i]]);
            } else {
                set_.erase(places_[order[i]]);
            }
        }
        places_.swap(left);
        order_ = shuffled_indices(kept / 2);
    }

    void once() {
        if (operation_ == "sweep") {
            set_.visit([this](const member& one) { sum_ += one.read(); });
        } else if (operation_ == "build") {
            set_.drop_all();
            for (std::size_t i = 0; i < room_; ++i) {
                static_cast<void>(set_.insert(i));
                barrier();
            }
        } else {
            replace_half();
        }
    }

    void replace_half() {
        for (const std::uint32_t i : order_) {
            set_.erase(places_[i]);
            barrier();
        }
        for (std::size_t i = 0; i < order_.size(); ++i) {
            places_[i] = set_.insert(next_value_++);
            barrier();
        }
    }

    std::string operation_;
    std::size_t room_;
    Set set_;
    table<typename Set::place> places_;
    table<std::uint32_t> order_; // in which half of them are erased
    std::uint64_t next_value_ = 0;
    std::uint64_t sum_ = 0;
};

template <class Set>
std::unique_ptr<subject> make_set(const parameters& where) {
    return std::make_unique<sweep_subject<Set>>(where);
}

std::vector<strategy> strategies_of_live_sweep() {
    std::vector<strategy> list;
    list.push_back({fresh_heap<int>::about, heap_use::every_allocator, &make_set<list_set>});
    list.push_back({.about = bitmap_pool<int>::about, .make = &make_set<bitmap_set>});
#ifdef POOLMARK_HAS_PLF_COLONY
    list.push_back({plf_colony_pool_about, heap_use::every_allocator, &make_set<colony_set>});
#else
    list.push_back({.about = plf_colony_pool_about}); // the row says what to install
#endif
    return list;
}

std::vector<point> points_of_live_sweep() {
    const axis slots{"slots", {10'000, 100'000}};
    std::vector<point> points = grid({{"operation", {"sweep", "replace"}}, {"percent", {100, 50, 10}}, slots}, [](const parameters& at) {
        return at.number("slots") == 10'000 && (at.word("operation") == "replace") == (at.number("percent") == 50);
    }, preset::full);
    for (point& built : grid({{"operation", {"build"}}, {"percent", {100}}, slots},
                             [](const parameters& at) { return at.number("slots") == 10'000; }, preset::full)) {
        points.push_back(std::move(built));
    }
    return points;
}

const registration registered{{
    .name = "live_sweep",
    .question = "What does it cost to keep objects where all that live can be visited?",
    .operation = "visit one object of 64 bytes, or erase and insert one, or insert one into a set that is then dropped",
    .models = "particles, sessions, entities: update all of them, drop some, add others",
    .favours = "members that lie side by side",
    .ignores = "the order of the visit, threads, members of several sizes",
    .from = preset::full,
    .strategies = strategies_of_live_sweep(),
    .points = points_of_live_sweep(),
}};

} // namespace
} // namespace poolmark::benchmarks
