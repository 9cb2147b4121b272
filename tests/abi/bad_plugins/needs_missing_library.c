// Depends on a library that is not installed.
#define BAD_NAME "needs-missing-library"
#include "skeleton.h"

int capstan_library_that_goes_missing(void);
int capstan_uses_missing_library(void);
int capstan_uses_missing_library(void) { return capstan_library_that_goes_missing(); }
SKELETON_TABLE;
SKELETON_EXPORT;
