// SimulatedScheduler runs one task at a time, picks the next by seed (or by a policy), and advances
// time to the next timer when all tasks wait. Unchanged blocking code, plugins included, runs
// deterministically, at thousands of simulated process lifetimes a minute.
//
// Tasks are fibers (fiber.hpp) on the driver's thread. Control passes from one task to another only
// in Wait, in Join and when a task ends. The thread that created the scheduler is the driver: it
// calls Run…() and inspects the world while all tasks are suspended. A Wait or Join by the driver
// itself runs the simulation until the driver can continue. Simulations on different threads share
// nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <capstan/core/base/scheduler.hpp>

namespace capstan {

// Chooses the next of `count` runnable tasks, which are ordered by the time they became runnable,
// then by creation.
using SchedulePolicy = std::function<std::size_t(std::size_t count)>;
SchedulePolicy FirstInFirstOut();
SchedulePolicy SeededSchedule(std::uint64_t seed);

class SimulatedScheduler final : public Scheduler {
 public:
  // Wall time starts at 2026-01-01T00:00:00Z, Now() at one hour after the epoch of Instant.
  explicit SimulatedScheduler(SchedulePolicy policy = FirstInFirstOut());
  ~SimulatedScheduler() override;  // REQUIRES: all Tasks are destroyed

  Instant Now() const override;
  WallTime WallNow() const override;
  [[nodiscard]] Task Spawn(std::string name, std::function<void(const Context&)> run) override;
  Woke Wait(Event& event, MutexLock& lock, Instant until, const Context& context) override;
  void Notify(Event& event) override;

  // Driver only. Run tasks until none can run before the limit; the clock stops at the limit.
  void RunFor(Duration limit);
  // Runs until `done()` is true; it is evaluated whenever a task is suspended. False if `limit` of
  // simulated time passed first.
  bool RunUntil(const std::function<bool()>& done, Duration limit = std::chrono::hours(1));
  // Runs until no task can run at the current time; the clock does not advance.
  void RunReady();
  // Steps only the wall clock, as an administrator or NTP would.
  void StepWallClock(Duration by);

  std::uint64_t steps() const;  // how often a task was resumed

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace capstan
