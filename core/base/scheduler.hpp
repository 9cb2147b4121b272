// Scheduler is the only way to wait or to start concurrent work.
//
// ThreadScheduler runs tasks on threads in real time. SimulatedScheduler runs one task at a time on
// a simulated clock and picks the next task from a seed, which makes unchanged blocking code
// deterministic. Thread-safe. A Scheduler must outlive every Task it created and every Event used
// with it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan {

// A condition to wait for. Belongs to one Mutex: the state that it announces is changed under that
// mutex, and Notify is called with the mutex held or immediately after it is released. Spurious
// wake-ups are possible: callers wait in a loop on their state.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

 private:
  friend class ThreadScheduler;
  friend class SimulatedScheduler;
  std::condition_variable_any waiters_;
  std::atomic<std::uint64_t> notified_{0};
};

enum class Woke { kNotified, kTime, kStopped };

// Owns one running task. The destructor requests a stop and waits for the task to finish.
// Move-only.
class Task {
 public:
  class Handle {
   public:
    virtual ~Handle() = default;
    virtual void RequestStop() = 0;
    virtual void Join() = 0;  // idempotent
    virtual bool finished() const = 0;
  };

  Task() = default;
  explicit Task(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
  ~Task() { StopAndJoin(); }
  Task(Task&& other) noexcept = default;
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      StopAndJoin();
      handle_ = std::move(other.handle_);
    }
    return *this;
  }

  void RequestStop() {
    if (handle_) handle_->RequestStop();
  }
  // Waits for the task's function to return. Does not request a stop.
  void Join() {
    if (handle_) handle_->Join();
  }
  bool finished() const { return !handle_ || handle_->finished(); }

 private:
  void StopAndJoin() {
    if (!handle_) return;
    handle_->RequestStop();
    handle_->Join();
    handle_.reset();
  }
  std::unique_ptr<Handle> handle_;
};

class Scheduler : public Clock {
 public:
  // Starts `run` concurrently with the caller. Its Context is stopped when the Task is asked to
  // stop.
  [[nodiscard]] virtual Task Spawn(std::string name, std::function<void(const Context&)> run) = 0;

  // Releases the lock, waits for Notify(event), `until`, context.deadline or context.stop, and
  // reacquires the lock. kTime covers both `until` and the deadline. REQUIRES: exactly one Mutex
  // held, that of `lock`.
  virtual Woke Wait(Event& event, MutexLock& lock, Instant until, const Context& context) = 0;

  // Wakes up all waiters of the event.
  virtual void Notify(Event& event) = 0;

  // Waits for `delay` of this scheduler's time. Returns kTime, or kStopped.
  Woke Sleep(Duration delay, const Context& context);
};

// Forwards every call to another Scheduler, which must outlive it. Base class of decorators, which
// override only what they change.
class ForwardingScheduler : public Scheduler {
 public:
  explicit ForwardingScheduler(Scheduler& next) : next_(next) {}
  Instant Now() const override { return next_.Now(); }
  WallTime WallNow() const override { return next_.WallNow(); }
  [[nodiscard]] Task Spawn(std::string name, std::function<void(const Context&)> run) override {
    return next_.Spawn(std::move(name), std::move(run));
  }
  Woke Wait(Event& event, MutexLock& lock, Instant until, const Context& context) override {
    return next_.Wait(event, lock, until, context);
  }
  void Notify(Event& event) override { next_.Notify(event); }

 protected:
  Scheduler& next() { return next_; }
  const Scheduler& next() const { return next_; }

 private:
  Scheduler& next_;
};

}  // namespace capstan
