// Workqueue hands keys that need work to workers: WorkqueueCore behind a lock, with waiting.
//
// Thread-safe. Scheduler and Random must outlive it, and it every Take. Waiting workers sleep on an
// event each, and an added key wakes one of them.
#pragma once

#include <atomic>
#include <vector>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/runtime/queue/workqueue_core.hpp>

namespace capstan::runtime {

class Workqueue {
 public:
  Workqueue(Scheduler& scheduler, Random& random, WorkqueueOptions options = {});

  // See WorkqueueCore for what each means. None has an effect after Shutdown, except Done.
  void Add(const kube::ObjectKey& key, Priority priority, Duration delay = {}, bool fresh = false);
  Duration Retry(const kube::ObjectKey& key, Duration at_least = {});
  void Forget(const kube::ObjectKey& key);
  int failures(const kube::ObjectKey& key) const;
  void Hold(const kube::ObjectKey& key, std::uint64_t version, Duration limit);
  bool Seen(const kube::ObjectKey& key, std::uint64_t version);
  void SeenAll(std::uint64_t version);

  // Blocks until a key is due. Nothing after Shutdown, or when the context stops or its deadline
  // passes. REQUIRES: the caller calls Done(key) afterwards.
  std::optional<TakenKey> Take(const Context& context);
  void Done(const kube::ObjectKey& key);

  // While paused, Take waits and everything else goes on: a leader that lost its lease parks.
  void Pause();
  void Resume();
  bool paused() const;
  // From now on Take gives nothing: workers finish what they have and leave.
  void Shutdown();

  WorkqueueStats stats() const;
  std::optional<std::pair<kube::ObjectKey, Duration>> LongestRunning() const;
  Duration UnfinishedWork() const;

 private:
  // A waiting worker, on its own stack.
  struct Idle {
    Event event;
    Instant until;
  };
  // Wakes one waiting worker, unless some worker wakes by itself when the next key is due.
  void WakeForNextDue() CAPSTAN_REQUIRES(mutex_);
  void WakeAll() CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  WorkqueueCore core_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<Idle*> idle_ CAPSTAN_GUARDED_BY(mutex_);  // the last to fall asleep at the end
  bool paused_ CAPSTAN_GUARDED_BY(mutex_) = false;
  bool shut_down_ CAPSTAN_GUARDED_BY(mutex_) = false;
};

}  // namespace capstan::runtime
