# Language, warnings, output folders and the compiler cache: what every target of ours shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# <capstan/core/...> is the source tree, seen through one link: headers stay next to their sources.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/include/capstan" SYMBOLIC)

find_program(CAPSTAN_CCACHE ccache)
if(CAPSTAN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the checkout, so that two build folders and two clones share their results.
  set(launcher ${CMAKE_COMMAND} -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      "CCACHE_SLOPPINESS=time_macros,pch_defines" ${CAPSTAN_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()
# Test sources are compiled without optimisation in every preset: what they test is not, and most of a build's time was theirs.
function(capstan_test_sources target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
endfunction()

# A whole build compiles the sources of a folder together, so that their headers are read, and what they instantiate is compiled, once.
# An edit would compile its neighbours again, so builds with tests, which are for those who edit, compile one by one.
# -DCAPSTAN_UNITY_BUILD=ON or OFF decides otherwise. It is no cached option: a folder configured with tests later changes with them.
if(NOT DEFINED CAPSTAN_UNITY_BUILD)
  set(CAPSTAN_UNITY_BUILD ON)
  if(CAPSTAN_BUILD_TESTS)
    set(CAPSTAN_UNITY_BUILD OFF)
  endif()
endif()
set(CAPSTAN_UNITY_SIZE 24)  # sources of one compilation at most: some 700 MB

# A component's sources are united in the order of their folders, in parts of about the same size. So their private names are distinct
# in the whole component: scripts/check-private-names.py says which are not.
function(capstan_unite target sources)
  if(NOT CAPSTAN_UNITY_BUILD OR NOT sources)
    return()
  endif()
  list(LENGTH sources count)
  math(EXPR parts "(${count} + ${CAPSTAN_UNITY_SIZE} - 1) / ${CAPSTAN_UNITY_SIZE}")
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # In a source that is included, a class with members of private types looks to g++ like one of a header; and much that is inlined
  # together brings its false alarms inside <string>.
  target_compile_options(${target} PRIVATE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage;-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>)
  set(place 0)
  foreach(source IN LISTS sources)
    math(EXPR part "${place} * ${parts} / ${count}")
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "part_${part}")
    math(EXPR place "${place} + 1")
  endforeach()
endfunction()

# Poco's JSON headers cost two seconds a source: components that link Poco::JSON compile them once, and a united build once for all of
# them. Nothing of ours is in there, so no edit makes a whole component compile again. g++ only: ccache and clang-tidy do not share
# clang's precompiled headers between folders.
set(CAPSTAN_PRECOMPILED <Poco/Dynamic/Var.h> <Poco/JSON/Array.h> <Poco/JSON/Object.h>
  <chrono> <functional> <map> <memory> <optional> <string> <string_view> <vector> <tl/expected.hpp>)
function(capstan_precompile target links)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR NOT "Poco::JSON" IN_LIST links)
    return()
  endif()
  if(CAPSTAN_UNITY_BUILD)
    if(NOT TARGET capstan_precompiled_headers)
      file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/precompiled/headers.cpp" CONTENT "")
      add_library(capstan_precompiled_headers STATIC EXCLUDE_FROM_ALL "${PROJECT_BINARY_DIR}/precompiled/headers.cpp")
      target_link_libraries(capstan_precompiled_headers PRIVATE Poco::JSON capstan_warnings)
      target_compile_options(capstan_precompiled_headers PRIVATE -fpch-preprocess)
      target_precompile_headers(capstan_precompiled_headers PRIVATE ${CAPSTAN_PRECOMPILED})
    endif()
    target_precompile_headers(${target} REUSE_FROM capstan_precompiled_headers)
  else()
    target_precompile_headers(${target} PRIVATE ${CAPSTAN_PRECOMPILED})
  endif()
  # ccache asks for the first. The others: with headers that come precompiled g++ 12 no longer sees that <string> is the system's, and
  # reports its own false alarms in there.
  target_compile_options(${target} PRIVATE -fpch-preprocess
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>)
endfunction()

add_library(capstan_warnings INTERFACE)
target_compile_options(capstan_warnings INTERFACE -Wall -Wextra -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers  # options structs have defaults; that is what they are for
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  $<$<BOOL:${CAPSTAN_WARNINGS_AS_ERRORS}>:-Werror>)
add_library(capstan_c_warnings INTERFACE)
target_compile_options(capstan_c_warnings INTERFACE -Wall -Wextra -Wconversion -pedantic
  $<$<BOOL:${CAPSTAN_WARNINGS_AS_ERRORS}>:-Werror>)
