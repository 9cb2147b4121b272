// Client speaks the Kubernetes API: each method is one request (ListAll one a page). It never
// retries; callers know what a retry means. Works against any server from 1.20 on, embedded ones
// included.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::kube {

struct ListOptions {
  std::string label_selector;
  std::string field_selector;
  std::int64_t limit = 500;  // objects a page; 0: all in one
  std::string continue_token;
  std::string resource_version;  // empty: the newest; "0": whatever the server has at hand
};
struct ListHead {
  std::string resource_version;  // where a watch goes on
  std::string continue_token;    // empty on the last page
  std::optional<std::int64_t> remaining;
};

enum class PatchType { kMerge, kJson, kStrategicMerge, kApply };
struct PatchOptions {
  std::string subresource;  // "status", or empty
  bool dry_run = false;
  bool force = false;  // kApply: take fields from other managers
};
struct DeleteOptions {
  std::string uid;               // precondition; empty: none
  std::string resource_version;  // precondition; empty: none
  std::string propagation;       // "Foreground", "Background", "Orphan"; empty: the server's default
};

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark };
struct WatchEvent {
  WatchEventType type;
  std::string object;  // JSON; of a bookmark only metadata is meaningful
};
struct WatchOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;
  std::chrono::seconds timeout{300};  // the server ends the watch after about this
  bool send_initial_events = false;   // a streaming list (resourceVersionMatch=NotOlderThan)
  bool metadata_only = false;         // objects come as PartialObjectMetadata
};

// One open watch. One thread at a time. Destroying it closes the connection.
class Watch {
 public:
  virtual ~Watch() = default;
  // The next event; nothing when the server ended the watch properly. Blocks until
  // context.deadline. An ERROR event comes as its Status: kGone for 410 and Expired. Others:
  // kDataLoss (cut or malformed: the bytes of an unfinished line are dropped), kDeadlineExceeded,
  // kCancelled, kUnavailable.
  virtual Result<std::optional<WatchEvent>> Next(const Context& context) = 0;
};

struct ClientOptions {
  std::string server;  // "https://127.0.0.1:6443", a path prefix is kept
  std::string field_manager = "capstan";
  // Of one exchange; of a list the time until its head and then between two pieces, however long it
  // is in all. A watch is bound by it only until its head.
  Duration request_timeout = std::chrono::seconds(30);
};

// Thread-safe. Transport and clock must outlive it. The transport carries the credentials (see
// credentials.hpp).
//
// Errors of all methods: those of Transport, and by the server's Status: kNotFound, kAlreadyExists,
// kConflict, kGone, kInvalidArgument (400, 422; the message is the server's), kUnauthenticated,
// kPermissionDenied, kResourceExhausted, kTooLarge, kUnsupportedMedia, kUnavailable,
// kDeadlineExceeded. Error::reason is the Status' reason; empty with kNotFound when the server does
// not serve the kind at all; "NamespaceTerminating" where a namespace refuses new objects.
class Client {
 public:
  Client(http::Transport& transport, const Clock& clock, ClientOptions options);

  Result<Object> Get(const Kind& kind, const ObjectKey& key, const Context& context);
  // One page; `item` gets each object's JSON as it streams in, before the page is complete.
  Result<ListHead> List(const Kind& kind, const std::string& namespace_, const ListOptions& options,
                        const std::function<Status(std::string_view)>& item, const Context& context);
  // All pages, kept in memory: for short lists only.
  Result<std::vector<Object>> ListAll(const Kind& kind, const std::string& namespace_,
                                      const ListOptions& options, const Context& context);
  // Like List with metadata only (PartialObjectMetadata), for kinds nobody needs whole.
  Result<ListHead> ListMetadata(const Kind& kind, const std::string& namespace_, const ListOptions& options,
                                const std::function<Status(std::string_view)>& item, const Context& context);
  Result<std::unique_ptr<Watch>> OpenWatch(const Kind& kind, const std::string& namespace_,
                                           const WatchOptions& options, const Context& context);
  Result<Object> Create(const Kind& kind, const std::string& namespace_, const std::string& json,
                        const Context& context);
  Result<Object> Update(const Kind& kind, const ObjectKey& key, const std::string& json,
                        const Context& context);
  Result<Object> Patch(const Kind& kind, const ObjectKey& key, PatchType type, const std::string& patch,
                       const PatchOptions& options, const Context& context);
  // Done or under way: finalizers may hold the object. kNotFound is an error here; most callers
  // treat it as success.
  Status Delete(const Kind& kind, const ObjectKey& key, const DeleteOptions& options, const Context& context);
  // Any path below the server, such as "/version" or "/apis/g/v": the body, or the Status as an
  // error.
  Result<std::string> GetPath(const std::string& path, const Context& context);

  // Wall time by the API server's clock: its last Date header plus the time since. Our own clock
  // before the first answer.
  WallTime ServerTime() const;
  const std::string& server() const { return options_.server; }

 private:
  // One exchange; anything but 2xx is an error.
  Result<http::Response> Send(const http::Request& request, std::string_view what, const Context& context);
  Result<Object> SendForObject(const http::Request& request, std::string_view what, const Context& context);
  Result<http::StreamResponse> Open(const http::Request& request, std::string_view what,
                                    const Context& context);
  Result<ListHead> ListAs(std::string_view accept, const Kind& kind, const std::string& namespace_,
                          const ListOptions& options, const std::function<Status(std::string_view)>& item,
                          const Context& context);
  http::Request MakeRequest(std::string method, const std::string& path, const std::string& query = "") const;
  void NoteDate(const http::Headers& headers, Instant started) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  http::Transport& transport_;
  const Clock& clock_;
  const ClientOptions options_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  // Server's wall time minus our boot-time clock.
  std::optional<Duration> server_offset_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::kube
