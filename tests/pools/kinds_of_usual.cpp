// Every pool of the catalog at the usual shape, and our own ones on rations.
#include "tests/pools/erase.hpp"

namespace poolmark::tests {

const std::vector<pool_kind>& usual_kinds() {
    static const std::vector<pool_kind> kinds = [] {
        std::vector<pool_kind> list;
        add_kinds(list, every_pool<cell<usual.bytes, usual.alignment>>{});
        return list;
    }();
    return kinds;
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
