// Two files of one program include every public header: they link, and mean the same pools. That the build gets here
// is half of the test: a definition that is not inline would not link.
#include "public_headers.inc"
#include "public_headers.inc"

#include "tests/pools/one_definition_other.hpp"

#include <gtest/gtest.h>

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
