// Exports the symbol, but contains no note.
#define BAD_NAME "no-note"
#define BAD_NO_NOTE
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
