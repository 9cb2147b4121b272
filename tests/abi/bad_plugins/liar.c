// Loads, and then lies: the id selects the lie that get(id) returns. bad_plugins_test checks how
// the host handles each.
#define BAD_NAME "liar"
#define BAD_GET lies
#define BAD_CREATE lies_about_create
#define BAD_FIND lies_about_find
#define BAD_REMOVE says_done
#include <stdlib.h>
#include <unistd.h>

static int is(const char* data, size_t size, const char* name);
#define IS(text, name) is((text).data, (text).size, name)
#include "skeleton.h"

static int is(const char* data, size_t size, const char* name) {
  return size == strlen(name) && memcmp(data, name, size) == 0;
}

static void say(capstan_call_t* call, capstan_error_t** error, int32_t code, const char* message) {
  *error = CAPSTAN_NEW(the_host, call, capstan_error_t);
  if (*error == NULL) return;
  (*error)->code = code;
  (*error)->message = capstan_text_of(message);
}

static int32_t ask(capstan_call_t* call, const char* method, const char* url,
                   capstan_http_response_t** response, capstan_error_t** error) {
  capstan_http_request_t* request = CAPSTAN_NEW(the_host, call, capstan_http_request_t);
  request->method = capstan_text_of(method);
  request->url = capstan_text_of(url);
  return the_host->http(call, request, response, error);
}

// Outside of any memory that belongs to the call, and not readable at all.
static const char* wild(void) { return (const char*)(size_t)0x10; }

static int32_t lies(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                    capstan_observed_t** observed, capstan_error_t** error) {
  capstan_observed_t* seen = CAPSTAN_NEW(the_host, call, capstan_observed_t);
  capstan_http_response_t* response = NULL;
  (void)session;
  seen->id = id;
  seen->phase = CAPSTAN_READY;
  *observed = seen;
  if (IS(id, "honest")) return CAPSTAN_DONE;
  if (IS(id, "no-struct")) *observed = NULL;
  if (IS(id, "wild-struct")) *observed = (capstan_observed_t*)(size_t)0x10;
  if (IS(id, "unaligned-struct")) *observed = (capstan_observed_t*)(void*)((char*)seen + 1);
  if (IS(id, "short-struct")) seen->struct_size = 16;
  if (IS(id, "long-struct")) seen->struct_size = 0x7fffffff;
  if (IS(id, "wild-text")) seen->name.data = wild(), seen->name.size = 100;
  if (IS(id, "long-text")) seen->name.data = id.data, seen->name.size = (size_t)1 << 40;
  if (IS(id, "negative-text")) seen->name.data = id.data, seen->name.size = (size_t)-1;
  if (IS(id, "heap-text")) {
    static char* heap;
    if (heap == NULL) heap = (char*)calloc(1, 64);
    seen->name.data = heap;
    seen->name.size = 64;
  }
  if (IS(id, "bad-utf8")) seen->name = capstan_text_of("caf\xe9");
  if (IS(id, "bad-phase")) seen->phase = 99;
  if (IS(id, "bad-status")) seen->status = capstan_text_of("{\"a\":");
  if (IS(id, "list-status")) seen->status = capstan_text_of("[1]");
  if (IS(id, "bad-time")) seen->created_at = capstan_text_of("yesterday");
  if (IS(id, "empty-id")) seen->id.size = 0;
  if (IS(id, "other-id")) seen->id = capstan_text_of("someone-else");
  if (IS(id, "control-id")) seen->id = capstan_text_of("a\nb");
  if (IS(id, "bad-verdict")) return 77;
  if (IS(id, "no-error")) return CAPSTAN_REJECTED;
  if (IS(id, "wild-error")) {
    *error = (capstan_error_t*)(size_t)0x10;
    return CAPSTAN_UNKNOWN;
  }
  if (IS(id, "cancelled")) {
    say(call, error, CAPSTAN_CODE_CANCELLED, "I do not feel like it");
    return CAPSTAN_UNKNOWN;
  }
  if (IS(id, "bad-code")) {
    say(call, error, 4711, "an unheard-of failure");
    return CAPSTAN_UNKNOWN;
  }
  if (IS(id, "secret")) {
    say(call, error, CAPSTAN_CODE_UNAUTHENTICATED,
        "the token s3cr3t-token was refused (Authorization: Bearer s3cr3t-token), for good.");
    the_host->log(the_host, CAPSTAN_WARNING, capstan_text_of("using s3cr3t-token"), NULL, 0);
    return CAPSTAN_UNKNOWN;
  }
  if (IS(id, "absent-without-asking")) return CAPSTAN_NOT_FOUND;
  if (IS(id, "absent-after-500")) {
    (void)ask(call, "GET", "https://api.bad.example/thing", &response, error);
    *error = NULL;
    return CAPSTAN_NOT_FOUND;
  }
  if (IS(id, "forbidden-host")) {
    (void)ask(call, "GET", "https://elsewhere.example/", &response, error);
    return CAPSTAN_UNKNOWN;
  }
  if (IS(id, "plain-http")) {
    (void)ask(call, "GET", "http://api.bad.example/", &response, error);
    return CAPSTAN_UNKNOWN;
  }
  if (IS(id, "split-header")) {
    capstan_http_request_t* request = CAPSTAN_NEW(the_host, call, capstan_http_request_t);
    capstan_entry_t* header = (capstan_entry_t*)the_host->alloc(call, sizeof(*header));
    header->name = capstan_text_of("X-Thing");
    header->value = capstan_text_of("a\r\nHost: elsewhere.example");
    request->method = capstan_text_of("GET");
    request->url = capstan_text_of("https://api.bad.example/");
    request->headers = header;
    request->header_count = 1;
    (void)the_host->http(call, request, &response, error);
    return CAPSTAN_UNKNOWN;
  }
  if (IS(id, "greedy")) {
    size_t taken = 0;
    while (the_host->alloc(call, 1 << 20) != NULL) ++taken;
    seen->message = capstan_text_of(taken > 0 && taken < 100000 ? "stopped" : "not stopped");
  }
  if (IS(id, "until-cancelled")) {
    while (!the_host->cancelled(call)) usleep(1000);
    say(call, error, CAPSTAN_CODE_DEADLINE_EXCEEDED, "gave up as asked");
    return CAPSTAN_UNKNOWN;
  }
  if (IS(id, "for-ever")) {
    for (;;) pause();
  }
  return CAPSTAN_DONE;
}

