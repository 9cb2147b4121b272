// The C interface between Capstan (the host) and a provider plugin: a shared library that
// creates, looks at and deletes things in one cloud. Compiles as C11, C17, C++17 and C++20.
// sdk/ABI.md says what is stable; sdk/cpp carries it for C++.
//
// The rules, once for all:
//  1. A plugin exports one function, capstan_plugin_v1, and carries one ELF note,
//     CAPSTAN_PLUGIN_NOTE.
//  2. Every struct that may grow starts with struct_size = sizeof of it as its writer was
//     compiled. Fields are only ever appended, within one major version; a reader looks at no
//     byte past struct_size. Lists are arrays of pointers.
//  3. Text is pointer and length, UTF-8, not terminated. Length 0 is the empty text, whatever the
//     pointer. Documents are JSON text. Enumerations travel as int32_t; booleans are int32_t, 0
//     or 1; all zero means "nothing said".
//  4. Everything a call is given and everything it returns lives in the memory of that call: it
//     comes from host->alloc(call, n), or is a constant of the plugin itself. The host copies
//     what it needs, wipes and frees the rest when the call is over. Nobody frees anything else.
//     The host refuses answers that point elsewhere.
//  5. A verdict says what became of the request, an error says why. They are apart: the same code
//     can mean both.
//  6. The call carries deadline and cancellation. A plugin gives up soon after either; one that
//     does not loses that slot of its concurrency, its answer is thrown away, and the host's
//     services refuse it.
//  7. All that acts on the world outside goes through host->http; time, randomness and log lines
//     are lent as well. Plugins start no threads and keep nothing in mutable statics: several
//     instances live in one process.
//  8. No exception leaves a plugin function.
// Each function is tagged [any thread]: called from any thread, at most maxConcurrency (manifest)
// calls at once on one instance; or [one at a time]: nothing else is called on the same object
// meanwhile.
#ifndef CAPSTAN_PLUGIN_H_
#define CAPSTAN_PLUGIN_H_

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPSTAN_ABI_MAJOR 1u
#define CAPSTAN_ABI_MINOR 2u
#define CAPSTAN_ABI ((CAPSTAN_ABI_MAJOR << 16) | CAPSTAN_ABI_MINOR)

#define CAPSTAN_EXPORT __attribute__((visibility("default")))

// ---- Enumerations. A released value is never given another meaning. ----

// What became of a request. Operations that only look use DONE and NOT_FOUND; with any other they
// say why in *error.
enum capstan_verdict {
  CAPSTAN_DONE = 1,      // it is done, or accepted and under way
  CAPSTAN_WAIT = 2,      // nothing was done, the cloud is not ready for it; ask again later
  CAPSTAN_REJECTED = 3,  // certainly nothing was done, and the same request will be refused again
  CAPSTAN_UNKNOWN = 4,   // it may or may not have been done
  CAPSTAN_NOT_FOUND = 5  // certainly nothing was done, since the object is not there
};

// Why. The list is closed.
enum capstan_code {
  CAPSTAN_CODE_CANCELLED = 1,
  CAPSTAN_CODE_INVALID_ARGUMENT = 2,
  CAPSTAN_CODE_NOT_FOUND = 3,
  CAPSTAN_CODE_ALREADY_EXISTS = 4,
  CAPSTAN_CODE_CONFLICT = 5,
  CAPSTAN_CODE_GONE = 6,
  CAPSTAN_CODE_UNAUTHENTICATED = 7,
  CAPSTAN_CODE_PERMISSION_DENIED = 8,
  CAPSTAN_CODE_RESOURCE_EXHAUSTED = 9,
  CAPSTAN_CODE_TOO_LARGE = 10,
  CAPSTAN_CODE_UNSUPPORTED_MEDIA = 11,
  CAPSTAN_CODE_UNIMPLEMENTED = 12,
  CAPSTAN_CODE_FAILED_PRECONDITION = 13,
  CAPSTAN_CODE_DEADLINE_EXCEEDED = 14,
  CAPSTAN_CODE_UNAVAILABLE = 15,
  CAPSTAN_CODE_DATA_LOSS = 16,
  CAPSTAN_CODE_INTERNAL = 17
};

