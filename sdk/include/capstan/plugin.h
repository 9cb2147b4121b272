// The C interface between Capstan (the host) and a provider plugin: a shared library that creates,
// observes and deletes objects in one cloud. Compiles as C11, C17, C++17 and C++20. sdk/ABI.md says
// what is stable; sdk/cpp wraps it for C++.
//
// The rules:
// 1. A plugin exports one function, capstan_plugin_v1, and contains one ELF note,
//    CAPSTAN_PLUGIN_NOTE.
// 2. Every extensible struct starts with struct_size, its sizeof at the time its writer was
//    compiled. Within a major version, fields are only ever appended; a reader accesses no byte
//    beyond struct_size. Lists are arrays of pointers.
// 3. Text is pointer and length, UTF-8, not terminated. Length 0 is the empty text, whatever the
//    pointer. Documents are JSON text. Enumerations are passed as int32_t; booleans are int32_t, 0
//    or 1; all zero means "not specified".
// 4. All arguments and results of a call live in the memory of that call: they come from
//    host->alloc(call, n), or are constants of the plugin. The host copies what it needs, then
//    wipes and frees the memory at the end of the call. Nobody frees anything else. The host
//    rejects results that point elsewhere.
// 5. A verdict says what became of the request; an error says why. They are independent: the same
//    code can accompany different verdicts.
// 6. The call carries a deadline and cancellation. A plugin must return soon after either; one that
//    does not loses that slot of its concurrency, its result is discarded, and the host's services
//    refuse its requests.
// 7. All effects on the outside world go through host->http; the host also provides time,
//    randomness and logging. Plugins start no threads and keep no mutable static data: several
//    instances share one process.
// 8. No exception leaves a plugin function.
// Each function is tagged [any thread]: called from any thread, with at most maxConcurrency
// (manifest) concurrent calls on one instance; or [one at a time]: no other function is called on
// the same object at the same time.
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

// ---- Enumerations. The meaning of a released value never changes. ----

// What became of a request. Read-only operations return DONE and NOT_FOUND; with any other verdict
// *error says why.
enum capstan_verdict {
  CAPSTAN_DONE = 1,      // it is done, or accepted and in progress
  CAPSTAN_WAIT = 2,      // nothing was done because the cloud is not ready; retry later
  CAPSTAN_REJECTED = 3,  // certainly nothing was done, and the same request will be refused again
  CAPSTAN_UNKNOWN = 4,   // it may or may not have been done
  CAPSTAN_NOT_FOUND = 5  // certainly nothing was done, because the object does not exist
};

// The cause. The list is closed.
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
  CAPSTAN_NOT_SENT = 0,     // certainly nothing was sent
  CAPSTAN_MAY_BE_SENT = 1,  // something may have been sent, and no complete answer arrived
  CAPSTAN_ANSWERED = 2      // the other side answered, with any status
};

