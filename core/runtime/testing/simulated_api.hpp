// SimulatedApi is for the tests of this folder: a Kubernetes API of a few lines, as an
// http::Handler, that misbehaves on demand. It keeps objects of any collection by path, serves
// lists in pages, watches with bookmarks, get, create, merge patch and delete. Versions are those
// of one counter, as with etcd. Thread-safe.
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

// A cluster-scoped kind that nobody ever heard of.
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
  // Forgets what happened: watches from before now answer 410.
  void Compact();
  // Back to the state and the counter of a moment before, as when etcd is restored; open watches
  // are cut.
  struct Picture {
    std::map<std::string, std::string> objects;
    std::uint64_t version = 0;
  };
  Picture TakePicture() const;
  void Restore(const Picture& picture);
  // Ends every open watch, properly or by cutting the connection.
  void EndWatches(bool cut);

  // Asked before every request; true means that it has answered itself. "list", "watch", "get",
  // "create", "patch".
  using Intercept = std::function<bool(const std::string& verb, const http::Request&, http::ResponseWriter&)>;
  void SetIntercept(Intercept intercept);
  static void RespondStatus(http::ResponseWriter& writer, int code, const std::string& reason,
                            const std::string& message, const http::Headers& headers = {});

  // What was asked: "verb path?query".
  std::vector<std::string> requests() const;
  int CountRequests(const std::string& verb) const;
  // Whether watches with sendInitialEvents are served; refused with 422 otherwise.
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