// create: the desired document's name selects the lie.
static int32_t lies_about_create(capstan_session_t* session, capstan_call_t* call,
                                 const capstan_identity_t* identity, capstan_text_t desired,
                                 capstan_text_t* id, capstan_error_t** error) {
  capstan_http_response_t* response = NULL;
  (void)session;
  (void)identity;
  if (IS(desired, "no-id")) return CAPSTAN_DONE;
  if (IS(desired, "not-found")) return CAPSTAN_NOT_FOUND;
  if (IS(desired, "bad-verdict")) return -3;
  (void)ask(call, "POST", "https://api.bad.example/things", &response, error);
  if (IS(desired, "done")) {
    *error = NULL;
    *id = capstan_text_of("thing-1");
    return CAPSTAN_DONE;
  }
  say(call, error, CAPSTAN_CODE_INVALID_ARGUMENT, "certainly not made");
  if (IS(desired, "unknown")) return CAPSTAN_UNKNOWN;
  return CAPSTAN_REJECTED;
}

// find: the desired document's name selects the missing half.
static int32_t lies_about_find(capstan_session_t* session, capstan_call_t* call,
                               const capstan_identity_t* identity, capstan_text_t desired,
                               capstan_page_t** page, capstan_error_t** error) {
  (void)session;
  (void)identity;
  (void)error;
  *page = CAPSTAN_NEW(the_host, call, capstan_page_t);
  if (IS(desired, "more-pages")) (*page)->next = capstan_text_of("2");
  if (IS(desired, "higher-total")) {
    (*page)->has_total = 1;
    (*page)->total = 1;
  }
  return CAPSTAN_DONE;
}

static int32_t says_done(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                         const capstan_remove_options_t* options, capstan_error_t** error) {
  (void)session;
  (void)call;
  (void)id;
  (void)options;
  (void)error;
  return CAPSTAN_DONE;
}

SKELETON_TABLE;
SKELETON_EXPORT;
