// Serves no kind.
#define BAD_NAME "manifest-no-kinds"
#define BAD_MANIFEST "{\"name\":\"manifest-no-kinds\",\"version\":\"1.0.0\",\"kinds\":[]}"
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