// The life cycle phase of a cloud object, as reported by its cloud.
enum capstan_phase {
  CAPSTAN_CREATING = 1,  // accepted, not usable yet
  CAPSTAN_READY = 2,     // usable as desired
  CAPSTAN_UPDATING = 3,  // changing, through Capstan or by itself
  CAPSTAN_DEGRADED = 4,  // usable with faults
  CAPSTAN_FAILED = 5,    // waiting will not make it usable
  CAPSTAN_DELETING = 6   // being deleted
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

// Why something failed, for people: which object, what happened, what to do next. Never contains a
// secret.
typedef struct capstan_error {
  uint32_t struct_size;
  int32_t code;               // enum capstan_code
  int32_t sent;               // enum capstan_sent; for the failed request
  int32_t http_status;        // 0: no HTTP answer
  capstan_text_t message;     // one sentence
  capstan_text_t reason;      // the cloud's machine-readable reason, or empty
  capstan_text_t request_id;  // the cloud's id for the request, or empty
  int64_t retry_after_ns;     // the wait that the cloud asked for; 0: none
} capstan_error_t;

// The owner of a cloud object. Both tags go into the body of the request that creates it.
typedef struct capstan_identity {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t tag;     // "capstan:<uid of the Kubernetes object>"
  capstan_text_t owner;   // "capstan-owner:<id of the installation>"
  capstan_text_t parent;  // for a part of an object (a node pool): the id of the whole; else empty
  capstan_text_t target;  // for a part: its target in the plan; else empty
} capstan_identity_t;

// An observed cloud object.
typedef struct capstan_observed {
  uint32_t struct_size;
  int32_t phase;        // enum capstan_phase
  int32_t connectable;  // whether connection() can be called now
  uint32_t reserved;
  // the cloud's id, never reused; empty only in calls of plan for an object that does not exist yet
  capstan_text_t id;
  capstan_text_t name;        // its name in the cloud
  capstan_text_t identity;    // the tag "capstan:..." it carries, or empty
  capstan_text_t owner;       // the tag "capstan-owner:..." it carries, or empty
  capstan_text_t message;     // the cloud's message about the phase; may be empty
  capstan_text_t created_at;  // RFC 3339, or empty
  capstan_text_t status;      // JSON object: fields to show in .status; empty: none
  capstan_text_t state;       // JSON object: everything that plan compares; opaque to the host; empty: none
} capstan_observed_t;

// One page or all of a list.
typedef struct capstan_page {
  uint32_t struct_size;
  int32_t has_total;
  const capstan_observed_t* const* items;
  size_t count;
  capstan_text_t
      // cursor of the next page; empty on the last. find leaves it empty: its result is complete,
      // or it fails
      next;
  int64_t total;  // the total number, if has_total
} capstan_page_t;

// One change towards the desired state. A step that both creates and destroys (a replacement) needs
// consent before it begins, for what the steps after it destroy.
typedef struct capstan_step {
  uint32_t struct_size;
  int32_t makes;               // creates a cloud object: runs under the intent protocol
  int32_t destroys;            // destroys nodes or data: needs consent
  int32_t waits;               // must wait until the cloud object is ready again
  double monthly_cost_change;  // in the account's currency; 0 if unknown
  capstan_text_t verb;         // "create", "scale", "update", ...
  capstan_text_t target;       // "nodePools/pool-a"; stable between calls
  capstan_text_t why;          // one sentence for people
  capstan_text_t arguments;    // JSON object for apply; opaque to the host
  // Since 1.2: the entry of a request annotation that this step fulfils,
  // "capstan.dev/reset-count=pool-a"; empty: none. The host then removes it from the annotation.
  capstan_text_t consumes;
} capstan_step_t;

// A difference that no step can remove.
typedef struct capstan_unsupported {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t field;  // JSON path in the Kubernetes object: "spec.region"
  capstan_text_t why;
} capstan_unsupported_t;

// One field that differs from the spec, for people.
typedef struct capstan_difference {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t field;   // JSON path in the Kubernetes object: "spec.nodePools[pool-a].count"
  capstan_text_t wanted;  // short JSON text; empty: absent
  capstan_text_t seen;    // short JSON text; empty: absent
} capstan_difference_t;

typedef struct capstan_plan {
  uint32_t struct_size;
  uint32_t reserved;
  const capstan_step_t* const* steps;  // in order
  size_t step_count;
  const capstan_unsupported_t* const* unsupported;
  size_t unsupported_count;
  // every difference that steps and unsupported refer to
  const capstan_difference_t* const* differences;
  size_t difference_count;
  // what the cloud is still doing for an earlier step, for people; empty: nothing
  capstan_text_t waiting;
  // Since 1.2: entries of request annotations that need no action because they are already
  // satisfied; format as for capstan_step_t.consumes. The host removes them from the annotation.
  const capstan_text_t* spent;
  size_t spent_count;
} capstan_plan_t;

// An object that was created from within a cloud object and can outlive it.
typedef struct capstan_associated {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t kind;  // its name in the spec: "loadBalancers", "volumes", "volumeSnapshots"; never empty
  capstan_text_t id;    // the cloud's id; never empty
  capstan_text_t name;  // its name in the cloud; may be empty
  double monthly_cost;  // since 1.1: in the account's currency; 0 if unknown
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
  // exactly these are deleted with it, and no others
  const capstan_associated_t* const* associated;
  size_t associated_count;
} capstan_remove_options_t;

// A message from the cloud about an object, for people.
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

// Since 1.2: one item in a catalog of the cloud.
typedef struct capstan_offer {
  uint32_t struct_size;
  int32_t unavailable;     // listed, but currently not available
  capstan_text_t value;    // its name in a spec: "s-2vcpu-4gb"; never empty, unique in the list
  capstan_text_t name;     // for people; may be empty
  capstan_text_t details;  // JSON object: further details, one column each; empty: none
} capstan_offer_t;

typedef struct capstan_offer_list {
  uint32_t struct_size;
  uint32_t reserved;
  const capstan_offer_t* const* items;  // in the order in which to show them
  size_t count;
} capstan_offer_list_t;

// How to connect to a cloud object: the content of the connection Secret.
typedef struct capstan_connection {
  uint32_t struct_size;
  int32_t has_expiry;
  const capstan_entry_t* entries;
  size_t count;
  int64_t expires_wall_ns;  // since 1970-01-01T00:00:00Z, if has_expiry
} capstan_connection_t;

// The owner of the cloud objects.
typedef struct capstan_account {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t id;           // empty if the credentials do not permit the request
  capstan_text_t description;  // for people
} capstan_account_t;

typedef struct capstan_http_request {
  uint32_t struct_size;
  uint32_t reserved;
  capstan_text_t method;  // upper case
  capstan_text_t url;     // absolute; only hosts in the manifest and those that the configuration names
  const capstan_entry_t* headers;
  size_t header_count;
  capstan_text_t body;
  int64_t deadline_ns;      // on the monotonic clock; 0: that of the call. The earlier of both applies
  uint64_t response_limit;  // bytes of the body; 0: the host's limit
} capstan_http_request_t;

typedef struct capstan_http_response {
  uint32_t struct_size;
  int32_t status;
  const capstan_entry_t* headers;
  size_t header_count;
  capstan_text_t body;
} capstan_http_response_t;

// ---- The host ----

// one call: its memory, deadline and cancellation. Defined by the host
typedef struct capstan_call capstan_call_t;
typedef struct capstan_instance capstan_instance_t;  // one configured plugin. Defined by the plugin
// one kind with one set of credentials. Defined by the plugin
typedef struct capstan_session capstan_session_t;

// Services of the host. Valid from create_instance until destroy_instance returns. All functions
// [any thread]; a call is used only by the thread that received it. No slot is null.
typedef struct capstan_host {
  uint32_t struct_size;
  uint32_t abi;  // CAPSTAN_ABI of the host

  // `size` zeroed bytes, aligned for any type, valid until the end of the call. NULL when the call
  // has exhausted its limit.
  void* (*alloc)(capstan_call_t* call, size_t size);

  // One HTTP exchange. Returns enum capstan_sent: with CAPSTAN_ANSWERED *response is set, else
  // *error. Never repeats a request whose bytes may have been sent, unless it is a GET or HEAD. Any
  // status counts as an answer; redirects are not followed.
  int32_t (*http)(capstan_call_t* call, const capstan_http_request_t* request,
                  capstan_http_response_t** response, capstan_error_t** error);

  // 1 if the call should end as soon as possible: cancelled, or past its deadline.
  int32_t (*cancelled)(capstan_call_t* call);
  // The deadline of the call on the monotonic clock; INT64_MAX: none.
  int64_t (*deadline_ns)(capstan_call_t* call);

  // Nanoseconds on a clock that never steps back and also advances during suspend; and nanoseconds
  // since 1970-01-01T00:00:00Z.
  int64_t (*monotonic_ns)(const struct capstan_host* host);
  int64_t (*wall_ns)(const struct capstan_host* host);
  // 64 unpredictable bits.
  uint64_t (*random)(const struct capstan_host* host);
  // A constant message and named fields; the host adds plugin, effect, object and trace id of the
  // call. Level: enum capstan_log_level. The host redacts credentials; plugins must nevertheless
  // not log them.
  void (*log)(const struct capstan_host* host, int32_t level, capstan_text_t message,
              const capstan_entry_t* fields, size_t field_count);
  // Further services by name ("capstan.<name>/<revision>"); NULL if the host does not have it.
  const void* (*extension)(const struct capstan_host* host, capstan_text_t name);
} capstan_host_t;

// The host's extension "capstan.trace/1". Requests through capstan_host_t.http carry W3C trace
// context automatically: this is for plugins with an HTTP client of their own.
#define CAPSTAN_TRACE_EXTENSION "capstan.trace/1"
typedef struct capstan_trace {
  uint32_t struct_size;
  uint32_t reserved;
  // [any thread] The value of the header `traceparent` for this call; empty if the call is not
  // traced. Valid until the end of the call.
  capstan_text_t (*trace_parent)(capstan_call_t* call);
} capstan_trace_t;

// ---- The plugin ----

// All operations return enum capstan_verdict. *error is set unless the verdict is CAPSTAN_DONE or
// CAPSTAN_NOT_FOUND. Out-pointers are null at the start of the call. `desired` is the JSON document
// {"name": metadata.name, "namespace": ..., "uid": ..., "spec": {...}}.
typedef struct capstan_plugin {
  uint32_t struct_size;
  uint32_t abi;  // CAPSTAN_ABI that the plugin was compiled with

  // [any thread] The manifest, a JSON object (sdk/ABI.md lists its fields). Called before any
  // instance exists; `host` then offers alloc, log and time, and refuses http.
  int32_t (*describe)(const capstan_host_t* host, capstan_call_t* call, capstan_text_t* manifest,
                      capstan_error_t** error);

  // [one at a time] Creates an instance from its configuration, a JSON object. Sends no requests.
  // `host` outlives the instance.
  int32_t (*create_instance)(const capstan_host_t* host, capstan_call_t* call, capstan_text_t config,
                             capstan_instance_t** instance, capstan_error_t** error);
  // [one at a time] Called after its last session is disconnected.
  void (*destroy_instance)(capstan_instance_t* instance);

  // [any thread] A session for one kind with one set of credentials. Sends no requests.
  int32_t (*connect)(capstan_instance_t* instance, capstan_call_t* call, capstan_text_t kind,
                     const capstan_entry_t* credentials, size_t credential_count, capstan_session_t** session,
                     capstan_error_t** error);
  // [one at a time] Called after its last call has ended.
  void (*disconnect)(capstan_session_t* session);

  // [any thread] All objects that carry identity->tag, and all objects of other identities that
  // have the desired name. Complete, or an error. Never from a cache.
  int32_t (*find)(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                  capstan_text_t desired, capstan_page_t** page, capstan_error_t** error);
  // [any thread] The object, or CAPSTAN_NOT_FOUND if the cloud says with certainty that it does not
  // exist.
  int32_t (*get)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                 capstan_observed_t** observed, capstan_error_t** error);
  // [any thread] Creates the object in exactly one request that carries both tags. CAPSTAN_DONE
  // sets *id.
  int32_t (*create)(capstan_session_t* session, capstan_call_t* call, const capstan_identity_t* identity,
                    capstan_text_t desired, capstan_text_t* id, capstan_error_t** error);
  // [any thread] Starts its deletion, and the deletion of exactly the objects that `options` lists.
  // For the host, CAPSTAN_NOT_FOUND is success.
  int32_t (*remove)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                    const capstan_remove_options_t* options, capstan_error_t** error);

  // The following are optional: leave NULL what the cloud does not support; the host itself then
  // answers "not offered".

  // [any thread] The account of the credentials. NULL: accounts are not distinguished.
  int32_t (*who_am_i)(capstan_session_t* session, capstan_call_t* call, capstan_account_t** account,
                      capstan_error_t** error);
  // [any thread] One page of all objects in the account; an empty cursor requests the first.
  int32_t (*list)(capstan_session_t* session, capstan_call_t* call, capstan_text_t cursor,
                  capstan_page_t** page, capstan_error_t** error);
  // [any thread] The differences, as a plan. Pure: sends no requests. An `observed` with an empty
  // id means that the object does not exist yet: the plan is to create it. NULL: there are never
  // any differences.
  int32_t (*plan)(capstan_session_t* session, capstan_call_t* call, capstan_text_t desired,
                  const capstan_observed_t* observed, capstan_plan_t** plan, capstan_error_t** error);
  // [any thread] Carries out one step; a step that creates an object sets *id.
  int32_t (*apply)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                   const capstan_step_t* step, const capstan_identity_t* identity, capstan_text_t* new_id,
                   capstan_error_t** error);
  // [any thread] Puts both tags of `identity` on an existing object, in one request that changes
  // something, replacing any identity and owner that it carries; all its other tags stay. The host
  // has already checked whether the object may be adopted. NULL: the cloud has no tags, and nothing
  // can be adopted.
  int32_t (*adopt)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                   const capstan_identity_t* identity, capstan_error_t** error);
  // [any thread] The objects that would be left behind if only the object itself were deleted.
  // Complete, or an error. NULL: no such objects exist.
  int32_t (*associated)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                        capstan_associated_list_t** list, capstan_error_t** error);
  // [any thread] Credentials for the object; can issue new ones, as specified in `desired`.
  int32_t (*connection)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                        capstan_text_t desired, capstan_connection_t** connection, capstan_error_t** error);
  // [any thread] The cloud's messages about the object after `since` (RFC 3339; empty: all that are
  // still available), oldest first. NULL: there are none.
  int32_t (*notices)(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                     capstan_text_t since, capstan_notice_list_t** notices, capstan_error_t** error);
  // [any thread] Further operations by name; NULL if the plugin does not have it.
  const void* (*extension)(capstan_text_t name);

  // Since 1.2. [any thread] The items of one catalog of the kind (manifest: `catalogs`):
  // "versions", "sizes", "regions", or another name chosen by the plugin. Changes nothing.
  // Complete, or an error: CAPSTAN_CODE_UNIMPLEMENTED for a catalog that the kind does not have.
  // NULL: there are no catalogs.
  int32_t (*offers)(capstan_session_t* session, capstan_call_t* call, capstan_text_t catalog,
                    capstan_offer_list_t** offers, capstan_error_t** error);
} capstan_plugin_t;

