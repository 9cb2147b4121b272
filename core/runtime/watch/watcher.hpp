// Watcher keeps a WatchSink in sync with the server for one kind: WatcherMachine decides, this
// executes.
//
// Run blocks until its context stops and must be called by one task; status() is thread-safe.
// Client, scheduler, random, log and sink must outlive it. Only its context ends it: every failure
// is retried with backoff, and logged when it is new and once a minute while it lasts.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/runtime/watch/watcher_machine.hpp>

namespace capstan::runtime {

// Receives the objects. Called only by the watcher's task, with no lock held.
class WatchSink {
 public:
  virtual ~WatchSink() = default;
  // A list starts; items of an earlier list that was cut do not count. See Store::BeginReplace.
  virtual void BeginReplace(bool compare_bytes) = 0;
  virtual Status Stage(std::string_view json) = 0;
  // The list is complete as of `version`; objects it did not contain are gone.
  virtual void EndReplace(std::uint64_t version) = 0;
  // One event. Both return the object's resourceVersion; 0 when it is not numeric.
  virtual Result<std::uint64_t> Put(std::string_view json) = 0;
  virtual Result<std::uint64_t> Remove(std::string_view json) = 0;
  // Everything up to this version has been delivered.
  virtual void Bookmark(std::uint64_t version) = 0;
};

// The objects to watch.
struct WatchTarget {
  kube::Kind kind;
  std::string namespace_;  // empty: all, or the kind is cluster-scoped
  std::string label_selector;
  std::string field_selector;
  // For kinds of which only the metadata is needed; objects then have nothing else.
  bool metadata_only = false;
  // For logs, such as "digitaloceanclusters.anutosh491.dev in default (team=web)".
  std::string ToString() const;
  friend auto operator<=>(const WatchTarget&, const WatchTarget&) = default;
};

struct WatcherStatus {
  WatcherState state = WatcherState::kListing;
  bool synced = false;
  std::uint64_t position = 0;
  std::optional<Instant> last_sign_of_life;
  std::optional<Error> trouble;
  std::uint64_t lists = 0;
};

class Watcher {
 public:
  Watcher(kube::Client& client, Scheduler& scheduler, Random& random, Log& log, WatchTarget target,
          WatcherOptions options, WatchSink& sink);
  void Run(const Context& context);
  WatcherStatus status() const CAPSTAN_EXCLUDES(mutex_);

 private:
  // Executes one command and passes its outcome to the machine. nullopt when the context stopped.
  std::optional<WatcherCommand> Step(const WatcherCommand& command, const Context& context);
  Result<WatcherCommand> Do(const WatcherAction::Wait& wait, const Context& context);
  Result<WatcherCommand> Do(const WatcherAction::ListPage& page, const Context& context);
  Result<WatcherCommand> Do(const WatcherAction::ListOne& one, const Context& context);
  Result<WatcherCommand> Do(const WatcherAction::OpenWatch& watch, const Context& context);
  Result<WatcherCommand> Do(const WatcherAction::NextEvent& next, const Context& context);
  Result<kube::ListHead> List(const kube::ListOptions& options,
                              const std::function<Status(std::string_view)>& item, const Context& context);
  // What the machine needs to know about an event that was handed to the sink.
  struct Delivered {
    std::string resource_version;
    bool end_of_initial = false;
  };
  Result<Delivered> Deliver(const kube::WatchEvent& event);
  Result<Delivered> DeliverBookmark(const kube::WatchEvent& event, bool streaming);
  void Report(const Error& error);
  void Publish() CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  kube::Client& client_;
  Scheduler& scheduler_;
  Log& log_;
  const WatchTarget target_;
  WatchSink& sink_;

  // Used only by the running task.
  WatcherMachine machine_;
  std::unique_ptr<kube::Watch> watch_;
  bool reported_ = false;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  WatcherStatus status_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::runtime
