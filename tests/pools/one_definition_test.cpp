// Two files of one program include every public header, one of them the last one first, and each twice: none needs another one before
// it, or minds a second time. They link, and mean the same pools. That the build gets here is half of the test: a definition that is
// not inline would not link. This is both of them; the other one is compiled with POOLMARK_OTHER_FILE.
#ifdef POOLMARK_OTHER_FILE
#include "public_headers_reversed.inc"
#include "public_headers_reversed.inc"
#else
#include "public_headers.inc"
#include "public_headers.inc"
#endif

#include <gtest/gtest.h>

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

#ifdef POOLMARK_OTHER_FILE
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
#else
namespace poolmark {
namespace {

TEST(one_definition, a_pool_goes_from_file_to_file) {
    other_file::pool_type pool = other_file::make_pool();
    long* const object = pool.create(7);
    other_file::destroy(pool, object);
    EXPECT_EQ(pool.stats().live, 0U);
    EXPECT_THROW(other_file::destroy(pool, object), double_release);
}

TEST(one_definition, pools_of_one_type_know_each_other_in_every_file) {
    other_file::pool_type pool;
    long* const object = pool.create(7);
    EXPECT_THROW(other_file::release_to_a_pool_of_this_file(object), other_pools_pointer);
    pool.destroy(object);
}

TEST(one_definition, the_program_has_one_leak_handler_and_one_description_of_a_pool) {
    EXPECT_EQ(other_file::place_of_leak_handler(), (&detail::process_wide<detail::leak_handling>()));
    EXPECT_EQ(other_file::about(), &other_file::pool_type::about);
}

} // namespace
} // namespace poolmark
#endif
