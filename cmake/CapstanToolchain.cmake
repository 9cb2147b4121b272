# What all targets share: language, warnings, output folders and the compiler cache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# <capstan/core/...> is the source tree behind a symbolic link: headers stay next to their sources.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/include/capstan" SYMBOLIC)

find_program(CAPSTAN_CCACHE ccache)
if(CAPSTAN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the checkout, so that build folders and clones share cached results.
  set(launcher ${CMAKE_COMMAND} -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      "CCACHE_SLOPPINESS=time_macros,pch_defines" ${CAPSTAN_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()
# Test sources are compiled without optimisation in every preset: the code under test still is
# optimised, and tests took most of the build time.
function(capstan_test_sources target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
endfunction()

# A build without tests compiles the sources of a folder together, so that their headers are read,
# and their templates instantiated, once. An edit would compile neighbouring sources again, so
# builds with tests, which are for development, compile each source separately.
# -DCAPSTAN_UNITY_BUILD=ON or OFF overrides that. It is not a cache option: a folder that is
# configured with tests later changes with them.
if(NOT DEFINED CAPSTAN_UNITY_BUILD)
  set(CAPSTAN_UNITY_BUILD ON)
  if(CAPSTAN_BUILD_TESTS)
    set(CAPSTAN_UNITY_BUILD OFF)
  endif()
endif()
set(CAPSTAN_UNITY_SIZE 24)  # maximum number of sources in a compilation: some 700 MB

# Unites a component's sources in the order of their folders, in parts of about the same size.
# Private names must therefore be distinct in the whole component: scripts/check-private-names.py
# reports those that are not.
function(capstan_unite target sources)
  if(NOT CAPSTAN_UNITY_BUILD OR NOT sources)
    return()
  endif()
  list(LENGTH sources count)
  math(EXPR parts "(${count} + ${CAPSTAN_UNITY_SIZE} - 1) / ${CAPSTAN_UNITY_SIZE}")
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # g++ treats a class with members of private types in an included source like one in a header; and
  # heavy inlining causes false alarms inside <string>.
  target_compile_options(${target} PRIVATE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage;-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>)
  set(place 0)
  foreach(source IN LISTS sources)
    math(EXPR part "${place} * ${parts} / ${count}")
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "part_${part}")
    math(EXPR place "${place} + 1")
  endforeach()
endfunction()

# Poco's JSON headers take two seconds for each source: components that link Poco::JSON compile them
# once, and a united build compiles them once for all. They contain none of our code, so no edit
# recompiles a whole component. Only for g++: ccache and clang-tidy do not share clang's precompiled
# headers between folders.
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
  # ccache needs the first option. The others: with precompiled headers g++ 12 no longer recognizes
  # <string> as a system header, and reports its own false alarms in it.
  target_compile_options(${target} PRIVATE -fpch-preprocess
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>)
endfunction()

add_library(capstan_warnings INTERFACE)
target_compile_options(capstan_warnings INTERFACE -Wall -Wextra -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers  # options structs rely on default member values
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  $<$<BOOL:${CAPSTAN_WARNINGS_AS_ERRORS}>:-Werror>)
add_library(capstan_c_warnings INTERFACE)
target_compile_options(capstan_c_warnings INTERFACE -Wall -Wextra -Wconversion -pedantic
  $<$<BOOL:${CAPSTAN_WARNINGS_AS_ERRORS}>:-Werror>)
