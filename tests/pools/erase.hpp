// Makes pool_kinds from the catalog's types: the one part of the contract tests that is expanded for each pool.
// It names no concept and no template that is not needed: either would be worked out again for each of them.
#pragma once

#include "tests/pools/erased_pool.hpp"
#include "tests/pools/every_pool.hpp"

#include <cstddef>
#include <iterator>
#include <memory>
#include <vector>

namespace poolmark::tests {

template <class P>
class erased final : public erased_pool {
public:
    static constexpr bool resettable = requires(P & pool) { pool.reset(); };

    explicit erased(std::size_t expected_objects) : pool_(expected_objects) {}

    [[nodiscard]] static std::unique_ptr<erased_pool> make(std::size_t expected_objects) {
        return std::unique_ptr<erased_pool>(new erased(expected_objects));
    }

    void* acquire() override { return pool_.acquire(); }
    void release(void* block) override { pool_.release(block); }
    void reset() noexcept override {
        if constexpr (resettable) {
            pool_.reset();
        }
    }
    std::size_t slab_bytes() const noexcept override {
        if constexpr (requires { pool_.slab_bytes(); }) {
            return pool_.slab_bytes();
        } else {
            return 0;
        }
    }

private:
    P pool_;
};

// The pools of a list for one shape.
template <class... Pools>
void add_kinds(std::vector<pool_kind>& kinds, type_list<Pools...> /*list*/) {
    using one = typename type_at<0, type_list<Pools...>>::value_type;
    const pool_kind added[] = {{.about = &Pools::about,
                                .traits = Pools::traits,
                                .of = {sizeof(one), alignof(one)},
                                .resettable = erased<Pools>::resettable,
                                .make = &erased<Pools>::make}...};
    kinds.insert(kinds.end(), std::begin(added), std::end(added));
}

} // namespace poolmark::tests
