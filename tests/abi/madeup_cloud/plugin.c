// A complete provider in plain C: clusters of a made-up cloud, over the HTTP that the host lends.
// The loader's tests load it, and it proves that the ABI does not require C++.
//
// The cloud's API, JSON over HTTP with "Authorization: Bearer <token>":
//   GET    /account                 {"id", "email"}
//   POST   /clusters                {"name", "size", "tags"} → 201 cluster
//   GET    /clusters?page=N         {"clusters": [cluster], "total", "pages"}
//   GET    /clusters/<id>           cluster, or 404
//   PUT    /clusters/<id>           {"size"} → 200 cluster
//   PUT    /clusters/<id>/tags      {"tags"} → 200 cluster
//   GET    /clusters/<id>/disks     {"disks": [{"id", "name"}]}: what was made from within
//   DELETE /clusters/<id>           {"disks": [id]}, or nothing → 202, or 404
//   GET    /clusters/<id>/log       ?since=<RFC 3339> → {"lines": [{"at", "text"}]}, later ones only
//   GET    /clusters/<id>/access    {"kubeconfig"}
// cluster: {"id", "name", "size", "tags", "state": "creating|running|resizing|deleting|broken",
// "created_at"}
#include <capstan/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json_scan.h"

CAPSTAN_PLUGIN_NOTE_WITH("madeup", "0.1.0", "madeup.example/MadeUpCluster", "sizes");

static const char kManifest[] =
    "{\"name\":\"madeup\",\"version\":\"0.1.0\",\"description\":\"Clusters of a cloud that does not exist.\","
    "\"kinds\":[{\"group\":\"madeup.example\",\"version\":\"v1\",\"kind\":\"MadeUpCluster\","
    "\"plural\":\"madeupclusters\",\"namespaced\":true,\"identity\":\"tag\","
    "\"credentialsField\":\"spec.tokenSecret\",\"credentialKeys\":[\"token\"],"
    "\"credentialEnvironment\":{\"token\":\"MADEUP_TOKEN\"},\"connectionSuffix\":\"-kubeconfig\","
    "\"connectionStatusField\":\"kubeConfigSecret\",\"idStatusField\":\"clusterID\","
    "\"phaseStatusField\":\"progress\",\"planStatusField\":\"plan\","
    "\"associatedStatusField\":\"associatedResources\",\"catalogs\":[\"sizes\"]}],"
    "\"crds\":[{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\","
    "\"metadata\":{\"name\":\"madeupclusters.madeup.example\",\"labels\":{\"capstan.dev/"
    "plugin\":\"madeup\"}},"
    "\"spec\":{\"group\":\"madeup.example\",\"scope\":\"Namespaced\","
    "\"names\":{\"plural\":\"madeupclusters\",\"singular\":\"madeupcluster\",\"kind\":\"MadeUpCluster\","
    "\"listKind\":\"MadeUpClusterList\"},"
    "\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true,\"subresources\":{\"status\":{}},"
    "\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\",\"properties\":{"
    "\"spec\":{\"type\":\"object\",\"required\":[\"size\"],\"properties\":{"
    "\"size\":{\"type\":\"integer\",\"minimum\":1},\"tokenSecret\":{\"type\":\"string\"},"
    "\"deletionPolicy\":{\"type\":\"string\"},"
    "\"recreateIfLost\":{\"type\":\"boolean\"}}},"
    "\"status\":{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true}}}}}]}}],"
    "\"allowedHosts\":[\"api.madeup.example\"],"
    "\"quotas\":[{\"host\":\"api.madeup.example\",\"perMinute\":600}],"
    "\"configSchema\":{\"type\":\"object\",\"properties\":{\"apiURL\":{\"type\":\"string\"}}},"
    "\"configEnvironment\":{\"apiURL\":\"MADEUP_API_URL\"},\"maxConcurrency\":4}";

struct capstan_instance {
  const capstan_host_t* host;
  size_t url_size;
  char url[512];
};

