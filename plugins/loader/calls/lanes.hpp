// Lanes run the calls of one plugin instance: at most `count` concurrently, on threads other than
// the caller's, so that a call that never returns costs only its lane. The caller leaves at its
// deadline; the lane stays with the call.
//
// Thread-safe. The scheduler must outlive it. The destructor waits a grace period for calls in
// progress and abandons those that still run, together with their threads, because a plugin's code
// cannot be stopped from outside.
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
  // How long a call can continue after its deadline or cancellation, to report its outcome.
  Duration grace = std::chrono::seconds(2);
};

class Lanes {
 public:
  enum class Ran {
    kDone,        // the job has returned
    kNotStarted,  // the context ended before a lane was free: the job never ran and never will
    // the job did not return in time and continues on its own; it must own everything it uses
    kLeftBehind,
  };

  Lanes(Scheduler& scheduler, std::string name, LanesOptions options);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  // Runs `job` on a lane and waits for it. `job` must not throw. Callers must not hold a Mutex.
  Ran Run(std::function<void()> job, const Context& context);
  // The number of lanes occupied by jobs.
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
  // State shared by lanes and callers; abandoned lanes keep it alive.
  struct Shared {
    // Guarded by mutex.
    Mutex mutex;
    Event changed;
    std::deque<std::shared_ptr<Job>> queue CAPSTAN_GUARDED_BY(mutex);
    int idle CAPSTAN_GUARDED_BY(mutex) = 0;
    int running CAPSTAN_GUARDED_BY(mutex) = 0;
    bool closed CAPSTAN_GUARDED_BY(mutex) = false;
    // nothing else exists any more, not even the scheduler
    bool left CAPSTAN_GUARDED_BY(mutex) = false;
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
