// The proof that a process runs on the heap that it was asked to. Looked at from outside, with the real libraries.
#include "allocators/proof.hpp"

#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>

namespace poolmark::allocators {
namespace {

using tests::finished;
using tests::is_one_line;
using tests::run;

// A sanitizer's runtime serves malloc itself and has to come first: nothing can be preloaded beside it.
bool sanitized() { return std::strlen(POOLMARK_SANITIZERS) != 0; }

std::string bench(const std::string& allocator) {
    return POOLMARK_BENCH " --allocator=" + allocator + " --smoke --contend=pair/bytes=64/fresh_heap";
}

class each_allocator : public testing::TestWithParam<std::string> {};

TEST_P(each_allocator, serves_malloc_from_its_own_library_and_tells_its_version) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    const auto known = std::ranges::find(catalog(), GetParam(), &entry::name);
    if (const std::string reason = reason_unavailable(*known); !reason.empty()) {
        GTEST_SKIP() << reason;
    }
    const finished answer = run(bench(GetParam()), "quit\n");
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_NE(answer.out.find("\"name\":\"" + GetParam() + "\""), std::string::npos) << answer.out;
    const std::string library = find_library(*known).string();
    if (!library.empty()) {
        EXPECT_NE(answer.out.find("\"served_malloc_by\":\"" + library + "\""), std::string::npos) << answer.out;
    }
    EXPECT_EQ(answer.out.find("\"version\":\"\""), std::string::npos) << answer.out;
    EXPECT_EQ(answer.out.find("\"version\":\"unknown\""), std::string::npos) << answer.out;
}

std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const entry& known : catalog()) {
        all.emplace_back(known.name);
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(catalog, each_allocator, testing::ValuesIn(names()),
                         [](const auto& one) { return one.param; });

TEST(proof, takes_a_file_of_the_readers_under_a_catalog_name_when_it_answers_as_that_heap_does) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    const finished answer = run(bench("bump=" POOLMARK_BUMP), "quit\n");
    EXPECT_EQ(answer.code, 0) << answer.err;
    const finished wrong = run(bench("jemalloc=" POOLMARK_BUMP), "quit\n");
    EXPECT_EQ(wrong.code, 2);
    EXPECT_NE(wrong.err.find("does not answer as jemalloc does; it looks like bump"), std::string::npos) << wrong.err;
}

TEST(proof, refuses_a_library_that_brings_no_malloc) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    const finished answer = run(bench("mine=" POOLMARK_NO_MALLOC_LIBRARY), "quit\n");
    EXPECT_EQ(answer.code, 2);
    EXPECT_TRUE(is_one_line(answer.err)) << answer.err;
    EXPECT_NE(answer.err.find("refusing to measure: malloc is served by"), std::string::npos) << answer.err;
    EXPECT_EQ(answer.out, "");
}

// Part of a heap serves the cells that need no more, and no cell is measured with glibc's functions under its name.
TEST(proof, refuses_the_cells_that_call_what_a_heap_does_not_have) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    for (const auto& [library, way, missing] :
         {std::tuple{POOLMARK_TWO_FUNCTIONS, "malloc", ""}, std::tuple{POOLMARK_TWO_FUNCTIONS, "calloc", "calloc"},
          std::tuple{POOLMARK_TWO_FUNCTIONS, "realloc", "realloc"}, std::tuple{POOLMARK_TWO_FUNCTIONS, "aligned", "aligned_alloc"},
          std::tuple{POOLMARK_FOUR_FUNCTIONS, "calloc", ""}, std::tuple{POOLMARK_FOUR_FUNCTIONS, "aligned", "aligned_alloc"}}) {
        const finished answer = run(std::string(POOLMARK_PART_OF_MALLOC_USER " mine=") + library + " " + way);
        const auto names = [&](const char* function) { return answer.err.find(std::string("this cell calls ") + function + ",") != std::string::npos; };
        EXPECT_EQ(answer.code, *missing == 0 ? 0 : 2) << library << " " << way << answer.err;
        // By which function the C++ library aligns is its own affair: GCC 12's takes the first, GCC 14's the second.
        EXPECT_TRUE(*missing == 0 || names(missing) || (way == std::string_view("aligned") && names("posix_memalign"))) << answer.err;
        EXPECT_EQ(answer.err.empty() || is_one_line(answer.err), true) << answer.err;
    }
}

