#include "benchmarks/harness/cell_commands.hpp"

#include "benchmarks/harness/events.hpp"
#include "benchmarks/harness/memory.hpp"
#include "benchmarks/harness/footprint_proxy.hpp"
#include "benchmarks/harness/memory_measurable.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <thread>

namespace poolmark::benchmarks {
namespace {

using steady = std::chrono::steady_clock;

std::int64_t second_reading() {
    static_cast<void>(resident_bytes());
    return resident_bytes();
}

// The resident set above what it was at the start, noted each time.
class scales {
public:
    scales() { timeline_.push_back({0.0, 0}); }

    std::int64_t read() {
        const std::int64_t grown = resident_bytes() - start_;
        const std::chrono::duration<double> passed = steady::now() - began_;
        timeline_.push_back({std::round(passed.count() * 1000) / 1000, grown});
        return grown;
    }
    [[nodiscard]] const json& timeline() const { return timeline_; }

private:
    json timeline_ = json::array();
    std::int64_t start_ = second_reading(); // the first one brings in pages of its own
    steady::time_point began_ = steady::now();
};

// What is still there at once and as long as the plan waits, by seconds. Heaps that give back later do so by a timer
// of their own or when they are called again; nobody calls them here.
json watch(scales& on, double wait_seconds) {
    struct reading {
        double after;
        const char* name;
    };
    json kept{{"0", on.read()}};
    const steady::time_point released = steady::now();
    for (const auto& [after, name] : std::array{reading{0.1, "0.1"}, reading{1, "1"}, reading{5, "5"}}) {
        if (after <= wait_seconds) {
            std::this_thread::sleep_until(released + std::chrono::duration_cast<steady::duration>(
                                                         std::chrono::duration<double>(after)));
            kept[name] = on.read();
        }
    }
    return kept;
}

json or_null(std::optional<double> value) { return value ? json(*value) : json(nullptr); }

} // namespace

int report_memory(const cell& which, const allocators::proof& heap, memory_plan plan) {
    const std::unique_ptr<subject> made = make_measurable(which);
    auto& ours = as<memory_measurable>(*made, which, which.at->memory, "bytes-per-object figure");
    const std::size_t objects = plan.objects != 0 && ours.takes_any_number() ? plan.objects : ours.usual_objects();
    const auto count = static_cast<double>(objects);
    ours.prepare(objects);
    scales on;
    ours.build();
    const auto built = static_cast<double>(on.read());
    const object_sizes sizes = ours.sizes();
    const double requested = count * sizes.requested_bytes;
    std::optional<double> fragmentation;
    if (ours.churn()) {
        const auto churned = static_cast<double>(on.read());
        if (requested >= fewest_fragmented_bytes) {
            fragmentation = churned / requested;
        }
    }
    const std::int64_t peak = peak_resident_bytes();
    ours.release();
    say({{"event", "released"}}); // from here on this process only waits: another one may begin
    const json kept = watch(on, plan.wait_seconds);
    const json ended = ours.end() ? json(on.read()) : json(nullptr);
    say({{"event", "memory"}, {"objects", objects}, {"rss_bytes_per_object", built / count},
         {"requested_bytes_per_object", sizes.requested_bytes},
         {"usable_bytes_per_object", or_null(sizes.usable_bytes)}, {"sizeof_bytes", sizes.sizeof_bytes},
         {"payload_bytes", sizes.payload_bytes}, {"peak_rss_bytes", peak},
         {"fragmentation", or_null(fragmentation)}, {"timeline", on.timeline()}, {"kept_bytes", kept},
         {"ended_bytes", ended}, {"allocator", as_json(heap)}});
    return 0;
}

} // namespace poolmark::benchmarks
