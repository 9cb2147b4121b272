// Scheduler is the only way to wait, or to start something that runs at the same time.
//
// ThreadScheduler runs tasks on threads and real time. SimulatedScheduler runs one task at a time
// on a clock that jumps, picks the next by seed, and so makes unchanged blocking code
// deterministic. Thread-safe. A Scheduler must outlive every Task it made and every Event that was
// used with it.
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

// Something that may have happened. Belongs to one Mutex: the state it tells about is changed under
// that mutex, and Notify is called with it held or just after. A wait may end without reason:
// callers wait in a loop on their state.
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

// Owns one running task. Destruction asks it to stop and waits until it has. Move-only.
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
  // Waits for the task's function to return. Does not ask it to.
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
  // Starts `run` concurrently with the caller. Its Context stops when the Task is asked to.
  [[nodiscard]] virtual Task Spawn(std::string name, std::function<void(const Context&)> run) = 0;

  // Releases the lock, waits for Notify(event), `until`, context.deadline or context.stop, takes
  // the lock again. kTime covers both `until` and the deadline. REQUIRES: exactly one Mutex held,
  // that of `lock`.
  virtual Woke Wait(Event& event, MutexLock& lock, Instant until, const Context& context) = 0;

  // Wakes all that wait for event.
  virtual void Notify(Event& event) = 0;

  // Waits for `delay` of this scheduler's time. kTime, or kStopped.
  Woke Sleep(Duration delay, const Context& context);
};

// Hands every call to another Scheduler, which must outlive it: the base of decorators, which
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
