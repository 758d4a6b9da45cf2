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
// Where this file finds the program's leak handler, and the pool's description.
const void* place_of_leak_handler() noexcept;
const description* about() noexcept;

} // namespace poolmark::other_file