// Whether bytes of a request may have left this process.
enum capstan_sent {
  CAPSTAN_NOT_SENT = 0,     // certainly nothing left
  CAPSTAN_MAY_BE_SENT = 1,  // something may have left, and no complete answer came back
  CAPSTAN_ANSWERED = 2      // the other side answered, with whatever status
};

// Where a cloud object is in its life, as its cloud says.
enum capstan_phase {
  CAPSTAN_CREATING = 1,  // accepted, not usable yet
  CAPSTAN_READY = 2,     // usable as desired
  CAPSTAN_UPDATING = 3,  // changing by our or its own doing
  CAPSTAN_DEGRADED = 4,  // usable with faults
  CAPSTAN_FAILED = 5,    // will not become usable by waiting
  CAPSTAN_DELETING = 6   // going away
};

enum capstan_log_level { CAPSTAN_DEBUG = 0, CAPSTAN_INFO = 1, CAPSTAN_WARNING = 2, CAPSTAN_LOG_ERROR = 3 };

// ---- Values ----

typedef struct capstan_text {  // frozen: no struct_size
  const char* data;
  size_t size;
} capstan_text_t;

typedef struct capstan_entry {  // frozen: an HTTP header, a credential, a log field, a key of a connection
  capstan_text_t name;
  capstan_text_t value;
} capstan_entry_t;

// Why something failed, told to a person: whom it concerns, what happened, what to do next. Never a
// secret in it.
typedef struct capstan_error {
  uint32_t struct_size;
  int32_t code;               // enum capstan_code
  int32_t sent;               // enum capstan_sent; of the request that failed
  int32_t http_status;        // 0: no HTTP answer
  capstan_text_t message;     // one sentence
  capstan_text_t reason;      // the cloud's own word for it, or empty
  capstan_text_t request_id;  // the cloud's id for the request, or empty
  int64_t retry_after_ns;     // the cloud's own wish; 0: none
} capstan_error_t;

// Who a cloud object belongs to. Both tags go into the body of the request that makes it.
typedef struct capstan_identity {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t tag;     // "capstan:<uid of the Kubernetes object>"
  capstan_text_t owner;   // "capstan-owner:<id of the installation>"
  capstan_text_t parent;  // for a part of an object (a node pool): the id of the whole; else empty
  capstan_text_t target;  // for a part: which one, as plan named it; else empty
} capstan_identity_t;

// A cloud object as it was seen.
typedef struct capstan_observed {
  uint32_t struct_size;
  int32_t phase;        // enum capstan_phase
  int32_t connectable;  // whether connection() may be asked for now
  uint32_t reserved;
  capstan_text_t id;  // the cloud's id, never reused; empty only where plan is asked about nothing there yet
  capstan_text_t name;        // its name in the cloud
  capstan_text_t identity;    // the tag "capstan:..." it carries, or empty
  capstan_text_t owner;       // the tag "capstan-owner:..." it carries, or empty
  capstan_text_t message;     // the cloud's own words about the phase; may be empty
  capstan_text_t created_at;  // RFC 3339, or empty
  capstan_text_t status;      // JSON object: fields to show in .status; empty: none
  capstan_text_t state;       // JSON object: all that plan needs to compare; opaque to the host; empty: none
} capstan_observed_t;

// Part or all of what there is.
typedef struct capstan_page {
  uint32_t struct_size;
  int32_t has_total;
  const capstan_observed_t* const* items;
  size_t count;
  capstan_text_t
      next;  // cursor of the next page; empty on the last. find leaves it empty: it is complete, or fails
  int64_t total;  // how many there are in all, where has_total
} capstan_page_t;

