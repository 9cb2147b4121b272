// SimulatedApi is for the tests of this folder: a small Kubernetes API, as an http::Handler, that
// misbehaves on demand. It stores objects of any collection by path, and serves paged lists,
// watches with bookmarks, get, create, merge patch and delete. One counter provides all
// resourceVersions, as in etcd. Thread-safe. The scheduler must outlive it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::runtime {

// A cluster-scoped kind that exists nowhere else.
kube::Kind WidgetKind();
// A namespaced one.
kube::Kind GadgetKind();

class SimulatedApi final : public http::Handler {
 public:
  explicit SimulatedApi(Scheduler& scheduler);

  // Creates or replaces an object given as JSON with metadata.name; returns its resourceVersion.
  std::uint64_t Apply(const kube::Kind& kind, const std::string& json);
  void Delete(const kube::Kind& kind, const std::string& namespace_, const std::string& name);
  std::string Get(const kube::Kind& kind, const std::string& namespace_,
                  const std::string& name) const;  // "" if absent
  std::size_t Count(const kube::Kind& kind) const;
  std::uint64_t version() const;
  // Sends a bookmark to every open watch of the kind.
  void SendBookmark(const kube::Kind& kind);
  // Drops the history: watches from before this moment get 410.
  void Compact();
  // Restores the objects and the counter of an earlier moment, as when etcd is restored; open
  // watches are cut.
  struct Picture {
    std::map<std::string, std::string> objects;
    std::uint64_t version = 0;
  };
  Picture TakePicture() const;
  void Restore(const Picture& picture);
  // Ends every open watch, either cleanly or by cutting the connection.
  void EndWatches(bool cut);

  // Called before every request; returns true if it answered the request itself. `verb` is "list",
  // "watch", "get", "create" or "patch".
  using Intercept = std::function<bool(const std::string& verb, const http::Request&, http::ResponseWriter&)>;
  void SetIntercept(Intercept intercept);
  static void RespondStatus(http::ResponseWriter& writer, int code, const std::string& reason,
                            const std::string& message, const http::Headers& headers = {});

  // The requests received, as "verb path?query".
  std::vector<std::string> requests() const;
  int CountRequests(const std::string& verb) const;
  // Whether watches with sendInitialEvents are served; otherwise they are refused with 422.
  void set_streaming_lists(bool on);

  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  struct Happened {
    std::uint64_t version;
    std::string type, path, json;
  };
  void List(const std::string& collection, std::string_view query, http::ResponseWriter& writer);
  void Watch(const std::string& collection, std::string_view query, http::ResponseWriter& writer,
             const Context& context);
  void Create(const std::string& collection, const std::string& body, http::ResponseWriter& writer);
  void Patch(const std::string& path, const std::string& body, http::ResponseWriter& writer);
  std::string Store(const std::string& path, const std::string& json, const std::string& type)
      CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  Event happened_;
  std::map<std::string, std::string> objects_ CAPSTAN_GUARDED_BY(mutex_);  // path to JSON
  std::vector<Happened> log_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t version_ CAPSTAN_GUARDED_BY(mutex_) = 100;
  std::uint64_t compacted_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::uint64_t watch_generation_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  bool cut_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::map<std::string, std::uint64_t> bookmarks_ CAPSTAN_GUARDED_BY(mutex_);
  bool streaming_lists_ CAPSTAN_GUARDED_BY(mutex_) = false;
  Intercept intercept_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<std::string> requests_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::runtime
