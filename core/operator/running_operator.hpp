// RunningOperator is one run of an Operator: a runtime::Manager with the client, events, metrics
// and leader election around it, on dependencies that the caller provides. Operator::Run provides
// threads, sockets and signals; capstan::testing::Cluster simulated time.
//
// Flow: construct (after Check succeeded), CheckAlone, Start, Stop. For one thread. The operator
// and everything in the parts must outlive it. It can be destroyed at any time, which acts like a
// crash: nothing is released.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/retrying.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/operator/operator.hpp>
#include <capstan/core/runtime/health.hpp>
#include <capstan/core/runtime/kube_event_recorder.hpp>
#include <capstan/core/runtime/lease_elector.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan {
namespace assembly {
class Presence;
}

struct OperatorParts {
  Scheduler& scheduler;
  Random& random;
  Log& log;
  http::Transport& kubernetes;  // carries the credentials; must neither retry nor measure
  http::Transport& outside;     // for all other hosts
  std::string server;           // "https://10.0.0.1:6443"
  std::string holder;           // our identity in the Lease, unique to this run
  std::string lease_namespace;
  // Without an election: holds the Lease nevertheless, so that other processes of this operator
  // notice this one, and refuses to start next to one that is alive.
  bool announce = false;
  trace::Tracer* tracer = nullptr;  // one trace per reconcile; null: no tracing
};

class RunningOperator final {
 public:
  RunningOperator(const Operator& description, const OperatorParts& parts);
  ~RunningOperator();

  // Checks that no other process of this operator is alive that takes no part in an election; takes
  // a few seconds if one crashed recently. Errors: kFailedPrecondition, one sentence that names it
  // and says what to do; kCancelled.
  Status CheckAlone(const Context& context);
  void Start();
  // Lets running turns finish for `grace`, then releases the Lease. False if one was cut short.
  bool Stop(Duration grace = std::chrono::seconds(20));

  // Adds the manager's checks and, with leader election, "lease". This must outlive `checks`.
  void AddChecks(runtime::HealthChecks& checks);
  // Updates the gauges that are computed only when /metrics is scraped.
  void CollectMetrics();
  runtime::Metrics& metrics() { return *metrics_; }
  runtime::Manager& manager() { return manager_; }
  kube::Client& client() { return client_; }
  runtime::EventRecorder& events() { return events_; }
  // Adds a controller that was configured elsewhere; idle() takes it into account. Before Start.
  runtime::Controller& AddController(runtime::ControllerOptions options, const kube::Kind& kind,
                                     std::shared_ptr<runtime::Reconciler> reconciler);
  // Adds work that runs from Start to Stop next to the controllers. Before Start.
  void AddTask(std::string name, std::function<void(const Context&)> work);
  // Registers a callback of CollectMetrics. Before Start.
  void OnCollect(std::function<void()> collect) { collect_.push_back(std::move(collect)); }
  // Keeps `what` alive until nothing of this run executes any more.
  void Keep(std::shared_ptr<void> what) { kept_.push_back(std::move(what)); }
  // The fence to check before an external effect: the Lease, or one that never refuses.
  runtime::Fence& fence();
  const Operator& description() const { return description_; }
  const OperatorParts& parts() const { return parts_; }
  bool leading() const { return !elector_ || elector_->leading(); }
  // Whether nothing is being reconciled and nothing is queued, other than for later.
  bool idle() const;

 private:
  class LostObjects;
  void AddDescribed(const ControllerSpec& spec);
  void AddIndexes();
  void Elect();
  void Announce();

  const Operator& description_;
  const OperatorParts parts_;
  const std::unique_ptr<runtime::Metrics> metrics_;
  const std::unique_ptr<http::Transport> measured_;
  http::RetryingTransport retrying_;
  kube::Client client_;
  runtime::KubeEventRecorder events_;
  runtime::AlwaysLeader alone_;
  std::vector<std::shared_ptr<void>> kept_;  // destroyed after the controllers
  std::vector<std::function<void()>> collect_;
  runtime::Manager manager_;
  std::vector<runtime::Controller*> controllers_;
  std::unique_ptr<runtime::LeaseElector> elector_;  // pauses and resumes the manager
  std::unique_ptr<assembly::Presence> presence_;    // if there is no election
  std::vector<std::unique_ptr<LostObjects>> lost_;
  std::vector<std::pair<std::string, std::function<void(const Context&)>>> work_;
  std::vector<Task> tasks_;  // of work_, while it runs
};

}  // namespace capstan
