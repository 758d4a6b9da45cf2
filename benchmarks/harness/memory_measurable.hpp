// A subject that fills memory and gives it back in steps, so that the harness can measure the process in between.
//
//   prepare ──► build ──► sizes ──► churn ──► release ──► end
//            ▲         ▲         ▲         ▲           ▲ ... and again 0.1, 1 and 5 s later
//            the kernel is asked what the process holds
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace poolmark::benchmarks {

// What one object takes by its own account. The resident set says what it really takes.
struct object_sizes {
    double requested_bytes = 0;         // what is asked for one object: of the pool, or by a layout of its allocator
    std::optional<double> usable_bytes; // what was set aside for it; null where nobody can tell
    std::size_t sizeof_bytes = 0;       // the object itself, without what it points to
    std::size_t payload_bytes = 0;      // what the fields need: no layout can go below
};

// Of blocks of several sizes: `bytes` in all, of so many.
[[nodiscard]] inline object_sizes mean_sizes(std::uint64_t bytes, std::size_t blocks) {
    const double mean = static_cast<double>(bytes) / static_cast<double>(blocks == 0 ? 1 : blocks);
    const auto whole = static_cast<std::size_t>(mean);
    return {.requested_bytes = mean, .usable_bytes = {}, .sizeof_bytes = whole, .payload_bytes = whole};
}

class memory_measurable {
public:
    memory_measurable() = default;
    memory_measurable(const memory_measurable&) = delete;
    memory_measurable& operator=(const memory_measurable&) = delete;
    virtual ~memory_measurable() = default;

    // How many objects are measured unless the reader says otherwise.
    [[nodiscard]] virtual std::size_t usual_objects() const = 0;

    // Whether it can hold another number of objects. Where that is part of the question, it cannot.
    [[nodiscard]] virtual bool takes_any_number() const { return true; }

    // The harness's own tables for that many, touched: they are there before the first reading and do not count.
    virtual void prepare(std::size_t objects) = 0;

    virtual void build() = 0;
    [[nodiscard]] virtual object_sizes sizes() = 0; // while all of them live

    // Replaces as many objects as there are, each time a random one. False where objects do not come and go singly.
    virtual bool churn() { return false; }

    // Gives every object back, and keeps what they came from.
    virtual void release() = 0;

    // Ends what they came from. False where that is the process's heap.
    virtual bool end() { return false; }
};

} // namespace poolmark::benchmarks
