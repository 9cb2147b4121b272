// Depends on another version of a library that this process has loaded.
#define BAD_NAME "needs-other-soname"
#include "skeleton.h"

int capstan_other_libc(void);
int capstan_uses_other_libc(void);
int capstan_uses_other_libc(void) { return capstan_other_libc(); }
SKELETON_TABLE;
SKELETON_EXPORT;
