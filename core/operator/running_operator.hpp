// RunningOperator is one life of an Operator: a runtime::Manager with the client, events, metrics
// and leader election around it, on seams that the caller made. Operator::Run puts it on
// threads, sockets and signals; capstan::testing::Cluster on simulated time.
//
// Flow: construct (Check passed), CheckAlone, Start, Stop. From one thread. The operator and what
// is named in the parts must outlive it. It can be destroyed at any time: that is a crash, and
// releases nothing.
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
  http::Transport& kubernetes;  // carries the credentials; repeats and measures nothing
  http::Transport& outside;     // to everything else
  std::string server;           // "https://10.0.0.1:6443"
  std::string holder;           // who we are in the Lease, unique to this life
  std::string lease_namespace;
  // Without an election: holds the Lease all the same, so that other processes of this operator
  // learn of this one, and refuses to start next to one that lives.
  bool announce = false;
  trace::Tracer* tracer = nullptr;  // each reconcile is a trace; null: nothing is traced
};

class RunningOperator final {
 public:
  RunningOperator(const Operator& description, const OperatorParts& parts);
  ~RunningOperator();

  // Whether another process of this operator lives that takes no part in an election; a few seconds
  // where one has died lately. Errors: kFailedPrecondition, one sentence that names it and says
  // what to do; kCancelled.
  Status CheckAlone(const Context& context);
  void Start();
  // Lets running turns finish for `grace`, then gives the Lease back. False when one was cut short.
  bool Stop(Duration grace = std::chrono::seconds(20));

  // Those of the manager and, with leader election, "lease". It must outlive `checks`.
  void AddChecks(runtime::HealthChecks& checks);
  // Sets the gauges that are computed only when /metrics is read.
  void CollectMetrics();
  runtime::Metrics& metrics() { return *metrics_; }
  runtime::Manager& manager() { return manager_; }
  kube::Client& client() { return client_; }
  runtime::EventRecorder& events() { return events_; }
  // A controller of another making: it counts for idle(). Before Start.
  runtime::Controller& AddController(runtime::ControllerOptions options, const kube::Kind& kind,
                                     std::shared_ptr<runtime::Reconciler> reconciler);
  // Work that runs from Start to Stop next to the controllers. Before Start.
  void AddTask(std::string name, std::function<void(const Context&)> work);
  // Called by CollectMetrics. Before Start.
  void OnCollect(std::function<void()> collect) { collect_.push_back(std::move(collect)); }
  // `what` lives until nothing of this life runs any more.
  void Keep(std::shared_ptr<void> what) { kept_.push_back(std::move(what)); }
  // What to ask before an effect on the world outside: the Lease, or nothing that ever refuses.
  runtime::Fence& fence();
  const Operator& description() const { return description_; }
  const OperatorParts& parts() const { return parts_; }
  bool leading() const { return !elector_ || elector_->leading(); }
  // Whether nothing is being worked on and nothing waits to be, other than for a time.
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
  std::vector<std::shared_ptr<void>> kept_;  // outlives the controllers
  std::vector<std::function<void()>> collect_;
  runtime::Manager manager_;
  std::vector<runtime::Controller*> controllers_;
  std::unique_ptr<runtime::LeaseElector> elector_;  // pauses and resumes the manager
  std::unique_ptr<assembly::Presence> presence_;    // without an election
  std::vector<std::unique_ptr<LostObjects>> lost_;
  std::vector<std::pair<std::string, std::function<void(const Context&)>>> work_;
  std::vector<Task> tasks_;  // of work_, while it runs
};

}  // namespace capstan
