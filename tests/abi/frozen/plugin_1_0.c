// A plugin as somebody built it on the day that ABI 1.0 was frozen. It uses every struct, operation and
// service of that version and is never built again: libcapstan_frozen_1_0.so beside it is what the tests
// load. Its cloud is the memory of its instance; only create goes over HTTP. build.sh says how it was built.
#include <capstan/plugin.h>
#include <stdlib.h>

#ifdef FROZEN_NOTE  // plugin_1_2.c
FROZEN_NOTE;
#else
CAPSTAN_PLUGIN_NOTE("frozen", "1.0.0", "frozen.example/Frozen");
#endif

static const char kManifest[] =
    "{\"name\":\"frozen\",\"version\":\"1.0.0\",\"description\":\"As it was built once.\","
    "\"kinds\":[{\"group\":\"frozen.example\",\"version\":\"v1\",\"kind\":\"Frozen\",\"plural\":\"frozens\","
    "\"namespaced\":true,\"identity\":\"tag\",\"credentialsField\":\"spec.tokenSecret\","
    "\"credentialKeys\":[\"token\"],\"credentialEnvironment\":{\"token\":\"FROZEN_TOKEN\"},"
    "\"connectionSuffix\":\"-access\",\"connectionStatusField\":\"accessSecret\",\"idStatusField\":\"id\","
    "\"phaseStatusField\":\"progress\",\"planStatusField\":\"plan\","
    "\"associatedStatusField\":\"associatedResources\""
#ifdef FROZEN_KIND  // plugin_1_2.c
    FROZEN_KIND
#endif
    "}],"
    "\"allowedHosts\":[\"api.frozen.example\"],"
    "\"quotas\":[{\"host\":\"api.frozen.example\",\"perMinute\":60,\"limitHeader\":\"x-limit\","
    "\"remainingHeader\":\"x-remaining\",\"resetHeader\":\"x-reset\"}],"
    "\"configSchema\":{\"type\":\"object\"},\"configEnvironment\":{\"name\":\"FROZEN_NAME\"},"
    "\"maxConcurrency\":1}";

struct capstan_instance {
  const capstan_host_t* host;
  int exists;
  size_t tag_size, owner_size, removed_with;
  char tag[128], owner[128];
};

struct capstan_session {
  struct capstan_instance* instance;
  size_t credentials;
};

static int same(capstan_text_t text, const char* what) {
  return text.size == strlen(what) && memcmp(text.data, what, text.size) == 0;
}

static int32_t fail(const capstan_host_t* host, capstan_call_t* call, capstan_error_t** error, int32_t code) {
  *error = CAPSTAN_NEW(host, call, capstan_error_t);
  if (*error == NULL) return CAPSTAN_UNKNOWN;
  (*error)->code = code;
  (*error)->sent = CAPSTAN_ANSWERED;
  (*error)->http_status = 429;
  (*error)->message = capstan_text_of("it is frozen");
  (*error)->reason = capstan_text_of("frozen");
  (*error)->request_id = capstan_text_of("request-1");
  (*error)->retry_after_ns = 3000000000;
  return CAPSTAN_UNKNOWN;
}

static int32_t describe(const capstan_host_t* host, capstan_call_t* call, capstan_text_t* manifest,
                        capstan_error_t** error) {
  if (host->abi >> 16 != 1 || host->extension(host, capstan_text_of("capstan.none/1")) != NULL)
    return fail(host, call, error, CAPSTAN_CODE_INTERNAL);
  *manifest = capstan_text_of(kManifest);
  return CAPSTAN_DONE;
}

static int32_t create_instance(const capstan_host_t* host, capstan_call_t* call, capstan_text_t config,
                               capstan_instance_t** instance, capstan_error_t** error) {
  capstan_entry_t field;
  capstan_instance_t* made = (capstan_instance_t*)calloc(1, sizeof(*made));
  if (made == NULL) return fail(host, call, error, CAPSTAN_CODE_INTERNAL);
  made->host = host;
  field.name = capstan_text_of("config");
  field.value = config;
  host->log(host, CAPSTAN_INFO, capstan_text_of("configured"), &field, 1);
  *instance = made;
  return CAPSTAN_DONE;
}

