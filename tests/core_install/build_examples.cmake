# Like an author: installs the core and the test kit into an empty prefix, copies an example, builds
# it there, runs its test. Needs BUILD, SOURCE, WORK, COMPILER, FLAGS.
include("${CMAKE_CURRENT_LIST_DIR}/run.cmake")
file(REMOVE_RECURSE "${WORK}")
foreach(component IN ITEMS core testing)
  run("installing ${component}" ${CMAKE_COMMAND} --install ${BUILD} --component ${component} --prefix ${WORK}/prefix)
endforeach()

# Every installed header compiles by itself, mentions no foreign library, and needs no header that
# is not installed.
file(GLOB_RECURSE headers RELATIVE "${WORK}/prefix/include" "${WORK}/prefix/include/*.hpp")
set(all "")
foreach(header IN LISTS headers)
  file(READ "${WORK}/prefix/include/${header}" text)
  if(text MATCHES "#include <(Poco|boost|simdjson|yaml|zstd|zdict|prometheus|openssl|sqlite3|glog|gflags|gtest|gmock)")
    message(FATAL_ERROR "${header} names a foreign library: ${CMAKE_MATCH_0}")
  endif()
  string(APPEND all "#include <${header}>\n")
endforeach()
file(WRITE "${WORK}/headers.cpp" "${all}")
run("compiling the installed headers" ${COMPILER} -std=c++20 -fsyntax-only -Wall -Wextra -Wno-missing-field-initializers -Werror
  -I${WORK}/prefix/include ${WORK}/headers.cpp)

foreach(example IN ITEMS website configmap_mirror managed_without_plugin embedding)
  set(folder "${SOURCE}/examples/${example}")
  if(example STREQUAL "embedding")  # the files in docs/embedding.md
    set(folder "${WORK}/embedding")
    run("taking the snippets out of docs/embedding.md" python3 "${CMAKE_CURRENT_LIST_DIR}/snippets.py" "${SOURCE}/docs/embedding.md"
      "${folder}")
  else()
    file(COPY "${folder}" DESTINATION "${WORK}")
  endif()
  run("configuring ${example}" ${CMAKE_COMMAND} -S ${WORK}/${example} -B ${WORK}/build/${example} -G Ninja
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS} -Wall -Wextra -Wno-missing-field-initializers -Werror"
    "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
  run("building ${example}" ${CMAKE_COMMAND} --build ${WORK}/build/${example})
  run("testing ${example}" ${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build/${example} --output-on-failure --no-tests=error)
endforeach()

# The project of `capstan new` builds and passes immediately.
if(PROGRAM)
  run("writing a new operator" ${PROGRAM} new operator web-shop --folder=${WORK}/web-shop)
  run("configuring it" ${CMAKE_COMMAND} -S ${WORK}/web-shop -B ${WORK}/build/web-shop -G Ninja
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS} -Wall -Wextra -Wno-missing-field-initializers -Werror"
    "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
  run("building it" ${CMAKE_COMMAND} --build ${WORK}/build/web-shop)
  run("testing it" ${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build/web-shop --output-on-failure --no-tests=error)
  execute_process(COMMAND ${PROGRAM} new operator web-shop --folder=${WORK}/web-shop RESULT_VARIABLE status ERROR_VARIABLE output)
  if(NOT status EQUAL 1 OR NOT output MATCHES "not empty")
    message(FATAL_ERROR "a folder that is not empty is not refused: ${status} ${output}")
  endif()
  run("installing the SDK" ${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${WORK}/sdk)
  run("writing a new provider" ${PROGRAM} new provider sky-high --folder=${WORK}/sky-high)
  run("configuring it" ${CMAKE_COMMAND} -S ${WORK}/sky-high -B ${WORK}/build/sky-high -G Ninja
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS} -Wall -Wextra -Werror" "-DCMAKE_PREFIX_PATH=${WORK}/sdk")
  run("building it" ${CMAKE_COMMAND} --build ${WORK}/build/sky-high)
  run("inspecting it" ${PROGRAM} plugins inspect ${WORK}/build/sky-high/lib/capstan/plugins/libcapstan_skyhigh.so)
endif()

run("asking the operator for its flags" ${WORK}/build/website/website --help)
if(NOT output MATCHES "--leader-elect")
  message(FATAL_ERROR "the operator does not know --leader-elect:\n${output}")
endif()

# A component that is not installed is refused with advice.
file(WRITE "${WORK}/missing/CMakeLists.txt"
  "cmake_minimum_required(VERSION 3.25)\nproject(missing LANGUAGES CXX)\nfind_package(capstan 0.1 REQUIRED COMPONENTS sdk)\n")
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK}/missing -B ${WORK}/missing/build "-DCMAKE_PREFIX_PATH=${WORK}/prefix"
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status EQUAL 0 OR NOT output MATCHES "has no component \"sdk\"; it has: core;testing")
  message(FATAL_ERROR "a missing component is not refused in words:\n${output}")
endif()
