// expensive_objects — buffers from 64 bytes to 1 MiB, made each time or kept.
//
// Question:  from which construction cost does a pool pay?
// Models:    scratch buffers, packets, pages, frames of pictures: objects whose making is their zeroing.
// Favours:   `used=head` favours whoever does not touch the rest; `zeroed=no` favours keeping buffers as they are, which
//            shows the next owner what the last one wrote: only for owners who may see it.
// Ignores:   sizes that vary (see memory_resource), threads. What kept buffers hold on to is in the memory figures: what
//            is resident after all of them have come back.
#include "pools/fresh_heap.hpp"
#include "pools/buffer_pool.hpp"
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/memory_measurable.hpp"
#include "benchmarks/harness/workload.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

namespace poolmark::benchmarks {
namespace {

// Each source hands out buffers of `bytes`, zeroed where that is asked for.
class fresh_buffers {
public:
    fresh_buffers(std::size_t bytes, bool zeroed) : bytes_(bytes), zeroed_(zeroed) {}
    [[nodiscard]] std::byte* take() const {
        auto* const buffer = static_cast<std::byte*>(::operator new(bytes_));
        if (zeroed_) {
            std::memset(buffer, 0, bytes_);
        }
        return buffer;
    }
    void give(std::byte* buffer, std::size_t) const { ::operator delete(buffer); }

private:
    std::size_t bytes_;
    bool zeroed_;
};

class calloc_buffers {
public:
    calloc_buffers(std::size_t bytes, bool) : bytes_(bytes) {}
    [[nodiscard]] std::byte* take() const {
        auto* const buffer = static_cast<std::byte*>(std::calloc(bytes_, 1));
        return buffer != nullptr ? buffer : throw std::bad_alloc();
    }
    void give(std::byte* buffer, std::size_t) const { std::free(buffer); }

private:
    std::size_t bytes_;
};

struct kept_buffers : buffer_pool {
    kept_buffers(std::size_t bytes, bool zeroed) : buffer_pool(bytes, zeroed ? contents::zeroed : contents::previous) {}
};
struct wiped_buffers : buffer_pool {
    wiped_buffers(std::size_t bytes, bool) : buffer_pool(bytes, contents::wiped) {}
};

template <class Source>
class buffer_subject final : public subject, public memory_measurable {
public:
    explicit buffer_subject(const parameters& where)
        : bytes_(static_cast<std::size_t>(where.number("bytes"))),
          used_(where.word("used") == "head" ? head_bytes : bytes_), zeroed_(where.word("zeroed") == "yes"),
          source_(bytes_, zeroed_) {}

    std::uint64_t verify() override {
        digest seen;
        for (int round = 0; round != 3; ++round) { // from the second on, with what the owner before could have left
            std::byte* const buffer = source_.take();
            if (zeroed_) {
                for (std::size_t i = 0; i != bytes_; ++i) {
                    seen.add(std::to_integer<std::uint64_t>(buffer[i]));
                }
            }
            use(buffer);
            seen.add(std::to_integer<std::uint64_t>(buffer[0]) + std::to_integer<std::uint64_t>(buffer[used_ - 1]));
            source_.give(buffer, used_);
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            std::byte* buffer = source_.take();
            escape(buffer);
            use(buffer);
            barrier();
            source_.give(buffer, used_);
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }

    // What the pool holds on to shows after release().
    [[nodiscard]] std::size_t usual_objects() const override { return 1 + (std::size_t{64} << 20) / bytes_; }
    void prepare(std::size_t objects) override { kept_.assign(objects, nullptr); }
    void build() override {
        for (std::byte*& buffer : kept_) {
            buffer = source_.take();
            std::memset(buffer, 1, bytes_);
            escape(buffer);
        }
    }
    [[nodiscard]] object_sizes sizes() override {
        return {.requested_bytes = static_cast<double>(bytes_), .usable_bytes = std::nullopt,
                .sizeof_bytes = bytes_, .payload_bytes = bytes_};
    }
    void release() override {
        for (std::byte* const buffer : kept_) {
            source_.give(buffer, bytes_);
        }
        kept_.clear();
    }

private:
    static constexpr std::size_t head_bytes = 16;

    void use(std::byte* buffer) { std::memset(buffer, 1, used_); }

    std::size_t bytes_;
    std::size_t used_;
    bool zeroed_;
    table<std::byte*> kept_;
    Source source_;
};

template <class Source>
std::unique_ptr<subject> make(const parameters& where) {
    return std::make_unique<buffer_subject<Source>>(where);
}

std::vector<point> points_of_expensive_objects() {
    std::vector<point> points;
    for (const char* const zeroed : {"yes", "no"}) {
        for (const char* const used : {"head", "all"}) {
            for (const std::int64_t bytes : {64, 256, 1024, 4096, 16'384, 65'536, 262'144, 1'048'576}) {
                const bool head = std::string_view(used) == "head";
                const bool quick = head && std::string_view(zeroed) == "yes" && (bytes == 64 || bytes == 65'536);
                const preset from = quick ? preset::quick : preset::full;
                points.push_back({.where = {{"zeroed", zeroed}, {"used", used}, {"bytes", bytes}},
                                  .from = from,
                                  .every_allocator_from = from,
                                  .memory = !head && std::string_view(zeroed) == "yes" && (bytes == 4096 || bytes == 65'536)});
            }
        }
    }
    return points;
}

const registration registered{{
    .name = "expensive_objects",
    .question = "From which construction cost does a pool pay?",
    .operation = "take a buffer, write its first 16 bytes or all of it, give it back",
    .models = "scratch buffers, packets, pages, pictures: objects whose making is their zeroing",
    .favours = "used=head favours whoever does not touch the rest; zeroed=no favours keeping buffers as they are",
    .ignores = "sizes that vary, threads, and what may be seen of an owner before",
    .from = preset::full,
    .strategies = {{fresh_heap<int>::about, heap_use::every_allocator, make<fresh_buffers>},
                   {fresh_calloc_about, heap_use::every_allocator, make<calloc_buffers>},
                   {buffer_pool::about, heap_use::baseline_only, make<kept_buffers>},
                   {buffer_pool::wiped_about, heap_use::baseline_only, make<wiped_buffers>}},
    .points = points_of_expensive_objects(),
}};

} // namespace
} // namespace poolmark::benchmarks