// One change that leads from what is to what is wanted. One that both makes and destroys (a
// replacement) needs consent before it begins, for what the steps after it destroy.
typedef struct capstan_step {
  uint32_t struct_size;
  int32_t makes;               // makes a cloud object: runs under the intent protocol
  int32_t destroys;            // destroys nodes or data: needs consent
  int32_t waits;               // not before the cloud object is ready again
  double monthly_cost_change;  // in the account's currency; 0 where unknown
  capstan_text_t verb;         // "create", "scale", "update", ...
  capstan_text_t target;       // "nodePools/pool-a"; stable between calls
  capstan_text_t why;          // one sentence for people
  capstan_text_t arguments;    // JSON object for apply; opaque to the host
  // Since 1.2: the entry of a request annotation that is used up once this step is done,
  // "capstan.dev/reset-count=pool-a"; empty: none. The host then takes it out of the annotation.
  capstan_text_t consumes;
} capstan_step_t;

// A difference that no step can remove.
typedef struct capstan_unsupported {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t field;  // JSON path in the Kubernetes object: "spec.region"
  capstan_text_t why;
} capstan_unsupported_t;

// One field that is not as the spec says, for people.
typedef struct capstan_difference {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t field;   // JSON path in the Kubernetes object: "spec.nodePools[pool-a].count"
  capstan_text_t wanted;  // short JSON text; empty: nothing
  capstan_text_t seen;    // short JSON text; empty: nothing
} capstan_difference_t;

typedef struct capstan_plan {
  uint32_t struct_size;
  uint32_t reserved;
  const capstan_step_t* const* steps;  // in order
  size_t step_count;
  const capstan_unsupported_t* const* unsupported;
  size_t unsupported_count;
  const capstan_difference_t* const* differences;  // all that steps and unsupported are about
  size_t difference_count;
  capstan_text_t waiting;  // what the cloud still does of an earlier step, for people; empty: nothing
  // Since 1.2: entries of request annotations that ask for nothing more, for it is so already; as
  // capstan_step_t.consumes. The host takes them out of the annotation.
  const capstan_text_t* spent;
  size_t spent_count;
} capstan_plan_t;

// What was made through a cloud object, from within it, and may outlive it.
typedef struct capstan_associated {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t kind;  // as the spec calls it: "loadBalancers", "volumes", "volumeSnapshots"; never empty
  capstan_text_t id;    // the cloud's id; never empty
  capstan_text_t name;  // its name in the cloud; may be empty
  double monthly_cost;  // since 1.1: in the account's currency; 0 where unknown
} capstan_associated_t;

typedef struct capstan_associated_list {
  uint32_t struct_size;
  uint32_t reserved;
  const capstan_associated_t* const* items;
  size_t count;
} capstan_associated_list_t;

typedef struct capstan_remove_options {
  uint32_t struct_size;
  uint32_t reserved;
  const capstan_associated_t* const* associated;  // these go with it, and no others
  size_t associated_count;
} capstan_remove_options_t;

// Something the cloud has to tell people about an object.
typedef struct capstan_notice {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t at;    // RFC 3339
  capstan_text_t text;  // never empty
} capstan_notice_t;

typedef struct capstan_notice_list {
  uint32_t struct_size;
  uint32_t reserved;
  const capstan_notice_t* const* items;  // oldest first
  size_t count;
} capstan_notice_list_t;

// Since 1.2: one thing that the cloud offers, of one catalog.
typedef struct capstan_offer {
  uint32_t struct_size;
  int32_t unavailable;     // it is listed, and cannot be had now
  capstan_text_t value;    // as a spec names it: "s-2vcpu-4gb"; never empty, and only once in a list
  capstan_text_t name;     // for people; may be empty
  capstan_text_t details;  // JSON object: what else there is to say, a column each; empty: nothing
} capstan_offer_t;

typedef struct capstan_offer_list {
  uint32_t struct_size;
  uint32_t reserved;
  const capstan_offer_t* const* items;  // in the order in which people should read them
  size_t count;
} capstan_offer_list_t;

