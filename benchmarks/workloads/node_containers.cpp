// node_containers — the standard's node containers on a pool.
//
// Question:  what does a pool do for a container, where the container's own work stays the same?
// Models:    lists that are built and dropped; maps whose entries come and go at a steady size.
// Favours:   pools with neighbouring nodes, which the container then walks; pools whose type it knows.
// Ignores:   large maps, where finding the place outweighs everything; strings and other sizes beside the nodes.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/resources.hpp"
#include "benchmarks/harness/table.hpp"

#include <functional>
#include <list>
#include <map>
#include <unordered_map>

namespace poolmark::benchmarks {
namespace {

std::size_t live_at(const parameters& where) {
    return static_cast<std::size_t>(bounded_live(where.number("live")));
}

// A list of `live` numbers, built and dropped.
template <class Way>
class list_subject final : public subject {
public:
    explicit list_subject(const parameters& where) : live_(live_at(where)) {}

    std::uint64_t verify() override {
        digest seen;
        list_of_longs numbers(allocator());
        fill(numbers);
        for (const long number : numbers) {
            seen.add(static_cast<std::uint64_t>(number));
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            list_of_longs numbers(allocator());
            fill(numbers);
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return live_; }

private:
    using allocator_type = decltype(std::declval<Way&>().template allocator<long>());
    using list_of_longs = std::list<long, allocator_type>;

    allocator_type allocator() { return way_.template allocator<long>(); }
    void fill(list_of_longs& numbers) const {
        for (std::size_t i = 0; i < live_; ++i) {
            numbers.push_back(static_cast<long>(i * i));
        }
    }

    std::size_t live_;
    Way way_;
};

// A map of `live` entries: the oldest is erased, a new one inserted.
template <class Way, template <class> class Map>
class map_subject final : public subject {
public:
    explicit map_subject(const parameters& where)
        : keys_(shuffled_indices(2 * live_at(where))), entries_(way_.template allocator<entry>()) {
        for (; position_ < keys_.size() / 2; ++position_) {
            entries_.emplace(static_cast<int>(keys_[position_]), 1);
        }
    }

    std::uint64_t verify() override {
        digest seen;
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            seen.add(static_cast<std::uint64_t>(replace()));
            seen.add(entries_.size());
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            replace();
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    using entry = std::pair<const int, int>;
    using map_type = Map<decltype(std::declval<Way&>().template allocator<entry>())>;

    // Keys leave in the order they came, so that each is missing for as long as it was there.
    int replace() {
        const std::size_t all = keys_.size();
        const auto oldest = entries_.find(static_cast<int>(keys_[(position_ + all / 2) % all]));
        const int value = oldest->second;
        entries_.erase(oldest);
        barrier();
        entries_.emplace(static_cast<int>(keys_[position_ % all]), value + 1);
        ++position_;
        return value;
    }

    table<std::uint32_t> keys_;
    std::size_t position_ = 0;
    Way way_;
    map_type entries_;
};

template <class Allocator>
using tree = std::map<int, int, std::less<>, Allocator>;
template <class Allocator>
using hashed = std::unordered_map<int, int, std::hash<int>, std::equal_to<>, Allocator>;

struct make_subject {
    template <class Way>
    [[nodiscard]] std::unique_ptr<subject> operator()(const parameters& where) const {
        const std::string& container = where.word("container");
        if (container == "list") {
            return std::make_unique<list_subject<Way>>(where);
        }
        if (container == "map") {
            return std::make_unique<map_subject<Way, tree>>(where);
        }
        return std::make_unique<map_subject<Way, hashed>>(where);
    }
};

const registration registered{{
    .name = "node_containers",
    .question = "What does a pool do for a container, where the container's own work stays the same?",
    .operation = "list: add and drop one number; map, unordered_map: erase the oldest entry, insert one",
    .models = "lists that are built and dropped; maps whose entries come and go at a steady size",
    .favours = "pools with neighbouring nodes, which the container then walks; pools whose type it knows",
    .ignores = "large maps, where finding the place outweighs everything; other sizes beside the nodes",
    .why = {.text = "A list asks for each node singly, always for the same size. A pool answers from one free "
                     "list in a few instructions, where the heap first looks for the size class.",
            .slower = "node_containers/container=list,live=1000/new_delete_resource@glibc",
            .faster = "node_containers/container=list,live=1000/pool_resource@glibc"},
    .strategies = only_in_quick(resource_strategies(make_subject{}),
                                {"new_delete_resource", "pool_resource", "std_pmr_pool", "boost_pmr_pool"}),
    .points = {{.where = {{"container", "list"}, {"live", 1'000}}},
               {.where = {{"container", "map"}, {"live", 1'000}}, .from = preset::full},
               {.where = {{"container", "unordered_map"}, {"live", 1'000}}, .from = preset::full},
               {.where = {{"container", "list"}, {"live", 100'000}}, .from = preset::full},
               {.where = {{"container", "unordered_map"}, {"live", 100'000}}, .from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
