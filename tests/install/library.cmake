# The pools as a program of others has them, by WAY: installed, or as part of its project. Works in the folder SCRATCH and leaves nothing
# behind, whatever its end.

function(fail text)
  file(REMOVE_RECURSE ${SCRATCH})
  message(FATAL_ERROR "${text}")
endfunction()

# step(command...): fails with what the command said. Its output is in `said`.
function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    fail("${command}\nended with ${code}:\n${out}\n${err}")
  endif()
  set(said "${out}" PARENT_SCOPE)
endfunction()

# Runs the program and compares its output with what the end of examples/consumer/NAME.cpp says that it prints.
function(runs_as_expected folder name)
  step(${folder}/${name})
  file(READ ${REPOSITORY}/examples/consumer/${name}.cpp source)
  string(REGEX REPLACE "^.*\n// Prints:\n" "\n" expected "${source}")
  string(REPLACE "\n//   " "\n" expected "${expected}")
  string(SUBSTRING "${expected}" 1 -1 expected)
  if(NOT said STREQUAL expected)
    fail("${name} printed\n${said}\nand not\n${expected}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
file(MAKE_DIRECTORY ${SCRATCH})
# Other projects' flags, not those of this build, nor those of whoever runs the test.
unset(ENV{CXXFLAGS})
unset(ENV{CMAKE_PREFIX_PATH})
set(configure ${CMAKE_COMMAND} -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)

if(WAY STREQUAL "installed")
  # Installs the pools, moves them, builds examples/consumer against them, and runs what it builds.
  step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/first)
  file(RENAME ${SCRATCH}/first ${SCRATCH}/prefix) # a package that knew where it was built would be lost now
  set(package ${SCRATCH}/prefix/share/cmake/poolmark)
  foreach(file poolmark-config poolmark-config-version poolmark-targets)
    file(READ ${package}/${file}.cmake text)
    foreach(place ${REPOSITORY} ${BUILD} ${SCRATCH})
      string(FIND "${text}" "${place}/" at)
      if(NOT at EQUAL -1)
        fail("${file}.cmake names ${place}, which is nowhere else")
      endif()
    endforeach()
  endforeach()

  # Headers that need somebody else's library are no part of it.
  file(GLOB_RECURSE headers ${SCRATCH}/prefix/include/*)
  list(LENGTH headers count)
  if(count LESS 20)
    fail("only ${count} headers were installed")
  endif()
  foreach(header IN LISTS headers)
    file(STRINGS ${header} foreign REGEX "^# *include <(boost|absl|benchmark|nlohmann|gtest|tbb|oneapi|foonathan|plf_)")
    file(STRINGS ${header} inner REGEX "^# *include \"")
    if(foreign)
      fail("${header} needs another library (${foreign}); it belongs to peer_headers in pools/CMakeLists.txt")
    endif()
    foreach(line IN LISTS inner)
      string(REGEX REPLACE "^# *include \"(.*)\".*" "\\1" included "${line}")
      if(NOT EXISTS ${SCRATCH}/prefix/include/poolmark/${included})
        fail("${header} includes ${included}, which is not installed")
      endif()
    endforeach()
  endforeach()

  set(configure ${configure} -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix)
  step(${configure} -S ${REPOSITORY}/examples/consumer -B ${SCRATCH}/build -DCMAKE_CXX_FLAGS=-Werror)
  step(${CMAKE_COMMAND} --build ${SCRATCH}/build)
  file(GLOB programs ${REPOSITORY}/examples/consumer/*.cpp)
  foreach(program IN LISTS programs)
    cmake_path(GET program STEM name)
    runs_as_expected(${SCRATCH}/build ${name})
  endforeach()

  step(${configure} -S ${CMAKE_CURRENT_LIST_DIR}/refusals -B ${SCRATCH}/refusals)
else()
  # Builds a project that adds this repository to itself, and runs what it builds.
  step(${configure} -S ${CMAKE_CURRENT_LIST_DIR}/subproject -B ${SCRATCH}/build -DREPOSITORY=${REPOSITORY})
  step(${CMAKE_COMMAND} --build ${SCRATCH}/build)
  runs_as_expected(${SCRATCH}/build first_steps)

  # The project's own installation has the project in it, and nothing of ours.
  step(${CMAKE_COMMAND} --install ${SCRATCH}/build --prefix ${SCRATCH}/prefix)
  file(GLOB_RECURSE installed RELATIVE ${SCRATCH}/prefix ${SCRATCH}/prefix/*)
  if(NOT installed STREQUAL "bin/first_steps")
    fail("installed: ${installed}")
  endif()
endif()
file(REMOVE_RECURSE ${SCRATCH})