// How to reach what was made: the content of the connection Secret.
typedef struct capstan_connection {
  uint32_t struct_size;
  int32_t has_expiry;
  const capstan_entry_t* entries;
  size_t count;
  int64_t expires_wall_ns;  // since 1970-01-01T00:00:00Z, where has_expiry
} capstan_connection_t;

// Whose cloud objects these are.
typedef struct capstan_account {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t id;           // empty when the credentials may not ask
  capstan_text_t description;  // for people
} capstan_account_t;

typedef struct capstan_http_request {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t method;  // upper case
  capstan_text_t url;     // absolute; only hosts of the manifest, and those that the configuration names
  const capstan_entry_t* headers;
  size_t header_count;
  capstan_text_t body;
  int64_t deadline_ns;      // on the monotonic clock; 0: that of the call. The earlier of both holds
  uint64_t response_limit;  // bytes of body; 0: the host's own limit
} capstan_http_request_t;

typedef struct capstan_http_response {
  uint32_t struct_size;
  int32_t status;
  const capstan_entry_t* headers;
  size_t header_count;
  capstan_text_t body;
} capstan_http_response_t;

// ---- The host ----

typedef struct capstan_call capstan_call_t;  // one call: its memory, deadline and cancellation. The host's
typedef struct capstan_instance capstan_instance_t;  // one configured plugin. The plugin's
typedef struct capstan_session capstan_session_t;    // one kind with one set of credentials. The plugin's

// What the host lends. Valid from create_instance until destroy_instance returns. All functions
// [any thread], each call used by the thread it was given to. No slot is null.
typedef struct capstan_host {
  uint32_t struct_size;
  uint32_t abi;  // CAPSTAN_ABI of the host

  // `size` zeroed bytes, aligned for any type, that live as long as the call. NULL when the call
  // has used up its share.
  void* (*alloc)(capstan_call_t* call, size_t size);

  // One HTTP exchange. Returns enum capstan_sent: with CAPSTAN_ANSWERED *response is set, else
  // *error. Never repeats a request whose bytes may have left, unless it is a GET or HEAD. Any
  // status is an answer; redirects are not followed.
  int32_t (*http)(capstan_call_t* call, const capstan_http_request_t* request,
                  capstan_http_response_t** response, capstan_error_t** error);

  // 1 once the call should end as soon as it can: cancelled, or past its deadline.
  int32_t (*cancelled)(capstan_call_t* call);
  // When the call must be over, on the monotonic clock; INT64_MAX: no limit.
  int64_t (*deadline_ns)(capstan_call_t* call);

  // Nanoseconds that never step back, also while the machine sleeps; and since
  // 1970-01-01T00:00:00Z.
  int64_t (*monotonic_ns)(const struct capstan_host* host);
  int64_t (*wall_ns)(const struct capstan_host* host);
  // 64 unpredictable bits.
  uint64_t (*random)(const struct capstan_host* host);
  // A constant sentence and named fields; the host adds plugin, effect, object and trace id of the
  // call. Level: enum capstan_log_level. Credentials are blotted out, but do not try.
  void (*log)(const struct capstan_host* host, int32_t level, capstan_text_t message,
              const capstan_entry_t* fields, size_t field_count);
  // More services by name ("capstan.<name>/<revision>"); NULL when the host has none of that name.
  const void* (*extension)(const struct capstan_host* host, capstan_text_t name);
} capstan_host_t;

// The host's extension "capstan.trace/1". Requests that go through capstan_host_t.http carry W3C
// trace context by themselves: this is for plugins that bring an HTTP client of their own.
#define CAPSTAN_TRACE_EXTENSION "capstan.trace/1"
typedef struct capstan_trace {
  uint32_t struct_size;
  uint32_t reserved;
  // [any thread] The value of header `traceparent` for what is done in this call; empty when
  // nothing is traced. Lives as long as the call.
  capstan_text_t (*trace_parent)(capstan_call_t* call);
} capstan_trace_t;

