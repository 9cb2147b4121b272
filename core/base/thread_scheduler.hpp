// ThreadScheduler is the production Scheduler. A task is a thread, time is CLOCK_BOOTTIME.
// Thread-safe.
#pragma once

#include <capstan/core/base/scheduler.hpp>

namespace capstan {

class ThreadScheduler final : public Scheduler {
 public:
  Instant Now() const override;
  WallTime WallNow() const override;
  [[nodiscard]] Task Spawn(std::string name, std::function<void(const Context&)> run) override;
  Woke Wait(Event& event, MutexLock& lock, Instant until, const Context& context) override;
  void Notify(Event& event) override;
};

}  // namespace capstan
