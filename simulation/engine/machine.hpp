// The environment of one life of an operator, as mishaps change it: its scheduler and its log.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>

namespace capstan::simulation {

// The machine of one life: its clock can be wrong, and it can be suspended, which stops all its
// tasks.
//
// For the tasks of its scheduler, of which one runs at a time. `next` must outlive it.
class Machine final : public ForwardingScheduler {
 public:
  using ForwardingScheduler::ForwardingScheduler;
  WallTime WallNow() const override { return next().WallNow() + skew_; }
  Woke Wait(Event& event, MutexLock& lock, Instant until,
            const Context& context) CAPSTAN_NO_THREAD_SAFETY_ANALYSIS override {
    Woke woke = next().Wait(event, lock, until, context);
    while (frozen_until_ > Now() && !dead_) {
      Event thaw;  // never notified: the clock wakes it up
      woke = next().Wait(thaw, lock, frozen_until_, Context{});
      if (woke == Woke::kTime) woke = Woke::kNotified;  // the caller checks its condition again
    }
    return woke;
  }

  void Freeze(Instant until) { frozen_until_ = until; }
  void Skew(Duration by) { skew_ += by; }
  Duration skew() const { return skew_; }
  void Die() {
    dead_ = true;
    frozen_until_ = {};
  }

 private:
  Duration skew_{};
  Instant frozen_until_{};
  bool dead_ = false;
};

// The log of one life. While its reader is stalled, a task that writes blocks, unless it holds a
// lock: waiting would then block other tasks as well.
class MachineLog final : public Log {
 public:
  MachineLog(Log& next, Machine& machine) : next_(next), machine_(machine) {}
  bool Enabled(LogLevel level) const override { return next_.Enabled(level); }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override {
    if (stalled_until_ > machine_.Now() && LocksHeldByThisThread() == 0)
      (void)machine_.Sleep(stalled_until_ - machine_.Now(), Context{});
    next_.Write(level, message, fields);
  }
  void Stall(Instant until) { stalled_until_ = until; }
  bool stalled() const { return stalled_until_ > machine_.Now(); }

 private:
  Log& next_;
  Machine& machine_;
  Instant stalled_until_{};
};

}  // namespace capstan::simulation