// ---- The plugin ----

// All operations return enum capstan_verdict. *error is set unless the verdict is CAPSTAN_DONE or
// CAPSTAN_NOT_FOUND. Out-pointers are null when the call begins. `desired` is the JSON document
// {"name": metadata.name, "namespace": ..., "uid": ..., "spec": {...}}.
typedef struct capstan_plugin {
  uint32_t struct_size;
  uint32_t abi;  // CAPSTAN_ABI that the plugin was compiled with

  // [any thread] The manifest, a JSON object (sdk/ABI.md lists its fields). Called before any
  // instance exists; `host` offers alloc, log and time then, and refuses http.
  int32_t (*describe)(const capstan_host_t* host, capstan_call_t* call, capstan_text_t* manifest,
                      capstan_error_t** error);

  // [one at a time] Makes an instance out of its configuration, a JSON object. Asks nobody. `host`
  // outlives the instance.
  int32_t (*create_instance)(const capstan_host_t* host, capstan_call_t* call, capstan_text_t config,
                             capstan_instance_t** instance, capstan_error_t** error);
  // [one at a time] After its last session is disconnected.
  void (*destroy_instance)(capstan_instance_t* instance);

  // [any thread] A session for one kind with one set of credentials. Asks nobody.
  int32_t (*connect)(capstan_instance_t* instance, capstan_call_t* call, capstan_text_t kind,
                     const capstan_entry_t* credentials, size_t credential_count, capstan_session_t** session,
                     capstan_error_t** error);
  // [one at a time] After its last call is over.
  void (*disconnect)(capstan_session_t* session);

  // [any thread] Everything that carries identity->tag, and everything of another identity that has
  // the desired name. Complete, or an error. Never from a cache.
  int32_t (*find)(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                  capstan_text_t desired, capstan_page_t** page, capstan_error_t** error);
  // [any thread] The object, or CAPSTAN_NOT_FOUND when the cloud says with certainty that it is not
  // there.
  int32_t (*get)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                 capstan_observed_t** observed, capstan_error_t** error);
  // [any thread] Makes it in exactly one request that carries both tags. CAPSTAN_DONE sets *id.
  int32_t (*create)(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                    capstan_text_t desired, capstan_text_t* id, capstan_error_t** error);
  // [any thread] Starts its removal, and that of exactly what `options` lists. CAPSTAN_NOT_FOUND is
  // success for the host.
  int32_t (*remove)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                    const capstan_remove_options_t* options, capstan_error_t** error);

  // Optional from here: leave NULL what the cloud does not have; the host answers "not offered"
  // itself.

  // [any thread] Which account the credentials speak for. NULL: accounts are not told apart.
  int32_t (*who_am_i)(capstan_session_t* session, capstan_call_t* call, capstan_account_t** account,
                      capstan_error_t** error);
  // [any thread] A page of everything in the account; an empty cursor is the first.
  int32_t (*list)(capstan_session_t* session, capstan_call_t* call, capstan_text_t cursor,
                  capstan_page_t** page, capstan_error_t** error);
  // [any thread] What differs. Pure: asks nobody. An `observed` with an empty id stands for nothing
  // there yet: the plan is to create it. NULL: nothing ever differs.
  int32_t (*plan)(capstan_session_t* session, capstan_call_t* call, capstan_text_t desired,
                  const capstan_observed_t* observed, capstan_plan_t** plan, capstan_error_t** error);
  // [any thread] Carries out one step; a step that makes something sets *id.
  int32_t (*apply)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                   const capstan_step_t* step, const capstan_identity_t* identity, capstan_text_t* new_id,
                   capstan_error_t** error);
  // [any thread] Puts both tags of `identity` on an existing object, in one request that changes
  // something, instead of any identity and owner it carries; all its other tags stay. Whether it
  // may be taken over the host has found out before. NULL: the cloud has no tags, and nothing can
  // be taken over.
  int32_t (*adopt)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                   const capstan_identity_t* identity, capstan_error_t** error);
  // [any thread] What would stay behind if the object went alone. Complete, or an error. NULL:
  // there is nothing of that sort.
  int32_t (*associated)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                        capstan_associated_list_t** list, capstan_error_t** error);
  // [any thread] Credentials for what was made; may mint new ones, as `desired` says how.
  int32_t (*connection)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                        capstan_text_t desired, capstan_connection_t** connection, capstan_error_t** error);
  // [any thread] What the cloud told about the object after `since` (RFC 3339; empty: whatever it
  // still has), oldest first. NULL: it tells nothing.
  int32_t (*notices)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                     capstan_text_t since, capstan_notice_list_t** notices, capstan_error_t** error);
  // [any thread] More operations by name; NULL when there are none of that name.
  const void* (*extension)(capstan_text_t name);

  // Since 1.2. [any thread] What the cloud offers of one catalog of the kind (manifest:
  // `catalogs`): "versions", "sizes", "regions", or another name of the plugin's own. Changes
  // nothing. Complete, or an error: CAPSTAN_CODE_UNIMPLEMENTED for a catalog that the kind does not
  // have. NULL: it has none.
  int32_t (*offers)(capstan_session_t* session, capstan_call_t* call, capstan_text_t catalog,
                    capstan_offer_list_t** offers, capstan_error_t** error);
} capstan_plugin_t;

