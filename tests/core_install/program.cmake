# The program as its users get it: component program in an empty prefix, run from there, moved
# elsewhere and run again, and found by find_package, whose capstan::program generates the types of
# a kind at build time. Needs BUILD, SOURCE, WORK, COMPILER, FLAGS.
include("${CMAKE_CURRENT_LIST_DIR}/run.cmake")
file(REMOVE_RECURSE "${WORK}")
foreach(component IN ITEMS program core)
  run("installing ${component}" ${CMAKE_COMMAND} --install ${BUILD} --component ${component} --prefix ${WORK}/first)
endforeach()
file(RENAME "${WORK}/first" "${WORK}/moved")
set(program "${WORK}/moved/bin/capstan")
run("asking for its version" ${program} version)
run("listing its plugins" ${program} plugins list)
if(NOT output MATCHES "digitalocean")
  message(FATAL_ERROR "the program does not find the plugin that is installed with it:\n${output}")
endif()
run("printing its kinds" ${program} crds)
if(NOT output MATCHES "kind: CustomResourceDefinition")
  message(FATAL_ERROR "the program prints no kinds:\n${output}")
endif()
if(NOT EXISTS "${WORK}/moved/share/capstan/crds/digitaloceanclusters.yaml")
  message(FATAL_ERROR "the CustomResourceDefinitions are not installed")
endif()

file(WRITE "${WORK}/project/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(generated LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(capstan 0.1 REQUIRED COMPONENTS core program)
add_custom_command(OUTPUT website.hpp website.cpp
  COMMAND capstan::program generate types ${SOURCE}/examples/website/crd.yaml --cpp-namespace shop --out \${CMAKE_CURRENT_BINARY_DIR}
  DEPENDS ${SOURCE}/examples/website/crd.yaml)
add_executable(generated main.cpp website.cpp)
target_include_directories(generated PRIVATE \${CMAKE_CURRENT_BINARY_DIR})
target_link_libraries(generated PRIVATE capstan::core)
")
file(WRITE "${WORK}/project/main.cpp" "#include <iostream>
#include \"website.hpp\"
int main() { std::cout << shop::Website::Kind().kind << \"\\n\"; }
")
run("configuring" ${CMAKE_COMMAND} -S ${WORK}/project -B ${WORK}/build -G Ninja "-DCMAKE_CXX_COMPILER=${COMPILER}"
  "-DCMAKE_CXX_FLAGS=${FLAGS} -Wall -Wextra -Wno-missing-field-initializers -Werror"
  "-DCMAKE_PREFIX_PATH=${WORK}/moved")
run("building" ${CMAKE_COMMAND} --build ${WORK}/build)
run("running what was generated" ${WORK}/build/generated)
if(NOT output STREQUAL "Website\n")
  message(FATAL_ERROR "what was generated says:\n${output}")
endif()
