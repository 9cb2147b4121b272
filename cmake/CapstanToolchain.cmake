# Language, warnings, output folders and the compiler cache: what every target of ours shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# <capstan/core/...> is the source tree, seen through one link: headers stay beside their sources.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/include/capstan" SYMBOLIC)

find_program(CAPSTAN_CCACHE ccache)
if(CAPSTAN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the checkout, so that two build folders and two clones share their results.
  set(launcher ${CMAKE_COMMAND} -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      "CCACHE_SLOPPINESS=time_macros" ${CAPSTAN_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()
# Test sources are compiled without optimisation in every preset: what they test is not, and most of a build's time was theirs.
function(capstan_test_sources target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
endfunction()

add_library(capstan_warnings INTERFACE)
target_compile_options(capstan_warnings INTERFACE -Wall -Wextra -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers  # options structs have defaults; that is what they are for
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  $<$<BOOL:${CAPSTAN_WARNINGS_AS_ERRORS}>:-Werror>)
add_library(capstan_c_warnings INTERFACE)
target_compile_options(capstan_c_warnings INTERFACE -Wall -Wextra -Wconversion -pedantic
  $<$<BOOL:${CAPSTAN_WARNINGS_AS_ERRORS}>:-Werror>)
