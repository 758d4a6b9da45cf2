# The pools as a CMake package: headers, the target poolmark::pools, and nothing that was compiled.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# The repository's root is the include root, so `pools/` stands below a folder of its own: nothing but it comes into
# a program's sight, and "pools/object_pool.hpp" is spelled as it is here.
set(poolmark_package ${CMAKE_INSTALL_DATADIR}/cmake/poolmark)
install(TARGETS poolmark_pools EXPORT poolmark-targets
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/poolmark
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/poolmark) # for CMake before 3.23, which knows no file sets
install(EXPORT poolmark-targets NAMESPACE poolmark:: DESTINATION ${poolmark_package})

# Before 1.0, a minor version may change what a program relies on.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/poolmark-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
file(WRITE ${PROJECT_BINARY_DIR}/poolmark-config.cmake.in [==[
@PACKAGE_INIT@

include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/poolmark-targets.cmake)

# There are no components: the peers and their packages belong to the benchmarks, and stay there.
set(poolmark_NOT_FOUND_MESSAGE "poolmark has no components (asked for: ${poolmark_FIND_COMPONENTS}); the peers that its benchmarks compare with are not installed")
check_required_components(poolmark)
]==])
configure_package_config_file(${PROJECT_BINARY_DIR}/poolmark-config.cmake.in
  ${PROJECT_BINARY_DIR}/poolmark-config.cmake INSTALL_DESTINATION ${poolmark_package}
  NO_SET_AND_CHECK_MACRO)
install(FILES ${PROJECT_BINARY_DIR}/poolmark-config.cmake ${PROJECT_BINARY_DIR}/poolmark-config-version.cmake
  DESTINATION ${poolmark_package})
