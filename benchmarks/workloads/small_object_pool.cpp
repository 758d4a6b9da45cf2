// small_object_pool — a pool of a fixed size at four states of fullness.
//
// Question:  does a pool that searches a list when an object is released still win, and up to which size?
// Models:    the object pool that people write first: pre-allocate n vectors, hand them out, look them up to check
//            that they come back. Measured idle, with all but one object out, and filled and drained.
// Favours:   `newest` favours whatever is last in, first out; `oldest` favours a scan that starts with the oldest.
// Ignores:   growth beyond the size, threads, construction that costs more than two stores.
#include "benchmarks/contenders/storage/fixed_pools.hpp"
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/pools.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/contenders/layouts/records.hpp"

#include <string>

namespace poolmark::benchmarks {
namespace {

// idle: acquire one, release it. newest / oldest / random: all but one are out; acquire one, release the newest / the
// oldest / any one. drain: acquire all, release them in shuffled order.
enum class state { idle, newest, oldest, random, drain };

state state_of(const parameters& where) {
    const std::string& name = where.word("state");
    return name == "idle" ? state::idle : name == "newest" ? state::newest : name == "oldest" ? state::oldest
           : name == "random" ? state::random : state::drain;
}

template <class Pool>
class small_pool_subject final : public subject {
public:
    explicit small_pool_subject(const parameters& where)
        : state_(state_of(where)), size_(static_cast<std::size_t>(bounded_live(where.number("live")))),
          order_(shuffled_indices(size_)), pool_(size_) {
        for (std::size_t i = 0; i < out(); ++i) {
            objects_.push_back(make(next_value_++));
        }
        objects_.resize(size_);
    }

    ~small_pool_subject() override {
        for (std::size_t i = 0; i < out(); ++i) {
            pool_.release(objects_[i]);
        }
    }

    small_pool_subject(const small_pool_subject&) = delete;
    small_pool_subject& operator=(const small_pool_subject&) = delete;

    std::uint64_t verify() override {
        digest seen;
        const std::size_t steps = state_ == state::drain ? 2 : 2 * size_;
        for (std::size_t i = 0; i < steps; ++i) {
            step(seen);
        }
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        ignored nothing;
        for (std::uint64_t i = 0; i < iterations; ++i) {
            step(nothing);
        }
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override {
        return state_ == state::drain ? size_ : 1;
    }

private:
    // How many are out between two steps.
    [[nodiscard]] std::size_t out() const { return state_ == state::idle || state_ == state::drain ? 0 : size_ - 1; }

    struct ignored {
        void add(std::uint64_t) noexcept {}
    };

    vector2d* make(std::uint64_t value) {
        auto* object = ::new (pool_.acquire()) vector2d{static_cast<double>(value), 1.0};
        escape(object);
        return object;
    }

    template <class Seen>
    void release(Seen& seen, vector2d* object) {
        seen.add(static_cast<std::uint64_t>(object->x));
        pool_.release(object);
        barrier();
    }

    template <class Seen>
    void step(Seen& seen) {
        if (state_ == state::oldest || state_ == state::random) {
            // The oldest stand one after another; any one is found by a shuffled list of the places.
            vector2d*& leaving = objects_[state_ == state::oldest ? oldest_ : order_[oldest_] % (size_ - 1)];
            vector2d* const newest = make(next_value_++);
            release(seen, leaving);
            leaving = newest;
            oldest_ = oldest_ + 1 == size_ - 1 ? 0 : oldest_ + 1;
        } else if (state_ == state::drain) {
            for (vector2d*& object : objects_) {
                object = make(next_value_++);
            }
            for (const std::uint32_t index : order_) {
                release(seen, objects_[index]);
            }
        } else {
            release(seen, make(next_value_++));
        }
    }

    state state_;
    std::size_t size_;
    table<std::uint32_t> order_;
    table<vector2d*> objects_;
    std::size_t oldest_ = 0;
    std::uint64_t next_value_ = 0;
    Pool pool_;
};

#ifdef POOLMARK_LEADING_POOLS_ONLY
using growing_pools = type_list<>;
#else // forms of the same idea that grow: a bitmap, generations, and one for several threads
using growing_pools = type_list<bitmap_pool<vector2d>, slot_pool<vector2d>, treiber_pool<vector2d>>;
#endif
using pools_asked = join_t<leading_of<storage_pools<vector2d>>, fixed_pools<vector2d>, growing_pools>;

template <std::size_t Index>
std::unique_ptr<subject> make_small_pool(const parameters& where) {
    return std::make_unique<small_pool_subject<type_at<Index, pools_asked>>>(where);
}

// Where each operation asks the heap for something, if only for a note that an object is out.
template <class Pool>
inline constexpr bool takes_from_heap =
    Pool::traits.heap_per_object || std::is_same_v<Pool, hash_set_pool<vector2d>>;

template <std::size_t Index>
void add_small_pool(std::vector<strategy>& list) {
    using pool = type_at<Index, pools_asked>;
    if constexpr (pool::traits.reuse != reuse_order::never) {
        list.push_back({.about = pool::about,
                        .heap = takes_from_heap<pool> ? heap_use::every_allocator : heap_use::baseline_only,
                        .make = pool::about.installed() ? &make_small_pool<Index> : nullptr,
                        .from = first_preset(pool::about)});
    }
}

std::vector<strategy> strategies_of_small_object_pool() {
    std::vector<strategy> list;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (add_small_pool<Index>(list), ...);
    }(std::make_index_sequence<type_count<pools_asked>>{});
    add_absent_pools(list, true);
    return list;
}

std::vector<point> points_of_small_object_pool() {
    std::vector<point> points;
    for (const char* const name : {"idle", "newest", "oldest", "random", "drain"}) {
        for (const std::int64_t live : {4, 16, 256, 4096}) {
            // With all but the newest out the answer turns on the size; elsewhere the larger end shows enough.
            const std::string_view state = name;
            const bool main = state == "newest" ? live != 256 : live == 4096 && state != "random";
            const bool quick = state == "newest" && (live == 16 || live == 4096);
            points.push_back({.where = {{"state", name}, {"live", live}},
                              .from = quick ? preset::quick : preset::full,
                              .every_allocator_from = main && !quick ? preset::quick : preset::full});
        }
    }
    return points;
}

const registration registered{{
    .name = "small_object_pool",
    .question = "Does a pool that searches a list on release win, and up to which size?",
    .operation = "acquire, initialise and release one Vector2D",
    .models = "the object pool people write first: pre-allocate n, hand out, look up on return",
    .favours = "newest favours last in, first out; oldest favours a scan that starts with the oldest",
    .ignores = "growth beyond the size, threads, costly construction",
    .why = {.text = "A pool that looks up each object on its return reads a list as long as the objects that are "
                     "out. A free list takes the object as it is, however many there are.",
            .slower = "small_object_pool/state=newest,live=4096/scan_pool@glibc",
            .faster = "small_object_pool/state=newest,live=16/scan_pool@glibc"},
    .strategies = only_in_quick(strategies_of_small_object_pool(),
                                {"fresh_heap", "object_pool", "slab_pool", "stack_pool", "scan_pool"}),
    .points = points_of_small_object_pool(),
}};

} // namespace
} // namespace poolmark::benchmarks
