# capstan_add_plugin(NAME SOURCES file... [LINKS library...] [OUTPUT_DIRECTORY dir])
#
# A plugin as the host wants it: a module <build>/lib/capstan/plugins/libcapstan_<NAME>.so that
# exports capstan_plugin_v1 and nothing else. Target capstan_plugin_<NAME>. C++ sources get sdk/cpp;
# static libraries, ours and the author's, stay inside (hidden), so that two plugins with two
# versions of one library do not meet.
set(CAPSTAN_PLUGIN_MAP "${CMAKE_CURRENT_LIST_DIR}/capstan_plugin.map" CACHE INTERNAL "what a plugin exports")

function(capstan_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT_DIRECTORY" "SOURCES;LINKS")
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/capstan/plugins")
  endif()
  set(target capstan_plugin_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  # Inside this repository sdk/cpp and its dependencies are separate targets; installed, they are
  # one.
  if(TARGET capstan::sdk_cpp)
    target_link_libraries(${target} PRIVATE capstan::sdk_cpp ${arg_LINKS})
  else()
    target_link_libraries(${target} PRIVATE capstan::sdk ${arg_LINKS})
  endif()
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME "capstan_${name}" PREFIX "lib" SUFFIX ".so"
    LIBRARY_OUTPUT_DIRECTORY "${arg_OUTPUT_DIRECTORY}"
    POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${CAPSTAN_PLUGIN_MAP}")
  target_link_options(${target} PRIVATE "LINKER:--exclude-libs,ALL" "LINKER:--version-script=${CAPSTAN_PLUGIN_MAP}"
    "LINKER:--as-needed")
  # A sanitizer's runtime is in the program, so a sanitized plugin has undefined symbols.
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  if(NOT "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}" MATCHES "fsanitize")
    target_link_options(${target} PRIVATE "LINKER:--no-undefined")
  endif()
endfunction()
