// The plugin of ABI 1.1 with what 1.2 appended, as it was built on the day that 1.2 was frozen:
// libcapstan_frozen_1_2.so. build.sh says how.
#define FROZEN_NOTE CAPSTAN_PLUGIN_NOTE_WITH("frozen", "1.0.0", "frozen.example/Frozen", "sizes")
#define FROZEN_KIND ",\"catalogs\":[\"sizes\"]"
#define FROZEN_COST(item) (item)->monthly_cost = 4.5
#define FROZEN_PLAN(made, step)                                                           \
  (step)->consumes = capstan_text_of("capstan.dev/reset-count=a");                        \
  (made)->spent = (const capstan_text_t*)host->alloc(call, sizeof(*(made)->spent));       \
  if ((made)->spent == NULL) return CAPSTAN_UNKNOWN;                                      \
  *(capstan_text_t*)(size_t)(made)->spent = capstan_text_of("capstan.dev/reset-count=b"); \
  (made)->spent_count = 1
#define FROZEN_OFFERS                                                                             \
  static int32_t offers(capstan_session_t* session, capstan_call_t* call, capstan_text_t catalog, \
                        capstan_offer_list_t** out, capstan_error_t** error) {                    \
    const capstan_host_t* host = session->instance->host;                                         \
    capstan_offer_t* item = CAPSTAN_NEW(host, call, capstan_offer_t);                             \
    const capstan_offer_t** items = (const capstan_offer_t**)host->alloc(call, sizeof(*items));   \
    if (!same(catalog, "sizes")) return fail(host, call, error, CAPSTAN_CODE_UNIMPLEMENTED);      \
    *out = CAPSTAN_NEW(host, call, capstan_offer_list_t);                                         \
    if (item == NULL || items == NULL || *out == NULL)                                            \
      return fail(host, call, error, CAPSTAN_CODE_TOO_LARGE);                                     \
    item->value = capstan_text_of("cube");                                                        \
    item->name = capstan_text_of("A cube of ice");                                                \
    item->details = capstan_text_of("{\"litres\":1}");                                            \
    item->unavailable = 1;                                                                        \
    items[0] = item;                                                                              \
    (*out)->items = items;                                                                        \
    (*out)->count = 1;                                                                            \
    return CAPSTAN_DONE;                                                                          \
  }
#include "plugin_1_0.c"