struct capstan_session {
  struct capstan_instance* instance;
  size_t authorization_size;
  char authorization[512];
};

// ---- Errors ----

static void fail(const capstan_host_t* host, capstan_call_t* call, capstan_error_t** error, int32_t code,
                 const char* message) {
  *error = CAPSTAN_NEW(host, call, capstan_error_t);
  if (*error == NULL) return;
  (*error)->code = code;
  (*error)->message = capstan_text_of(message);
}

static int32_t code_of(int32_t status) {
  switch (status) {
    case 401:
      return CAPSTAN_CODE_UNAUTHENTICATED;
    case 403:
      return CAPSTAN_CODE_PERMISSION_DENIED;
    case 404:
      return CAPSTAN_CODE_NOT_FOUND;
    case 409:
      return CAPSTAN_CODE_ALREADY_EXISTS;
    case 429:
      return CAPSTAN_CODE_RESOURCE_EXHAUSTED;
    default:
      return status >= 500 ? CAPSTAN_CODE_UNAVAILABLE : CAPSTAN_CODE_INVALID_ARGUMENT;
  }
}

// A response without success, with the cloud's own message.
static void refuse(const capstan_host_t* host, capstan_call_t* call, const capstan_http_response_t* response,
                   capstan_error_t** error) {
  size_t i;
  fail(host, call, error, code_of(response->status), "the made-up cloud refused the request");
  if (*error == NULL) return;
  (*error)->sent = CAPSTAN_ANSWERED;
  (*error)->http_status = response->status;
  if (json_field(response->body, "message").size > 0) {
    (*error)->message = json_string(host, call, json_field(response->body, "message"));
  }
  (*error)->reason = json_string(host, call, json_field(response->body, "reason"));
  for (i = 0; i < response->header_count; ++i) {
    if (response->headers[i].name.size != 11 ||
        strncasecmp(response->headers[i].name.data, "Retry-After", 11) != 0)
      continue;
    (*error)->retry_after_ns = (int64_t)json_integer(response->headers[i].value, 0) * 1000000000;
  }
}

// ---- Requests ----

// One exchange: NULL and *error if there was no response at all.
static const capstan_http_response_t* ask(capstan_session_t* session, capstan_call_t* call,
                                          const char* method, const char* path, capstan_text_t rest,
                                          capstan_text_t body, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_http_request_t* request = CAPSTAN_NEW(host, call, capstan_http_request_t);
  capstan_entry_t* headers = (capstan_entry_t*)host->alloc(call, 2 * sizeof(capstan_entry_t));
  capstan_http_response_t* response = NULL;
  json_writer_t url;
  memset(&url, 0, sizeof(url));
  url.host = host;
  url.call = call;
  json_raw(&url, session->instance->url, session->instance->url_size);
  json_put(&url, path);
  json_put_text(&url, rest);
  if (request == NULL || headers == NULL || url.failed) {
    fail(host, call, error, CAPSTAN_CODE_TOO_LARGE, "no memory left for the request");
    return NULL;
  }
  headers[0].name = capstan_text_of("Authorization");
  headers[0].value.data = session->authorization;
  headers[0].value.size = session->authorization_size;
  headers[1].name = capstan_text_of("Content-Type");
  headers[1].value = capstan_text_of("application/json");
  request->method = capstan_text_of(method);
  request->url = json_text(&url);
  request->headers = headers;
  request->header_count = body.size > 0 ? 2 : 1;
  request->body = body;
  if (host->http(call, request, &response, error) != CAPSTAN_ANSWERED) return NULL;
  return response;
}

// The verdict on a change that got no response, or an error.
static int32_t changed_or_not(const capstan_http_response_t* response, const capstan_error_t* error) {
  if (response == NULL)
    return error != NULL && error->sent == CAPSTAN_NOT_SENT ? CAPSTAN_WAIT : CAPSTAN_UNKNOWN;
  return response->status >= 400 && response->status < 500 && response->status != 408 ? CAPSTAN_REJECTED
                                                                                      : CAPSTAN_UNKNOWN;
}

