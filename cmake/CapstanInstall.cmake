# The installation for authors. In the build tree (add_subdirectory, FetchContent) capstan::core and
# capstan::testing are the libraries of the folders;
# `cmake --install BUILD --component core --prefix DIR` installs one archive for each component,
# with the headers of CapstanHeaders.cmake, for find_package(capstan COMPONENTS core testing). The
# sdk component is in sdk/CMakeLists.txt.
include(CapstanHeaders)

set(capstan_core_folders core/base core/external core/http core/trace core/json core/net core/kube core/runtime core/shards core/program core/typed core/kinds core/managed
  core/assembly core/operator)
set(capstan_testing_folders local/disk local/apiserver simulation/engine testing)

add_library(capstan_embedding INTERFACE)
capstan_component_targets(capstan_core_targets ${capstan_core_folders})
target_link_libraries(capstan_embedding INTERFACE ${capstan_core_targets})
add_library(capstan::core ALIAS capstan_embedding)

option(CAPSTAN_INSTALL "Make the archives that are installed" ${PROJECT_IS_TOP_LEVEL})
if(NOT CAPSTAN_INSTALL)
  return()
endif()

# capstan_install_archive(COMPONENT FOLDERS folder... HEADERS header... [USES target...] [LINKS
# library...]): installs the objects of the folders as lib/libcapstan_COMPONENT.a, exported as
# capstan::COMPONENT. LINKS are needed to link, but never to compile.
function(capstan_install_archive component)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS;HEADERS;USES;LINKS")
  capstan_component_targets(targets ${arg_FOLDERS})
  set(objects "")
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND objects $<TARGET_OBJECTS:${target}>)
    endif()
  endforeach()
  set(archive capstan_${component}_archive)
  add_library(${archive} STATIC ${objects})
  set_target_properties(${archive} PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME capstan_${component} EXPORT_NAME ${component})
  target_include_directories(${archive} INTERFACE "$<INSTALL_INTERFACE:include>")
  target_compile_features(${archive} INTERFACE cxx_std_20)
  target_link_libraries(${archive} INTERFACE ${arg_USES} Threads::Threads PRIVATE ${arg_LINKS})
  string(SUBSTRING ${component} 0 1 first)
  string(TOUPPER ${first} first)
  string(SUBSTRING ${component} 1 -1 rest)
  set(name ${first}${rest})
  install(TARGETS ${archive} EXPORT capstan${name}Targets ARCHIVE DESTINATION lib COMPONENT ${component})
  install(EXPORT capstan${name}Targets NAMESPACE capstan:: DESTINATION lib/cmake/capstan COMPONENT ${component})
  install(FILES "${PROJECT_BINARY_DIR}/sdk/capstanConfig.cmake" "${PROJECT_BINARY_DIR}/sdk/capstanConfigVersion.cmake"
    DESTINATION lib/cmake/capstan COMPONENT ${component})
  foreach(header IN LISTS arg_HEADERS)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES "${PROJECT_SOURCE_DIR}/${header}" DESTINATION include/capstan/${folder} COMPONENT ${component})
  endforeach()
endfunction()

capstan_install_archive(core FOLDERS ${capstan_core_folders} HEADERS ${CAPSTAN_CORE_HEADERS}
  LINKS Poco::JSON Poco::Net Poco::Foundation simdjson::simdjson yaml zstd::libzstd_shared prometheus-cpp::core
    OpenSSL::SSL OpenSSL::Crypto)
install(FILES "${PROJECT_SOURCE_DIR}/sdk/include/capstan/operator.hpp" DESTINATION include/capstan COMPONENT core)

capstan_install_archive(testing FOLDERS ${capstan_testing_folders} HEADERS ${CAPSTAN_TESTING_HEADERS}
  USES capstan_core_archive LINKS Poco::JSON Poco::Data Poco::DataSQLite OpenSSL::Crypto re2 date-tz)
install(FILES "${PROJECT_SOURCE_DIR}/sdk/include/capstan/testing.hpp" DESTINATION include/capstan COMPONENT testing)

capstan_install_archive(conformance FOLDERS sdk/conformance HEADERS ${CAPSTAN_CONFORMANCE_HEADERS} USES capstan_sdk)

if(NOT CAPSTAN_BUILD_PROGRAM)
  return()
endif()
# The program with its plugin and its CRDs; in CMake capstan::program, for example to generate
# types.
set_target_properties(capstan PROPERTIES EXPORT_NAME program)
install(TARGETS capstan EXPORT capstanProgramTargets RUNTIME DESTINATION bin COMPONENT program)
install(EXPORT capstanProgramTargets NAMESPACE capstan:: DESTINATION lib/cmake/capstan COMPONENT program)
install(FILES "${PROJECT_BINARY_DIR}/sdk/capstanConfig.cmake" "${PROJECT_BINARY_DIR}/sdk/capstanConfigVersion.cmake"
  DESTINATION lib/cmake/capstan COMPONENT program)
install(TARGETS capstan_plugin_digitalocean LIBRARY DESTINATION lib/capstan/plugins COMPONENT program)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/crds/" DESTINATION share/capstan/crds COMPONENT program FILES_MATCHING PATTERN "*.yaml")