static void destroy_instance(capstan_instance_t* instance) { free(instance); }

static int32_t connect(capstan_instance_t* instance, capstan_call_t* call, capstan_text_t kind,
                       const capstan_entry_t* credentials, size_t count, capstan_session_t** session,
                       capstan_error_t** error) {
  capstan_session_t* made = (capstan_session_t*)calloc(1, sizeof(*made));
  if (made == NULL || !same(kind, "Frozen") || count != 1 || !same(credentials[0].name, "token")) {
    free(made);
    return fail(instance->host, call, error, CAPSTAN_CODE_INVALID_ARGUMENT);
  }
  made->instance = instance;
  made->credentials = count;
  *session = made;
  return CAPSTAN_DONE;
}

static void disconnect(capstan_session_t* session) { free(session); }

static capstan_observed_t* observe(capstan_instance_t* instance, capstan_call_t* call) {
  capstan_observed_t* seen = CAPSTAN_NEW(instance->host, call, capstan_observed_t);
  if (seen == NULL) return NULL;
  seen->phase = CAPSTAN_READY;
  seen->connectable = 1;
  seen->id = capstan_text_of("frozen-1");
  seen->name = capstan_text_of("ice");
  seen->identity = capstan_copy(instance->host, call, instance->tag, instance->tag_size);
  seen->owner = capstan_copy(instance->host, call, instance->owner, instance->owner_size);
  seen->message = capstan_text_of("as it was");
  seen->created_at = capstan_text_of("2026-11-22T12:00:00Z");
  seen->status = capstan_text_of("{\"progress\":\"frozen\"}");
  seen->state = capstan_text_of("{\"size\":2}");
  return seen;
}

static int32_t list(capstan_session_t* session, capstan_call_t* call, capstan_text_t cursor,
                    capstan_page_t** page, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  const capstan_observed_t** items = (const capstan_observed_t**)host->alloc(call, sizeof(*items));
  (void)cursor;
  *page = CAPSTAN_NEW(host, call, capstan_page_t);
  if (*page == NULL || items == NULL) return fail(host, call, error, CAPSTAN_CODE_TOO_LARGE);
  items[0] = session->instance->exists ? observe(session->instance, call) : NULL;
  (*page)->items = items;
  (*page)->count = (*page)->total = session->instance->exists ? 1 : 0;
  (*page)->has_total = 1;
  return CAPSTAN_DONE;
}

static int32_t find(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                    capstan_text_t desired, capstan_page_t** page, capstan_error_t** error) {
  (void)identity;
  (void)desired;
  return list(session, call, capstan_text_of(""), page, error);
}

static int32_t get(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                   capstan_observed_t** observed, capstan_error_t** error) {
  if (same(id, "broken")) return fail(session->instance->host, call, error, CAPSTAN_CODE_RESOURCE_EXHAUSTED);
  if (!session->instance->exists || !same(id, "frozen-1")) return CAPSTAN_NOT_FOUND;
  *observed = observe(session->instance, call);
  return CAPSTAN_DONE;
}

static void wear(capstan_instance_t* instance, const capstan_identity_t* identity) {
  instance->tag_size = identity->tag.size < sizeof(instance->tag) ? identity->tag.size : 0;
  instance->owner_size = identity->owner.size < sizeof(instance->owner) ? identity->owner.size : 0;
  if (instance->tag_size > 0) memcpy(instance->tag, identity->tag.data, instance->tag_size);
  if (instance->owner_size > 0) memcpy(instance->owner, identity->owner.data, instance->owner_size);
}

static int32_t create(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                      capstan_text_t desired, capstan_text_t* id, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_http_request_t* request = CAPSTAN_NEW(host, call, capstan_http_request_t);
  capstan_entry_t* header = (capstan_entry_t*)host->alloc(call, sizeof(*header));
  capstan_http_response_t* response = NULL;
  if (request == NULL || header == NULL) return fail(host, call, error, CAPSTAN_CODE_TOO_LARGE);
  if (host->cancelled(call)) return CAPSTAN_WAIT;
  header->name = capstan_text_of("X-Frozen");
  header->value = capstan_text_of("1.0");
  request->method = capstan_text_of("POST");
  request->url = capstan_text_of("https://api.frozen.example/things");
  request->headers = header;
  request->header_count = 1;
  request->body = desired;
  request->deadline_ns = host->deadline_ns(call);
  request->response_limit = 1 << 20;
  if (host->http(call, request, &response, error) != CAPSTAN_ANSWERED) return CAPSTAN_UNKNOWN;
  if (response->status != 201) return fail(host, call, error, CAPSTAN_CODE_INVALID_ARGUMENT);
  wear(session->instance, identity);
  session->instance->exists = 1;
  *id = response->body;
  return CAPSTAN_DONE;
}