// ---- A cluster in the host's format ----

static int32_t phase_of(capstan_text_t state) {
  if (state.size == 9 && memcmp(state.data, "\"running\"", 9) == 0) return CAPSTAN_READY;
  if (state.size == 10 && memcmp(state.data, "\"creating\"", 10) == 0) return CAPSTAN_CREATING;
  if (state.size == 10 && memcmp(state.data, "\"resizing\"", 10) == 0) return CAPSTAN_UPDATING;
  if (state.size == 10 && memcmp(state.data, "\"deleting\"", 10) == 0) return CAPSTAN_DELETING;
  return CAPSTAN_FAILED;
}

static int starts_with(capstan_text_t text, const char* head) {
  return text.size >= strlen(head) && memcmp(text.data, head, strlen(head)) == 0;
}

static capstan_observed_t* observe(const capstan_host_t* host, capstan_call_t* call, capstan_text_t cluster) {
  capstan_observed_t* seen = CAPSTAN_NEW(host, call, capstan_observed_t);
  json_writer_t status;
  capstan_text_t tags = json_field(cluster, "tags");
  capstan_text_t tag;
  size_t at = 0;
  if (seen == NULL) return NULL;
  seen->id = json_string(host, call, json_field(cluster, "id"));
  seen->name = json_string(host, call, json_field(cluster, "name"));
  seen->created_at = json_string(host, call, json_field(cluster, "created_at"));
  seen->phase = phase_of(json_field(cluster, "state"));
  seen->connectable = seen->phase == CAPSTAN_READY;
  while ((tag = json_next(tags, &at)).size > 0) {
    capstan_text_t plain = json_string(host, call, tag);
    if (starts_with(plain, "capstan:")) seen->identity = plain;
    if (starts_with(plain, "capstan-owner:")) seen->owner = plain;
  }
  memset(&status, 0, sizeof(status));
  status.host = host;
  status.call = call;
  json_put(&status, "{\"size\":");
  json_put_text(&status, json_field(cluster, "size"));
  json_put(&status, ",\"progress\":");
  json_put_text(&status, json_field(cluster, "state"));
  json_put(&status, "}");
  seen->status = json_text(&status);
  seen->state = seen->status;
  return seen;
}

// ---- Operations ----

static int32_t describe(const capstan_host_t* host, capstan_call_t* call, capstan_text_t* manifest,
                        capstan_error_t** error) {
  (void)host;
  (void)call;
  (void)error;
  *manifest = capstan_text_of(kManifest);
  return CAPSTAN_DONE;
}

static int32_t create_instance(const capstan_host_t* host, capstan_call_t* call, capstan_text_t config,
                               capstan_instance_t** instance, capstan_error_t** error) {
  capstan_text_t url = json_string(host, call, json_field(config, "apiURL"));
  capstan_instance_t* made;
  if (url.size == 0) url = capstan_text_of("https://api.madeup.example");
  made = (capstan_instance_t*)calloc(1, sizeof(*made));
  if (made == NULL || url.size >= sizeof(made->url)) {
    free(made);
    fail(host, call, error, CAPSTAN_CODE_INVALID_ARGUMENT, "apiURL is longer than 511 bytes; shorten it");
    return CAPSTAN_REJECTED;
  }
  made->host = host;
  memcpy(made->url, url.data, url.size);
  made->url_size = url.size;
  *instance = made;
  return CAPSTAN_DONE;
}

static void destroy_instance(capstan_instance_t* instance) { free(instance); }

