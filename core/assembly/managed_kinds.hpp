// ManagedKinds wires the kinds of providers into an operator: the connection to their clouds, a
// controller for each kind, and the work next to the controllers. `capstan run`, each run of a
// simulation, and operators with Manage (core/operator/managed_kinds.hpp) get the same parts in the
// same order.
//
// Flow: construct; Add each provider, created with cloud(); AddControllers; spawn Tasks() when the
// controllers start, and end them before the controllers are destroyed. For one thread;
// CollectMetrics, SetPart, cloud() and recorder() are thread-safe. All references must outlive it,
// and it must outlive the controllers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/assembly/cloud_metrics.hpp>
#include <capstan/core/assembly/connection_watch.hpp>
#include <capstan/core/assembly/orphan_watch.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/http/quota.hpp>
#include <capstan/core/managed/flight_recorder.hpp>
#include <capstan/core/managed/held_secrets.hpp>
#include <capstan/core/managed/options.hpp>
#include <capstan/core/runtime/controller.hpp>
#include <capstan/core/runtime/event_recorder.hpp>
#include <capstan/core/runtime/fence.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::assembly {

struct ManagedKindsOptions {
  int workers = 8;                        // concurrent reconciles per kind
  bool sweep_secrets = true;              // releases Secrets whose last object vanished without us
  bool watch_connections = true;          // repairs an edited connection Secret immediately
  std::string field_manager = "capstan";  // the client's
  // How often to search for orphans; zero: never. No search takes place if only some namespaces are
  // managed: it could not tell which cloud objects belong to objects in the others.
  Duration orphan_interval = std::chrono::minutes(10);
  // An empty owner_id means the uid of namespace kube-system, read when the first object is
  // reconciled. `sharing` is filled with the kinds that are added.
  managed::ManagedOptions managed;
};

struct ManagedKindsParts {
  kube::Client& client;
  Scheduler& scheduler;
  Random& random;
  Log& log;
  runtime::EventRecorder& events;
  runtime::Metrics& metrics;
  runtime::Fence& fence;     // checked right before every change
  http::Transport& outside;  // to the clouds; must neither retry, measure nor limit
  // Fence of the work that is not divided: orphans, unused Secrets. Null: `fence`. Differs where
  // objects are divided among processes.
  const runtime::Fence* undivided_fence = nullptr;
};

class ManagedKinds final {
 public:
  ManagedKinds(ManagedKindsOptions options, const ManagedKindsParts& parts);
  ~ManagedKinds();

  // The transport for providers: quota, then fence, then measuring, then the network.
  http::Transport& cloud() { return *cloud_; }
  // `alternative_hosts` are hosts that the provider's configuration names in place of its cloud's:
  // the same quotas apply to them.
  void Add(std::unique_ptr<external::Provider> provider,
           const std::vector<std::string>& alternative_hosts = {});
  const std::vector<std::unique_ptr<external::Provider>>& providers() const { return providers_; }
  // Call before AddControllers, if the owner id has been read already.
  void SetOwner(std::string owner_id) { options_.managed.owner_id = std::move(owner_id); }
  const std::string& owner() const { return options_.managed.owner_id; }
  // Objects of that kind, whose provider is not here, may use Secrets too. Call after
  // AddControllers.
  void AlsoUsedBy(external::KindInfo kind);

  // Creates a controller for each kind through `add`, which adds it to a manager and returns a
  // function that requeues an object of the kind immediately. Call once.
  using ReconcileNow = std::function<void(const kube::ObjectKey&)>;
  using AddController = std::function<ReconcileNow(runtime::ControllerOptions, const kube::Kind&,
                                                   std::shared_ptr<runtime::Reconciler>)>;
  void AddControllers(const AddController& add);
  // Work to run next to the controllers until its context stops, by name. Call after
  // AddControllers.
  using Work = std::pair<std::string, std::function<void(const Context&)>>;
  std::vector<Work> Tasks();

  // Our part of every credential's quota (http::QuotaTransport::SetPart).
  void SetPart(double part) { cloud_->SetPart(part); }
  // Updates the gauges that are computed only when /metrics is scraped.
  void CollectMetrics() { quota_gauges_.Collect(); }
  // The last effects of each object.
  const managed::FlightRecorder& recorder() const { return recorder_; }

 private:
  class KindReconciler;
  const runtime::Fence& undivided_fence() const {
    return parts_.undivided_fence != nullptr ? *parts_.undivided_fence : parts_.fence;
  }
  void HoldSecrets();
  void WatchForOrphans(const Context& context);

  ManagedKindsOptions options_;
  const ManagedKindsParts parts_;
  // Modules whose log level can be set individually.
  ModuleLog controller_log_, cloud_log_;
  const std::unique_ptr<http::Transport> measured_, fenced_;
  const std::unique_ptr<http::QuotaTransport> cloud_;
  QuotaGauges quota_gauges_;
  std::vector<std::unique_ptr<external::Provider>> providers_;
  std::unique_ptr<managed::HeldSecrets> held_;
  managed::FlightRecorder recorder_;
  ConnectionWatch connections_;
  std::vector<std::string> watched_namespaces_;  // of connections_; an empty string: all
};

}  // namespace capstan::assembly
