// Every pool of the catalog for objects of strict alignment.
#include "tests/pools/erase.hpp"

namespace poolmark::tests {

void add_kinds_well_aligned(std::vector<pool_kind>& kinds) {
    add_kinds(kinds, storage_pools<cell<32, 32>>{});
    add_kinds(kinds, storage_pools<cell<64, 64>>{});
    add_kinds(kinds, storage_pools<cell<128, 128>>{});
    add_kinds(kinds, storage_pools<cell<256, 256>>{});
    add_kinds(kinds, storage_pools<cell<512, 512>>{});
    add_kinds(kinds, storage_pools<cell<1024, 1024>>{});
    add_kinds(kinds, storage_pools<cell<2048, 2048>>{});
    add_kinds(kinds, every_pool<cell<4096, 4096>>{});
}

} // namespace poolmark::tests
