// Sets of objects whose members come and go one by one and are visited as a whole, with one face for all of them.
//
//   insert(value) ──► place        erase(place)        visit(each)        drop_all()
#pragma once

#include "benchmarks/harness/pools.hpp"
#include "pools/bitmap_pool.hpp"

#include <cstdint>
#include <list>

#ifdef POOLMARK_HAS_PLF_COLONY
#include <plf_colony.h>
#endif

namespace poolmark::benchmarks {

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

} // namespace poolmark::benchmarks
