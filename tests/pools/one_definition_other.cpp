// Every public header, the last one first, and once more: none needs another one before it, or minds a second time.
#include "public_headers_reversed.inc"
#include "public_headers_reversed.inc"

#include "tests/pools/one_definition_other.hpp"

namespace poolmark::other_file {

pool_type make_pool() { return pool_type(1); }
void destroy(pool_type& pool, long* object) { pool.destroy(object); }
void release_to_a_pool_of_this_file(long* object) {
    pool_type pool;
    pool.release(object);
}
const void* place_of_leak_handler() noexcept { return &detail::process_wide<detail::leak_handling>(); }
const description* about() noexcept { return &pool_type::about; }

} // namespace poolmark::other_file
