// Loads, and then lies in lists: document, id or catalog select the lie of plan, associated,
// notices and offers; adopt returns the verdict in its id. list_liar_test checks how the host
// handles each.
#define BAD_NAME "list-liar"
#define BAD_PLAN lies_about_plan
#define BAD_ADOPT lies_about_adopt
#define BAD_ASSOCIATED lies_about_associated
#define BAD_NOTICES lies_about_notices
#define BAD_OFFERS lies_about_offers
#include <math.h>

#include "skeleton.h"

static int is(capstan_text_t text, const char* name) {
  return text.size == strlen(name) && memcmp(text.data, name, text.size) == 0;
}

static void* wild(void) { return (void*)(size_t)0x10; }

static capstan_text_t wild_text(void) {
  capstan_text_t text;
  text.data = (const char*)wild();
  text.size = 100;
  return text;
}

static int32_t lies_about_plan(capstan_session_t* session, capstan_call_t* call, capstan_text_t desired,
                               const capstan_observed_t* observed, capstan_plan_t** out,
                               capstan_error_t** error) {
  capstan_plan_t* plan = CAPSTAN_NEW(the_host, call, capstan_plan_t);
  capstan_step_t* step = CAPSTAN_NEW(the_host, call, capstan_step_t);
  capstan_difference_t* difference = CAPSTAN_NEW(the_host, call, capstan_difference_t);
  const capstan_step_t** steps = (const capstan_step_t**)the_host->alloc(call, sizeof(*steps));
  const capstan_difference_t** differences =
      (const capstan_difference_t**)the_host->alloc(call, 2 * sizeof(*differences));
  (void)session;
  (void)observed;
  (void)error;
  step->verb = capstan_text_of("scale");
  steps[0] = step;
  difference->field = capstan_text_of("spec.size");
  difference->wanted = capstan_text_of("3");
  differences[0] = differences[1] = difference;
  plan->steps = steps;
  plan->step_count = 1;
  plan->differences = differences;
  plan->difference_count = 2;
  *out = plan;
  if (is(desired, "wild differences")) plan->differences = (const capstan_difference_t* const*)wild();
  if (is(desired, "too many differences")) plan->difference_count = (size_t)1 << 40;
  if (is(desired, "no difference")) differences[1] = NULL;
  if (is(desired, "short difference")) difference->struct_size = 8;
  if (is(desired, "no field")) difference->field.size = 0;
  if (is(desired, "wild wanted")) difference->wanted = wild_text();
  if (is(desired, "odd seen")) difference->seen = capstan_text_of("\xff");
  if (is(desired, "wild waiting")) plan->waiting = wild_text();
  if (is(desired, "secret waiting")) plan->waiting = capstan_text_of("for s3cr3t-token");
  if (is(desired, "spent")) {
    capstan_text_t* spent = (capstan_text_t*)the_host->alloc(call, 2 * sizeof(*spent));
    step->consumes = capstan_text_of("capstan.dev/reset-count=a");
    spent[0] = capstan_text_of("capstan.dev/reset-count=b");
    spent[1] = capstan_text_of("capstan.dev/reset-count=c");
    plan->spent = spent;
    plan->spent_count = 2;
  }
  if (is(desired, "older spent")) plan->spent_count = 3, plan->struct_size = CAPSTAN_PLAN_SIZE_1_0;
  if (is(desired, "wild spent")) plan->spent = (const capstan_text_t*)wild(), plan->spent_count = 1;
  if (is(desired, "too much spent")) plan->spent_count = (size_t)1 << 40;
  if (is(desired, "wild consumes")) step->consumes = wild_text();
  if (is(desired, "no cost")) step->monthly_cost_change = (double)NAN;
  return CAPSTAN_DONE;
}

static int32_t lies_about_associated(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                                     capstan_associated_list_t** out, capstan_error_t** error) {
  capstan_associated_list_t* list = CAPSTAN_NEW(the_host, call, capstan_associated_list_t);
  capstan_associated_t* item = CAPSTAN_NEW(the_host, call, capstan_associated_t);
  const capstan_associated_t** items = (const capstan_associated_t**)the_host->alloc(call, sizeof(*items));
  (void)session;
  (void)error;
  item->kind = capstan_text_of("volumes");
  item->id = capstan_text_of("v1");
  item->monthly_cost = 2.5;
  items[0] = item;
  list->items = items;
  list->count = 1;
  *out = list;
  if (is(id, "nothing")) *out = NULL;
  if (is(id, "short list")) list->struct_size = 8;
  if (is(id, "wild items")) list->items = (const capstan_associated_t* const*)wild();
  if (is(id, "wild item")) items[0] = (const capstan_associated_t*)wild();
  if (is(id, "long item")) item->struct_size = 0x7fffffff;
  if (is(id, "no kind")) item->kind.size = 0;
  if (is(id, "no id")) item->id.size = 0;
  if (is(id, "odd id")) item->id = capstan_text_of("a\nb");
  if (is(id, "wild name")) item->name = wild_text();
  if (is(id, "no cost")) item->monthly_cost = NAN;
  if (is(id, "endless cost")) item->monthly_cost = INFINITY;
  if (is(id, "earns")) item->monthly_cost = -1;
  if (is(id, "older")) item->struct_size = CAPSTAN_ASSOCIATED_SIZE_1_0;
  if (is(id, "not found")) return CAPSTAN_NOT_FOUND;
  return CAPSTAN_DONE;
}

