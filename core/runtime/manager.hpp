// Manager holds what one operator process runs: informers, shared by all that watch the same thing,
// and controllers. It starts them together and stops them within a bound.
//
// Configure (AddInformer, AddController), Start, Stop; from one thread. The rest is thread-safe.
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
  // namespace. Asked again for the same kind and selector, the same ones; indexes must then be the
  // same or absent. Before Start.
  std::vector<Informer*> AddInformer(const kube::Kind& kind, const std::string& label_selector = "",
                                     const std::map<std::string, IndexFunction>& indexes = {});
  // The same with metadata alone: what is kept of an object is what it is called, and its labels,
  // annotations, owners and finalizers. Before Start.
  std::vector<Informer*> AddMetadataInformer(const kube::Kind& kind, const std::string& label_selector = "");
  // For one target exactly, whatever the namespaces.
  Informer* AddInformer(const WatchTarget& target, const std::map<std::string, IndexFunction>& indexes = {});
  Lister ListerOf(const kube::Kind& kind, const std::string& label_selector = "");

  // The reconciler must outlive the manager. Before Start; the reference is good until the manager
  // goes.
  Controller& AddController(ControllerOptions options, const kube::Kind& kind, Reconciler& reconciler,
                            const std::string& label_selector = "");
  // One whose reconciler sees metadata alone.
  Controller& AddMetadataController(ControllerOptions options, const kube::Kind& kind,
                                    Reconciler& reconciler);

  void Start();
  Status WaitForSync(const Context& context);
  bool synced() const;
  // Leadership: while paused, caches stay warm and no reconcile begins. May be called before Start.
  void Pause();
  void Resume();
  // Ends controllers within `grace` for reconciles under way (they finish, or are told to stop),
  // then watches. True when every reconcile finished by itself.
  bool Stop(Duration grace = std::chrono::seconds(20));

  // "caches" (synced) and "watches" (alive) for /readyz. The manager must outlive `checks`.
  void AddChecks(HealthChecks& checks);
  // Sets the gauges of all parts; handed to Metrics::OnText by the constructor's caller if it wants
  // them.
  void CollectMetrics();

 private:
  std::vector<Informer*> AddInformers(WatchTarget target,
                                      const std::map<std::string, IndexFunction>& indexes);
  std::vector<Informer*> AllInformers() const;

  const Controller::Surroundings surroundings_;
  const ManagerOptions options_;
  std::map<WatchTarget, std::unique_ptr<Informer>> informers_;
  std::vector<std::unique_ptr<Controller>>
      controllers_;  // after the informers: their subscriptions end first
  bool started_ = false;
};

}  // namespace capstan::runtime
