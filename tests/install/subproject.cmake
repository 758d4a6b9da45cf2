# Builds a project that adds this repository to itself, and runs what it builds.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)

step(${configure} -S ${CMAKE_CURRENT_LIST_DIR}/subproject -B ${SCRATCH}/build -DREPOSITORY=${REPOSITORY})
step(${CMAKE_COMMAND} --build ${SCRATCH}/build)
runs_as_expected(${SCRATCH}/build first_steps)

# The project's own installation has the project in it, and nothing of ours.
step(${CMAKE_COMMAND} --install ${SCRATCH}/build --prefix ${SCRATCH}/prefix)
file(GLOB_RECURSE installed RELATIVE ${SCRATCH}/prefix ${SCRATCH}/prefix/*)
if(NOT installed STREQUAL "bin/first_steps")
  fail("installed: ${installed}")
endif()

file(REMOVE_RECURSE ${SCRATCH})
