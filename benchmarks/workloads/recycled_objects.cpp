// recycled_objects — requests that own three buffers, built and dropped, or kept constructed and cleared.
//
// Question:  what does it save to keep objects constructed, when what they own costs more than they do?
// Models:    requests, messages, parser states, scratch buffers: short-lived objects with containers in them.
// Favours:   the recycler, whose objects keep their buffers; and the heap with the fastest small blocks, which
//            serves the buffers of all the others: beside them, the storage of the object itself is little.
// Ignores:   threads, sizes that vary from one use to the next (a recycled object keeps the largest), and the
//            memory that idle objects hold on to.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/workload.hpp"
#include "pools/fresh_heap.hpp"
#include "pools/recycler.hpp"
#include "pools/slab_pool.hpp"

#include <string>

namespace poolmark::benchmarks {
namespace {

struct request {
    std::string path;
    std::vector<std::uint32_t> headers;
    std::vector<std::uint64_t> body;

    // `items` of each, one after another, as they arrive: nobody knows beforehand how many there will be.
    void fill(std::uint64_t value, std::size_t items) {
        for (std::size_t i = 0; i < items; ++i) {
            path.push_back(static_cast<char>('a' + (value + i) % 26));
            headers.push_back(static_cast<std::uint32_t>(value + i));
            body.push_back(value * 3 + i);
        }
    }
    void read(digest& seen) const {
        seen.add(path.size() + headers.size() + body.size());
        for (std::size_t i = 0; i < body.size(); ++i) {
            seen.add(static_cast<std::uint64_t>(path[i]) + headers[i] * 7 + body[i]);
        }
    }
};

struct clear_buffers {
    static constexpr std::size_t largest_kept_items = 4096;
    [[nodiscard]] bool operator()(request& used) const noexcept {
        used.path.clear();
        used.headers.clear();
        used.body.clear();
        return used.body.capacity() <= largest_kept_items;
    }
};

// Built and dropped each time, in storage from a pool.
template <class Pool>
struct built_in {
    Pool source{0};
    [[nodiscard]] request* take() { return create(source); }
    void give(request* used) { destroy(source, used); }
};

struct recycled {
    recycler<request, clear_buffers> source;
    [[nodiscard]] request* take() { return source.get(); }
    void give(request* used) { source.put(used); }
};

template <class Source>
class request_subject final : public subject {
public:
    explicit request_subject(const parameters& where)
        : items_(static_cast<std::size_t>(where.number("items"))),
          out_(static_cast<std::size_t>(bounded_live(where.number("live")))) {}

    std::uint64_t verify() override {
        digest seen;
        for (int round = 0; round != 2; ++round) { // the second time with whatever the first one left behind
            take_all();
            for (const request* const used : out_) {
                used->read(seen);
            }
            give_all();
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            take_all();
            barrier();
            give_all();
            barrier();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return out_.size(); }

private:
    void take_all() {
        std::uint64_t next = 0;
        for (request*& used : out_) {
            used = source_.take();
            used->fill(next++, items_);
            barrier();
        }
    }

    void give_all() {
        for (request* const used : out_) {
            source_.give(used);
            barrier();
        }
    }

    std::size_t items_;
    table<request*> out_;
    Source source_;
};

template <class Source>
std::unique_ptr<subject> make(const parameters& where) {
    return std::make_unique<request_subject<Source>>(where);
}

std::vector<point> points_of_recycled_objects() {
    std::vector<point> points;
    for (const std::int64_t items : {32, 4, 256}) {
        for (const std::int64_t live : {1, 1'000}) {
            const preset from = items == 32 && live == 1 ? preset::quick : preset::full;
            points.push_back({.where = {{"live", live}, {"items", items}}, .from = from});
        }
    }
    return points;
}

const registration registered{{
    .name = "recycled_objects",
    .question = "What does it save to keep objects constructed, when what they own costs more than they do?",
    .operation = "take one request, fill its string and two vectors, give it back",
    .models = "requests, messages, parser states, scratch buffers: short-lived objects with containers in them",
    .favours = "the recycler, whose objects keep their buffers; heaps with fast small blocks for all others",
    .ignores = "threads, sizes that vary between uses, the memory that idle objects hold on to",
    .from = preset::full,
    .strategies = {{fresh_heap<request>::about, heap_use::every_allocator,
                    make<built_in<fresh_heap<request>>>},
                   {slab_pool<request>::about, heap_use::every_allocator,
                    make<built_in<slab_pool<request>>>},
                   {recycler_about, heap_use::every_allocator, make<recycled>}},
    .points = points_of_recycled_objects(),
}};

} // namespace
} // namespace poolmark::benchmarks
