// memory_resource — storage from a memory resource, given back in a given order.
//
// Question:  what does a std::pmr pool cost, and how much of that is the virtual call?
// Models:    nodes, strings and buffers of components that take a std::pmr::memory_resource.
// Favours:   `pair` favours whoever hands back what it just received; `shuffled` those who need not read a released
//            block to hand it out again; a known type those who inline.
// Ignores:   a mix of sizes, cache misses of large sets, growth, threads.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/resources.hpp"
#include "benchmarks/harness/table.hpp"

#include <algorithm>
#include <string>

namespace poolmark::benchmarks {
namespace {

// Where the i-th block acquired stands in the array that is given back from front to back.
table<std::uint32_t> places(const std::string& order, std::size_t live) {
    table<std::uint32_t> indices(live);
    std::iota(indices.begin(), indices.end(), 0U);
    if (order == "lifo") {
        std::ranges::reverse(indices);
    } else if (order == "shuffled") {
        indices = shuffled_indices(live);
    }
    return indices;
}

template <class Way, class Object>
class resource_subject final : public subject {
public:
    explicit resource_subject(const parameters& where)
        : place_(places(where.word("order"), static_cast<std::size_t>(bounded_live(where.number("live"))))),
          objects_(place_.size()) {}

    std::uint64_t verify() override {
        digest seen;
        acquire_all();
        for (const Object* object : objects_) {
            seen.add(object->read());
        }
        release_all();
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            acquire_all();
            release_all();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return place_.size(); }

private:
    void acquire_all() {
        std::uint64_t next = 0;
        for (const std::uint32_t place : place_) {
            auto* const object = ::new (way_.allocate(sizeof(Object), alignof(Object))) Object;
            object->stamp(next++);
            objects_[place] = object;
            barrier();
        }
    }

    void release_all() {
        for (Object* object : objects_) {
            way_.deallocate(object, sizeof(Object), alignof(Object));
            barrier();
        }
    }

    table<std::uint32_t> place_;
    table<Object*> objects_;
    Way way_;
};

// One object, made and given back: a batch of one would measure its loops.
template <class Way, class Object>
class resource_pair final : public subject {
public:
    std::uint64_t verify() override {
        digest seen;
        for (std::uint64_t i = 0; i < 1000; ++i) {
            Object* const object = make(i);
            seen.add(object->read());
            way_.deallocate(object, sizeof(Object), alignof(Object));
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            way_.deallocate(make(i), sizeof(Object), alignof(Object));
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

private:
    Object* make(std::uint64_t value) {
        auto* object = ::new (way_.allocate(sizeof(Object), alignof(Object))) Object;
        object->stamp(value);
        escape(object);
        return object;
    }

    Way way_;
};

struct make_subject {
    template <class Way>
    [[nodiscard]] std::unique_ptr<subject> operator()(const parameters& where) const {
        const bool pairs = where.word("order") == "pair";
        return for_object_bytes(where.number("bytes"), [&]<std::size_t Bytes>(
                                                           std::integral_constant<std::size_t, Bytes>)
                                                           -> std::unique_ptr<subject> {
            if (pairs) {
                return std::make_unique<resource_pair<Way, object<Bytes>>>();
            }
            return std::make_unique<resource_subject<Way, object<Bytes>>>(where);
        });
    }
};

std::vector<point> points_of_memory_resource() {
    std::vector<point> points;
    for (const char* const order : {"pair", "lifo", "fifo", "shuffled"}) {
        for (const std::int64_t bytes : {64, 16, 256}) {
            const std::int64_t live = std::string_view(order) == "pair" ? 1 : 1'000;
            points.push_back({.where = {{"order", order}, {"live", live}, {"bytes", bytes}},
                              .from = bytes == 64 ? preset::quick : preset::full});
        }
    }
    return points;
}

const registration registered{{
    .name = "memory_resource",
    .question = "What does a std::pmr pool cost, and how much of that is the virtual call?",
    .operation = "acquire, initialise and release one block",
    .models = "nodes, strings and buffers of components that take a std::pmr::memory_resource",
    .favours = "pairs favour handing back what was just received; shuffled, not reading released blocks",
    .ignores = "a mix of sizes, cache misses of large sets, growth, threads",
    .strategies = resource_strategies(make_subject{}),
    .points = points_of_memory_resource(),
}};

} // namespace
} // namespace poolmark::benchmarks
