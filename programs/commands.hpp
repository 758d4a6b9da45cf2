// The commands of `poolmark-program`, which the scripts call; each takes its words, up to a null.
#pragma once

#include <cstdio>

namespace poolmark::programs {

int launch(char** words); // runs one process and says what it took
int sites(char** words);  // reads a recording of one process
int pack(char** words);   // makes the files of a recording smaller, all processes
int operations(char** words); // makes a file of operations from a recording of one process
int replay(char** words); // does them again, on the heap of this process

inline int complain(const char* text) {
    std::fprintf(stderr, "poolmark-program: %s\n", text);
    return 2;
}

} // namespace poolmark::programs
