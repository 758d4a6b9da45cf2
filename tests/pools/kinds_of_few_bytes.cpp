// Every pool of the catalog for small objects.
#include "tests/pools/erase.hpp"

namespace poolmark::tests {

void add_kinds_of_few_bytes(std::vector<pool_kind>& kinds) {
    add_kinds(kinds, storage_pools<cell<1>>{});
    add_kinds(kinds, storage_pools<cell<3>>{});
    add_kinds(kinds, storage_pools<cell<2, 2>>{});
    add_kinds(kinds, storage_pools<cell<12, 4>>{});
    add_kinds(kinds, storage_pools<cell<200, 8>>{});
    add_kinds(kinds, storage_pools<cell<16, 16>>{});
}

} // namespace poolmark::tests
