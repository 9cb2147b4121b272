// Lanes run the calls of one plugin instance: at most `count` at once, off the caller's thread, so
// that a call that never returns costs its lane and nothing else. The caller leaves at its
// deadline; the lane stays with the call.
//
// Thread-safe. The scheduler must outlive it. Destruction waits a grace for calls under way and
// leaves behind, with their threads, those that still run: a plugin's code cannot be stopped from
// outside.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>

namespace capstan::loader {

struct LanesOptions {
  int count = 16;
  // How long a call may go on after its deadline or its cancellation, to say what became of it.
  Duration grace = std::chrono::seconds(2);
};

class Lanes {
 public:
  enum class Ran {
    kDone,        // the job has returned
    kNotStarted,  // the context had ended, or ended before a lane was free: the job never ran and never will
    kLeftBehind,  // the job has not returned in time and goes on alone; it must own all it uses
  };

  Lanes(Scheduler& scheduler, std::string name, LanesOptions options);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  // Runs `job` on a lane and waits for it. `job` must not throw. Callers hold no Mutex.
  Ran Run(std::function<void()> job, const Context& context);
  // How many lanes are taken by jobs now.
  int busy() const;

 private:
  enum class Phase { kQueued, kRunning, kDone };
  struct Job {
    std::function<void()> run;
    Phase phase = Phase::kQueued;
  };
  struct Lane {
    Task task;
    std::shared_ptr<bool> busy;  // guarded by Shared::mutex
  };
  // What lanes and callers share; lanes left behind keep it.
  struct Shared {
    // Guarded by mutex.
    Mutex mutex;
    Event changed;
    std::deque<std::shared_ptr<Job>> queue CAPSTAN_GUARDED_BY(mutex);
    int idle CAPSTAN_GUARDED_BY(mutex) = 0;
    int running CAPSTAN_GUARDED_BY(mutex) = 0;
    bool closed CAPSTAN_GUARDED_BY(mutex) = false;
    bool left CAPSTAN_GUARDED_BY(mutex) = false;  // nobody is here any more, not even the scheduler
  };
  static void RunLane(Scheduler& scheduler, Shared& shared, bool& busy, const Context& context);
  void AddLane();

  // Constant after construction.
  Scheduler& scheduler_;
  const std::string name_;
  const LanesOptions options_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();

  // Guarded by shared_->mutex.
  int lanes_ CAPSTAN_GUARDED_BY(shared_->mutex) = 0;
  std::vector<Lane> tasks_ CAPSTAN_GUARDED_BY(shared_->mutex);
};

}  // namespace capstan::loader
