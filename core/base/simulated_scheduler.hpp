// SimulatedScheduler: one task runs at a time, the next is picked by seed (or by a schedule), and
// time jumps to the next timer when all wait. Unchanged blocking code, plugins included, runs
// deterministically, thousands of lives a minute.
//
// Tasks are fibers (fiber.hpp) on the driver's thread. Wait, Join and task ends are the only points
// where another may be chosen. The thread that made the scheduler is the driver: it calls Run…()
// and looks at the world while everything stands still. A Wait or Join by the driver itself runs
// the simulation until it may go on. Two simulations on two threads share nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <capstan/core/base/scheduler.hpp>

namespace capstan {

// Chooses which of `count` runnable tasks (ordered by the time they became runnable, then by
// creation) goes next.
using SchedulePolicy = std::function<std::size_t(std::size_t count)>;
SchedulePolicy FirstInFirstOut();
SchedulePolicy SeededSchedule(std::uint64_t seed);

class SimulatedScheduler final : public Scheduler {
 public:
  // Wall time starts at 2026-01-01T00:00:00Z, Now() at one hour after the epoch of Instant.
  explicit SimulatedScheduler(SchedulePolicy policy = FirstInFirstOut());
  ~SimulatedScheduler() override;  // REQUIRES: all Tasks are gone

  Instant Now() const override;
  WallTime WallNow() const override;
  [[nodiscard]] Task Spawn(std::string name, std::function<void(const Context&)> run) override;
  Woke Wait(Event& event, MutexLock& lock, Instant until, const Context& context) override;
  void Notify(Event& event) override;

  // Driver only. Run tasks until none can run before the limit; the clock ends at the limit.
  void RunFor(Duration limit);
  // Runs until `done()` is true, looked at whenever a task stops; false when `limit` of simulated
  // time passed first.
  bool RunUntil(const std::function<bool()>& done, Duration limit = std::chrono::hours(1));
  // Runs until no task can run at the present time; the clock does not move.
  void RunReady();
  // Moves the wall clock alone, as an administrator or NTP would.
  void StepWallClock(Duration by);

  std::uint64_t steps() const;  // how often a task was resumed

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace capstan
