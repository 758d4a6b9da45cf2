#include "allocators/catalog.hpp"
#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(catalog, finds_one_file_of_each_major_version_newest_first) {
    const tests::scratch_folder folder;
    for (const char* const name : {"libheap.so.9", "libheap.so.10", "libheap.so.10.2", "libheap.so", "libother.so.11"}) {
        std::ofstream{folder.path() / name} << "x";
    }
    const std::string pattern = folder.path() / "libheap.so.[0-9]*";
    EXPECT_EQ(find_libraries({pattern}),
              (std::vector<std::filesystem::path>{folder.path() / "libheap.so.10", folder.path() / "libheap.so.9"}));

    const std::vector<entry> rows = with_older_versions({{"heap", "", "libheap-dev", {pattern}, nullptr}});
    ASSERT_EQ(rows.size(), 2);
    EXPECT_EQ(rows[0].name, "heap");
    EXPECT_EQ(find_library(rows[0]), folder.path() / "libheap.so.10");
    EXPECT_EQ(rows[1].name, "heap9");
    EXPECT_EQ(find_library(rows[1]), folder.path() / "libheap.so.9");
}

TEST(catalog, a_heap_that_can_be_told_to_give_memory_back_is_there_twice) {
    const std::vector<entry> rows = with_settings({{"heap", "", "p", {}, nullptr, false, {{"HEAP_CONF", "decay:1"}, {"HEAP_TRIM", "2"}}},
                                                   {"keeps", "", "p", {}, nullptr},
                                                   {"heap9", "", "p", {}, nullptr, false, {{"HEAP_CONF", "decay:1"}}, 9}});
    ASSERT_EQ(rows.size(), 4) << "an older version is not there twice";
    EXPECT_EQ(rows[0].name, "heap");
    EXPECT_TRUE(rows[0].settings.empty());
    EXPECT_EQ(rows[3].name, "heap_returning");
    ASSERT_EQ(rows[3].settings.size(), 2);
    EXPECT_EQ(rows[3].settings[1].name, "HEAP_TRIM");
    EXPECT_NE(rows[3].summary.find("HEAP_CONF=decay:1 HEAP_TRIM=2"), std::string_view::npos) << rows[3].summary;
}

// The variables are set and the program begins anew, so that the heap has read ours and not the reader's, which would have
// jemalloc print its statistics at the end.
TEST(activate, gives_a_heap_its_settings) {
    if (!reason_unavailable(*std::ranges::find(catalog(), "jemalloc", &entry::name)).empty() || *POOLMARK_SANITIZERS != 0) {
        GTEST_SKIP() << "no jemalloc here";
    }
    for (const bool told : {false, true}) {
        const tests::finished answer = tests::run(std::string("MALLOC_CONF=stats_print:true ") + POOLMARK_BENCH + " --allocator=jemalloc" +
                                                  (told ? "_returning" : "") + " --smoke --contend=pair/bytes=64/fresh_heap", "quit\n");
        EXPECT_EQ(answer.code, 0) << answer.err;
        EXPECT_EQ(answer.err.find("jemalloc statistics") == std::string::npos, told) << answer.err.substr(0, 400);
    }
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
    const choice newer = parse_choice("mimalloc=" POOLMARK_BUMP);
    EXPECT_EQ(newer.library, POOLMARK_BUMP);
    ASSERT_NE(newer.known, nullptr);
    EXPECT_EQ(newer.known->name, "mimalloc");
}

TEST(parse_choice, refuses_what_could_not_be_preloaded) {
    EXPECT_NE(complaint("mine=/nowhere/libmine.so").find("no library at /nowhere/libmine.so"), std::string::npos);
    EXPECT_NE(complaint("=" POOLMARK_BUMP).find("no name"), std::string::npos);
    EXPECT_NE(complaint("glibc=" POOLMARK_BUMP).find("is the baseline's"), std::string::npos);
    const tests::scratch_folder folder;
    const std::filesystem::path spaced = folder.path() / "a library.so"; // LD_PRELOAD would read it as two names
    std::ofstream(spaced) << "x";
    EXPECT_NE(complaint("mine=" + spaced.string()).find("may not hold a space"), std::string::npos);
}

} // namespace
} // namespace poolmark::allocators