// The one exported function. `host_abi` is the host's CAPSTAN_ABI. Returns constant memory; NULL
// rejects this host.
typedef const capstan_plugin_t* (*capstan_plugin_v1_t)(uint32_t host_abi);
CAPSTAN_EXPORT const capstan_plugin_t* capstan_plugin_v1(uint32_t host_abi);
#define CAPSTAN_PLUGIN_SYMBOL "capstan_plugin_v1"

// ---- Structs of other versions ----

// The size of each extensible struct in ABI 1.0, on which a reader can rely. sizeof is the size in
// this header; binaries that were built earlier can have smaller structs. Never changes.
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
// Sizes of structs added later, in the minor version that introduced them.
#define CAPSTAN_OFFER_SIZE_1_2 CAPSTAN_SIZE_THROUGH(capstan_offer_t, details)
#define CAPSTAN_OFFER_LIST_SIZE_1_2 CAPSTAN_SIZE_THROUGH(capstan_offer_list_t, count)

// Whether the writer of `value` knew `field`, which a minor version after 1.0 appended.
#define CAPSTAN_HAS(value, field) \
  ((value)->struct_size >=        \
   (size_t)((const char*)&(value)->field - (const char*)(value)) + sizeof((value)->field))

// Copies the part of the extensible struct `from` that both sides know: up to `size` bytes; the
// rest is zero.
static inline void capstan_copy_known(void* to, size_t size, const void* from) {
  uint32_t given;
  memcpy(&given, from, sizeof(given));
  memset(to, 0, size);
  memcpy(to, from, given < size ? given : size);
}

// ---- The note: read from the file before any code of the plugin runs ----

#define CAPSTAN_NOTE_OWNER "Capstan"  // 8 bytes with its terminator
#define CAPSTAN_NOTE_TYPE 1u

// Once per plugin, at file scope. Name and version equal those in the manifest; kinds are
// "group/Kind", separated by commas; catalogs are those of all its kinds in the manifest, separated
// by commas (since 1.2; older hosts ignore them).
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

// ---- Conveniences for C, based on the functions above ----

// A zero-terminated string as text. Returned texts must be literals or live in the call.
static inline capstan_text_t capstan_text_of(const char* string) {
  capstan_text_t text;
  text.data = string;
  text.size = strlen(string);
  return text;
}

// A copy in the memory of the call; empty when its limit is exhausted.
static inline capstan_text_t capstan_copy(const capstan_host_t* host, capstan_call_t* call, const char* data,
                                          size_t size) {
  capstan_text_t text;
  char* memory = size == 0 ? NULL : (char*)host->alloc(call, size);
  text.data = memory;
  text.size = memory == NULL ? 0 : size;
  if (memory != NULL) memcpy(memory, data, size);
  return text;
}

// A zeroed struct in the memory of the call, with its struct_size set; NULL when the limit is
// exhausted.
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
