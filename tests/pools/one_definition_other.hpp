// What one_definition_test.cpp needs from another file of the same program.
#pragma once

#include "pools/leaks.hpp"
#include "pools/object_pool.hpp"

namespace poolmark::other_file {

using pool_type = object_pool<long, pool_options{.checks = check::fast}>;

pool_type make_pool();
void destroy(pool_type& pool, long* object);
// The error that comes of it.
void release_to_a_pool_of_this_file(long* object);
leak_handler handler_in_use() noexcept;
// Where this file finds the pool's description.
const description* about() noexcept;

} // namespace poolmark::other_file
