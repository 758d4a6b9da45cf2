// Every pool of the catalog for objects of strict alignment, and our own ones on rations.
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

const std::vector<pool_kind>& kinds_on_rations() {
    static const std::vector<pool_kind> kinds = [] {
        std::vector<pool_kind> list;
        add_kinds(list, own_pools<cell<usual.bytes, usual.alignment>, rationed_source>{});
        return list;
    }();
    return kinds;
}

} // namespace poolmark::tests
