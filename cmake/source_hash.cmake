# Writes OUT, a file that says from which sources this build was made: ROOT's, as they are when it runs. Only where it says
# something else than before, so that nothing is compiled again without need. scripts/suite/plan/sources.py takes the same
# hash of a checkout.
set(patterns "")
foreach(folder allocators pools benchmarks/contenders benchmarks/harness benchmarks/workloads)
  foreach(ending c cpp h hpp)
    list(APPEND patterns ${ROOT}/${folder}/*.${ending})
  endforeach()
endforeach()
file(GLOB_RECURSE files RELATIVE ${ROOT} ${patterns})
list(SORT files)
set(lines "")
foreach(file IN LISTS files)
  file(SHA256 ${ROOT}/${file} hash)
  string(APPEND lines "${file} ${hash}\n")
endforeach()
string(SHA256 all "${lines}")
string(SUBSTRING ${all} 0 16 all)
set(text "// Written by cmake/source_hash.cmake.
#include \"benchmarks/harness/describe.hpp\"

namespace poolmark::benchmarks {
const char* sources() noexcept { return \"${all}\"; }
} // namespace poolmark::benchmarks
")
set(before "")
if(EXISTS ${OUT})
  file(READ ${OUT} before)
endif()
if(NOT before STREQUAL text)
  file(WRITE ${OUT} "${text}")
endif()
