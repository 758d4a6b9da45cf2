// singletons — the one object that everything mentions, looked at by 1 or several threads.
//
// Question:  should a static object be counted?
// Models:    none, true, false, the empty tuple, a default resource: handed about like any other object.
// Favours:   whoever writes nothing. Counts go up and down in one cache line, which threads then take in turns.
// Ignores:   the cost of the first use, and the code that each way of asking adds.
#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/team.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/values/catalog.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint64_t looks = 2000; // of each thread in one iteration

template <class Way>
class singleton_subject final : public subject {
public:
    explicit singleton_subject(const parameters& where)
        : shares_(static_cast<std::size_t>(where.number("threads"))),
          helpers_(shares_.size() - 1,
                   [this](std::size_t helper, std::uint64_t n) { work(shares_[helper + 1], n); }) {}

    std::uint64_t verify() override {
        run(1);
        rest();
        digest all;
        for (share& each : shares_) {
            all.add(std::exchange(each.sum, 0));
        }
        return all.value();
    }

    void warm() override { helpers_.wake(); }
    void rest() override { helpers_.rest(); }

    void run(std::uint64_t iterations) override {
        helpers_.start(iterations);
        work(shares_.front(), iterations);
        helpers_.wait();
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return shares_.size() * looks; }

private:
    struct alignas(128) share { // a thread's own
        std::uint64_t sum = 0;
    };

    static void work(share& mine, std::uint64_t iterations) {
        for (std::uint64_t left = iterations * looks; left != 0; --left) {
            auto held = Way::get();
            barrier();
            mine.sum += Way::value(held);
            Way::drop(std::move(held));
            barrier();
        }
    }

    std::vector<share> shares_;
    team helpers_; // end first
};

std::vector<strategy> strategies_of_singletons() {
    std::vector<strategy> list;
    for_each_type(singleton_ways{}, [&]<class Way>(std::type_identity<Way>) {
        list.push_back({.about = Way::about, .make = [](const parameters& where) -> std::unique_ptr<subject> {
                            return std::make_unique<singleton_subject<Way>>(where);
                        }});
    });
    return list;
}

const registration registered{{
    .name = "singletons",
    .question = "Should a static object be counted?",
    .operation = "take a handle of the object, read it, drop the handle, in one of the threads",
    .models = "none, true, false, the empty tuple, a default resource: handed about like any other object",
    .favours = "whoever writes nothing: a count is one cache line, which threads take in turns",
    .ignores = "the cost of the first use, and the code that each way of asking adds",
    .why = {.text = "A counted handle writes to one cache line twice for each use, so two threads wait for the "
                     "line in turns. An object that is not counted is only read, and each CPU keeps a copy.",
            .slower = "singletons/threads=2/shared_ptr_static@glibc",
            .faster = "singletons/threads=2/constinit_object@glibc"},
    .strategies = only_in_quick(strategies_of_singletons(), {"meyers_static", "constinit_object", "shared_ptr_static",
                                                              "counted_static", "immortal_bit_static"}),
    .points = {{.where = {{"threads", 1}}},
               {.where = {{"threads", 2}}},
               {.where = {{"threads", 4}}, .from = preset::full}},
}};

} // namespace
} // namespace poolmark::benchmarks
