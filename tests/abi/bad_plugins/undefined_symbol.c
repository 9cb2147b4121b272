// Depends on a function that no library defines.
#define BAD_NAME "undefined-symbol"
#define BAD_GET gets_from_nowhere
#include "skeleton.h"

int32_t gets_from_nowhere(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                          capstan_observed_t** observed, capstan_error_t** error);
SKELETON_TABLE;
SKELETON_EXPORT;
