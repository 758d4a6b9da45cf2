# Steps of a test that works in the folder SCRATCH and leaves nothing behind, whatever its end.

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
