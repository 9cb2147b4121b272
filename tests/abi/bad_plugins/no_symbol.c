// Exports no symbol that the host knows.
#define BAD_NAME "no-symbol"
#include "skeleton.h"

SKELETON_TABLE;
const capstan_plugin_t* some_other_name(void);
CAPSTAN_EXPORT const capstan_plugin_t* some_other_name(void) { return &kTable.plugin; }
SKELETON_TABLE_USED;
