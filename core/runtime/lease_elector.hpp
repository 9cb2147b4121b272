// LeaseElector takes part in leader election through a Lease, and is the Fence that external
// effects consult.
//
// Flow: call Start; on_started is called when we become leader and on_stopped when we no longer
// are, both from the elector's task (they must be fast and send no requests). Stop releases the
// lease, so that another process takes over immediately. Guarantees: HeldUntil is true only while
// no other process that follows the protocol can hold the lease, even after the machine was
// suspended. A process that lost the lease parks and may win it again; it never has to exit.
// Assumptions: clocks of different machines run at about the same speed (LeaseOptions::margin);
// they may show different times. Caveat: an effect that was admitted may arrive late, so effects
// ask with their own deadline. Thread-safe, except Start, Stop and Abandon, which must be called
// from one thread. Client, scheduler, random, log and metrics must outlive it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/trouble_reports.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/fence.hpp>
#include <capstan/core/runtime/lease/lease_machine.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::runtime {

struct LeaseElectorOptions {
  kube::ObjectKey lease;  // such as capstan-system/capstan
  std::string identity;   // unique to this run of the process, such as "<host>_<uuid>"
  LeaseOptions timing;
  // False: no process waits for the lease, which only shows that its holder is alive. Log lines
  // then speak of presence instead of leadership, and the leader-election metric is not registered.
  bool elects = true;
  // Several processes hold the lease together under one identity: each renews it as long as it
  // carries that identity, no matter which of them wrote it last. Stop releases it for all of them;
  // Abandon does not.
  bool shared = false;
  std::map<std::string, std::string> labels;  // set on a Lease that we create
  // Log messages for acquiring and losing the lease, where neither election nor presence fits.
  // Empty: the default texts.
  std::string held_message, lost_message;
  std::function<void()> on_started;
  std::function<void()> on_stopped;
};

class LeaseElector final : public Fence {
 public:
  LeaseElector(kube::Client& client, Scheduler& scheduler, Random& random, Log& log, Metrics& metrics,
               LeaseElectorOptions options);
  ~LeaseElector() override;  // stops without releasing the lease, as a crash would

  void Start();
  // Releases the lease if we hold it (one to three requests, within `timeout`), after stopping the
  // elector's task and calling on_stopped. Call it when every reconcile has ended.
  void Stop(Duration timeout = std::chrono::seconds(5));
  // Stops without releasing the lease, as a crash would. HeldUntil is false afterwards.
  void Abandon();

  bool HeldUntil(Instant until) const override;
  std::string holder() const override { return options_.identity; }

  bool leading() const { return HeldUntil(scheduler_.Now()); }
  // The current leader as far as we know, for messages such as "lease held by ...". Empty: none, or
  // not known yet.
  std::string leader() const CAPSTAN_EXCLUDES(mutex_);
  // For /healthz: fails when the lease could not be read or renewed for longer than lease_duration
  // plus renew_deadline. Errors: kUnavailable.
  Status Health() const CAPSTAN_EXCLUDES(mutex_);

 private:
  void Run(const Context& context);
  LeaseCommand Step(const LeaseCommand& command, const Context& context, bool& cancelled);
  Result<std::optional<ObservedLease>> Read(const Context& context);
  Result<std::string> Write(const LeaseCommand& command, const Context& context);
  void Publish(const LeaseCommand& command) CAPSTAN_EXCLUDES(mutex_);
  void StopLeading();
  void NoteDeleted() CAPSTAN_EXCLUDES(mutex_);
  void NoteFailure(const Error& error) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  kube::Client& client_;
  Scheduler& scheduler_;
  Log& log_;
  const LeaseElectorOptions options_;
  Gauge* const master_status_;  // null if elects is false

  // Used by the running task, afterwards by Stop.
  LeaseMachine machine_;
  bool told_deleted_ = false;  // since the last write of the lease

  // Provides its own synchronization.
  std::atomic<Instant::rep> held_until_{0};

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::string leader_ CAPSTAN_GUARDED_BY(mutex_);
  Instant answered_at_ CAPSTAN_GUARDED_BY(mutex_);
  TroubleReports reports_ CAPSTAN_GUARDED_BY(mutex_){std::chrono::minutes(1)};
  std::string last_error_ CAPSTAN_GUARDED_BY(mutex_);

  Task task_;
};

}  // namespace capstan::runtime
