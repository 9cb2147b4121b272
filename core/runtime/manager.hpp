// Manager holds what one operator process runs: informers, shared by all that watch the same thing,
// and controllers. It starts them together and stops them within a bound.
//
// AddInformer, AddIndex, AddController, Start and Stop are for one thread; the rest is thread-safe.
// What is added after Start begins to work at once. After Stop nothing begins any more.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/runtime/controller.hpp>
#include <capstan/core/runtime/health.hpp>
#include <capstan/core/runtime/lister.hpp>

namespace capstan::runtime {

struct ManagerOptions {
  // Namespaces to watch namespaced kinds in; empty: all, which needs rights for the whole cluster.
  std::vector<std::string> namespaces;
  WatcherOptions watcher;
  // A watch whose server was silent for longer is unhealthy. More than a watch lasts, bookmarks or
  // not.
  Duration silence_limit = std::chrono::minutes(10);
};

class Manager {
 public:
  // What is named in Surroundings must outlive the manager.
  Manager(Controller::Surroundings surroundings, ManagerOptions options = {});
  ~Manager();

  // The informers that together see every object of the kind that we may see: one, or one for each
  // namespace. Asked again for the same kind and selector, the same ones. They live as long as the
  // manager.
  std::vector<Informer*> AddInformer(const kube::Kind& kind, const std::string& label_selector = "");
  // The same with metadata alone: what is kept of an object is what it is called, and its labels,
  // annotations, owners and finalizers.
  std::vector<Informer*> AddMetadataInformer(const kube::Kind& kind, const std::string& label_selector = "");
  // For one target exactly, whatever the namespaces.
  Informer* AddInformer(const WatchTarget& target);
  // The kind's informers keep their objects also under what `function` says, whether they watch
  // already or not: Lister::ListByIndex finds them. Errors as Informer::AddIndex.
  Status AddIndex(const kube::Kind& kind, const std::string& name, const IndexFunction& function,
                  const std::string& label_selector = "");
  Lister ListerOf(const kube::Kind& kind, const std::string& label_selector = "");

  // The manager shares the reconciler, and lets go of it when it goes itself: after the last
  // reconcile, before the informers. A reconciler may hold what AddInformer and ListerOf gave. The
  // reference is good until the manager goes. REQUIRES: a reconciler.
  Controller& AddController(ControllerOptions options, const kube::Kind& kind,
                            std::shared_ptr<Reconciler> reconciler, const std::string& label_selector = "");
  Controller& AddController(ControllerOptions options, const kube::Kind& kind,
                            ReconcileFunction::Function reconcile, const std::string& label_selector = "");
  // One whose reconciler sees metadata alone.
  Controller& AddMetadataController(ControllerOptions options, const kube::Kind& kind,
                                    std::shared_ptr<Reconciler> reconciler,
                                    const std::string& label_selector = "");

  // Once.
  void Start();
  Status WaitForSync(const Context& context);
  bool synced() const;
  // Leadership: while paused, caches stay warm and no reconcile begins. May be called before Start.
  void Pause();
  void Resume();
  // Ends controllers within `grace` for reconciles under way (they finish, or are stopped),
  // then watches. True when every reconcile finished by itself.
  bool Stop(Duration grace = std::chrono::seconds(20));

  // "caches" (synced), "watches" (alive) and "workers" (none is stuck) for /readyz. The manager
  // must outlive `checks`.
  void AddChecks(HealthChecks& checks);
  // Sets the gauges of all parts; handed to Metrics::OnText by the constructor's caller if it wants
  // them.
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
  const Controller::Surroundings surroundings_;  // of the controllers
  const ManagerOptions options_;

  // Guarded by mutex_. Nothing leaves before the manager does.
  mutable Mutex mutex_;
  std::map<WatchTarget, std::unique_ptr<Informer>> informers_ CAPSTAN_GUARDED_BY(mutex_);
  // After the informers: their subscriptions end first.
  std::vector<std::unique_ptr<Controller>> controllers_ CAPSTAN_GUARDED_BY(mutex_);
  bool paused_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::map<const Informer*, FollowingCounter> lists_ CAPSTAN_GUARDED_BY(mutex_);

  // For the thread that configures.
  Phase phase_ = Phase::kNew;
};

}  // namespace capstan::runtime