static int32_t destroy(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                       const capstan_remove_options_t* options, capstan_error_t** error) {
  (void)call;
  (void)error;
  if (!session->instance->exists || !same(id, "frozen-1")) return CAPSTAN_NOT_FOUND;
  session->instance->exists = 0;
  session->instance->removed_with = options->associated_count;
  if (options->associated_count == 1 && same(options->associated[0]->kind, "puddles") &&
      same(options->associated[0]->id, "p1") && same(options->associated[0]->name, "water"))
    return CAPSTAN_DONE;
  return CAPSTAN_UNKNOWN;
}

static int32_t who_am_i(capstan_session_t* session, capstan_call_t* call, capstan_account_t** account,
                        capstan_error_t** error) {
  (void)error;
  *account = CAPSTAN_NEW(session->instance->host, call, capstan_account_t);
  if (*account == NULL) return CAPSTAN_UNKNOWN;
  (*account)->id = capstan_text_of("glacier");
  (*account)->description = capstan_text_of("all the ice");
  return CAPSTAN_DONE;
}

static int32_t plan(capstan_session_t* session, capstan_call_t* call, capstan_text_t desired,
                    const capstan_observed_t* observed, capstan_plan_t** out, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_plan_t* made = CAPSTAN_NEW(host, call, capstan_plan_t);
  capstan_step_t* step = CAPSTAN_NEW(host, call, capstan_step_t);
  capstan_unsupported_t* cannot = CAPSTAN_NEW(host, call, capstan_unsupported_t);
  capstan_difference_t* differs = CAPSTAN_NEW(host, call, capstan_difference_t);
  const capstan_step_t** steps = (const capstan_step_t**)host->alloc(call, sizeof(*steps));
  const capstan_unsupported_t** unsupported =
      (const capstan_unsupported_t**)host->alloc(call, sizeof(*unsupported));
  const capstan_difference_t** differences =
      (const capstan_difference_t**)host->alloc(call, sizeof(*differences));
  (void)desired;
  if (made == NULL || step == NULL || cannot == NULL || differs == NULL || steps == NULL ||
      unsupported == NULL || differences == NULL)
    return fail(host, call, error, CAPSTAN_CODE_TOO_LARGE);
  step->makes = 1;
  step->destroys = 1;
  step->waits = 1;
  step->monthly_cost_change = -2.5;
  step->verb = capstan_text_of(observed->id.size == 0 ? "create" : "replace");
  step->target = capstan_text_of("cubes/a");
  step->why = capstan_text_of("spec.size is 3, the ice has 2");
  step->arguments = observed->state;
  cannot->field = capstan_text_of("spec.temperature");
  cannot->why = capstan_text_of("ice is cold");
  differs->field = capstan_text_of("spec.size");
  differs->wanted = capstan_text_of("3");
  differs->seen = capstan_text_of("2");
  steps[0] = step;
  unsupported[0] = cannot;
  differences[0] = differs;
  made->steps = steps;
  made->unsupported = unsupported;
  made->differences = differences;
  made->step_count = made->unsupported_count = made->difference_count = 1;
  made->waiting = capstan_text_of("the thaw");
#ifdef FROZEN_PLAN  // plugin_1_2.c
  FROZEN_PLAN(made, step);
#endif
  *out = made;
  return CAPSTAN_DONE;
}

