// Controller connects watched kinds with a Reconciler: changes become keys in a queue, workers take
// them one by one.
//
// Guarantees: one key is never reconciled by two workers at once; every change leads to a reconcile
// that starts after it; after a reconcile that wrote, the next one sees that write. Errors are
// waited out by RetryOf, exceptions of a reconciler count as Code::kInternal. What failed
// while the API server was away is tried again as soon as the watch speaks, a little spread.
//
// What it watches and filters is part of its options: nothing can be added to a controller that
// exists, so nothing is missed. Owns its reconciler. Informers, client, scheduler, random, log and
// metrics must outlive it. Thread-safe, except Start and Stop, which are for one thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/runtime/informer.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/core/runtime/queue/workqueue.hpp>
#include <capstan/core/runtime/reconciler.hpp>

namespace capstan::trace {
class Span;
class Tracer;
}  // namespace capstan::trace

namespace capstan::runtime {

// Whether a change is worth a reconcile. Thread-safe, pure, quick.
using Predicate = std::function<bool(const Change&)>;
// Changes of anything but status: see StoredObject::intent_digest.
Predicate IntentChanged();
// Which objects of the controller's kind a change of another object concerns. Thread-safe, quick.
using MapFunction = std::function<std::vector<kube::ObjectKey>(const Change&)>;

// Objects of another kind, and whom a change of one concerns.
struct WatchedObjects {
  std::vector<Informer*> informers;
  MapFunction map;
};

struct ControllerOptions {
  std::string name;  // in metrics and logs, such as "digitaloceancluster"
  int workers = 4;
  WorkqueueOptions queue;
  // How long a key waits for the cache to see our own write before the object is read from the
  // server instead.
  Duration hold_limit = std::chrono::seconds(5);
  // The deadline each reconcile gets.
  Duration reconcile_timeout = std::chrono::minutes(5);
  // Errors of RetryClass::kAtOnce in a row that are tried again at once; after that they wait like
  // others.
  int at_once_limit = 5;
  // How soon what was refused for what it says (RetryClass::kNever) is tried again although nothing
  // has changed here: a webhook, a policy or a quota of others may have.
  Duration refused_retry = std::chrono::minutes(5);
  // Only changes of our own kind that pass every one of them reach the queue.
  std::vector<Predicate> filters;
  // Changes of objects that an object of our kind controls (ownerReferences, controller: true)
  // concern their owner.
  std::vector<Informer*> owns;
  std::vector<WatchedObjects> watches;
};

class Controller {
 public:
  // What every part needs; all must outlive the controller.
  struct Surroundings {
    kube::Client& client;
    Scheduler& scheduler;
    Random& random;
    Log& log;
    Metrics& metrics;
    trace::Tracer* tracer = nullptr;  // each reconcile is a trace; null: nothing is traced
  };
  // `primary`: the informers of the kind, one for all namespaces or one each. REQUIRES: a
  // reconciler.
  Controller(ControllerOptions options, kube::Kind kind, std::vector<Informer*> primary,
             std::shared_ptr<Reconciler> reconciler, Surroundings surroundings);
  ~Controller();

  // Subscribes and starts the workers, once. Reconciles begin when every informer involved has
  // synced.
  void Start();
  // Takes no more keys; returns at once. Stop does it too.
  void StopTaking();
  // Takes no more keys, lets running reconciles finish for `grace`, then stops their contexts and
  // waits for them. True when all finished in time.
  bool Stop(Duration grace = std::chrono::seconds(20));
  // A leader that lost its lease parks: running reconciles go on (their effects are fenced), none
  // begins.
  void Pause();
  void Resume();

  // Wants the key reconciled now, as if a user had changed it.
  void Enqueue(const kube::ObjectKey& key);
  const std::string& name() const { return options_.name; }
  const Workqueue& queue() const { return queue_; }
  int active_workers() const { return active_.load(); }
  // An error that names the object when a reconcile goes on although its deadline has long passed:
  // its worker is stuck, and does nothing else. Errors: kUnavailable.
  Status Health() const;
  // Sets the gauges that are computed only when /metrics is read.
  void CollectMetrics();

 private:
  struct Instruments;

  void OnPrimaryChange(const Change& change);
  void Work(const Context& context);
  // Sees to it that one worker waits while others are busy, up to the number that is allowed: at
  // rest there is one thread.
  void AddWorkerIfAllAreBusy() CAPSTAN_EXCLUDES(mutex_);
  // How long a worker without a key waits for one: for ever when it is the only one.
  Duration Patience() CAPSTAN_EXCLUDES(mutex_);
  void CountBusy(int more) CAPSTAN_EXCLUDES(mutex_);
  // False when no other worker waits, so that this one has to stay.
  bool MayLeave() CAPSTAN_EXCLUDES(mutex_);
  std::shared_ptr<trace::Span> BeginTrace(const TakenKey& taken) const;
  static void EndTrace(trace::Span* span, const Result<Outcome>& outcome);
  void ReconcileOne(const TakenKey& taken, const Context& context);
  Result<Outcome> Call(const Request& request, const Context& context);
  // The cached object, or a fresh one when the queue asks for it.
  Result<std::optional<kube::Object>> Read(const TakenKey& taken, const Context& context);
  void Settle(const TakenKey& taken, const Outcome& outcome);
  void SettleError(const TakenKey& taken, const Error& error, const trace::Span* span);
  // Whether the key is still within its at-once tries; counts this one.
  bool TryAtOnce(const kube::ObjectKey& key) CAPSTAN_EXCLUDES(mutex_);
  void ForgetAtOnce(const kube::ObjectKey& key) CAPSTAN_EXCLUDES(mutex_);
  Informer* InformerOf(const kube::ObjectKey& key) const;
  // Notes that the key failed because the API server is away, as our watch has noticed too.
  void NoteOutage(const kube::ObjectKey& key, const Error& error) CAPSTAN_EXCLUDES(mutex_);
  // The watch speaks again: who failed meanwhile need not sit out its backoff.
  void EndOutage() CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  const ControllerOptions options_;
  const kube::Kind kind_;
  const std::string reconcile_name_;  // of the first span of a trace
  const std::vector<Informer*> primary_;
  const std::shared_ptr<Reconciler> reconciler_;
  const Surroundings surroundings_;
  const std::vector<WatchedObjects> sources_;  // options_.watches, and what options_.owns amounts to
  const std::unique_ptr<Instruments> instruments_;

  // Each provides its own synchronization.
  Workqueue queue_;
  std::atomic<int> active_{0};

  // Guarded by mutex_.
  Mutex mutex_;
  Event worker_left_;
  int workers_running_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // that have synced caches, and take keys
  int workers_alive_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  int workers_busy_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // of those, with a key
  int worker_names_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  bool stopping_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::vector<Task> workers_ CAPSTAN_GUARDED_BY(mutex_);
  std::unordered_map<kube::ObjectKey, int> at_once_ CAPSTAN_GUARDED_BY(mutex_);
  std::unordered_set<kube::ObjectKey> unreached_ CAPSTAN_GUARDED_BY(mutex_);  // see NoteOutage

  // For the thread that calls Start and Stop.
  std::vector<Subscription> subscriptions_;
};

}  // namespace capstan::runtime