// The one exported function. `host_abi` is the host's CAPSTAN_ABI. Returns constant memory; NULL
// refuses this host.
typedef const capstan_plugin_t* (*capstan_plugin_v1_t)(uint32_t host_abi);
CAPSTAN_EXPORT const capstan_plugin_t* capstan_plugin_v1(uint32_t host_abi);
#define CAPSTAN_PLUGIN_SYMBOL "capstan_plugin_v1"

// ---- Reading structs of other versions ----

// How long each struct that may grow was in ABI 1.0: what a reader may rely on. sizeof is how long
// it is in this header, and nothing that was built before has to be as long. Never changed.
#define CAPSTAN_SIZE_THROUGH(type, field) (offsetof(type, field) + sizeof(((type*)0)->field))
#define CAPSTAN_ERROR_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_error_t, retry_after_ns)
#define CAPSTAN_IDENTITY_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_identity_t, target)
#define CAPSTAN_OBSERVED_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_observed_t, state)
#define CAPSTAN_PAGE_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_page_t, total)
#define CAPSTAN_STEP_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_step_t, arguments)
#define CAPSTAN_UNSUPPORTED_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_unsupported_t, why)
#define CAPSTAN_DIFFERENCE_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_difference_t, seen)
#define CAPSTAN_PLAN_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_plan_t, waiting)
#define CAPSTAN_ASSOCIATED_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_associated_t, name)
#define CAPSTAN_ASSOCIATED_LIST_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_associated_list_t, count)
#define CAPSTAN_REMOVE_OPTIONS_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_remove_options_t, associated_count)
#define CAPSTAN_NOTICE_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_notice_t, text)
#define CAPSTAN_NOTICE_LIST_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_notice_list_t, count)
#define CAPSTAN_CONNECTION_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_connection_t, expires_wall_ns)
#define CAPSTAN_ACCOUNT_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_account_t, description)
#define CAPSTAN_HTTP_REQUEST_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_http_request_t, response_limit)
#define CAPSTAN_HTTP_RESPONSE_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_http_response_t, body)
#define CAPSTAN_HOST_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_host_t, extension)
#define CAPSTAN_PLUGIN_SIZE_1_0 CAPSTAN_SIZE_THROUGH(capstan_plugin_t, extension)
// Of structs that came later, in the minor they came with.
#define CAPSTAN_OFFER_SIZE_1_2 CAPSTAN_SIZE_THROUGH(capstan_offer_t, details)
#define CAPSTAN_OFFER_LIST_SIZE_1_2 CAPSTAN_SIZE_THROUGH(capstan_offer_list_t, count)

