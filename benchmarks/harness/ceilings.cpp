#include "benchmarks/harness/ceilings.hpp"

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/events.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/tick_clock.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <new>
#include <utility>

namespace poolmark::benchmarks {
namespace {

// Each a fraction of a millisecond, so that most of them are over before
// a neighbour gets the CPU. An odd number: the median is one of them.
constexpr std::size_t repetitions = 31;
constexpr std::size_t line_bytes = 64;
constexpr std::size_t most_chased = std::size_t{256} << 20U;
constexpr std::size_t most_warmed = std::size_t{64} << 20U; // more than that no cache holds

// Times `work`, which does `count` operations, several times over.
template <class Work>
ceiling measured(std::string_view name, std::string what, std::size_t count, Work work) {
    const tick_clock clock;
    std::array<std::uint64_t, repetitions> ticks{};
    work(); // once untimed: code, data and translations are there
    for (std::uint64_t& one : ticks) {
        const std::uint64_t begin = clock.now();
        work();
        one = clock.now() - begin;
    }
    std::ranges::sort(ticks);
    const double unit = clock.ns_per_tick() / static_cast<double>(count);
    const auto ns = [&](std::size_t which) { return static_cast<double>(ticks[which]) * unit; };
    return {name, std::move(what), ns(repetitions / 2), ns(0), ns(repetitions - 1), 0};
}

ceiling empty_loop() {
    constexpr std::size_t count = 200'000;
    return measured("empty_loop", "one turn of a loop with nothing in it", count, [] {
        for (std::size_t i = 0; i < count; ++i) {
            barrier();
        }
    });
}

ceiling atomic_rmw() {
    constexpr std::size_t count = 20'000;
    std::atomic<std::uint64_t> counter{0};
    return measured("atomic_rmw", "one fetch_add that nobody else wants", count, [&] {
        for (std::size_t i = 0; i < count; ++i) {
            counter.fetch_add(1, std::memory_order_relaxed);
        }
    });
}

ceiling timer() {
    constexpr std::size_t count = 5'000;
    const tick_clock clock;
    return measured("timer", std::string("one reading of the clock, by ") + clock.name(), count, [&] {
        for (std::size_t i = 0; i < count; ++i) {
            static_cast<void>(clock.now());
            barrier();
        }
    });
}

// Small pages, because that is what a heap gets for most of what it asks; a huge page is faulted in at once.
ceiling page_fault() {
    constexpr std::size_t count = 256;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    ceiling found = measured("page_fault", "touching one fresh page of " + std::to_string(page) + " bytes", count, [&] {
        void* const mapped =
            ::mmap(nullptr, count * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) {
            throw std::bad_alloc();
        }
        static_cast<void>(::madvise(mapped, count * page, MADV_NOHUGEPAGE));
        for (std::size_t i = 0; i < count; ++i) {
            static_cast<volatile char*>(mapped)[i * page] = 1;
        }
        ::munmap(mapped, count * page); // its share of a page is part of what a page costs
    });
    found.bytes = page;
    return found;
}

std::size_t described(int name) {
    const long bytes = ::sysconf(name);
    return bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

struct alignas(line_bytes) node {
    node* next = nullptr;
};

// One cycle through all nodes, in random order, so that no prefetcher can follow.
table<node> cycle(std::size_t count) {
    table<node> nodes(count);
    const table<std::uint32_t> order = shuffled_indices(count);
    for (std::size_t i = 0; i < count; ++i) {
        nodes[order[i]].next = &nodes[order[(i + 1) % count]];
    }
    return nodes;
}

} // namespace

cache_sizes described_caches() {
    return {described(_SC_LEVEL1_DCACHE_SIZE), described(_SC_LEVEL2_CACHE_SIZE), described(_SC_LEVEL3_CACHE_SIZE),
            described(_SC_PHYS_PAGES) * described(_SC_PAGESIZE)};
}

// Half of a level leaves room for what else is in it. Where that is not clear of the level below (twice its size), the
// level is left out. Memory is four times the last level, so that three in four steps miss it at least.
chase_sizes sizes_to_chase(const cache_sizes& caches) noexcept {
    const auto half_of = [](std::size_t level, std::size_t below) {
        return level / 2 >= 2 * below ? level / 2 : std::size_t{0};
    };
    const std::size_t last = std::max({caches.first, caches.second, caches.third, std::size_t{8} << 20U});
    const std::size_t beyond = std::min({4 * last, most_chased, caches.memory / 8});
    return {caches.first / 2, caches.second != 0 ? half_of(caches.second, caches.first) : 0,
            caches.third != 0 ? half_of(caches.third, caches.second) : 0, beyond >= 2 * last ? beyond : 0};
}

ceiling chase(std::string_view name, std::string what, std::size_t bytes, std::size_t steps) {
    const table<node> nodes = cycle(std::max<std::size_t>(2, bytes / line_bytes));
    const node* at = nodes.data();
    const auto walk = [&at](std::size_t length) {
        const node* walking = at;
        for (std::size_t i = 0; i < length; ++i) {
            walking = walking->next;
            keep(walking);
        }
        at = walking;
    };
    walk(std::min(nodes.size(), most_warmed / line_bytes)); // a repetition is shorter than the chain
    ceiling found = measured(name, std::move(what), steps, [&] { walk(steps); });
    found.bytes = nodes.size() * line_bytes;
    return found;
}

std::vector<ceiling> measure_ceilings() {
    const chase_sizes sizes = sizes_to_chase(described_caches());
    std::vector<ceiling> all{empty_loop(), timer(), atomic_rmw(), page_fault()};
    const auto add = [&](std::string_view name, const char* level, std::size_t bytes, std::size_t steps) {
        if (bytes != 0) {
            all.push_back(
                chase(name, std::string("one step of a chain in random order through ") + level, bytes, steps));
        }
    };
    add("l1_latency", "the first cache", sizes.first, 50'000);
    add("l2_latency", "the second cache", sizes.second, 20'000);
    add("l3_latency", "the third cache", sizes.third, 5'000);
    add("dram_latency", "memory", sizes.memory, 2'000);
    return all;
}

int report_ceilings() {
    json all = json::array();
    for (const ceiling& one : measure_ceilings()) {
        const auto digits = [](double ns) { return std::round(ns * 1000) / 1000; };
        all.push_back({{"name", one.name}, {"what", one.what}, {"ns", digits(one.ns)}, {"low", digits(one.low)},
                       {"high", digits(one.high)}, {"bytes", one.bytes == 0 ? json(nullptr) : json(one.bytes)}});
    }
    say({{"event", "ceilings"}, {"ceilings", all}});
    return 0;
}

} // namespace poolmark::benchmarks
