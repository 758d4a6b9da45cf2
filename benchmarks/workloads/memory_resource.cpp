// memory_resource — storage from a memory resource, given back in a given order.
//
// Question:  what does a std::pmr pool cost, and how much of that is the virtual call?
// Models:    nodes, strings and buffers of components that take a std::pmr::memory_resource.
// Favours:   `pair` favours whoever hands back what it just received; `shuffled` those who need
//            not read a released block to hand it out again; a known type those who inline.
// Ignores:   a mix of sizes, cache misses of large sets, growth, threads.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/resources.hpp"
#include "benchmarks/harness/table.hpp"

#include <string_view>

namespace poolmark::benchmarks {
namespace {

// Batches; or, of one live object, pairs: those write no pointer down in between.
template <class Way, class Object>
class resource_subject final : public subject {
public:
    explicit resource_subject(const parameters& where)
        : pairs_(where.word("order") == "pair"),
          turns_(release_turns(where.word("order"), static_cast<std::size_t>(bounded_live(where.number("live"))))),
          objects_(turns_.size()) {}

    std::uint64_t verify() override {
        acquire_all();
        const std::uint64_t seen = digest_of(objects_);
        release_all();
        return seen;
    }

    void run(std::uint64_t iterations) override {
        if (pairs_) {
            return run_pairs(iterations);
        }
        for (std::uint64_t i = 0; i < iterations; ++i) {
            acquire_all();
            barrier();
            release_all();
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return turns_.size(); }

private:
    Object* make(std::uint64_t value) {
        auto* object = ::new (way_.allocate(sizeof(Object), alignof(Object))) Object;
        object->stamp(value);
        keep(object);
        return object;
    }

    void drop(Object* object) { way_.deallocate(object, sizeof(Object), alignof(Object)); }

    void run_pairs(std::uint64_t iterations) {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            drop(make(i));
            barrier();
        }
    }

    void acquire_all() {
        std::uint64_t next = 0;
        for (Object*& object : objects_) {
            object = make(next++);
        }
    }

    void release_all() {
        for (const std::uint32_t turn : turns_) {
            Object* object = objects_[turn];
            keep(object); // looked up by everyone, also by those whose release does nothing
            drop(object);
        }
    }

    bool pairs_;
    table<std::uint32_t> turns_; // which object is released next
    table<Object*> objects_;
    Way way_;
};

struct make_subject {
    template <class Way>
    [[nodiscard]] std::unique_ptr<subject> operator()(const parameters& where) const {
        return for_object_bytes(
            every_object_size{}, where.number("bytes"),
            [&]<std::size_t Bytes>(std::integral_constant<std::size_t, Bytes>) -> std::unique_ptr<subject> {
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
                              .from = bytes == 64 && (live == 1 || std::string_view(order) == "lifo") ? preset::quick : preset::full});
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
    .from = preset::full,
    .strategies = resource_strategies(make_subject{}),
    .points = points_of_memory_resource(),
}};

} // namespace
} // namespace poolmark::benchmarks
