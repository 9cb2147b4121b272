# capstan_component(FOLDER [FOLDERS subfolder...] [DEPENDS component...] [LINKS library...]
#                   [TEST_DEPENDS component...] [TEST_LINKS library...] [TEST_TIMEOUT seconds])
#
# One folder, one library, one namespace, one test binary: core/http becomes target
# capstan_core_http (alias capstan::core_http) from its *.cpp, and capstan_core_http_test from its
# *_test.cpp.
#
#   FOLDERS       subfolders that belong to the component. Headers in the folder are public; those in
#                 a subfolder are private to the component.
#   DEPENDS       the folders whose headers this one may include. This is the only place that says
#                 so: scripts/check-includes.py reads it from here.
#   LINKS         Debian's libraries, which do not appear in public headers.
#   TEST_DEPENDS  further folders that only the tests may include.
#
# A subfolder testing/ contains test scaffolding. It becomes capstan_<folder>_testing, which tests
# of other folders name in TEST_DEPENDS (as "core/http/testing"); the folder's own tests always have
# it.
function(capstan_component folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TEST_TIMEOUT" "FOLDERS;DEPENDS;LINKS;TEST_DEPENDS;TEST_LINKS")
  string(REPLACE "/" "_" name "${folder}")
  set(target capstan_${name})
  set(dir "${PROJECT_SOURCE_DIR}/${folder}")
  set(patterns "${dir}/*.cpp")
  foreach(subfolder IN LISTS arg_FOLDERS)
    list(APPEND patterns "${dir}/${subfolder}/*.cpp")
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  capstan_component_targets(depends ${arg_DEPENDS})
  capstan_component_library(${target} "${sources}" "${depends}" "${arg_LINKS}")
  add_library(capstan::${name} ALIAS ${target})
  capstan_unite(${target} "${sources}")

  set(testing "")
  if(IS_DIRECTORY "${dir}/testing")
    file(GLOB scaffolding CONFIGURE_DEPENDS "${dir}/testing/*.cpp")
    capstan_component_library(${target}_testing "${scaffolding}" "${target}" "${arg_LINKS}")
    set(testing ${target}_testing)
    if(NOT CAPSTAN_BUILD_TESTS)
      set_target_properties(${testing} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  endif()
  if(CAPSTAN_BUILD_TESTS AND tests)
    capstan_component_targets(test_depends ${arg_TEST_DEPENDS})
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} ${testing} ${test_depends} ${arg_LINKS} ${arg_TEST_LINKS}
      capstan_warnings GTest::gmock GTest::gtest GTest::gtest_main)
    capstan_test_sources(${target}_test)
    # A component with a time limit has long tests, which start early.
    set(cost 0)
    if(arg_TEST_TIMEOUT)
      set(cost 300)
    else()
      set(arg_TEST_TIMEOUT 300)
    endif()
    # One ctest entry for each test, named Suite.SentenceThatItProves. Time limits only catch
    # hanging tests: a busy machine must not make one fail.
    gtest_discover_tests(${target}_test DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      PROPERTIES TIMEOUT ${arg_TEST_TIMEOUT} COST ${cost})
  endif()
endfunction()

# core/http/testing -> capstan_core_http_testing, into the variable RESULT.
function(capstan_component_targets result)
  set(targets "")
  foreach(item IN LISTS ARGN)
    string(REPLACE "/" "_" item "${item}")
    list(APPEND targets capstan_${item})
  endforeach()
  set(${result} "${targets}" PARENT_SCOPE)
endfunction()

function(capstan_component_library target sources depends links)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC "${PROJECT_BINARY_DIR}/include" "${PROJECT_SOURCE_DIR}/sdk/include")
    target_link_libraries(${target} PUBLIC ${depends} Threads::Threads PRIVATE ${links} capstan_warnings)
    capstan_precompile(${target} "${links}")
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE "${PROJECT_BINARY_DIR}/include" "${PROJECT_SOURCE_DIR}/sdk/include")
    target_link_libraries(${target} INTERFACE ${depends} Threads::Threads)
  endif()
endfunction()
