// Pools for the tests of which pools a workload takes, from which preset on, and how many objects they are asked for.
#pragma once

#include "benchmarks/harness/pools.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace poolmark::benchmarks {
namespace {

// A pool that nobody considers first, with room for few.
template <class T>
struct minor_pool : fresh_heap<T> {
    using fresh_heap<T>::fresh_heap;
    static constexpr description about{"minor_pool", family::pool, "for this test"};
    static constexpr pool_traits traits{.fixed_capacity = true, .max_objects = 100};
};
static_assert(pool<minor_pool<int>>);

template <class T>
using two_pools = type_list<fresh_heap<T>, minor_pool<T>>;

template <class Pool>
class no_subject final : public subject {
public:
    explicit no_subject(const parameters&) {}
    std::uint64_t verify() override { return sizeof(typename Pool::value_type); }
    void run(std::uint64_t) override {}
    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }
};

[[nodiscard]] const strategy* find(const std::vector<strategy>& list, std::string_view name) {
    const auto found = std::ranges::find(list, name, &strategy::name);
    return found == list.end() ? nullptr : &*found;
}

} // namespace
} // namespace poolmark::benchmarks
