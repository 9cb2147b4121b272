// Controller connects watched kinds to a Reconciler: changes put keys into a workqueue, and a pool
// of workers takes them one at a time.
//
// Guarantees: no key is ever reconciled by two workers at once; every change leads to a reconcile
// that starts after it; a reconcile that follows one that wrote sees that write. RetryOf decides
// how long to wait after an error; an exception thrown by a reconciler counts as Code::kInternal.
// Keys that failed while the API server was unreachable are requeued, with jitter, as soon as the
// watch reconnects. A status that a reconcile returns is written before its key is reconciled
// again; no worker waits for that.
//
// Everything a controller watches and filters is in its options. Nothing can be added after
// construction, so no change is missed. Shares ownership of its reconciler. Informers, client,
// scheduler, random, log and metrics must outlive it. Thread-safe, except Start and Stop, which
// must be called from one thread.
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

class StatusWriter;

// Whether a change is worth a reconcile. Must be thread-safe, pure and fast.
using Predicate = std::function<bool(const Change&)>;
// Passes every change except those of status alone: see StoredObject::intent_digest.
Predicate IntentChanged();
// Maps a change of another object to the keys to reconcile. Must be thread-safe and fast.
using MapFunction = std::function<std::vector<kube::ObjectKey>(const Change&)>;

// Objects of another kind, and how a change of one maps to keys of the controller's kind. Informers
// are non-owning pointers and must outlive the controller.
struct WatchedObjects {
  std::vector<Informer*> informers;
  MapFunction map;
};

struct ControllerOptions {
  std::string name;  // shown in metrics and logs, such as "digitaloceancluster"
  int workers = 4;
  WorkqueueOptions queue;
  // How long a key waits for the cache to observe our own write. After that the object is read from
  // the server instead.
  Duration hold_limit = std::chrono::seconds(5);
  // Deadline of each reconcile.
  Duration reconcile_timeout = std::chrono::minutes(5);
  // How many consecutive errors of RetryClass::kAtOnce are retried immediately; further ones back
  // off as other errors do.
  int at_once_limit = 5;
  // Delay before a terminal refusal (RetryClass::kNever) is retried although the object did not
  // change: a webhook, a policy or a quota may have.
  Duration refused_retry = std::chrono::minutes(5);
  // Only changes that pass every filter reach the queue. Applies to the controller's own kind.
  std::vector<Predicate> filters;
  // A change of an object in these informers enqueues its controlling owner (the ownerReference
  // with controller: true), if the owner is of the controller's kind.
  std::vector<Informer*> owns;
  std::vector<WatchedObjects> watches;
};

class Controller {
 public:
  // Dependencies shared by all parts; each must outlive the controller.
  struct Dependencies {
    kube::Client& client;
    Scheduler& scheduler;
    Random& random;
    Log& log;
    Metrics& metrics;
    trace::Tracer* tracer = nullptr;  // one trace per reconcile; null: no tracing
  };
  // `primary`: the informers of the kind: either one for all namespaces, or one per namespace.
  // REQUIRES: `reconciler` is not null.
  Controller(ControllerOptions options, kube::Kind kind, std::vector<Informer*> primary,
             std::shared_ptr<Reconciler> reconciler, Dependencies dependencies);
  ~Controller();

  // Subscribes to the informers and starts the workers. Call once. Reconciles begin when every
  // informer involved has synced.
  void Start();
  // Makes workers take no further keys and returns immediately. Stop does this too.
  void StopTaking();
  // Takes no further keys, waits up to `grace` for running reconciles, then cancels their contexts
  // and waits for them to return. True if all finished within `grace`.
  bool Stop(Duration grace = std::chrono::seconds(20));
  // Pause parks a leader that lost its lease: running reconciles continue (their effects are
  // fenced), no new one begins.
  void Pause();
  void Resume();

