// Private to Controller: writes the statuses that reconciles ended with, several at the same time.
//
// While one group is on its way the next one gathers, as in the group commit of a database. A
// request that is answered alone costs a wake-up and whatever left the processor's caches
// meanwhile; a group shares them (docs/performance.md).
//
// Thread-safe, except Stop, which one thread calls once. Client and scheduler must outlive it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/queue/workqueue.hpp>
#include <capstan/core/runtime/reconciler.hpp>

namespace capstan::trace {
class Span;
}  // namespace capstan::trace

namespace capstan::runtime {

class StatusWriter {
 public:
  // The most that are sent together, each over a connection of its own, and the most that wait; the
  // same in bytes of their JSON, of which one status alone may have more.
  static constexpr std::size_t kTogether = 16;
  static constexpr std::size_t kWaiting = 64;
  static constexpr std::size_t kTogetherBytes = std::size_t{1} << 20;
  static constexpr std::size_t kWaitingBytes = std::size_t{4} << 20;

  // `finish` is called once for each outcome, without `status` and with `wrote`, or with the error,
  // and with the span of its reconcile, which has ended, or null.
  using Finish = std::function<void(const TakenKey&, const Result<Outcome>&, const trace::Span*)>;
  StatusWriter(kube::Client& client, Scheduler& scheduler, kube::Kind kind, std::string name, Finish finish);

  // Writes the status of `outcome` later. Blocks while kWaiting or kWaitingBytes wait. REQUIRES: it
  // has one.
  void Add(const TakenKey& taken, Outcome outcome, std::shared_ptr<trace::Span> span, const Context& context)
      CAPSTAN_EXCLUDES(mutex_);
  // Writes it now and returns what `finish` would have been called with.
  Result<Outcome> Write(const TakenKey& taken, Outcome outcome, const Context& context);
  // Waits until nothing waits or is on its way; false if that takes longer.
  bool Drain(Instant until) CAPSTAN_EXCLUDES(mutex_);
  // Cancels what is on its way, and finishes everything.
  void Stop() CAPSTAN_EXCLUDES(mutex_);

 private:
  struct Job {
    TakenKey taken;
    Outcome outcome;
    std::shared_ptr<trace::Span> span;
  };
  void Run(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  // The next group; empty when there was nothing to write for a while, or after Stop.
  std::vector<Job> NextGroup(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  void WriteGroup(std::vector<Job> group, const Context& context);
  static Result<Outcome> Conclude(Outcome outcome, const Result<std::string>& answer, const Context& context);

  // Constant after construction.
  kube::Client& client_;
  Scheduler& scheduler_;
  const kube::Kind kind_;
  const std::string name_;
  const Finish finish_;

  // Guarded by mutex_.
  Mutex mutex_;
  Event changed_;  // jobs_, underway_ or stopping_
  std::deque<Job> jobs_ CAPSTAN_GUARDED_BY(mutex_);
  std::size_t bytes_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // of jobs_
  std::size_t underway_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  bool running_ CAPSTAN_GUARDED_BY(mutex_) = false;  // the task takes jobs
  bool stopping_ CAPSTAN_GUARDED_BY(mutex_) = false;
  Task task_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::runtime
