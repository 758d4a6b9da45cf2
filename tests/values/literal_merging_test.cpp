// Whether equal literals are one object is unspecified in C++, and nothing in the suite depends on it: what must have
// one identity is interned. This program is built twice, with -fmerge-all-constants and with -fno-merge-constants,
// the other tests of values with the latter. Texts that are compared are made at run time: a literal compared with itself
// would prove nothing. A second file, with the same literals, is this one compiled with POOLMARK_OTHER_FILE. A comparison of a pointer with a literal does not compile here, and a test holds the compiler to it.
//
// What g++ 12 and GNU ld do with "timestamp" twice in one file, once more in another, and "stamp", its ending:
//
//   built with                                    in one file   in two files   with its ending
//   -O1 and above, or -fmerge-all-constants       one object    one object     one object, nine bytes
//   -fno-merge-constants                          one object    two            two
//
// Across files it is the linker that merges, section by section; a shared object that is opened at run time always brings its own
// copies, of inline variables and function statics too, unless the program exports its symbols (ENABLE_EXPORTS in CMake). CPython merges
// the constants of one compilation, interns what looks like a name for the whole process, and makes a new object of everything else.
#include "pools/values/boxed_int_table.hpp"
#include "pools/values/interner.hpp"

#ifndef POOLMARK_OTHER_FILE
#include <gtest/gtest.h>
#endif

#include <cstring>
#include <string>

namespace poolmark::tests {

// The same literals in two files: whether they are the same objects is for the compiler and the linker to say.
struct literals_of_file {
    const char* word;     // "timestamp"
    const char* again;    // "timestamp" once more, in another function
    const char* ending;   // "stamp", the end of the first
    const char* sentence; // "not a name!"
};

[[nodiscard]] literals_of_file literals_there(); // in the other file

namespace {
const char* another_function() { return "timestamp"; }
} // namespace

#ifdef POOLMARK_OTHER_FILE

literals_of_file literals_there() { return {"timestamp", another_function(), "stamp", "not a name!"}; }

#ifdef POOLMARK_COMPARED // a pointer with a literal, which our warnings refuse
bool is_timestamp(const char* name);
bool is_timestamp(const char* name) { return name == "timestamp"; }
#endif

#else

namespace {

literals_of_file literals_here() { return {"timestamp", another_function(), "stamp", "not a name!"}; }

TEST(literals, are_equal_as_texts_whatever_their_addresses_are) {
    const literals_of_file here = literals_here();
    const literals_of_file there = literals_there();
    EXPECT_STREQ(here.word, there.word);
    EXPECT_STREQ(here.word, here.again);
    EXPECT_STREQ(here.sentence, there.sentence);
    // What this build happens to do. Both answers are right, so neither is asserted.
    RecordProperty("one_object_in_one_file", here.word == here.again ? "yes" : "no");
    RecordProperty("one_object_in_two_files", here.word == there.word ? "yes" : "no");
    RecordProperty("one_object_with_its_ending", here.word + 4 == here.ending ? "yes" : "no");
    RecordProperty("sentences_too", here.sentence == there.sentence ? "yes" : "no");
}

TEST(literals, are_interned_alike_whatever_their_addresses_are) {
    weak_interner table;
    const literals_of_file here = literals_here();
    const literals_of_file there = literals_there();
    const interned* const word = table.intern(here.word);
    EXPECT_EQ(table.intern(there.word), word);
    EXPECT_EQ(table.intern(here.again), word);
    EXPECT_EQ(table.intern(std::string("time") + "stamp"), word) << "made at run time";
    EXPECT_NE(table.intern(here.ending), word) << "shares its characters at most";
    EXPECT_EQ(table.intern(here.sentence), table.intern(there.sentence));
    EXPECT_EQ(table.size(), 3U);
}

// Tables of ours are told apart by their addresses: two of equal content must not become one.
TEST(literals, do_not_take_our_tables_with_them) {
    const void* const bytes = boxed_int_table<-5, 256>::table.data();
    const void* const wide = boxed_int_table<-5, 1024>::table.data();
    EXPECT_NE(bytes, wide) << "one begins with the content of the other";
    boxed_int_table<> boxes;
    boxed_int_table<-5, 1024> wider;
    EXPECT_FALSE(boxes.is_shared(wider.box(300)));
    EXPECT_TRUE(boxes.is_shared(boxes.box(200)));
}

} // namespace

#endif

} // namespace poolmark::tests
