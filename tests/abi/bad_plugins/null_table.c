// Refuses every host.
#define BAD_NAME "null-table"
#include "skeleton.h"

SKELETON_TABLE;
CAPSTAN_EXPORT const capstan_plugin_t* capstan_plugin_v1(uint32_t host_abi) {
  return host_abi == 0 ? &kTable.plugin : NULL;
}
SKELETON_TABLE_USED;
