// Workqueue hands keys that need work to workers: a WorkqueueCore behind a lock, with blocking.
//
// Thread-safe. Scheduler and Random must outlive it, and it must outlive every Take. Each idle
// worker sleeps on its own event, and an added key wakes one of them.
#pragma once

#include <atomic>
#include <vector>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/runtime/queue/workqueue_core.hpp>

namespace capstan::runtime {

class Workqueue {
 public:
  Workqueue(Scheduler& scheduler, Random& random, WorkqueueOptions options = {});

  // See WorkqueueCore for each function. After Shutdown they have no effect, except Done.
  void Add(const kube::ObjectKey& key, Priority priority, Duration delay = {}, bool fresh = false);
  Duration Retry(const kube::ObjectKey& key, Duration at_least = {});
  void Forget(const kube::ObjectKey& key);
  int failures(const kube::ObjectKey& key) const;
  void Hold(const kube::ObjectKey& key, std::uint64_t version, Duration limit);
  bool Seen(const kube::ObjectKey& key, std::uint64_t version);
  void SeenAll(std::uint64_t version);

  // Blocks until a key is due. nullopt after Shutdown, or when the context stops or its deadline
  // passes. REQUIRES: the caller calls Done(key) afterwards.
  std::optional<TakenKey> Take(const Context& context);
  void Done(const kube::ObjectKey& key);

  // While paused, Take blocks and everything else works as usual: a leader that lost its lease
  // parks.
  void Pause();
  void Resume();
  bool paused() const;
  // Take returns nullopt from here on: workers finish what they have and exit.
  void Shutdown();

  WorkqueueStats stats() const;
  std::optional<std::pair<kube::ObjectKey, Duration>> LongestRunning() const;
  Duration UnfinishedWork() const;

 private:
  // An idle worker; lives on that worker's stack.
  struct Idle {
    Event event;
    Instant until;
  };
  // Wakes one idle worker, unless some worker wakes up by itself when the next key is due.
  void WakeForNextDue() CAPSTAN_REQUIRES(mutex_);
  void WakeAll() CAPSTAN_REQUIRES(mutex_);
  // Until when a worker that found nothing may sleep.
  Instant NextUnwatched() const CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  WorkqueueCore core_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<Idle*> idle_ CAPSTAN_GUARDED_BY(mutex_);  // most recent sleeper last
  bool paused_ CAPSTAN_GUARDED_BY(mutex_) = false;
  bool shut_down_ CAPSTAN_GUARDED_BY(mutex_) = false;
};

}  // namespace capstan::runtime
