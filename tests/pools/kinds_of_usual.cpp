// Every pool of the catalog at the usual shape, and our own ones on rations.
#include "tests/pools/erase.hpp"

namespace poolmark::tests {

void for_each_kind(const std::vector<pool_kind>& kinds, const pool_check& check) {
    for (const pool_kind& kind : kinds) {
        if (!kind.about->installed()) {
            continue;
        }
        const pool_trace trace(*kind.about, kind.traits,
                               ", " + std::to_string(kind.of.bytes) + " bytes aligned to " +
                                   std::to_string(kind.of.alignment));
        check(kind);
    }
}

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