// Whether the writer of `value` knew `field`, which a minor version after 1.0 appended.
#define CAPSTAN_HAS(value, field) \
  ((value)->struct_size >=        \
   (size_t)((const char*)&(value)->field - (const char*)(value)) + sizeof((value)->field))

// What of `from`, a struct that may grow, both sides know: as much as it has of `size` bytes, the
// rest zero.
static inline void capstan_copy_known(void* to, size_t size, const void* from) {
  uint32_t given;
  memcpy(&given, from, sizeof(given));
  memset(to, 0, size);
  memcpy(to, from, given < size ? given : size);
}

// ---- The note: read from the file, before any code of the plugin runs ----

#define CAPSTAN_NOTE_OWNER "Capstan"  // 8 bytes with its terminator
#define CAPSTAN_NOTE_TYPE 1u

// Once per plugin, at file scope. Name and version are those of the manifest; kinds are
// "group/Kind", comma between; catalogs are those of all its kinds in the manifest, comma between
// (since 1.2; a host of before does not look at them).
#define CAPSTAN_PLUGIN_NOTE_WITH(plugin_name, plugin_version, plugin_kinds, plugin_catalogs)      \
  static const struct {                                                                           \
    uint32_t owner_size, descriptor_size, type;                                                   \
    char owner[8];                                                                                \
    uint32_t abi_major, abi_minor;                                                                \
    char name[sizeof(plugin_name)], version[sizeof(plugin_version)], kinds[sizeof(plugin_kinds)]; \
    char catalogs[sizeof(plugin_catalogs)];                                                       \
  } capstan_plugin_note __attribute__((section(".note.capstan"), used, aligned(4))) = {           \
      8u,                                                                                         \
      (uint32_t)(8u + sizeof(plugin_name) + sizeof(plugin_version) + sizeof(plugin_kinds) +       \
                 sizeof(plugin_catalogs)),                                                        \
      CAPSTAN_NOTE_TYPE,                                                                          \
      CAPSTAN_NOTE_OWNER,                                                                         \
      CAPSTAN_ABI_MAJOR,                                                                          \
      CAPSTAN_ABI_MINOR,                                                                          \
      plugin_name,                                                                                \
      plugin_version,                                                                             \
      plugin_kinds,                                                                               \
      plugin_catalogs}
#define CAPSTAN_PLUGIN_NOTE(plugin_name, plugin_version, plugin_kinds) \
  CAPSTAN_PLUGIN_NOTE_WITH(plugin_name, plugin_version, plugin_kinds, "")

// ---- Conveniences for C; they only use what stands above ----

// A zero-terminated string as text. Returned texts must be literals or live in the call.
static inline capstan_text_t capstan_text_of(const char* string) {
  capstan_text_t text;
  text.data = string;
  text.size = strlen(string);
  return text;
}

// A copy that lives in the call; empty when there is no memory left.
static inline capstan_text_t capstan_copy(const capstan_host_t* host, capstan_call_t* call, const char* data,
                                          size_t size) {
  capstan_text_t text;
  char* memory = size == 0 ? NULL : (char*)host->alloc(call, size);
  text.data = memory;
  text.size = memory == NULL ? 0 : size;
  if (memory != NULL) memcpy(memory, data, size);
  return text;
}

// A zeroed struct with its struct_size set, in the call; NULL when there is no memory left.
static inline void* capstan_new(const capstan_host_t* host, capstan_call_t* call, size_t size) {
  void* memory = host->alloc(call, size);
  uint32_t struct_size = (uint32_t)size;
  if (memory != NULL) memcpy(memory, &struct_size, sizeof(struct_size));
  return memory;
}
#define CAPSTAN_NEW(host, call, type) ((type*)capstan_new((host), (call), sizeof(type)))

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // CAPSTAN_PLUGIN_H_