static int32_t connect(capstan_instance_t* instance, capstan_call_t* call, capstan_text_t kind,
                       const capstan_entry_t* credentials, size_t count, capstan_session_t** session,
                       capstan_error_t** error) {
  capstan_session_t* made = (capstan_session_t*)calloc(1, sizeof(*made));
  size_t i;
  (void)kind;  // there is one
  for (i = 0; made != NULL && i < count; ++i) {
    capstan_text_t token = credentials[i].value;
    if (credentials[i].name.size != 5 || memcmp(credentials[i].name.data, "token", 5) != 0) continue;
    if (token.size == 0 || token.size > sizeof(made->authorization) - 7) continue;
    memcpy(made->authorization, "Bearer ", 7);
    memcpy(made->authorization + 7, token.data, token.size);
    made->authorization_size = 7 + token.size;
  }
  if (made == NULL || made->authorization_size == 0) {
    free(made);
    fail(instance->host, call, error, CAPSTAN_CODE_INVALID_ARGUMENT,
         "the credentials hold no \"token\" of 1 to 505 bytes; put one into the Secret");
    return CAPSTAN_REJECTED;
  }
  made->instance = instance;
  *session = made;
  return CAPSTAN_DONE;
}

static void disconnect(capstan_session_t* session) {
  memset(session, 0, sizeof(*session));
  free(session);
}

static int32_t list(capstan_session_t* session, capstan_call_t* call, capstan_text_t cursor,
                    capstan_page_t** page, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t none = {NULL, 0};
  const capstan_http_response_t* response;
  capstan_text_t clusters;
  capstan_text_t cluster;
  const capstan_observed_t** items;
  size_t at = 0;
  long number = cursor.size == 0 ? 1 : json_integer(cursor, 1);
  if (cursor.size == 0) cursor = capstan_text_of("1");
  response = ask(session, call, "GET", "/clusters?page=", cursor, none, error);
  if (response == NULL) return CAPSTAN_UNKNOWN;
  if (response->status != 200) {
    refuse(host, call, response, error);
    return CAPSTAN_UNKNOWN;
  }
  clusters = json_field(response->body, "clusters");
  *page = CAPSTAN_NEW(host, call, capstan_page_t);
  while (json_next(clusters, &at).size > 0) ++(*page)->count;
  items = (const capstan_observed_t**)host->alloc(call, ((*page)->count + 1) * sizeof(*items));
  if (items == NULL) return CAPSTAN_UNKNOWN;
  (*page)->count = 0;
  at = 0;
  while ((cluster = json_next(clusters, &at)).size > 0)
    items[(*page)->count++] = observe(host, call, cluster);
  (*page)->items = items;
  (*page)->has_total = 1;
  (*page)->total = json_integer(json_field(response->body, "total"), -1);
  if (number < json_integer(json_field(response->body, "pages"), 1)) {
    char next[24];
    int size = snprintf(next, sizeof(next), "%ld", number + 1);
    (*page)->next = capstan_copy(host, call, next, (size_t)size);
  }
  return CAPSTAN_DONE;
}

static int wanted(const capstan_observed_t* seen, capstan_text_t tag, capstan_text_t name) {
  if (seen->identity.size == tag.size && memcmp(seen->identity.data, tag.data, tag.size) == 0) return 1;
  return seen->name.size == name.size && memcmp(seen->name.data, name.data, name.size) == 0;
}

// All pages, or an error; only objects that carry the tag or the name.
static int32_t find(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                    capstan_text_t desired, capstan_page_t** page, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t name = json_string(host, call, json_field(desired, "name"));
  capstan_text_t cursor = {NULL, 0};
  const capstan_observed_t** kept = NULL;
  size_t count = 0;
  int64_t seen = 0;
  int64_t total = 0;
  do {
    capstan_page_t* part = NULL;
    const capstan_observed_t** grown;
    size_t i;
    int32_t verdict = list(session, call, cursor, &part, error);
    if (verdict != CAPSTAN_DONE) return verdict;
    grown = (const capstan_observed_t**)host->alloc(call, (count + part->count + 1) * sizeof(*grown));
    if (grown == NULL) return CAPSTAN_UNKNOWN;
    if (count > 0) memcpy(grown, kept, count * sizeof(*grown));
    kept = grown;
    for (i = 0; i < part->count; ++i) {
      if (part->items[i] != NULL && wanted(part->items[i], identity->tag, name))
        kept[count++] = part->items[i];
    }
    seen += (int64_t)part->count;
    total = part->total;
    cursor = part->next;
  } while (cursor.size > 0);
  if (seen != total) {
    fail(host, call, error, CAPSTAN_CODE_DATA_LOSS,
         "the pages of the list do not add up to its total; list again");
    return CAPSTAN_UNKNOWN;
  }
  *page = CAPSTAN_NEW(host, call, capstan_page_t);
  if (*page == NULL) return CAPSTAN_UNKNOWN;
  (*page)->items = kept;
  (*page)->count = count;
  return CAPSTAN_DONE;
}

