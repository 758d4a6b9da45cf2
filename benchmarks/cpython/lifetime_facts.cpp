// poolmark-lifetime: two facts about lifetimes that are no contest between strategies, as one line of JSON.
//
//   false_positives   how often a tracker takes a fresh object for a registered one that is gone, by how many
//   live:
//                     of each tracker over a pool that hands the last address out first, and of addresses from
//                     the heap
//   collections       what it costs to find and free circles of two objects, by how many there are, and how long
//                     everything else has to wait meanwhile
//
// The heap is the one that the process runs on: --allocator=NAME chooses it, as for poolmark-bench.
#include "allocators/activate.hpp"
#include "allocators/proof.hpp"
#include "pools/fresh_heap.hpp"
#include "pools/slab_pool.hpp"
#include "pools/slot_map.hpp"
#include "benchmarks/contenders/lifetime/catalog.hpp"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace poolmark;

constexpr std::size_t registrations = 20'000;

struct item {
    std::uint64_t words[3] = {};
};
struct marked : item {
    forget_at_end mark;
};
struct numbered : item {
    serial_id id;
};

// A world has objects and a registry of them: make(), end(), track(), is_tracked().
template <class Pool>
struct addresses {
    Pool pool;
    address_tracker tracker;
    item* make() { return create(pool); }
    void end(item* one) { destroy(pool, one); }
    void track(item* one) { tracker.track(one); }
    bool is_tracked(item* one) { return tracker.is_tracked(one); }
};
struct erased_addresses {
    slab_pool<marked> pool;
    address_tracker tracker;
    marked* make() { return create(pool); }
    void end(marked* one) { destroy(pool, one); }
    void track(marked* one) { one->mark.track_in(tracker); }
    bool is_tracked(marked* one) { return one->mark.is_tracked_in(tracker); }
};
struct weak {
    using pointer = std::shared_ptr<item>;
    slab_pool<item> pool;
    weak_registry tracker;
    pointer make() {
        return {create(pool), [this](item* one) { destroy(pool, one); }};
    }
    void end(pointer& one) { one.reset(); }
    void track(const pointer& one) { tracker.track(one); }
    bool is_tracked(const pointer& one) { return tracker.is_tracked(one); }
};
struct generations {
    slot_map<item> map;
    generation_tracker<slot_map<item>::handle> tracker;
    auto make() { return map.create(); }
    void end(slot_map<item>::handle one) { map.destroy(one); }
    void track(slot_map<item>::handle one) { tracker.track(one); }
    bool is_tracked(slot_map<item>::handle one) { return tracker.is_tracked(map, one); }
};
struct serials {
    slab_pool<numbered> pool;
    serial_tracker tracker;
    numbered* make() { return create(pool); }
    void end(numbered* one) { destroy(pool, one); }
    void track(numbered* one) { tracker.track(one->id); }
    bool is_tracked(numbered* one) { return tracker.is_tracked(one->id); }
};

// The share of fresh objects that are taken for registered ones. The oldest goes when `live` are there.
template <class World>
double false_share(std::size_t live) {
    World world;
    std::deque<decltype(world.make())> queue;
    std::size_t wrong = 0;
    for (std::size_t i = 0; i != registrations; ++i) {
        if (queue.size() == live) {
            world.end(queue.front());
            queue.pop_front();
        }
        queue.push_back(world.make());
        wrong += world.is_tracked(queue.back());
        world.track(queue.back());
    }
    for (auto& each : queue) {
        world.end(each);
    }
    return static_cast<double>(wrong) / registrations;
}

template <class World>
void print_false_shares(std::string_view tracker, std::string_view storage, bool first = false) {
    for (const std::size_t live : {1UL, 10UL, 1'000UL, 10'000UL}) {
        std::printf("%s{\"tracker\": \"%s\", \"storage\": \"%s\", \"live\": %zu, \"registrations\": %zu, "
                    "\"share\": %.5f}",
                    first && live == 1 ? "" : ", ", std::string(tracker).c_str(), std::string(storage).c_str(),
                    live, registrations, false_share<World>(live));
    }
}

