// ShardManagers reconciles the objects of those shards that are ours: for each a runtime::Manager
// of its own, which lists and watches that share alone. It is made when the shard is acquired, and
// nothing of it is left when the shard has gone.
//
// Which objects belong to a shard is asked of placement, at each reconcile; the label is the
// server's filter. An object whose label is wrong is labelled again by the process that sees it,
// and reconciled by the owner of its shard alone. One that bears no label of this division is
// found, and labelled, by the owner of shard 0.
//
// Flow: AddKind for each kind; then a Coordinator calls the rest. AddKind is for one thread and
// comes before Start; the rest is thread-safe. What is named in Surroundings must outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/runtime/controller.hpp>
#include <capstan/core/runtime/health.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/core/shards/shard_work.hpp>

namespace capstan::shards {

struct ShardManagersOptions {
  int shards = 1;
  runtime::ManagerOptions manager;
  // Called when shard 0 begins and when it ends: with it comes what one process does for all.
  // Quick.
  std::function<void(bool ours)> on_first;
};

class ShardManagers final : public ShardWork {
 public:
  ShardManagers(runtime::Controller::Surroundings surroundings, ShardManagersOptions options);
  ~ShardManagers() override;

  // Each shard gets a controller of this kind, and all share the reconciler, which is asked to
  // forget the objects of a shard that goes. The controllers are called "<options.name>-shard-<i>".
  // What comes back wants an object reconciled now; it does nothing for objects of others' shards.
  std::function<void(const kube::ObjectKey&)> AddKind(runtime::ControllerOptions options,
                                                      const kube::Kind& kind,
                                                      std::shared_ptr<runtime::Reconciler> reconciler);

  void Start(int shard) override CAPSTAN_EXCLUDES(mutex_);
  void Pause(int shard) override CAPSTAN_EXCLUDES(mutex_);
  bool Stop(int shard, Duration grace) override CAPSTAN_EXCLUDES(mutex_);

  // "shards": what a runtime::Manager checks, of each of ours. This must outlive `checks`.
  void AddChecks(runtime::HealthChecks& checks);
  void CollectMetrics() CAPSTAN_EXCLUDES(mutex_);
  // The cached objects of a kind in the shards that are ours, ordered by key; and one of them,
  // nothing when none of these caches has it. Errors: kInternal (damaged bytes, a bug).
  std::vector<runtime::StoredObject> List(const kube::Kind& kind) const CAPSTAN_EXCLUDES(mutex_);
  Result<std::optional<kube::Object>> Get(const kube::Kind& kind, const kube::ObjectKey& key) const
      CAPSTAN_EXCLUDES(mutex_);
  // Whether the caches of all shards that are ours are filled.
  bool synced() const CAPSTAN_EXCLUDES(mutex_);

 private:
  struct KindOfOurs {
    runtime::ControllerOptions options;
    kube::Kind kind;
    std::shared_ptr<runtime::Reconciler> reconciler;
  };
  struct Work {
    std::unique_ptr<runtime::Manager> manager;
    std::unique_ptr<runtime::Manager> strays;       // of shard 0: gives objects their labels
    std::vector<runtime::Controller*> controllers;  // by kind
  };
  std::unique_ptr<Work> Make(int shard);
  std::string ControllerName(const KindOfOurs& kind, int shard) const;
  std::string LabellerName(const KindOfOurs& kind) const;
  void ReconcileNow(std::size_t kind, const kube::ObjectKey& key) CAPSTAN_EXCLUDES(mutex_);
  void EndSeries(int shard);
  // The caches of a kind that are ours.
  std::vector<runtime::Informer*> Informers(const kube::Kind& kind) const CAPSTAN_REQUIRES(mutex_);

  // Constant once a shard has started.
  const runtime::Controller::Surroundings surroundings_;
  const ShardManagersOptions options_;
  std::vector<KindOfOurs> kinds_;

  // Guarded by mutex_. Who uses what runs here holds it: what was taken out is nobody else's.
  mutable Mutex mutex_;
  std::map<int, std::unique_ptr<Work>> running_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::shards
