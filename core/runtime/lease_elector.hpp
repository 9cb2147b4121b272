// LeaseElector takes part in the election of a leader through a Lease, and is the Fence that
// effects on the world ask.
//
// Flow: Start; on_started when we lead, on_stopped when we no longer do (both from the elector's
// task, quick, no requests); Stop releases the lease, so that another process takes over at once.
// Guarantees: HeldUntil is true only while no other process that keeps the rules can hold the
// lease, also after the machine slept. A process that lost the lease parks and may win it again; it
// never has to exit. Assumptions: clocks of different machines run at about the same speed
// (LeaseOptions::margin); they may show any time. Caveat: an effect that was let through may arrive
// late. Effects ask with their own deadline for that reason. Thread-safe. Client, scheduler,
// random, log and metrics must outlive it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/fence.hpp>
#include <capstan/core/runtime/lease/lease_machine.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::runtime {

struct LeaseElectorOptions {
  kube::ObjectKey lease;  // such as capstan-system/capstan
  std::string identity;   // unique to this process life, such as "<host>_<uuid>"
  LeaseOptions timing;
  // False: nobody waits for the lease, which only says that its holder lives. Log lines then speak
  // of presence and not of leading, and the metric of an election does not exist.
  bool elects = true;
  // Several processes hold it together under one identity: each renews it as long as it is theirs,
  // no matter which of them wrote it last. Stop releases it for all of them; Abandon does not.
  bool shared = false;
  std::map<std::string, std::string> labels;  // of a Lease that we create
  // What the log says when we hold it and when no longer, where neither an election nor presence
  // fits.
  std::string says_held, says_lost;
  std::function<void()> on_started;
  std::function<void()> on_stopped;
};

class LeaseElector final : public Fence {
 public:
  LeaseElector(kube::Client& client, Scheduler& scheduler, Random& random, Log& log, Metrics& metrics,
               LeaseElectorOptions options);
  ~LeaseElector() override;  // stops without a release, as a crash would

  void Start();
  // Gives the lease back if we hold it (one to three requests, within `timeout`), then stops.
  // on_stopped is called before. Call it when every reconcile has ended.
  void Stop(Duration timeout = std::chrono::seconds(5));
  // Stops without a release, as a crash would. The fence is closed from then on.
  void Abandon();

  bool HeldUntil(Instant until) const override;
  std::string holder() const override { return options_.identity; }

  bool leading() const { return HeldUntil(scheduler_.Now()); }
  // Who leads, as far as we know: for messages such as "lease held by ...". Empty: nobody, or not
  // known yet.
  std::string leader() const CAPSTAN_EXCLUDES(mutex_);
  // For /healthz: fails when the API server could not be asked about the lease for longer than the
  // lease lasts.
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
  Gauge* const master_status_;  // null without an election

  // Of the running task, then of Stop.
  LeaseMachine machine_;
  bool told_deleted_ = false;  // since the lease was last written

  // Provides its own synchronization.
  std::atomic<Instant::rep> held_until_{0};

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::string leader_ CAPSTAN_GUARDED_BY(mutex_);
  Instant answered_at_ CAPSTAN_GUARDED_BY(mutex_);
  Instant reported_at_ CAPSTAN_GUARDED_BY(mutex_){};
  std::string last_error_ CAPSTAN_GUARDED_BY(mutex_);

  Task task_;
};

}  // namespace capstan::runtime