static int32_t get(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                   capstan_observed_t** observed, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t none = {NULL, 0};
  const capstan_http_response_t* response = ask(session, call, "GET", "/clusters/", id, none, error);
  if (response == NULL) return CAPSTAN_UNKNOWN;
  if (response->status == 404) return CAPSTAN_NOT_FOUND;
  if (response->status != 200) {
    refuse(host, call, response, error);
    return CAPSTAN_UNKNOWN;
  }
  *observed = observe(host, call, response->body);
  return *observed == NULL ? CAPSTAN_UNKNOWN : CAPSTAN_DONE;
}

static int32_t create(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                      capstan_text_t desired, capstan_text_t* id, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t none = {NULL, 0};
  capstan_text_t spec = json_field(desired, "spec");
  const capstan_http_response_t* response;
  json_writer_t body;
  memset(&body, 0, sizeof(body));
  body.host = host;
  body.call = call;
  json_put(&body, "{\"name\":");
  json_put_text(&body, json_field(desired, "name"));
  json_put(&body, ",\"size\":");
  json_put_text(&body, json_field(spec, "size"));
  json_put(&body, ",\"tags\":[");
  json_put_string(&body, identity->tag);
  json_put(&body, ",");
  json_put_string(&body, identity->owner);
  json_put(&body, "]}");
  response = ask(session, call, "POST", "/clusters", none, json_text(&body), error);
  if (response != NULL && response->status == 201) {
    *id = json_string(host, call, json_field(response->body, "id"));
    return CAPSTAN_DONE;
  }
  if (response != NULL) refuse(host, call, response, error);
  return changed_or_not(response, *error);
}

static int32_t destroy(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                       const capstan_remove_options_t* options, capstan_error_t** error) {
  const capstan_http_response_t* response;
  json_writer_t body;
  size_t i;
  memset(&body, 0, sizeof(body));
  body.host = session->instance->host;
  body.call = call;
  for (i = 0; i < options->associated_count; ++i) {
    json_put(&body, i == 0 ? "{\"disks\":[" : ",");
    json_put_string(&body, options->associated[i]->id);
  }
  if (options->associated_count > 0) json_put(&body, "]}");
  response = ask(session, call, "DELETE", "/clusters/", id, json_text(&body), error);
  if (response != NULL && response->status == 202) return CAPSTAN_DONE;
  if (response != NULL && response->status == 404) return CAPSTAN_NOT_FOUND;
  if (response != NULL) refuse(session->instance->host, call, response, error);
  return changed_or_not(response, *error);
}

static int32_t who_am_i(capstan_session_t* session, capstan_call_t* call, capstan_account_t** account,
                        capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t none = {NULL, 0};
  const capstan_http_response_t* response = ask(session, call, "GET", "/account", none, none, error);
  if (response == NULL) return CAPSTAN_UNKNOWN;
  if (response->status != 200 && response->status != 403) {
    refuse(host, call, response, error);
    return CAPSTAN_UNKNOWN;
  }
  *account = CAPSTAN_NEW(host, call, capstan_account_t);
  if (*account == NULL) return CAPSTAN_UNKNOWN;
  if (response->status == 200) {
    (*account)->id = json_string(host, call, json_field(response->body, "id"));
    (*account)->description = json_string(host, call, json_field(response->body, "email"));
  }
  return CAPSTAN_DONE;
}

