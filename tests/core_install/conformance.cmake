# The conformance suite as the author of a linked provider gets it: the components sdk and
# conformance in an empty prefix, and a program outside of any tree that runs the suite with an
# External. Needs BUILD, SOURCE, WORK, COMPILER, FLAGS.
include("${CMAKE_CURRENT_LIST_DIR}/run.cmake")
file(REMOVE_RECURSE "${WORK}")
foreach(component IN ITEMS sdk conformance)
  run("installing ${component}" ${CMAKE_COMMAND} --install ${BUILD} --component ${component} --prefix ${WORK}/prefix)
endforeach()
file(COPY "${SOURCE}/examples/managed_without_plugin/bucket_provider.cpp" "${SOURCE}/examples/managed_without_plugin/bucket_provider.hpp"
  "${CMAKE_CURRENT_LIST_DIR}/verify_buckets.cpp" DESTINATION "${WORK}/project")
file(WRITE "${WORK}/project/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(verify_buckets LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(capstan 0.1 REQUIRED COMPONENTS conformance)
add_executable(verify_buckets verify_buckets.cpp bucket_provider.cpp)
target_link_libraries(verify_buckets PRIVATE capstan::conformance)
")
run("configuring" ${CMAKE_COMMAND} -S ${WORK}/project -B ${WORK}/build -G Ninja "-DCMAKE_CXX_COMPILER=${COMPILER}"
  "-DCMAKE_CXX_FLAGS=${FLAGS} -Wall -Wextra -Wno-missing-field-initializers -Werror" "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
run("building" ${CMAKE_COMMAND} --build ${WORK}/build)
run("verifying" ${WORK}/build/verify_buckets)
if(NOT output MATCHES "ok 1 - ")
  message(FATAL_ERROR "the suite reports nothing:\n${output}")
endif()

# Without its dependencies it is refused with advice.
run("installing conformance alone" ${CMAKE_COMMAND} --install ${BUILD} --component conformance --prefix ${WORK}/alone)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK}/project -B ${WORK}/build_alone -G Ninja "-DCMAKE_CXX_COMPILER=${COMPILER}"
  "-DCMAKE_PREFIX_PATH=${WORK}/alone" RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status EQUAL 0 OR NOT output MATCHES "has no component \"sdk\"; it has: conformance")
  message(FATAL_ERROR "the missing component is not named:\n${output}")
endif()
