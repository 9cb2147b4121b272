# The checkout inside another project, through add_subdirectory and FetchContent: the targets have
# the same names as when installed, nothing of the program is required, and code that uses them
# builds. Needs SOURCE, WORK, COMPILER, HOW (add_subdirectory or FetchContent), TARGETS (what to
# build).
include("${CMAKE_CURRENT_LIST_DIR}/run.cmake")
file(REMOVE_RECURSE "${WORK}")
if(HOW STREQUAL "FetchContent")
  set(brings_it "include(FetchContent)
FetchContent_Declare(capstan SOURCE_DIR ${SOURCE})
FetchContent_MakeAvailable(capstan)")
else()
  set(brings_it "add_subdirectory(${SOURCE} capstan)")
endif()
file(WRITE "${WORK}/main.cpp"
  "#include <capstan/operator.hpp>\n#include <capstan/testing.hpp>\nint main() { return capstan::Operator({.name = \"x\"}).Run(); }\n")
file(WRITE "${WORK}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(outer LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
${brings_it}
foreach(target capstan::core capstan::testing)
  if(NOT TARGET \${target})
    message(FATAL_ERROR \"there is no \${target}\")
  endif()
endforeach()
foreach(target capstan capstan_core_base_test)
  if(TARGET \${target})
    message(FATAL_ERROR \"\${target} is not for others to build\")
  endif()
endforeach()
add_library(uses_it OBJECT main.cpp)
target_link_libraries(uses_it PRIVATE capstan::core capstan::testing)
")
run("configuring" ${CMAKE_COMMAND} -S ${WORK} -B ${WORK}/build -G Ninja -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Release)
run("building what uses it" ${CMAKE_COMMAND} --build ${WORK}/build --target ${TARGETS})
