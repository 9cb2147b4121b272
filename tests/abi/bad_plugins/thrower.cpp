// Lets exceptions out of its functions, which rule 8 of the ABI forbids.
#include <capstan/plugin.h>

#include <stdexcept>

#define BAD_NAME "thrower"
#define BAD_GET throws_from_get
#define BAD_CREATE throws_from_create
#include "skeleton.h"

static int32_t throws_from_get(capstan_session_t*, capstan_call_t*, capstan_text_t, capstan_observed_t**,
                               capstan_error_t**) {
  throw std::runtime_error("the cloud fell down");
}
static int32_t throws_from_create(capstan_session_t*, capstan_call_t*, const capstan_identity_t*,
                                  capstan_text_t, capstan_text_t*, capstan_error_t**) {
  throw 42;
}
SKELETON_TABLE;
extern "C" {
SKELETON_EXPORT;
}
