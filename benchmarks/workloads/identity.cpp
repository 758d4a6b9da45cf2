// identity — is this the object that was registered? Asked of live objects, or of objects that come and go.
//
// Question:  can a side table be keyed by address, and what does being right cost?
// Models:    visited sets, caches beside objects, debuggers, observers that must not outlive what they observe.
// Favours:   handles: their place in the table is known. Addresses are as quick as any key, and wrong as soon as
//            an object is gone; here, only places that were registered are used again, so that nobody sees it.
// Ignores:   the false answers themselves, which the tests count; threads.
#include "pools/slab_pool.hpp"
#include "pools/slot_map.hpp"
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/lifetime/catalog.hpp"

#include <memory>
#include <string>

namespace poolmark::benchmarks {
namespace {

struct item {
    std::uint64_t value = 0;
};

// A way owns objects by reference, and has a registry of them.
struct address_adapter {
    using ref = item*;
    static constexpr const description& about = address_tracker::about;
    explicit address_adapter(std::size_t objects) : pool(objects) {}
    [[nodiscard]] ref create() { return poolmark::create(pool); }
    void destroy(ref which) { poolmark::destroy(pool, which); }
    void track(ref which) { tracker.track(which); }
    [[nodiscard]] bool is_tracked(ref which) const { return tracker.is_tracked(which); }
    slab_pool<item> pool;
    address_tracker tracker;
};

struct erasing_adapter {
    struct marked : item {
        forget_at_end mark;
    };
    using ref = marked*;
    static constexpr const description& about = erasing_address_set_about;
    explicit erasing_adapter(std::size_t objects) : pool(objects) {}
    [[nodiscard]] ref create() { return poolmark::create(pool); }
    void destroy(ref which) { poolmark::destroy(pool, which); }
    void track(ref which) { which->mark.track_in(tracker); }
    [[nodiscard]] bool is_tracked(ref which) const { return which->mark.is_tracked_in(tracker); }
    slab_pool<marked> pool;
    address_tracker tracker;
};

struct weak_adapter {
    using ref = std::shared_ptr<const void>;
    static constexpr const description& about = weak_registry::about;
    explicit weak_adapter(std::size_t /*objects*/) {}
    [[nodiscard]] static ref create() { return std::make_shared<item>(); }
    static void destroy(ref& which) { which.reset(); }
    void track(const ref& which) { tracker.track(which); }
    [[nodiscard]] bool is_tracked(const ref& which) const { return tracker.is_tracked(which); }
    weak_registry tracker;
};

struct generation_adapter {
    using ref = slot_map<item>::handle;
    static constexpr const description& about = generation_tracker_about;
    explicit generation_adapter(std::size_t objects) : map(objects) {}
    [[nodiscard]] ref create() { return map.create(); }
    void destroy(ref which) { map.destroy(which); }
    void track(ref which) { tracker.track(which); }
    [[nodiscard]] bool is_tracked(ref which) const { return tracker.is_tracked(which); }
    slot_map<item> map;
    generation_tracker<ref> tracker;
};

struct serial_adapter {
    struct numbered : item {
        serial_id id;
    };
    using ref = numbered*;
    static constexpr const description& about = serial_tracker::about;
    explicit serial_adapter(std::size_t objects) : pool(objects) {}
    [[nodiscard]] ref create() { return poolmark::create(pool); }
    void destroy(ref which) {
        tracker.forget(which->id); // or the set grows with every object there ever was
        poolmark::destroy(pool, which);
    }
    void track(ref which) { tracker.track(which->id); }
    [[nodiscard]] bool is_tracked(ref which) const { return tracker.is_tracked(which->id); }
    slab_pool<numbered> pool;
    serial_tracker tracker;
};

template <class Way>
class identity_subject final : public subject {
public:
    explicit identity_subject(const parameters& where)
        : queries_(where.word("operation") == "query"),
          order_(shuffled_indices(static_cast<std::size_t>(bounded_live(where.number("live"))))),
          objects_(order_.size()), way_(order_.size()) {
        for (std::size_t i = 0; i != objects_.size(); ++i) {
            objects_[i] = way_.create();
            if (is_registered(i)) {
                way_.track(objects_[i]);
            }
        }
    }

    std::uint64_t verify() override {
        renew_all();
        digest seen;
        for (const std::uint32_t i : order_) {
            seen.add(way_.is_tracked(objects_[i]));
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t n = 0; n < iterations; ++n) {
            if (queries_) {
                for (const std::uint32_t i : order_) {
                    found_ += way_.is_tracked(objects_[i]);
                    barrier();
                }
            } else {
                renew_all();
            }
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return order_.size(); }

private:
    [[nodiscard]] static bool is_registered(std::size_t i) { return i % 4 != 3; }

    // Registered objects end, and others take their places and are registered; the others are only asked.
    void renew_all() {
        for (const std::uint32_t i : order_) {
            if (is_registered(i)) {
                way_.destroy(objects_[i]);
                barrier();
                objects_[i] = way_.create();
                way_.track(objects_[i]);
            } else {
                found_ += way_.is_tracked(objects_[i]);
            }
            barrier();
        }
    }

    bool queries_;
    table<std::uint32_t> order_;
    table<typename Way::ref> objects_;
    std::uint64_t found_ = 0;
    Way way_;
};

std::vector<strategy> strategies_of_identity() {
    std::vector<strategy> list;
    for_each_type(type_list<address_adapter, erasing_adapter, weak_adapter, generation_adapter, serial_adapter>{},
                  [&]<class Way>(std::type_identity<Way>) {
                      list.push_back({.about = Way::about,
                                      .heap = heap_use::every_allocator,
                                      .make = [](const parameters& where) -> std::unique_ptr<subject> {
                                          return std::make_unique<identity_subject<Way>>(where);
                                      }});
                  });
    return list;
}

const registration registered{{
    .name = "identity",
    .question = "Can a side table be keyed by address, and what does being right cost?",
    .operation = "ask whether one object is registered, or end it and register its successor",
    .models = "visited sets, caches beside objects, observers that must not outlive what they observe",
    .favours = "handles, whose place in the table is known",
    .ignores = "the false answers themselves, which tests count; threads",
    .from = preset::full,
    .strategies = strategies_of_identity(),
    .points = grid({{"operation", {"query", "replace"}}, {"live", {10, 1'000, 10'000, 100'000}}},
                   [](const parameters& at) { return at.number("live") == 1'000; }, preset::full),
}};

} // namespace
} // namespace poolmark::benchmarks
