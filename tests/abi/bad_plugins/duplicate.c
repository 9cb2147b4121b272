// Valid by itself: serves the same kind as larger_table.
#define BAD_NAME "duplicate"
#define BAD_KIND "larger-table"
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
