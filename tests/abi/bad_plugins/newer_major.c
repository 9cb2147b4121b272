// Its note declares a major version of the ABI that does not exist yet.
#define BAD_NAME "newer-major"
#include <capstan/plugin.h>
#undef CAPSTAN_ABI_MAJOR
#define CAPSTAN_ABI_MAJOR 2u
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
