// ManagedOperator is one operator process: everything between two transports, one to the Kubernetes
// API and one to the clouds. `capstan run` runs it on threads and sockets, a simulation on
// simulated time; both get the same parts in the same order.
//
// Flow: construct; Add each provider, made over cloud(); Prepare, which waits for the API server;
// Start; Stop. From one thread. All references must outlive it. It can be destroyed at any time:
// that is a crash, and releases nothing.
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
  std::string server;                  // the Kubernetes API
  std::string holder;                  // our name in leases and intents, unique to this process life
  bool leader_elect = false;           // of several processes one works; the others wait with warm caches
  std::string lease_name = "capstan";  // the Lease in managed.operator_namespace they compete for
  // More than 1: the work is divided into so many shards among all processes that say the same
  // (core/shards), whatever leader_elect says.
  int shards = 1;
  runtime::LeaseOptions lease_timing;  // of leader_elect
  // Without leader_elect: holds that Lease all the same, so that others learn of this process, and
  // does not start next to one that lives.
  bool announce = true;
  // How often orphans are looked for; zero: never.
  Duration orphan_interval = Duration::zero();
  bool sweep_secrets = true;      // lets go of Secrets whose last object vanished without us
  bool watch_connections = true;  // an edited connection Secret is mended at once
  int workers = 8;                // concurrent reconciles per kind
  std::string plugin_dir;         // for messages about kinds whose plugin is missing
  // owner_id empty: the uid of namespace kube-system. `sharing` is filled by what is added.
  managed::ManagedOptions managed;
  // Called when the API server answers and before any kind is watched, such as to install CRDs.
  std::function<Status(kube::Client&, const Context&)> before_kinds;
};

// What it works with. `kubernetes` carries the credentials of the API; `cloud` none. Neither
// repeats, measures or limits anything: the operator does.
struct ManagedOperatorParts {
  Scheduler& scheduler;
  Random& random;
  Log& log;
  http::Transport& kubernetes;
  http::Transport& cloud;
  trace::Tracer* tracer = nullptr;  // each reconcile is a trace; null: nothing is traced
};

class ManagedOperator final {
 public:
  ManagedOperator(ManagedOperatorOptions options, const ManagedOperatorParts& parts);
  ~ManagedOperator();

  // The door for providers: quota, then fence, then measuring, then the network.
  http::Transport& cloud() { return kinds_->cloud(); }
  // Every kind of the provider gets a controller. `stand_ins` are hosts that its configuration
  // names in the place of its cloud's: they keep to the same quotas. Before Prepare.
  void Add(std::unique_ptr<external::Provider> provider, const std::vector<std::string>& stand_ins = {});
  const std::vector<std::unique_ptr<external::Provider>>& providers() const { return kinds_->providers(); }

  // Waits until the API server answers, says so on the log once a minute, then makes the operator's
  // namespace and the controllers. Errors: kCancelled; those of before_kinds; kFailedPrecondition
  // when another operator without an election works on the same objects, one sentence that names
  // it.
  Status Prepare(const Context& context);
  void Start();
  // Lets running reconciles finish for `grace`, then releases the lease. False when a reconcile was
  // cut short.
  bool Stop(Duration grace = std::chrono::seconds(20));
  // Ends every task at once and releases nothing, as the end of a process does.
  void Abandon();

  runtime::Metrics& metrics() { return *metrics_; }
  // "caches", "watches", "workers" and, with leader election or shards, "lease"; with shards
  // "shards". It must outlive `checks`.
  void AddChecks(runtime::HealthChecks& checks);
  // Sets the gauges that are computed only when /metrics is read.
  void CollectMetrics();
  // Whether effects on the world are ours to have now.
  bool leading() const { return fence_->HeldUntil(parts_.scheduler.Now()); }
  runtime::Manager& manager() { return manager_; }
  kube::Client& client() { return client_; }
  // The cached objects of one of the providers' kinds, ordered by key, and one of them; with shards
  // those of the shards that are ours. Nothing until Start. Errors: kInternal (damaged bytes, a
  // bug). Thread-safe.
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
  // The modules whose lines can have a level of their own.
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
  runtime::Manager manager_;                        // its controllers call all of the above
  runtime::Manager unserved_;                       // apart: health does not depend on it
  std::unique_ptr<runtime::LeaseElector> elector_;  // pauses and resumes the managers
  std::unique_ptr<shards::ShardManagers> shard_managers_;
  std::unique_ptr<shards::Coordinator> coordinator_;  // starts and stops those
  std::map<kube::Kind, runtime::Lister> listers_;     // constant once started_ is true
  std::atomic<bool> started_{false};
  std::vector<Task> tasks_;  // of kinds_
};

}  // namespace capstan::assembly
