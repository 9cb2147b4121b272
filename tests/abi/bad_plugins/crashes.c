// Loads, and crashes the process when it is called.
#define BAD_NAME "crashes"
#include <signal.h>
#define BAD_GET crashes
#include "skeleton.h"

static int32_t crashes(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                       capstan_observed_t** observed, capstan_error_t** error) {
  (void)session;
  (void)call;
  (void)id;
  (void)observed;
  (void)error;
  raise(SIGSEGV);
  return CAPSTAN_UNKNOWN;
}
SKELETON_TABLE;
SKELETON_EXPORT;