// The only possible step: create a missing cluster, or change its size.
static capstan_step_t* step_to(const capstan_host_t* host, capstan_call_t* call, long want, long have,
                               int fresh) {
  capstan_step_t* step = CAPSTAN_NEW(host, call, capstan_step_t);
  char text[80];
  int size;
  if (step == NULL) return NULL;
  step->verb = capstan_text_of(fresh ? "create" : "scale");
  step->target = capstan_text_of(fresh ? "cluster" : "size");
  step->makes = fresh;
  step->waits = !fresh;
  step->destroys = !fresh && want < have;
  size = snprintf(text, sizeof(text), "spec.size is %ld, the cluster has %ld", want, have);
  step->why =
      fresh ? capstan_text_of("there is no cluster yet") : capstan_copy(host, call, text, (size_t)size);
  size = snprintf(text, sizeof(text), "{\"size\":%ld}", want);
  step->arguments = capstan_copy(host, call, text, (size_t)size);
  return step;
}

static int32_t plan(capstan_session_t* session, capstan_call_t* call, capstan_text_t desired,
                    const capstan_observed_t* observed, capstan_plan_t** out, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t wanted = json_field(json_field(desired, "spec"), "size");
  capstan_text_t seen = json_field(observed->state, "size");
  const int fresh = observed->id.size == 0;
  const capstan_step_t** steps;
  const capstan_difference_t** differences;
  capstan_difference_t* difference;
  (void)error;
  *out = CAPSTAN_NEW(host, call, capstan_plan_t);
  if (*out == NULL) return CAPSTAN_UNKNOWN;
  if (observed->phase == CAPSTAN_UPDATING) (*out)->waiting = capstan_text_of("the cluster is being resized");
  if (!fresh && json_integer(wanted, 0) == json_integer(seen, 0)) return CAPSTAN_DONE;
  steps = (const capstan_step_t**)host->alloc(call, sizeof(*steps));
  differences = (const capstan_difference_t**)host->alloc(call, sizeof(*differences));
  difference = CAPSTAN_NEW(host, call, capstan_difference_t);
  if (steps == NULL || differences == NULL || difference == NULL) return CAPSTAN_UNKNOWN;
  steps[0] = step_to(host, call, json_integer(wanted, 0), json_integer(seen, 0), fresh);
  difference->field = capstan_text_of("spec.size");
  difference->wanted = wanted;
  difference->seen = seen;
  differences[0] = difference;
  (*out)->steps = steps;
  (*out)->step_count = 1;
  (*out)->differences = differences;
  (*out)->difference_count = 1;
  return CAPSTAN_DONE;
}

static int32_t apply(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                     const capstan_step_t* step, const capstan_identity_t* identity, capstan_text_t* new_id,
                     capstan_error_t** error) {
  const capstan_http_response_t* response =
      ask(session, call, "PUT", "/clusters/", id, step->arguments, error);
  (void)identity;
  (void)new_id;
  if (response != NULL && response->status == 200) return CAPSTAN_DONE;
  if (response != NULL && response->status == 404) return CAPSTAN_NOT_FOUND;
  if (response != NULL) refuse(session->instance->host, call, response, error);
  return changed_or_not(response, *error);
}

// "<id><behind><more>", as the rest of a path.
static capstan_text_t below(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                            const char* behind, capstan_text_t more) {
  json_writer_t rest;
  memset(&rest, 0, sizeof(rest));
  rest.host = session->instance->host;
  rest.call = call;
  json_put_text(&rest, id);
  json_put(&rest, behind);
  json_put_text(&rest, more);
  return json_text(&rest);
}

