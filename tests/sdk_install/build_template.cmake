# Like an author: installs the SDK into an empty prefix, copies the template, builds it there,
# inspects the result. Needs BUILD, WORK, COMPILER, FLAGS, VERIFY, CAPSTAN.
function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
run("installing the SDK" ${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${WORK}/prefix)
file(COPY "${WORK}/prefix/share/capstan/template" DESTINATION "${WORK}")
run("configuring the template" ${CMAKE_COMMAND} -S ${WORK}/template -B ${WORK}/build -G Ninja
  "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS} -Wall -Wextra -Werror" "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
run("building the template" ${CMAKE_COMMAND} --build ${WORK}/build)
set(plugin "${WORK}/build/lib/capstan/plugins/libcapstan_mycloud.so")
run("listing its symbols" nm -D --defined-only ${plugin})
string(REGEX MATCHALL "[^\n]+" symbols "${output}")
list(LENGTH symbols exported)
if(NOT exported EQUAL 1 OR NOT output MATCHES " T capstan_plugin_v1\n$")
  message(FATAL_ERROR "the template must export capstan_plugin_v1 and nothing else, it exports:\n${output}")
endif()
run("verifying it" ${VERIFY} ${plugin} MyCloudCluster)
message(STATUS "${output}")

# The steps of the guide, with the files that it mentions.
run("inspecting it" ${CAPSTAN} plugins inspect ${plugin})
run("verifying it without the cloud" ${CAPSTAN} plugins verify ${plugin} --object=${WORK}/template/cluster.yaml --dry)
run("verifying it against its simulated cloud" sh ${WORK}/template/verify.sh ${CAPSTAN} ${plugin})
if(output MATCHES "not ok|Bail out|# note")
  message(FATAL_ERROR "the template is not green:\n${output}")
endif()
foreach(example IN ITEMS provider_servers provider_directory)
  run("compiling ${example} without a warning" ${COMPILER} -std=c++20 -Wall -Wextra -Werror -fsyntax-only
    "-I${WORK}/prefix/include" "${WORK}/prefix/share/capstan/examples/${example}/plugin.cpp")
endforeach()
foreach(file IN ITEMS doc/capstan/ABI.md doc/capstan/writing_a_provider.md capstan/examples/provider_in_c/plugin.c
    capstan/examples/provider_servers/plugin.cpp)
  if(NOT EXISTS "${WORK}/prefix/share/${file}")
    message(FATAL_ERROR "share/${file} is not installed")
  endif()
endforeach()
