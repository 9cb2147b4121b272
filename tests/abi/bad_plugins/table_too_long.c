// Declares a table far longer than the whole library.
#define BAD_NAME "table-too-long"
#define BAD_STRUCT_SIZE (1u << 30)
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
