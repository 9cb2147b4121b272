// Loads, and exits when it is called.
#define BAD_NAME "exits"
#include <stdlib.h>
#define BAD_GET exits
#include "skeleton.h"

static int32_t exits(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                     capstan_observed_t** observed, capstan_error_t** error) {
  (void)session;
  (void)call;
  (void)id;
  (void)observed;
  (void)error;
  exit(3);
}
SKELETON_TABLE;
SKELETON_EXPORT;
