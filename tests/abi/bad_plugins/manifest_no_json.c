// Its manifest is prose instead of JSON.
#define BAD_NAME "manifest-no-json"
#define BAD_MANIFEST "a very good plugin"
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
