// ShardManagers reconciles the objects of our shards: each shard has its own runtime::Manager,
// which lists and watches only that shard. It is created when the shard is acquired and destroyed
// when the shard is given up.
//
// Placement decides at each reconcile which shard an object belongs to; the label is only the
// server's filter. An object with a wrong label is relabelled by the process that sees it, and
// reconciled only by the owner of its shard. An object without a label of this division is found
// and labelled by the owner of shard 0.
//
// Flow: AddKind for each kind; then a Coordinator calls the rest. AddKind must be called from one
// thread, before Start; the rest is thread-safe. Everything in Dependencies must outlive it.
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
  // Called when shard 0 starts and when it stops: its owner also does the work that is not divided.
  // Must be fast.
  std::function<void(bool ours)> on_first;
};

class ShardManagers final : public ShardWork {
 public:
  ShardManagers(runtime::Controller::Dependencies dependencies, ShardManagersOptions options);
  ~ShardManagers() override;

  // Adds a controller of this kind to each shard. All share the reconciler, whose Forget is called
  // for the objects of a shard that is given up. The controllers are named
  // "<options.name>-shard-<i>". The returned function requeues an object immediately; it does
  // nothing for objects of other members' shards.
  std::function<void(const kube::ObjectKey&)> AddKind(runtime::ControllerOptions options,
                                                      const kube::Kind& kind,
                                                      std::shared_ptr<runtime::Reconciler> reconciler);

  void Start(int shard) override CAPSTAN_EXCLUDES(mutex_);
  void Pause(int shard) override CAPSTAN_EXCLUDES(mutex_);
  bool Stop(int shard, Duration grace) override CAPSTAN_EXCLUDES(mutex_);

  // Adds "shards": the checks of a runtime::Manager for each of our shards. This must outlive
  // `checks`.
  void AddChecks(runtime::HealthChecks& checks);
  void CollectMetrics() CAPSTAN_EXCLUDES(mutex_);
  // The cached objects of a kind in our shards, ordered by key; or one of them, nullopt if none of
  // these caches has it. Errors: kInternal (corrupt bytes, which is a bug).
  std::vector<runtime::StoredObject> List(const kube::Kind& kind) const CAPSTAN_EXCLUDES(mutex_);
  Result<std::optional<kube::Object>> Get(const kube::Kind& kind, const kube::ObjectKey& key) const
      CAPSTAN_EXCLUDES(mutex_);
  // Whether the caches of all our shards have synced.
  bool synced() const CAPSTAN_EXCLUDES(mutex_);

 private:
  struct KindOfOurs {
    runtime::ControllerOptions options;
    kube::Kind kind;
    std::shared_ptr<runtime::Reconciler> reconciler;
  };
  struct Work {
    std::unique_ptr<runtime::Manager> manager;
    std::unique_ptr<runtime::Manager> strays;       // only for shard 0: labels objects
    std::vector<runtime::Controller*> controllers;  // by kind
  };
  std::unique_ptr<Work> Make(int shard);
  std::string ControllerName(const KindOfOurs& kind, int shard) const;
  std::string LabellerName(const KindOfOurs& kind) const;
  void ReconcileNow(std::size_t kind, const kube::ObjectKey& key) CAPSTAN_EXCLUDES(mutex_);
  void EndSeries(int shard);
  // Our caches of a kind.
  std::vector<runtime::Informer*> Informers(const kube::Kind& kind) const CAPSTAN_REQUIRES(mutex_);

  // Constant once a shard has started.
  const runtime::Controller::Dependencies dependencies_;
  ShardManagersOptions options_;
  std::vector<KindOfOurs> kinds_;

  // Guarded by mutex_, which is held while a running manager is used: one that was taken out has no
  // other users.
  mutable Mutex mutex_;
  std::map<int, std::unique_ptr<Work>> running_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::shards
