// reference_counts — a reference is copied and dropped, to one object of many or by many threads to one object.
//
// Question:  what does sharing an object cost, and who has to pay the lock?
// Models:    values passed around in interpreters, graphs and caches; configuration that every request refers to.
// Favours:   plain counts with one thread; a count that is never written with several.
// Ignores:   making and ending objects, and the bytes of the count.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"
#include "benchmarks/harness/team.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/lifetime/catalog.hpp"
#include "benchmarks/contenders/lifetime/biased_count.hpp"
#include "benchmarks/contenders/lifetime/intrusive_ref.hpp"

#ifdef POOLMARK_HAS_BOOST
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#endif

#include <memory>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint64_t copies_a_thread = 1000; // in one iteration

struct payload {
    std::uint64_t value = 0;
};
template <class Count>
struct counted_adapter {
    struct object : counted<object, Count>, payload {};
    using ref = intrusive_ref<object>;
    [[nodiscard]] static ref make() {
        ref made = make_counted<object>();
        if constexpr (std::is_same_v<Count, immortal_count>) {
            made->references().make_immortal();
        }
        return made;
    }
    static void end(ref& last) {
        if constexpr (std::is_same_v<Count, immortal_count>) {
            object* const immortal = last.get();
            last = {};
            delete immortal; // its life ends with the measurement
        }
    }
    using passed = ref; // how a function takes it
};
struct shared_adapter {
    using object = payload;
    using ref = std::shared_ptr<object>;
    [[nodiscard]] static ref make() { return std::make_shared<object>(); }
    static void end(ref& /*last*/) {}
    using passed = ref;
};
struct borrowed_adapter : shared_adapter {
    using passed = const ref&;
};
#ifdef POOLMARK_HAS_BOOST
struct boost_adapter {
    struct object : boost::intrusive_ref_counter<object, boost::thread_safe_counter>, payload {};
    using ref = boost::intrusive_ptr<object>;
    [[nodiscard]] static ref make() { return ref(new object); }
    static void end(ref& /*last*/) {}
    using passed = ref;
};
#endif

template <class Way>
class counts_subject final : public subject {
public:
    explicit counts_subject(const parameters& where)
        : objects_(static_cast<std::size_t>(where.number("objects"))),
          shares_(static_cast<std::size_t>(where.number("threads"))),
          helpers_(shares_.size() - 1,
                   [this](std::size_t helper, std::uint64_t n) { work(shares_[helper + 1], n); }) {
        std::uint64_t next = 0;
        for (ref& each : objects_) {
            each = Way::make();
            each->value = ++next;
        }
        order_ = shuffled_indices(copies_a_thread);
    }
    ~counts_subject() override {
        for (ref& each : objects_) {
            Way::end(each);
        }
    }
    counts_subject(const counts_subject&) = delete;
    counts_subject& operator=(const counts_subject&) = delete;

    std::uint64_t verify() override {
        run(1);
        rest();
        digest seen;
        for (const share& each : shares_) {
            seen.add(each.sum);
        }
        return seen.value();
    }
    void warm() override { helpers_.wake(); }
    void rest() override { helpers_.rest(); }
    void run(std::uint64_t iterations) override {
        helpers_.start(iterations);
        work(shares_.front(), iterations);
        helpers_.wait();
    }
    [[nodiscard]] std::uint64_t operations_per_iteration() const override {
        return shares_.size() * copies_a_thread;
    }

private:
    using ref = typename Way::ref;
    struct alignas(128) share {
        std::uint64_t sum = 0;
    };

    // As a function in another file would: a reference by value is one more, and one less when it returns.
    POOLMARK_OPAQUE static std::uint64_t look(typename Way::passed object) { return object->value; }

    void work(share& mine, std::uint64_t iterations) {
        std::uint64_t sum = 0;
        for (std::uint64_t left = iterations; left != 0; --left) {
            sum = 0;
            for (const std::uint32_t i : order_) {
                sum += look(objects_[i % objects_.size()]);
            }
        }
        mine.sum = sum;
    }

    std::vector<ref> objects_;
    table<std::uint32_t> order_;
    std::vector<share> shares_;
    team helpers_; // end first
};

template <class Way>
std::unique_ptr<subject> make_counts(const parameters& where) {
    return std::make_unique<counts_subject<Way>>(where);
}

std::vector<strategy> strategies_of_reference_counts() {
    std::vector<strategy> list{
        {.about = shared_ptr_about, .heap = heap_use::every_allocator, .make = &make_counts<shared_adapter>},
        {.about = plain_count_about, .make = &make_counts<counted_adapter<plain_count>>},
        {.about = atomic_count_about, .make = &make_counts<counted_adapter<atomic_count>>},
        {.about = biased_count_about, .make = &make_counts<counted_adapter<biased_count>>},
        {.about = immortal_count_about, .make = &make_counts<counted_adapter<immortal_count>>},
        {.about = boost_intrusive_ptr_about},
        {.about = borrowed_reference_about, .make = &make_counts<borrowed_adapter>, .as = role::limit},
    };
    list[1].one_thread = true;
#ifdef POOLMARK_HAS_BOOST
    list[5].make = &make_counts<boost_adapter>;
#endif
    return list;
}

const registration registered{{
    .name = "reference_counts",
    .question = "What does sharing an object cost, and who has to pay the lock?",
    .operation = "pass one reference by value to a function that reads the object",
    .models = "values passed around in interpreters, graphs, caches; configuration that every request refers to",
    .favours = "plain counts with one thread, a count that is never written with several",
    .ignores = "making and ending objects, the bytes of the count",
    .from = preset::full,
    .strategies = strategies_of_reference_counts(),
    .points = grid({{"objects", {1, 1000}}, {"threads", {1, 2, 4}}},
                   [](const parameters& at) { return at.number("objects") == 1 && at.number("threads") < 4; }, preset::full),
}};

} // namespace
} // namespace poolmark::benchmarks
