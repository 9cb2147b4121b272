// ManagedKinds wires the kinds of providers into an operator: the door to their clouds, a
// controller for each kind, and what runs next to the controllers. `capstan run`, each life of a
// simulation and operators with Manage (core/operator/managed_kinds.hpp) get the same parts in the
// same order.
//
// Flow: construct; Add each provider, made over cloud(); AddControllers; spawn Tasks() when the
// controllers start, and end them before the controllers go. From one thread; CollectMetrics,
// SetPart, cloud() and recorder() are thread-safe. All references must outlive it, and it must
// outlive the controllers.
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
  bool sweep_secrets = true;              // lets go of Secrets whose last object vanished without us
  bool watch_connections = true;          // an edited connection Secret is mended at once
  std::string field_manager = "capstan";  // the client's
  // How often orphans are looked for; zero: never. Not where only some namespaces are looked after:
  // nobody could tell what belongs to objects of the others.
  Duration orphan_interval = std::chrono::minutes(10);
  // owner_id empty: the uid of namespace kube-system, read when the first object comes. `sharing`
  // is filled by what is added.
  managed::ManagedOptions managed;
};

struct ManagedKindsParts {
  kube::Client& client;
  Scheduler& scheduler;
  Random& random;
  Log& log;
  runtime::EventRecorder& events;
  runtime::Metrics& metrics;
  runtime::Fence& fence;     // asked right before what would change something
  http::Transport& outside;  // to the clouds; neither repeats, measures nor limits anything
  // Of what one process does for all: orphans, Secrets that nobody uses. Null: `fence`. Another one
  // where objects are divided among processes.
  const runtime::Fence* house = nullptr;
};

class ManagedKinds final {
 public:
  ManagedKinds(ManagedKindsOptions options, const ManagedKindsParts& parts);
  ~ManagedKinds();

  // The door for providers: quota, then fence, then measuring, then the network.
  http::Transport& cloud() { return *cloud_; }
  // `stand_ins` are hosts that its configuration names in the place of its cloud's: they keep to
  // the same quotas.
  void Add(std::unique_ptr<external::Provider> provider, const std::vector<std::string>& stand_ins = {});
  const std::vector<std::unique_ptr<external::Provider>>& providers() const { return providers_; }
  // Before AddControllers, by who has asked the API server already.
  void SetOwner(std::string owner_id) { options_.managed.owner_id = std::move(owner_id); }
  const std::string& owner() const { return options_.managed.owner_id; }
  // Objects of that kind, whose provider is not here, may use Secrets too. After AddControllers.
  void AlsoUsedBy(external::KindInfo kind);

  // Each kind gets a controller by `add`, which adds it to a manager. Once. What comes back wants
  // an object of the kind reconciled now.
  using ReconcileNow = std::function<void(const kube::ObjectKey&)>;
  using AddController = std::function<ReconcileNow(runtime::ControllerOptions, const kube::Kind&,
                                                   std::shared_ptr<runtime::Reconciler>)>;
  void AddControllers(const AddController& add);
  // What runs next to the controllers, each with its name, until its context stops. After
  // AddControllers.
  using Work = std::pair<std::string, std::function<void(const Context&)>>;
  std::vector<Work> Tasks();

  // Which part of every credential's quota is ours (http::QuotaTransport::SetPart).
  void SetPart(double part) { cloud_->SetPart(part); }
  // Sets the gauges that are computed only when /metrics is read.
  void CollectMetrics() { quota_gauges_.Collect(); }
  // The last effects of each object.
  const managed::FlightRecorder& recorder() const { return recorder_; }

 private:
  class KindReconciler;
  const runtime::Fence& house() const { return parts_.house != nullptr ? *parts_.house : parts_.fence; }
  void HoldSecrets();
  void WatchForOrphans(const Context& context);

  ManagedKindsOptions options_;
  const ManagedKindsParts parts_;
  // The modules whose lines can have a level of their own.
  ModuleLog controller_log_, cloud_log_;
  const std::unique_ptr<http::Transport> measured_, fenced_;
  const std::unique_ptr<http::QuotaTransport> cloud_;
  QuotaGauges quota_gauges_;
  std::vector<std::unique_ptr<external::Provider>> providers_;
  std::unique_ptr<managed::HeldSecrets> held_;
  managed::FlightRecorder recorder_;
  ConnectionWatch connections_;
  std::vector<std::string> watched_namespaces_;  // of connections_; empty text: all
};

}  // namespace capstan::assembly