// Keeps all foreign tags and adds ours: one request replaces the list.
static int32_t adopt(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                     const capstan_identity_t* identity, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t none = {NULL, 0};
  const capstan_http_response_t* response = ask(session, call, "GET", "/clusters/", id, none, error);
  capstan_text_t tags;
  capstan_text_t tag;
  json_writer_t body;
  size_t at = 0;
  if (response != NULL && response->status == 404) return CAPSTAN_NOT_FOUND;
  if (response == NULL) return CAPSTAN_WAIT;
  if (response->status != 200) {
    refuse(host, call, response, error);
    return response->status < 500 ? CAPSTAN_REJECTED : CAPSTAN_WAIT;
  }
  memset(&body, 0, sizeof(body));
  body.host = host;
  body.call = call;
  json_put(&body, "{\"tags\":[");
  tags = json_field(response->body, "tags");
  while ((tag = json_next(tags, &at)).size > 0) {
    capstan_text_t plain = json_string(host, call, tag);
    if (starts_with(plain, "capstan:") || starts_with(plain, "capstan-owner:")) continue;
    json_put_string(&body, plain);
    json_put(&body, ",");
  }
  json_put_string(&body, identity->tag);
  json_put(&body, ",");
  json_put_string(&body, identity->owner);
  json_put(&body, "]}");
  response = ask(session, call, "PUT", "/clusters/", below(session, call, id, "/tags", none),
                 json_text(&body), error);
  if (response != NULL && response->status == 200) return CAPSTAN_DONE;
  if (response != NULL && response->status == 404) return CAPSTAN_NOT_FOUND;
  if (response != NULL) refuse(host, call, response, error);
  return changed_or_not(response, *error);
}

static int32_t associated(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                          capstan_associated_list_t** out, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t none = {NULL, 0};
  const capstan_http_response_t* response =
      ask(session, call, "GET", "/clusters/", below(session, call, id, "/disks", none), none, error);
  const capstan_associated_t** items;
  capstan_text_t disks;
  capstan_text_t disk;
  size_t at = 0;
  size_t count = 0;
  if (response == NULL) return CAPSTAN_UNKNOWN;
  if (response->status != 200) {
    refuse(host, call, response, error);
    return CAPSTAN_UNKNOWN;
  }
  disks = json_field(response->body, "disks");
  if (disks.size == 0 || disks.data[0] != '[') {
    fail(host, call, error, CAPSTAN_CODE_DATA_LOSS, "the answer holds no list of disks; ask again");
    return CAPSTAN_UNKNOWN;
  }
  while (json_next(disks, &at).size > 0) ++count;
  items = (const capstan_associated_t**)host->alloc(call, (count + 1) * sizeof(*items));
  *out = CAPSTAN_NEW(host, call, capstan_associated_list_t);
  if (items == NULL || *out == NULL) return CAPSTAN_UNKNOWN;
  at = 0;
  while ((disk = json_next(disks, &at)).size > 0) {
    capstan_associated_t* item = CAPSTAN_NEW(host, call, capstan_associated_t);
    if (item == NULL) return CAPSTAN_UNKNOWN;
    item->kind = capstan_text_of("disks");
    item->id = json_string(host, call, json_field(disk, "id"));
    item->name = json_string(host, call, json_field(disk, "name"));
    items[(*out)->count++] = item;
  }
  (*out)->items = items;
  return CAPSTAN_DONE;
}

static int32_t notices(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                       capstan_text_t since, capstan_notice_list_t** out, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t none = {NULL, 0};
  const capstan_http_response_t* response =
      ask(session, call, "GET", "/clusters/", below(session, call, id, "/log?since=", since), none, error);
  const capstan_notice_t** items;
  capstan_text_t lines;
  capstan_text_t line;
  size_t at = 0;
  size_t count = 0;
  if (response == NULL) return CAPSTAN_UNKNOWN;
  if (response->status != 200) {
    refuse(host, call, response, error);
    return CAPSTAN_UNKNOWN;
  }
  lines = json_field(response->body, "lines");
  if (lines.size == 0 || lines.data[0] != '[') {
    fail(host, call, error, CAPSTAN_CODE_DATA_LOSS, "the answer holds no list of lines; ask again");
    return CAPSTAN_UNKNOWN;
  }
  while (json_next(lines, &at).size > 0) ++count;
  items = (const capstan_notice_t**)host->alloc(call, (count + 1) * sizeof(*items));
  *out = CAPSTAN_NEW(host, call, capstan_notice_list_t);
  if (items == NULL || *out == NULL) return CAPSTAN_UNKNOWN;
  at = 0;
  while ((line = json_next(lines, &at)).size > 0) {
    capstan_notice_t* item = CAPSTAN_NEW(host, call, capstan_notice_t);
    if (item == NULL) return CAPSTAN_UNKNOWN;
    item->at = json_string(host, call, json_field(line, "at"));
    item->text = json_string(host, call, json_field(line, "text"));
    items[(*out)->count++] = item;
  }
  (*out)->items = items;
  return CAPSTAN_DONE;
}

