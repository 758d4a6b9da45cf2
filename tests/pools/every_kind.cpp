// The pools of the contract tests at all their shapes.
#include "tests/pools/erased_pool.hpp"
#include "tests/pools/kinds.hpp"

namespace poolmark::tests {

const std::vector<pool_kind>& every_kind() {
    static const std::vector<pool_kind> kinds = [] {
        std::vector<pool_kind> list = usual_kinds();
        add_kinds_of_few_bytes(list);
        add_kinds_well_aligned(list);
        return list;
    }();
    return kinds;
}

void for_every_pool(shape of, const pool_check& check) {
    std::vector<pool_kind> chosen;
    for (const pool_kind& kind : every_kind()) {
        if (kind.of == of) {
            chosen.push_back(kind);
        }
    }
    ASSERT_FALSE(chosen.empty()) << "no pool is compiled for this shape";
    for_each_kind(chosen, check);
}

} // namespace poolmark::tests