static int32_t lies_about_notices(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                                  capstan_text_t since, capstan_notice_list_t** out,
                                  capstan_error_t** error) {
  capstan_notice_list_t* list = CAPSTAN_NEW(the_host, call, capstan_notice_list_t);
  const capstan_notice_t** items = (const capstan_notice_t**)the_host->alloc(call, 2 * sizeof(*items));
  capstan_notice_t* first = CAPSTAN_NEW(the_host, call, capstan_notice_t);
  capstan_notice_t* second = CAPSTAN_NEW(the_host, call, capstan_notice_t);
  (void)session;
  (void)error;
  first->at = capstan_text_of("2026-01-02T00:00:00Z");
  first->text = capstan_text_of("first");
  second->at = capstan_text_of("2026-01-03T00:00:00+01:00");
  second->text = capstan_text_of("second");
  items[0] = first;
  items[1] = second;
  list->items = items;
  list->count = 2;
  *out = list;
  if (is(id, "nothing")) *out = NULL;
  if (is(id, "wild items")) list->items = (const capstan_notice_t* const*)wild();
  if (is(id, "no item")) items[1] = NULL;
  if (is(id, "no time")) second->at.size = 0;
  if (is(id, "odd time")) second->at = capstan_text_of("yesterday");
  if (is(id, "no text")) second->text.size = 0;
  if (is(id, "wild text")) second->text = wild_text();
  if (is(id, "secret")) second->text = capstan_text_of("Bearer abcdef");
  if (is(id, "other order")) items[0] = second, items[1] = first;
  if (is(id, "again")) first->at = since;
  return CAPSTAN_DONE;
}

static int32_t lies_about_offers(capstan_session_t* session, capstan_call_t* call, capstan_text_t catalog,
                                 capstan_offer_list_t** out, capstan_error_t** error) {
  capstan_offer_list_t* list = CAPSTAN_NEW(the_host, call, capstan_offer_list_t);
  const capstan_offer_t** items = (const capstan_offer_t**)the_host->alloc(call, 2 * sizeof(*items));
  capstan_offer_t* first = CAPSTAN_NEW(the_host, call, capstan_offer_t);
  capstan_offer_t* second = CAPSTAN_NEW(the_host, call, capstan_offer_t);
  (void)session;
  (void)error;
  first->value = capstan_text_of("small");
  first->details = capstan_text_of("{\"vcpus\":1}");
  second->value = capstan_text_of("large");
  second->name = capstan_text_of("Large one");
  second->unavailable = 1;
  items[0] = first;
  items[1] = second;
  list->items = items;
  list->count = 2;
  *out = list;
  if (is(catalog, "nothing")) *out = NULL;
  if (is(catalog, "short list")) list->struct_size = 8;
  if (is(catalog, "wild items")) list->items = (const capstan_offer_t* const*)wild();
  if (is(catalog, "too many")) list->count = (size_t)1 << 40;
  if (is(catalog, "no item")) items[1] = NULL;
  if (is(catalog, "short item")) second->struct_size = 8;
  if (is(catalog, "long item")) second->struct_size = 0x7fffffff;
  if (is(catalog, "no value")) second->value.size = 0;
  if (is(catalog, "odd value")) second->value = capstan_text_of("a\nb");
  if (is(catalog, "wild name")) second->name = wild_text();
  if (is(catalog, "odd details")) second->details = capstan_text_of("[1]");
  if (is(catalog, "twice")) second->value = first->value;
  if (is(catalog, "secret")) second->name = capstan_text_of("Bearer abcdef");
  if (is(catalog, "not found")) return CAPSTAN_NOT_FOUND;
  return CAPSTAN_DONE;
}

// Puts a tag, ignores the result, and returns the verdict in the id.
static int32_t lies_about_adopt(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                                const capstan_identity_t* identity, capstan_error_t** error) {
  capstan_http_request_t* request = CAPSTAN_NEW(the_host, call, capstan_http_request_t);
  capstan_http_response_t* response = NULL;
  (void)session;
  (void)identity;
  request->method = capstan_text_of("PUT");
  request->url = capstan_text_of("https://api.bad.example/things/tags");
  (void)the_host->http(call, request, &response, error);
  *error = NULL;
  if (is(id, "done")) return CAPSTAN_DONE;
  if (is(id, "rejected")) return CAPSTAN_REJECTED;
  if (is(id, "not found")) return CAPSTAN_NOT_FOUND;
  if (is(id, "unknown")) return CAPSTAN_UNKNOWN;
  return 77;
}

SKELETON_TABLE;
SKELETON_EXPORT;
