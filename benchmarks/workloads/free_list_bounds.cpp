// free_list_bounds — batches of objects, taken and given back, around the bound of a free list.
//
// Question:  how far beyond its bound does a bounded free list still pay, and does it pay at all over a modern heap?
// Models:    interpreters and servers that keep so many blocks of a kind for the next burst, and no more.
// Favours:   lists without a bound in time, the heap in memory held; a queue gives back what went cold.
// Ignores:   several sizes (see small_blocks) and threads.
#include "pools/bounded_free_list.hpp"
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/table.hpp"

namespace poolmark::benchmarks {
namespace {

// Free lists with CPython's bounds, without one, and in the other order, beside the one in storage_pools.
template <class T>
using free_list_variants =
    type_list<bounded_free_list<T, 100>, bounded_free_list<T, 80>, unbounded_free_list<T>, fifo_free_list<T>>;

template <class T>
using bounded_rivals = append_t<
    type_list<fresh_heap<T>, bounded_free_list<T>>,
    append_t<free_list_variants<T>, type_list<slab_pool<T>, stack_pool<T>, local_pool<T>, treiber_pool<T>>>>;

using value = object<64>;

template <class Pool>
class bounds_subject final : public subject {
public:
    explicit bounds_subject(const parameters& where)
        : objects_(static_cast<std::size_t>(bounded_live(where.number("batch")))), pool_(objects_.size()) {}

    std::uint64_t verify() override {
        take_all();
        digest seen;
        for (const value* one : objects_) {
            seen.add(one->read());
        }
        give_all();
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            take_all();
            give_all();
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return objects_.size(); }

private:
    void take_all() {
        std::uint64_t next = 0;
        for (value*& one : objects_) {
            one = ::new (pool_.acquire()) value;
            one->stamp(next++);
            barrier();
        }
    }
    void give_all() {
        for (value* one : objects_) {
            pool_.release(one);
            barrier();
        }
    }

    table<value*> objects_;
    Pool pool_;
};

std::vector<strategy> strategies_of_free_list_bounds() {
    std::vector<strategy> list;
    for_each_type(bounded_rivals<value>{}, [&]<class Pool>(std::type_identity<Pool>) {
        list.push_back(
            {.about = Pool::about,
             .heap = Pool::traits.heap_per_object ? heap_use::every_allocator : heap_use::baseline_only,
             .make = [](const parameters& where) -> std::unique_ptr<subject> {
                 return std::make_unique<bounds_subject<Pool>>(where);
             }});
    });
    return list;
}

const registration registered{{
    .name = "free_list_bounds",
    .question = "How far beyond its bound does a bounded free list still pay?",
    .operation = "acquire, initialise and release one object of 64 bytes in a batch",
    .models = "interpreters and servers that keep so many blocks of a kind for the next burst, and no more",
    .favours = "lists without a bound in time, the heap in memory held",
    .ignores = "several sizes, threads, the memory that stays with the list",
    .from = preset::full,
    .strategies = strategies_of_free_list_bounds(),
    .points = grid({{"batch", {1, 100, 1'000, 2'000, 4'000, 20'000, 200'000}}},
                   [](const parameters& at) { return at.number("batch") == 100 || at.number("batch") == 4'000; }, preset::full),
}};

} // namespace
} // namespace poolmark::benchmarks
