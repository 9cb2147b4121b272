// Never returns from describe(). It sleeps, so it costs a thread but no CPU time.
#define BAD_NAME "blocks-in-describe"
#include <unistd.h>
#define BAD_DESCRIBE blocks
#include "skeleton.h"

static int32_t blocks(const capstan_host_t* host, capstan_call_t* call, capstan_text_t* manifest,
                      capstan_error_t** error) {
  (void)host;
  (void)call;
  (void)manifest;
  (void)error;
  while (1) pause();
  return CAPSTAN_UNKNOWN;
}
SKELETON_TABLE;
SKELETON_EXPORT;
