// ManagedOperator is one operator process: everything between two transports, one to the Kubernetes
// API and one to the clouds. `capstan run` runs it on threads and sockets, a simulation on
// simulated time; both get the same parts in the same order.
//
// Flow: construct; Add each provider, created with cloud(); Prepare, which waits for the API
// server; Start; Stop. For one thread. All references must outlive it. It can be destroyed at any
// time, which acts like a crash: nothing is released.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/assembly/cloud_metrics.hpp>
#include <capstan/core/assembly/managed_kinds.hpp>
#include <capstan/core/assembly/presence.hpp>
#include <capstan/core/assembly/unserved_kinds.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/http/retrying.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/managed/flight_recorder.hpp>
#include <capstan/core/runtime/health.hpp>
#include <capstan/core/runtime/kube_event_recorder.hpp>
#include <capstan/core/runtime/lease_elector.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/core/shards/coordinator.hpp>
#include <capstan/core/shards/shard_managers.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan::assembly {

struct ManagedOperatorOptions {
  std::string server;  // the Kubernetes API
  std::string holder;  // our identity in leases and intents, unique to this run of the process
  // Only one of several processes reconciles; the others wait with warm caches.
  bool leader_elect = false;
  // The Lease in managed.operator_namespace that they compete for.
  std::string lease_name = "capstan";
  // More than 1: the work is divided into this many shards among all processes with the same
  // setting (core/shards), regardless of leader_elect.
  int shards = 1;
  runtime::LeaseOptions lease_timing;  // of leader_elect
  // Without leader_elect: holds that Lease nevertheless, so that other processes notice this one,
  // and does not start next to one that is alive.
  bool announce = true;
  // How often to search for orphans; zero: never.
  Duration orphan_interval = Duration::zero();
  bool sweep_secrets = true;      // releases Secrets whose last object vanished without us
  bool watch_connections = true;  // repairs an edited connection Secret immediately
  int workers = 8;                // concurrent reconciles per kind
  std::string plugin_dir;         // for messages about kinds whose plugin is missing
  // An empty owner_id means the uid of namespace kube-system. `sharing` is filled with the kinds
  // that are added.
  managed::ManagedOptions managed;
  // Called once the API server answers and before any kind is watched, for example to install CRDs.
  std::function<Status(kube::Client&, const Context&)> before_kinds;
};

// Dependencies. `kubernetes` carries the credentials of the API; `cloud` none. Neither may retry,
// measure or limit: the operator does.
struct ManagedOperatorParts {
  Scheduler& scheduler;
  Random& random;
  Log& log;
  http::Transport& kubernetes;
  http::Transport& cloud;
  trace::Tracer* tracer = nullptr;  // one trace per reconcile; null: no tracing
};

class ManagedOperator final {
 public:
  ManagedOperator(ManagedOperatorOptions options, const ManagedOperatorParts& parts);
  ~ManagedOperator();

  // The transport for providers: quota, then fence, then measuring, then the network.
  http::Transport& cloud() { return kinds_->cloud(); }
  // Adds a controller for every kind of the provider. `alternative_hosts` are hosts that its
  // configuration names in place of its cloud's: the same quotas apply to them. Call before
  // Prepare.
  void Add(std::unique_ptr<external::Provider> provider,
           const std::vector<std::string>& alternative_hosts = {});
  const std::vector<std::unique_ptr<external::Provider>>& providers() const { return kinds_->providers(); }

  // Waits until the API server answers (logged once a minute), then creates the operator's
  // namespace and the controllers. Errors: kCancelled; those of before_kinds; kFailedPrecondition
  // if another operator without an election reconciles the same objects, one sentence that names
  // it.
  Status Prepare(const Context& context);
  void Start();
  // Lets running reconciles finish for `grace`, then releases the lease. False if a reconcile was
  // cut short.
  bool Stop(Duration grace = std::chrono::seconds(20));
  // Ends every task immediately and releases nothing, as the end of a process would.
  void Abandon();

  runtime::Metrics& metrics() { return *metrics_; }
  // Adds "caches", "watches", "workers" and, with leader election or shards, "lease"; with shards
  // also "shards". This must outlive `checks`.
  void AddChecks(runtime::HealthChecks& checks);
  // Updates the gauges that are computed only when /metrics is scraped.
  void CollectMetrics();
  // Whether external effects are permitted now.
  bool leading() const { return fence_->HeldUntil(parts_.scheduler.Now()); }
  runtime::Manager& manager() { return manager_; }
  kube::Client& client() { return client_; }
  // The cached objects of one of the providers' kinds, ordered by key, or one of them; with shards
  // only those of our shards. Empty until Start. Errors: kInternal (corrupt bytes, which is a bug).
  // Thread-safe.
  std::vector<runtime::StoredObject> Cached(const kube::Kind& kind) const;
  Result<std::optional<kube::Object>> Cached(const kube::Kind& kind, const kube::ObjectKey& key) const;
  // The last effects of each object.
  const managed::FlightRecorder& recorder() const { return kinds_->recorder(); }
  const std::string& owner() const { return kinds_->owner(); }
  // Null without shards.
  const shards::Coordinator* coordinator() const { return coordinator_.get(); }
  const shards::ShardManagers* shard_managers() const { return shard_managers_.get(); }

 private:
  const runtime::Lister* ListerOf(const kube::Kind& kind) const;
  void MakeFence();
  void MakeShards();
  void MakeKinds();
  Result<std::string> WaitForOwnerId(const Context& context);
  Result<std::string> Probe(const Context& context);
  void MakeNamespace(const Context& context);
  void AddKinds();
  Status AddUnservedKinds(const Context& context);

  ManagedOperatorOptions options_;
  const ManagedOperatorParts parts_;
  // Modules whose log level can be set individually.
  ModuleLog event_log_, lease_log_;
  const std::unique_ptr<runtime::Metrics> metrics_;
  const std::unique_ptr<http::Transport> measured_kubernetes_;
  http::RetryingTransport kubernetes_;
  kube::Client client_;
  runtime::KubeEventRecorder events_;
  std::unique_ptr<runtime::AlwaysLeader> alone_;
  runtime::Fence* fence_ = nullptr;
  std::unique_ptr<ManagedKinds> kinds_;
  std::unique_ptr<Presence> presence_;
  runtime::Manager manager_;  // its controllers use everything above
  // Separate, because health does not depend on it.
  runtime::Manager unserved_;
  std::unique_ptr<runtime::LeaseElector> elector_;  // pauses and resumes the managers
  std::unique_ptr<shards::ShardManagers> shard_managers_;
  std::unique_ptr<shards::Coordinator> coordinator_;  // starts and stops their shards
  std::map<kube::Kind, runtime::Lister> listers_;     // constant once started_ is true
  std::atomic<bool> started_{false};
  std::vector<Task> tasks_;  // of kinds_
};

}  // namespace capstan::assembly
