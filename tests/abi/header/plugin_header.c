// Compiled as C11, C17, C++17 and C++20, each with -Wall -Wextra -pedantic: plugin.h promises all
// four.
#include <capstan/plugin.h>

CAPSTAN_PLUGIN_NOTE("header", "1.0.0", "header.example/Header");

const capstan_plugin_t* capstan_plugin_v1(uint32_t host_abi) {
  (void)host_abi;
  (void)&capstan_text_of;
  (void)&capstan_copy;
  (void)&capstan_new;
  return NULL;
}
