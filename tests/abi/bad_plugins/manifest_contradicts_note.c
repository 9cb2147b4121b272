// Has different names in its manifest and its note.
#define BAD_NAME "manifest-contradicts-note"
#define BAD_MANIFEST                                                                                    \
  "{\"name\":\"another-name\",\"version\":\"1.0.0\",\"kinds\":[{\"group\":\"bad.example\",\"version\":" \
  "\"v1\","                                                                                             \
  "\"kind\":\"" BAD_NAME "\",\"plural\":\"bads\",\"identity\":\"tag\"}]}"
#include "skeleton.h"

SKELETON_TABLE;
SKELETON_EXPORT;
