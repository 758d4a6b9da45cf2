#include "allocators/catalog.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <set>

namespace poolmark::allocators {
namespace {

std::string complaint(std::string_view text) {
    try {
        static_cast<void>(parse_choice(text));
    } catch (const unusable& refusal) {
        return refusal.what();
    }
    return "";
}

TEST(catalog, starts_with_glibc_which_is_the_baseline_and_needs_no_library) {
    ASSERT_FALSE(catalog().empty());
    EXPECT_EQ(catalog().front().name, "glibc");
    EXPECT_TRUE(parse_choice("glibc").library.empty());
    EXPECT_EQ(reason_unavailable(catalog().front()), "");
}

TEST(catalog, names_are_unique) {
    std::set<std::string_view> names;
    for (const entry& known : catalog()) {
        EXPECT_TRUE(names.insert(known.name).second) << known.name;
    }
}

TEST(catalog, a_missing_library_has_a_reason_that_names_the_package) {
    const entry missing{"ghost", "", "libghost1", {"libghost.so.1"}, nullptr};
    EXPECT_EQ(reason_unavailable(missing), "not installed: apt install libghost1");
    EXPECT_TRUE(find_library(missing).empty());
}

TEST(catalog, finds_the_first_place_that_exists) {
    const tests::scratch_folder folder;
    const std::string present = folder.path() / "libpresent.so";
    std::ofstream{present} << "x";
    const std::string absent = folder.path() / "libabsent.so";
    const std::string pattern = folder.path() / "libpre*.so";
    EXPECT_EQ(find_library({"a", "", "p", {absent, pattern}, nullptr}), present);
}

TEST(parse_choice, names_what_it_knows_when_the_name_is_unknown) {
    const std::string said = complaint("dlmalloc");
    EXPECT_NE(said.find("unknown allocator 'dlmalloc'"), std::string::npos) << said;
    for (const entry& known : catalog()) {
        EXPECT_NE(said.find(known.name), std::string::npos) << said;
    }
}

TEST(parse_choice, takes_a_library_of_the_readers_own) {
    const choice own = parse_choice("mine=" POOLMARK_BUMP);
    EXPECT_EQ(own.name, "mine");
    EXPECT_EQ(own.library, POOLMARK_BUMP);
    EXPECT_EQ(own.known, nullptr);
}

TEST(parse_choice, refuses_what_could_not_be_preloaded) {
    EXPECT_NE(complaint("mine=/nowhere/libmine.so").find("no library at /nowhere/libmine.so"), std::string::npos);
    EXPECT_NE(complaint("=" POOLMARK_BUMP).find("no name"), std::string::npos);
    EXPECT_NE(complaint("glibc=" POOLMARK_BUMP).find("taken by the catalog"), std::string::npos);
    const tests::scratch_folder folder;
    const std::filesystem::path spaced = folder.path() / "a library.so"; // LD_PRELOAD would read it as two names
    std::ofstream(spaced) << "x";
    EXPECT_NE(complaint("mine=" + spaced.string()).find("may not hold a space"), std::string::npos);
}

} // namespace
} // namespace poolmark::allocators
