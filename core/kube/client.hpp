// Client is a client for the Kubernetes API: each method is one request (ListAll: one per page). It
// never retries, because only callers know what a retry means. Works with all servers since
// Kubernetes 1.20, including embedded ones.
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
  std::int64_t limit = 500;  // objects per page; 0: all in one page
  std::string continue_token;
  std::string resource_version;  // empty: the newest; "0": any version, from the server's cache
};
struct ListHead {
  std::string resource_version;  // where a watch can start
  std::string continue_token;    // empty on the last page
  std::optional<std::int64_t> remaining;
};

enum class PatchType { kMerge, kJson, kStrategicMerge, kApply };
struct PatchOptions {
  std::string subresource;  // "status", or empty
  bool dry_run = false;
  bool force = false;  // kApply: take fields from other managers
};
// One of several patches.
struct PatchCall {
  ObjectKey key;
  std::string patch;
};
struct DeleteOptions {
  std::string uid;               // precondition; empty: none
  std::string resource_version;  // precondition; empty: none
  std::string propagation;       // "Foreground", "Background", "Orphan"; empty: the server's default
};

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark };
struct WatchEvent {
  WatchEventType type;
  std::string object;  // JSON; in a bookmark only metadata is meaningful
};
struct WatchOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;
  std::chrono::seconds timeout{300};  // the server ends the watch after about this time
  bool send_initial_events = false;   // a streaming list (resourceVersionMatch=NotOlderThan)
  bool metadata_only = false;         // objects arrive as PartialObjectMetadata
};

// One open watch. One thread at a time. The destructor closes the connection.
class Watch {
 public:
  virtual ~Watch() = default;
  // The next event; nothing if the server ended the watch properly. Blocks until context.deadline.
  // An ERROR event is returned as its Status: kGone for 410 and Expired. Other errors: kDataLoss
  // (cut or malformed; the bytes of an unfinished line are discarded), kDeadlineExceeded,
  // kCancelled, kUnavailable.
  virtual Result<std::optional<WatchEvent>> Next(const Context& context) = 0;
};

struct ClientOptions {
  std::string server;  // "https://127.0.0.1:6443"; a path prefix is kept
  std::string field_manager = "capstan";
  // Timeout of one exchange. For a list it limits the time until its head and then the time between
  // two pieces, regardless of the total time. For a watch it only limits the time until its head.
  Duration request_timeout = std::chrono::seconds(30);
};

// Thread-safe. Transport and clock must outlive it. The transport adds the credentials (see
// credentials.hpp).
//
// Errors of all methods: those of Transport, and depending on the server's Status: kNotFound,
// kAlreadyExists, kConflict, kGone, kInvalidArgument (400, 422; the message is the server's),
// kUnauthenticated, kPermissionDenied, kResourceExhausted, kTooLarge, kUnsupportedMedia,
// kUnavailable, kDeadlineExceeded. Error::reason is the reason of the Status; it is empty with
// kNotFound if the server does not serve the kind at all, and "NamespaceTerminating" if the
// namespace refuses new objects.
class Client {
 public:
  Client(http::Transport& transport, const Clock& clock, ClientOptions options);

  Result<Object> Get(const Kind& kind, const ObjectKey& key, const Context& context);
  // One page; `item` is called with each object's JSON as it streams in, before the page is
  // complete.
  Result<ListHead> List(const Kind& kind, const std::string& namespace_, const ListOptions& options,
                        const std::function<Status(std::string_view)>& item, const Context& context);
  // All pages, collected in memory: only for short lists.
  Result<std::vector<Object>> ListAll(const Kind& kind, const std::string& namespace_,
                                      const ListOptions& options, const Context& context);
  // Like List, but only metadata (PartialObjectMetadata), for kinds whose full objects are not
  // needed.
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
  // Like Patch, for callers that need only the resource version the patch led to: nothing else of
  // the answer is read.
  Result<std::string> PatchForVersion(const Kind& kind, const ObjectKey& key, PatchType type,
                                      const std::string& patch, const PatchOptions& options,
                                      const Context& context);
  // Several objects of a kind, each as by Patch, at the same time if the transport can
  // (Transport::SendAll): the objects' JSON as the server answered, in the order of `calls`.
  std::vector<Result<std::string>> PatchAll(const Kind& kind, const std::vector<PatchCall>& calls,
                                            PatchType type, const PatchOptions& options,
                                            const Context& context);
  // Returns when the deletion is complete or has started: finalizers may keep the object. kNotFound
  // is an error here; most callers treat it as success.
  Status Delete(const Kind& kind, const ObjectKey& key, const DeleteOptions& options, const Context& context);
  // GETs any path below the server, such as "/version" or "/apis/g/v": returns the body, or the
  // Status as an error.
  Result<std::string> GetPath(const std::string& path, const Context& context);

  // Wall time by the API server's clock: its last Date header plus the time since. The local clock
  // before the first response.
  WallTime ServerTime() const;
  const std::string& server() const { return options_.server; }

 private:
  // One exchange; any status other than 2xx is an error.
  Result<http::Response> Send(const http::Request& request, std::string_view what, const Context& context);
  Result<Object> SendForObject(const http::Request& request, std::string_view what, const Context& context);
  // The answer to a request that was sent at `started`: any status other than 2xx is an error,
  // which names what().
  template <class What>
  Result<http::Response> Judge(Result<http::Response> response, const What& what, Instant started);
  http::Request MakePatch(const Kind& kind, const ObjectKey& key, PatchType type, const std::string& patch,
                          const PatchOptions& options) const;
  Result<http::Response> SendPatch(const Kind& kind, const ObjectKey& key, PatchType type,
                                   const std::string& patch, const PatchOptions& options,
                                   const std::string& what, const Context& context);
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
  // The server's wall time minus the local boot-time clock.
  std::optional<Duration> server_offset_ CAPSTAN_GUARDED_BY(mutex_);
};

// The object in an answer of PatchAll. Errors: those of the answer; kDataLoss if it is not an
// object.
Result<Object> ObjectIn(const Result<std::string>& answer);

}  // namespace capstan::kube
