// Its note declares ABI 1, its table 2.
#define BAD_NAME "newer-major-in-table"
#define BAD_ABI (2u << 16)
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
