// A plugin that loads and does nothing; each bad plugin breaks one part of it. Include after
// defining BAD_NAME.
#ifndef CAPSTAN_TESTS_SKELETON_H_
#define CAPSTAN_TESTS_SKELETON_H_

#include <capstan/plugin.h>

#ifndef BAD_VERSION
#define BAD_VERSION "1.0.0"
#endif
#ifndef BAD_KIND
#define BAD_KIND BAD_NAME
#endif
#ifndef BAD_MANIFEST
#define BAD_MANIFEST                                                    \
  "{\"name\":\"" BAD_NAME "\",\"version\":\"" BAD_VERSION               \
  "\",\"kinds\":[{\"group\":\"bad.example\",\"version\":"               \
  "\"v1\",\"kind\":\"" BAD_KIND                                         \
  "\",\"plural\":\"bads\",\"identity\":\"tag\"}],\"maxConcurrency\":2," \
  "\"allowedHosts\":[\"api.bad.example\"]}"
#endif

#ifndef BAD_NO_NOTE
CAPSTAN_PLUGIN_NOTE(BAD_NAME, BAD_VERSION, "bad.example/" BAD_KIND);
#endif

static const capstan_host_t* the_host;  // allowed in a test plugin: one instance per process

static int32_t skeleton_describe(const capstan_host_t* host, capstan_call_t* call, capstan_text_t* manifest,
                                 capstan_error_t** error) {
  (void)host;
  (void)call;
  (void)error;
  *manifest = capstan_text_of(BAD_MANIFEST);
  return CAPSTAN_DONE;
}
static int32_t skeleton_create_instance(const capstan_host_t* host, capstan_call_t* call,
                                        capstan_text_t config, capstan_instance_t** instance,
                                        capstan_error_t** error) {
  (void)call;
  (void)config;
  (void)error;
  the_host = host;
  *instance = (capstan_instance_t*)(void*)&the_host;
  return CAPSTAN_DONE;
}
static void skeleton_destroy_instance(capstan_instance_t* instance) { (void)instance; }
static int32_t skeleton_connect(capstan_instance_t* instance, capstan_call_t* call, capstan_text_t kind,
                                const capstan_entry_t* credentials, size_t count, capstan_session_t** session,
                                capstan_error_t** error) {
  (void)call;
  (void)kind;
  (void)credentials;
  (void)count;
  (void)error;
  *session = (capstan_session_t*)(void*)instance;
  return CAPSTAN_DONE;
}
static void skeleton_disconnect(capstan_session_t* session) { (void)session; }
static int32_t skeleton_find(capstan_session_t* session, capstan_call_t* call,
                             const capstan_identity_t* identity, capstan_text_t desired,
                             capstan_page_t** page, capstan_error_t** error) {
  (void)session;
  (void)identity;
  (void)desired;
  (void)error;
  *page = CAPSTAN_NEW(the_host, call, capstan_page_t);
  return CAPSTAN_DONE;
}
static int32_t skeleton_get(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                            capstan_observed_t** observed, capstan_error_t** error) {
  (void)session;
  (void)call;
  (void)id;
  (void)observed;
  (void)error;
  return CAPSTAN_NOT_FOUND;
}
static int32_t skeleton_create(capstan_session_t* session, capstan_call_t* call,
                               const capstan_identity_t* identity, capstan_text_t desired, capstan_text_t* id,
                               capstan_error_t** error) {
  (void)session;
  (void)call;
  (void)identity;
  (void)desired;
  (void)error;
  *id = capstan_text_of("made");
  return CAPSTAN_DONE;
}
static int32_t skeleton_remove(capstan_session_t* session, capstan_call_t* call, capstan_text_t id,
                               const capstan_remove_options_t* options, capstan_error_t** error) {
  (void)session;
  (void)call;
  (void)id;
  (void)options;
  (void)error;
  return CAPSTAN_NOT_FOUND;
}

#ifndef BAD_STRUCT_SIZE
#define BAD_STRUCT_SIZE sizeof(capstan_plugin_t)
#endif
#ifndef BAD_ABI
#define BAD_ABI CAPSTAN_ABI
#endif
#ifndef BAD_DESCRIBE
#define BAD_DESCRIBE skeleton_describe
#endif
#ifndef BAD_GET
#define BAD_GET skeleton_get
#endif
#ifndef BAD_CREATE
#define BAD_CREATE skeleton_create
#endif
#ifndef BAD_REMOVE
#define BAD_REMOVE skeleton_remove
#endif
#ifndef BAD_FIND
#define BAD_FIND skeleton_find
#endif
#ifndef BAD_WHO_AM_I
#define BAD_WHO_AM_I NULL
#endif
#ifndef BAD_LIST
#define BAD_LIST NULL
#endif
#ifndef BAD_PLAN
#define BAD_PLAN NULL
#endif
#ifndef BAD_APPLY
#define BAD_APPLY NULL
#endif
#ifndef BAD_ADOPT
#define BAD_ADOPT NULL
#endif
#ifndef BAD_ASSOCIATED
#define BAD_ASSOCIATED NULL
#endif
#ifndef BAD_CONNECTION
#define BAD_CONNECTION NULL
#endif
#ifndef BAD_NOTICES
#define BAD_NOTICES NULL
#endif
#ifndef BAD_OFFERS
#define BAD_OFFERS NULL
#endif

// The table as compiled against a newer version: with more slots than the current one.
typedef struct skeleton_table {
  capstan_plugin_t plugin;
  void (*from_the_future[4])(void);
} skeleton_table_t;

// Use after the broken functions.
#define SKELETON_TABLE                                                \
  static const skeleton_table_t kTable = {{(uint32_t)BAD_STRUCT_SIZE, \
                                           BAD_ABI,                   \
                                           BAD_DESCRIBE,              \
                                           skeleton_create_instance,  \
                                           skeleton_destroy_instance, \
                                           skeleton_connect,          \
                                           skeleton_disconnect,       \
                                           BAD_FIND,                  \
                                           BAD_GET,                   \
                                           BAD_CREATE,                \
                                           BAD_REMOVE,                \
                                           BAD_WHO_AM_I,              \
                                           BAD_LIST,                  \
                                           BAD_PLAN,                  \
                                           BAD_APPLY,                 \
                                           BAD_ADOPT,                 \
                                           BAD_ASSOCIATED,            \
                                           BAD_CONNECTION,            \
                                           BAD_NOTICES,               \
                                           NULL,                      \
                                           BAD_OFFERS},               \
                                          {NULL, NULL, NULL, NULL}}

#define SKELETON_EXPORT                                                         \
  CAPSTAN_EXPORT const capstan_plugin_t* capstan_plugin_v1(uint32_t host_abi) { \
    (void)host_abi;                                                             \
    return &kTable.plugin;                                                      \
  }                                                                             \
  SKELETON_TABLE_USED

// Not every bad plugin uses every part.
#define SKELETON_TABLE_USED                                                                           \
  void* capstan_skeleton_parts[] = {(void*)(size_t)&skeleton_describe, (void*)(size_t)&skeleton_get,  \
                                    (void*)(size_t)&skeleton_create, (void*)(size_t)&skeleton_remove, \
                                    (void*)(size_t)&skeleton_find}

#endif  // CAPSTAN_TESTS_SKELETON_H_
