#include "tests/pools/erased_pool.hpp"

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

} // namespace poolmark::tests
