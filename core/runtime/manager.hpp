// Manager owns the informers and controllers of one operator process. Consumers of the same objects
// share an informer. The manager starts everything together and stops it within a bounded time.
//
// AddInformer, AddIndex, AddController, Start and Stop must be called from one thread; the rest is
// thread-safe. What is added after Start starts immediately. After Stop nothing starts again.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/runtime/controller.hpp>
#include <capstan/core/runtime/health.hpp>
#include <capstan/core/runtime/lister.hpp>
#include <capstan/core/runtime/store/codecs.hpp>

namespace capstan::runtime {

struct ManagerOptions {
  // Namespaces in which to watch namespaced kinds; empty: all, which needs cluster-wide
  // permissions.
  std::vector<std::string> namespaces;
  WatcherOptions watcher;
  // A watch is unhealthy when its server was silent for longer than this. Must exceed the lifetime
  // of a watch, since a server may send no bookmarks.
  Duration silence_limit = std::chrono::minutes(10);
  // All informers of a kind share its dictionary and buffers. Managers that each watch a part of
  // the same objects can share them too; null: the manager has its own.
  std::shared_ptr<Codecs> codecs;
};

class Manager {
 public:
  // Everything in `dependencies` must outlive the manager.
  Manager(Controller::Dependencies dependencies, ManagerOptions options = {});
  ~Manager();

  // The informers that together cover every object of the kind we may read: a single one, or one
  // per namespace. The same kind and selector always return the same informers. The manager owns
  // them.
  std::vector<Informer*> AddInformer(const kube::Kind& kind, const std::string& label_selector = "");
  // Like AddInformer, but caches only metadata: name, namespace, uid, labels, annotations, owner
  // references and finalizers.
  std::vector<Informer*> AddMetadataInformer(const kube::Kind& kind, const std::string& label_selector = "");
  // An informer for exactly this target, regardless of ManagerOptions::namespaces. Owned by the
  // manager.
  Informer* AddInformer(const WatchTarget& target);
  // Adds an index to the kind's informers, before or after they have started; see
  // Lister::ListByIndex. Errors: those of Informer::AddIndex.
  Status AddIndex(const kube::Kind& kind, const std::string& name, const IndexFunction& function,
                  const std::string& label_selector = "");
  Lister ListerOf(const kube::Kind& kind, const std::string& label_selector = "");

  // The manager shares ownership of the reconciler and releases it in its destructor: after the
  // last reconcile, before the informers. A reconciler may therefore keep what AddInformer and
  // ListerOf returned. The returned reference is valid until the manager is destroyed. REQUIRES:
  // the reconciler is not null.
  Controller& AddController(ControllerOptions options, const kube::Kind& kind,
                            std::shared_ptr<Reconciler> reconciler, const std::string& label_selector = "");
  Controller& AddController(ControllerOptions options, const kube::Kind& kind,
                            ReconcileFunction::Function reconcile, const std::string& label_selector = "");
  // A controller whose reconciler sees only metadata.
  Controller& AddMetadataController(ControllerOptions options, const kube::Kind& kind,
                                    std::shared_ptr<Reconciler> reconciler,
                                    const std::string& label_selector = "");

  // Call once.
  void Start();
  Status WaitForSync(const Context& context);
  bool synced() const;
  // For leader election: while paused, caches stay warm and no reconcile begins. Pause may be
  // called before Start.
  void Pause();
  void Resume();
  // Stops the controllers, giving running reconciles `grace` to finish before their contexts are
  // cancelled, then the watches. True if every reconcile finished within `grace`.
  bool Stop(Duration grace = std::chrono::seconds(20));

  // Adds "caches" (synced), "watches" (alive) and "workers" (none is stuck) for /readyz. The
  // manager must outlive `checks`.
  void AddChecks(HealthChecks& checks);
  // Updates the gauges of all parts. The owner of the manager passes it to Metrics::OnText if it
  // wants them.
  void CollectMetrics();

 private:
  enum class Phase { kNew, kStarted, kStopped };
  std::vector<Informer*> AddInformers(WatchTarget target);
  Controller& Add(std::unique_ptr<Controller> controller) CAPSTAN_EXCLUDES(mutex_);
  FollowingCounter& ListsOf(const Informer* informer, const MetricLabels& labels) CAPSTAN_EXCLUDES(mutex_);
  std::vector<Informer*> AllInformers() const CAPSTAN_EXCLUDES(mutex_);
  std::vector<Controller*> AllControllers() const CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  ModuleLog watch_log_, controller_log_;
  const Controller::Dependencies dependencies_;  // passed to the controllers
  const ManagerOptions options_;
  const std::shared_ptr<Codecs> codecs_;

  // Guarded by mutex_. Entries stay until the manager is destroyed.
  mutable Mutex mutex_;
  std::map<WatchTarget, std::unique_ptr<Informer>> informers_ CAPSTAN_GUARDED_BY(mutex_);
  // Declared after the informers, so that subscriptions end first.
  std::vector<std::unique_ptr<Controller>> controllers_ CAPSTAN_GUARDED_BY(mutex_);
  bool paused_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::map<const Informer*, FollowingCounter> lists_ CAPSTAN_GUARDED_BY(mutex_);

  // Used only by the thread that configures the manager.
  Phase phase_ = Phase::kNew;
};

}  // namespace capstan::runtime
