// The same literals in two files: whether they are the same objects is for the compiler and the linker to say.
#pragma once

namespace poolmark::tests {

struct literals_of_file {
    const char* word;     // "timestamp"
    const char* again;    // "timestamp" once more, in another function
    const char* ending;   // "stamp", the end of the first
    const char* sentence; // "not a name!"
};

[[nodiscard]] literals_of_file literals_here();  // literal_merging_test.cpp
[[nodiscard]] literals_of_file literals_there(); // literals_merged.cpp, or literals_apart.cpp

} // namespace poolmark::tests