  // Requeues the key immediately, with the priority of a user's change.
  void Enqueue(const kube::ObjectKey& key);
  const std::string& name() const { return options_.name; }
  const Workqueue& queue() const { return queue_; }
  int active_workers() const { return active_.load(); }
  // Fails when a reconcile is still running long after its deadline: its worker is stuck and serves
  // no other key. The message names the object. Errors: kUnavailable.
  Status Health() const;
  // Updates the gauges that are computed only when /metrics is scraped.
  void CollectMetrics();

 private:
  struct Instruments;

  void OnPrimaryChange(const Change& change);
  void Work(const Context& context);
  // Keeps one worker waiting while the others are busy, up to options_.workers. An idle controller
  // therefore has one thread.
  void AddWorkerIfAllAreBusy() CAPSTAN_EXCLUDES(mutex_);
  // How long an idle worker waits for a key: forever if it is the only idle one.
  Duration IdleTimeout() CAPSTAN_EXCLUDES(mutex_);
  void CountBusy(int more) CAPSTAN_EXCLUDES(mutex_);
  // True if another worker is idle, so that this one may exit; counts it as gone.
  bool MayExit() CAPSTAN_EXCLUDES(mutex_);
  std::shared_ptr<trace::Span> BeginTrace(const TakenKey& taken) const;
  static void EndTrace(trace::Span* span, const Result<Outcome>& outcome);
  // False if the status it ended with is still to be written.
  bool ReconcileOne(const TakenKey& taken, const Context& context);
  Result<Outcome> Call(const Request& request, const Context& context);
  // The cached object, or a fresh read from the server when the queue asks for one.
  Result<std::optional<kube::Object>> Read(const TakenKey& taken, const Context& context);
  void Conclude(const TakenKey& taken, const Result<Outcome>& outcome, const trace::Span* span);
  void Settle(const TakenKey& taken, const Outcome& outcome);
  void SettleError(const TakenKey& taken, const Error& error, const trace::Span* span);
  // Counts one more immediate retry of the key; false when it has used them all.
  bool TryAtOnce(const kube::ObjectKey& key) CAPSTAN_EXCLUDES(mutex_);
  void ForgetAtOnce(const kube::ObjectKey& key) CAPSTAN_EXCLUDES(mutex_);
  Informer* InformerOf(const kube::ObjectKey& key) const;
  // Records that the key failed because the API server is unreachable, if our watch noticed it too.
  void NoteOutage(const kube::ObjectKey& key, const Error& error) CAPSTAN_EXCLUDES(mutex_);
  // The watch is back: requeues the keys that failed meanwhile instead of letting their backoff run
  // out.
  void EndOutage() CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  const ControllerOptions options_;
  const kube::Kind kind_;
  const std::string reconcile_name_;  // name of the root span of a trace
  const std::vector<Informer*> primary_;
  const std::shared_ptr<Reconciler> reconciler_;
  const Dependencies dependencies_;
  const std::vector<WatchedObjects> sources_;  // options_.watches, plus one entry for options_.owns
  const std::unique_ptr<Instruments> instruments_;

  // Each provides its own synchronization.
  Workqueue queue_;
  const std::unique_ptr<StatusWriter> status_writer_;
  std::atomic<int> active_{0};

  // Guarded by mutex_.
  Mutex mutex_;
  Event worker_left_;
  // Workers whose caches have synced, and that take keys.
  int workers_running_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  int workers_alive_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  int workers_busy_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // of these, those that have a key
  int worker_names_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  bool stopping_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::vector<Task> workers_ CAPSTAN_GUARDED_BY(mutex_);
  std::unordered_map<kube::ObjectKey, int> at_once_ CAPSTAN_GUARDED_BY(mutex_);
  std::unordered_set<kube::ObjectKey> unreached_ CAPSTAN_GUARDED_BY(mutex_);  // see NoteOutage

  // Used only by the thread that calls Start and Stop.
  std::vector<Subscription> subscriptions_;
};

}  // namespace capstan::runtime