static int32_t connection(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                          capstan_text_t desired, capstan_connection_t** out, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t none = {NULL, 0};
  const capstan_http_response_t* response =
      ask(session, call, "GET", "/clusters/", below(session, call, id, "/access", none), none, error);
  capstan_entry_t* entry;
  (void)desired;  // there is only one kind of access
  if (response == NULL) return CAPSTAN_UNKNOWN;
  if (response->status != 200) {
    refuse(host, call, response, error);
    return CAPSTAN_UNKNOWN;
  }
  *out = CAPSTAN_NEW(host, call, capstan_connection_t);
  entry = (capstan_entry_t*)host->alloc(call, sizeof(*entry));
  if (*out == NULL || entry == NULL) return CAPSTAN_UNKNOWN;
  entry->name = capstan_text_of("kubeconfig");
  entry->value = json_string(host, call, json_field(response->body, "kubeconfig"));
  (*out)->entries = entry;
  (*out)->count = 1;
  return CAPSTAN_DONE;
}

static int32_t offers(capstan_session_t* session, capstan_call_t* call, capstan_text_t catalog,
                      capstan_offer_list_t** out, capstan_error_t** error) {
  const capstan_host_t* host = session->instance->host;
  capstan_text_t none = {NULL, 0};
  const capstan_http_response_t* response;
  const capstan_offer_t** items;
  capstan_text_t sizes;
  capstan_text_t size;
  size_t at = 0;
  size_t count = 0;
  if (catalog.size != 5 || memcmp(catalog.data, "sizes", 5) != 0) {
    fail(host, call, error, CAPSTAN_CODE_UNIMPLEMENTED, "this cloud has a list of sizes and no other");
    return CAPSTAN_REJECTED;
  }
  response = ask(session, call, "GET", "/sizes", none, none, error);
  if (response == NULL) return CAPSTAN_UNKNOWN;
  if (response->status != 200) {
    refuse(host, call, response, error);
    return CAPSTAN_UNKNOWN;
  }
  sizes = json_field(response->body, "sizes");
  if (sizes.size == 0 || sizes.data[0] != '[') {
    fail(host, call, error, CAPSTAN_CODE_DATA_LOSS, "the answer holds no list of sizes; ask again");
    return CAPSTAN_UNKNOWN;
  }
  while (json_next(sizes, &at).size > 0) ++count;
  items = (const capstan_offer_t**)host->alloc(call, (count + 1) * sizeof(*items));
  *out = CAPSTAN_NEW(host, call, capstan_offer_list_t);
  if (items == NULL || *out == NULL) return CAPSTAN_UNKNOWN;
  at = 0;
  while ((size = json_next(sizes, &at)).size > 0) {
    capstan_offer_t* item = CAPSTAN_NEW(host, call, capstan_offer_t);
    if (item == NULL) return CAPSTAN_UNKNOWN;
    item->value = json_string(host, call, json_field(size, "slug"));
    item->name = json_string(host, call, json_field(size, "name"));
    item->details = json_field(size, "details");
    items[(*out)->count++] = item;
  }
  (*out)->items = items;
  return CAPSTAN_DONE;
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
                                         NULL,
                                         offers};

CAPSTAN_EXPORT const capstan_plugin_t* capstan_plugin_v1(uint32_t host_abi) {
  (void)host_abi;
  return &kPlugin;
}
