// Leaves a required operation empty.
#define BAD_NAME "null-slots"
#define BAD_GET NULL
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
