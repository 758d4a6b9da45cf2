// handles — objects behind references that can tell when their object is gone.
//
// Question:  what does it cost that a reference to a dead object is found out instead of followed?
// Models:    entity systems, resource tables, sessions: objects that refer to others which may go at any time.
// Favours:   small sets: once every access misses the cache, how it was checked no longer matters.
// Ignores:   growth, visiting all objects, and whether addresses stay: the vector's do not.
#include "benchmarks/contenders/handles/catalog.hpp"
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"

#include <string>

namespace poolmark::benchmarks {
namespace {

struct item : object<64> {
    explicit item(std::uint64_t value) noexcept { stamp(value); } // NOLINT(*-member-init): the rest is not read
};

// Trusts its pointers: what no checked reference can go below.
class raw_pointers {
public:
    explicit raw_pointers(std::size_t expected_objects) : pool_(expected_objects) {}
    [[nodiscard]] item* create(std::uint64_t value) { return poolmark::create(pool_, value); }
    void destroy(item* which) { poolmark::destroy(pool_, which); }
    [[nodiscard]] static item* try_get(item* which) noexcept { return which; }

private:
    slab_pool<item> pool_;
};

template <class Map>
class handles_subject final : public subject {
public:
    explicit handles_subject(const parameters& where)
        : dereferences_(where.word("operation") == "dereference"),
          order_(shuffled_indices(static_cast<std::size_t>(bounded_live(where.number("live"))))), map_(order_.size()) {
        for (std::size_t i = 0; i < order_.size(); ++i) {
            handles_.push_back(map_.create(next_value_++));
        }
        replace_all(); // neighbours in the order of use are no longer neighbours in memory
    }

    std::uint64_t verify() override {
        digest seen;
        replace_all();
        for (const std::uint32_t i : order_) {
            seen.add(map_.try_get(handles_[i])->read());
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            if (dereferences_) {
                total_ += read_all();
            } else {
                replace_all();
            }
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return order_.size(); }

private:
    using handle = decltype(std::declval<Map&>().create(std::uint64_t{}));

    [[nodiscard]] std::uint64_t read_all() {
        std::uint64_t sum = 0;
        for (const std::uint32_t i : order_) {
            if (const item* const found = map_.try_get(handles_[i]); found != nullptr) {
                sum += found->read();
            }
        }
        return sum;
    }

    void replace_all() {
        for (const std::uint32_t i : order_) {
            map_.destroy(handles_[i]);
            barrier();
            handles_[i] = map_.create(next_value_++);
            barrier();
        }
    }

    bool dereferences_;
    table<std::uint32_t> order_;
    table<handle> handles_;
    std::uint64_t next_value_ = 0;
    std::uint64_t total_ = 0;
    Map map_;
};

template <class Map>
std::unique_ptr<subject> make_subject(const parameters& where) {
    return std::make_unique<handles_subject<Map>>(where);
}

std::vector<strategy> strategies_of_handles() {
    std::vector<strategy> list;
    for_each_type(handle_maps<item>{}, [&]<class Map>(std::type_identity<Map>) {
        list.push_back({.about = Map::about,
                        .heap = list.empty() ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = &make_subject<Map>});
    });
    list.push_back({.about = raw_pointers_about, .make = &make_subject<raw_pointers>, .as = role::limit});
    return list;
}

const registration registered{{
    .name = "handles",
    .question = "What does it cost that a reference to a dead object is found out instead of followed?",
    .operation = "follow one handle to its object of 64 bytes, or destroy one object and create its successor",
    .models = "entity systems, resource tables, sessions: objects that refer to others which may go",
    .favours = "small sets: once every access misses the cache, the check no longer matters",
    .ignores = "growth, visiting all objects, and whether addresses stay",
    .from = preset::full,
    .strategies = strategies_of_handles(),
    .points = grid({{"operation", {"dereference", "create_destroy"}}, {"live", {1'000, 100'000}}},
                   [](const parameters& at) { return at.number("live") == 1'000; }, preset::full),
}};

} // namespace
} // namespace poolmark::benchmarks
