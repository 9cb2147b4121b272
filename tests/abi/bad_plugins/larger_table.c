// Valid: built for a later minor version, with operations that this host does not know. It must
// load.
#define BAD_NAME "larger-table"
#define BAD_STRUCT_SIZE sizeof(skeleton_table_t)
#define BAD_ABI (CAPSTAN_ABI | 7u)
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