TEST(proof, holds_below_a_folder_of_any_name) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    const tests::scratch_folder folder;
    const std::string there = (folder.path() / "a b:c $x").string();
    ASSERT_EQ(run("mkdir '" + there + "' && cp " POOLMARK_BUMP " " POOLMARK_PART_OF_MALLOC_USER " '" + there + "'").code, 0);
    const finished answer = run("'" + there + "/part_of_malloc_user' bump calloc");
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(answer.err, "");
}

TEST(proof, refuses_a_file_that_the_linker_cannot_preload) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    const tests::scratch_folder folder;
    const std::string fake = folder.path() / "libfake.so";
    std::ofstream(fake) << "not a library";
    const finished answer = run(bench("mine=" + fake), "quit\n");
    EXPECT_EQ(answer.code, 2);
    EXPECT_NE(answer.err.find("refusing to measure"), std::string::npos) << answer.err;
}

TEST(proof, proves_a_library_of_the_readers_own) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    const finished answer = run(bench("mine=" POOLMARK_BUMP), "quit\n");
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_NE(answer.out.find("\"name\":\"mine\""), std::string::npos) << answer.out;
    EXPECT_NE(answer.out.find("\"served_malloc_by\":\"" POOLMARK_BUMP "\""), std::string::npos) << answer.out;
}

TEST(proof, drops_a_foreign_preload_before_it_measures_the_baseline) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    const finished answer = run("LD_PRELOAD=" POOLMARK_BUMP " " + bench("glibc"), "quit\n");
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_NE(answer.out.find("libc.so.6"), std::string::npos) << answer.out;
    EXPECT_EQ(answer.out.find("bump"), std::string::npos) << answer.out;
}

// The guard variable says "already activated": the process may not exec again, so the proof must catch the lie.
TEST(proof, refuses_when_the_heap_was_changed_behind_its_back) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    const finished answer = run("POOLMARK_ACTIVATED=glibc= LD_PRELOAD=" POOLMARK_BUMP " " + bench("glibc"), "quit\n");
    EXPECT_EQ(answer.code, 2);
    EXPECT_NE(answer.err.find("malloc is served by " POOLMARK_BUMP ", not by glibc"), std::string::npos) << answer.err;
}

TEST(proof, refuses_a_library_that_answers_as_another_one) {
    if (sanitized()) {
        GTEST_SKIP() << "a sanitizer serves malloc in this build";
    }
    // This process's own C library, passed off as mimalloc: the file is right, the answer is not.
    const auto mimalloc = std::ranges::find(catalog(), "mimalloc", &entry::name);
    try {
        static_cast<void>(require({"mimalloc", examine().served_malloc_by, &*mimalloc}));
        FAIL() << "accepted glibc as mimalloc";
    } catch (const unusable& refusal) {
        EXPECT_STREQ("does not answer as mimalloc does; it looks like glibc",
                     std::strstr(refusal.what(), "does not answer"));
    }
}

TEST(proof, no_heap_is_linked_into_the_benchmark) {
    const finished answer = run("readelf -d " POOLMARK_BENCH);
    ASSERT_EQ(answer.code, 0) << answer.err;
    // libtbbmalloc itself is a peer that serves nobody's malloc; its proxy would.
    for (const char* const heap : {"mimalloc", "jemalloc", "tcmalloc", "tbbmalloc_proxy", "bump"}) {
        EXPECT_EQ(answer.out.find(heap), std::string::npos) << heap;
    }
}

} // namespace
} // namespace poolmark::allocators