static int32_t apply(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                     const capstan_step_t* step, const capstan_identity_t* identity, capstan_text_t* new_id,
                     capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  if (!same(id, "frozen-1") || !step->makes || !step->destroys || !step->waits ||
      !same(step->verb, "replace") || step->monthly_cost_change > -2 || !same(step->target, "cubes/a") ||
      step->why.size == 0 || !same(step->arguments, "{\"size\":2}") || !same(identity->parent, "frozen-1"))
    return fail(host, call, error, CAPSTAN_CODE_INVALID_ARGUMENT);
  *new_id = capstan_copy(host, call, identity->target.data, identity->target.size);
  return CAPSTAN_DONE;
}

static int32_t adopt(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                     const capstan_identity_t* identity, capstan_error_t** error) {
  (void)call;
  (void)error;
  if (!same(id, "frozen-1")) return CAPSTAN_NOT_FOUND;
  wear(session->instance, identity);
  return CAPSTAN_DONE;
}

static int32_t associated(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                          capstan_associated_list_t** out, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_associated_t* item = CAPSTAN_NEW(host, call, capstan_associated_t);
  const capstan_associated_t** items = (const capstan_associated_t**)host->alloc(call, sizeof(*items));
  *out = CAPSTAN_NEW(host, call, capstan_associated_list_t);
  if (item == NULL || items == NULL || *out == NULL || !same(id, "frozen-1"))
    return fail(host, call, error, CAPSTAN_CODE_NOT_FOUND);
  item->kind = capstan_text_of("puddles");
  item->id = capstan_text_of("p1");
  item->name = capstan_text_of("water");
#ifdef FROZEN_COST  // plugin_1_1.c
  FROZEN_COST(item);
#endif
  items[0] = item;
  (*out)->items = items;
  (*out)->count = 1;
  return CAPSTAN_DONE;
}

static int32_t connection(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                          capstan_text_t desired, capstan_connection_t** out, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_entry_t* entry = (capstan_entry_t*)host->alloc(call, sizeof(*entry));
  (void)id;
  *out = CAPSTAN_NEW(host, call, capstan_connection_t);
  if (entry == NULL || *out == NULL) return fail(host, call, error, CAPSTAN_CODE_TOO_LARGE);
  entry->name = capstan_text_of("key");
  entry->value = desired;
  (*out)->entries = entry;
  (*out)->count = 1;
  (*out)->has_expiry = 1;
  (*out)->expires_wall_ns = host->wall_ns(host) + 60000000000;
  return CAPSTAN_DONE;
}

static int32_t notices(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                       capstan_text_t since, capstan_notice_list_t** out, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_notice_t* item = CAPSTAN_NEW(host, call, capstan_notice_t);
  const capstan_notice_t** items = (const capstan_notice_t**)host->alloc(call, sizeof(*items));
  (void)id;
  *out = CAPSTAN_NEW(host, call, capstan_notice_list_t);
  if (item == NULL || items == NULL || *out == NULL) return fail(host, call, error, CAPSTAN_CODE_TOO_LARGE);
  item->at = capstan_text_of("2026-11-22T12:00:01Z");
  // The clocks and the dice are there, whatever they say.
  item->text = capstan_text_of(host->monotonic_ns(host) < 0  ? ""
                               : host->random(host) % 2 == 0 ? "it froze"
                                                             : "it froze hard");
  items[0] = item;
  (*out)->items = items;
  (*out)->count = since.size == 0 ? 1 : 0;
  return CAPSTAN_DONE;
}

#ifdef FROZEN_OFFERS  // plugin_1_2.c
FROZEN_OFFERS
#endif

static const void* extension(capstan_text_t name) {
  (void)name;
  return NULL;
}

static const capstan_plugin_t kPlugin = {sizeof(capstan_plugin_t),
                                         CAPSTAN_ABI,
                                         describe,
                                         create_instance,
                                         destroy_instance,
                                         connect,
                                         disconnect,
                                         find,
                                         get,
                                         create,
                                         destroy,
                                         who_am_i,
                                         list,
                                         plan,
                                         apply,
                                         adopt,
                                         associated,
                                         connection,
                                         notices,
                                         extension
#ifdef FROZEN_OFFERS
                                         ,
                                         offers
#endif
};

CAPSTAN_EXPORT const capstan_plugin_t* capstan_plugin_v1(uint32_t host_abi) {
  return host_abi >> 16 == CAPSTAN_ABI_MAJOR ? &kPlugin : NULL;
}