struct node {
    collected_ref<node> other;
    template <class Visit>
    void trace(Visit&& visit) {
        visit(other);
    }
};

// Of this thread alone, so that a busy machine does not count.
double thread_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct traced_node {
    traced_node* other = nullptr;
    template <class Visit>
    void trace(Visit&& visit) {
        visit(other);
    }
};

void make_circle(collected_heap<node>& heap) {
    const auto a = heap.make();
    const auto b = heap.make();
    a->other = b;
    b->other = a;
}
void make_circle(traced_heap<traced_node>& heap) {
    const auto a = heap.make();
    const auto b = heap.make();
    a->other = b.get();
    b->other = a.get();
}

// How long one collection of so many circles takes.
template <class Heap>
double pause_ns(Heap& heap, std::size_t circles) {
    for (std::size_t i = 0; i != circles; ++i) {
        make_circle(heap);
    }
    const double before = thread_ns();
    const std::size_t freed = heap.collect();
    const double after = thread_ns();
    if (freed != 2 * circles) {
        throw std::logic_error("a collection lost objects");
    }
    return after - before;
}

constexpr std::size_t most_rounds = 1'000; // of fewer, a hundredth is an accident

template <class Heap>
void print_collections(bool smoke, bool first = false) {
    for (const std::size_t circles : {10UL, 1'000UL, 10'000UL, 100'000UL, 1'000'000UL}) {
        if (smoke && circles > 1'000) {
            break;
        }
        Heap heap(Heap::never);
        std::vector<double> ns(smoke ? 5 : std::clamp<std::size_t>(1'000'000 / circles, 5, most_rounds));
        std::generate(ns.begin(), ns.end(), [&] { return pause_ns(heap, circles); });
        std::sort(ns.begin(), ns.end());
        const double middle = ns[ns.size() / 2];
        std::printf("%s{\"collector\": \"%s\", \"circles\": %zu, \"rounds\": %zu, \"median_ns\": %.1f, "
                    "\"pause_ns\": {\"50\": %.0f, ",
                    first && circles == 10 ? "" : ", ", Heap::about.name.data(), circles, ns.size(),
                    middle / static_cast<double>(circles), middle);
        if (ns.size() == most_rounds) {
            std::printf("\"99\": %.0f, ", ns[ns.size() / 100 * 99]);
        }
        std::printf("\"maximum\": %.0f}}", ns.back());
    }
}

int run(int argc, char** argv) {
    bool smoke = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option.starts_with("--allocator=")) {
            allocators::activate(allocators::parse_choice(std::string(option.substr(12))), argv);
        } else if (option == "--smoke") {
            smoke = true;
        } else {
            std::fprintf(stderr,
                         "poolmark-lifetime: unknown option '%s': there are --allocator=NAME and --smoke\n",
                         argv[i]);
            return 2;
        }
    }
    std::printf("{\"heap\": \"%s\", \"false_positives\": [", allocators::examine().name.c_str());
    print_false_shares<addresses<slab_pool<item>>>(address_tracker::about.name, "slab_pool", true);
    print_false_shares<addresses<fresh_heap<item>>>(address_tracker::about.name, "heap");
    print_false_shares<erased_addresses>(erasing_address_set_about.name, "slab_pool");
    print_false_shares<weak>(weak_registry::about.name, "slab_pool");
    print_false_shares<generations>(generation_tracker_about.name, "slot_map");
    print_false_shares<serials>(serial_tracker::about.name, "slab_pool");
    std::printf("], \"collections\": [");
    print_collections<collected_heap<node>>(smoke, true);
    print_collections<traced_heap<traced_node>>(smoke);
    std::printf("]}\n");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "poolmark-lifetime: %s\n", failure.what());
        return 2;
    }
}
