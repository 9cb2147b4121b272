// Its table ends before the last operations of ABI 1.0.
#define BAD_NAME "smaller-table"
#define BAD_STRUCT_SIZE offsetof(capstan_plugin_t, get)
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
