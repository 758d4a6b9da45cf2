// Every pool of the catalog for small objects; and the kinds of all shapes together.
#include "tests/pools/erase.hpp"

namespace poolmark::tests {

static void add_kinds_of_few_bytes(std::vector<pool_kind>& kinds) {
    add_kinds(kinds, storage_pools<cell<1>>{});
    add_kinds(kinds, storage_pools<cell<3>>{});
    add_kinds(kinds, storage_pools<cell<2, 2>>{});
    add_kinds(kinds, storage_pools<cell<12, 4>>{});
    add_kinds(kinds, storage_pools<cell<200, 8>>{});
    add_kinds(kinds, storage_pools<cell<16, 16>>{});
}

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
