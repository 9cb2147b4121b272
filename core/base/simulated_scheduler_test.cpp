#include <capstan/core/base/simulated_scheduler.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace capstan {
namespace {

using std::chrono::seconds;

TEST(SimulatedScheduler, JumpsToTheNextTimerInsteadOfWaiting) {
  SimulatedScheduler scheduler;
  Instant woke{};
  const Instant start = scheduler.Now();
  Task task = scheduler.Spawn("sleeper", [&](const Context& context) {
    scheduler.Sleep(std::chrono::hours(100), context);
    woke = scheduler.Now();
  });
  scheduler.RunFor(std::chrono::hours(200));
  EXPECT_EQ(woke - start, std::chrono::hours(100));
  EXPECT_EQ(scheduler.Now() - start, std::chrono::hours(200));
}

TEST(SimulatedScheduler, MovesWallTimeWithTheClock) {
  SimulatedScheduler scheduler;
  const WallTime before = scheduler.WallNow();
  scheduler.RunFor(seconds(90));
  EXPECT_EQ(scheduler.WallNow() - before, seconds(90));
  scheduler.StepWallClock(-seconds(30));
  EXPECT_EQ(scheduler.WallNow() - before, seconds(60));
}

TEST(SimulatedScheduler, RunsOneTaskAtATime) {
  SimulatedScheduler scheduler(SeededSchedule(7));
  int inside = 0, most = 0;
  std::vector<Task> tasks;
  for (int i = 0; i < 8; ++i) {
    tasks.push_back(scheduler.Spawn("worker", [&](const Context& context) {
      for (int turn = 0; turn < 20; ++turn) {
        most = std::max(most, ++inside);
        --inside;
        scheduler.Sleep(Duration::zero(), context);
      }
    }));
  }
  scheduler.RunReady();
  EXPECT_EQ(most, 1);
  for (const Task& task : tasks) EXPECT_TRUE(task.finished());
}

// `watched`: the driver inspects the world between all turns.
std::string Order(std::uint64_t seed, bool watched = false) {
  SimulatedScheduler scheduler(SeededSchedule(seed));
  std::string order;
  std::vector<Task> tasks;
  for (char name = 'a'; name <= 'f'; ++name) {
    tasks.push_back(scheduler.Spawn(std::string(1, name), [&order, &scheduler, name](const Context& context) {
      for (int i = 0; i < 5; ++i) {
        order += name;
        scheduler.Sleep(seconds(1), context);
      }
    }));
  }
  if (watched) {
    EXPECT_FALSE(scheduler.RunUntil([] { return false; }, seconds(60)));
  } else {
    scheduler.RunFor(seconds(60));
  }
  return order;
}

TEST(SimulatedScheduler, GivesTheSameOrderForTheSameSeedAndDifferentOnesForOthers) {
  EXPECT_EQ(Order(1), Order(1));
  EXPECT_NE(Order(1), Order(2));
  EXPECT_EQ(Order(1).size(), 30u);
}

TEST(SimulatedScheduler, GivesTheSameOrderWhetherTheDriverLooksOnOrNot) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) EXPECT_EQ(Order(seed), Order(seed, true)) << seed;
}

TEST(SimulatedScheduler, StopsTheSimulationAtTheTimeLimit) {
  SimulatedScheduler scheduler;
  int ticks = 0;
  Task task = scheduler.Spawn("clock", [&](const Context& context) {
    while (scheduler.Sleep(seconds(1), context) == Woke::kTime) ++ticks;
  });
  scheduler.RunFor(seconds(10));
  EXPECT_EQ(ticks, 10);
  scheduler.RunReady();
  EXPECT_EQ(ticks, 10) << "what runs without time does not move it";
  scheduler.RunFor(std::chrono::milliseconds(1500));
  EXPECT_EQ(ticks, 11);
}

TEST(SimulatedScheduler, WakesAWaiterThatIsNotified) {
  SimulatedScheduler scheduler;
  Mutex mutex;
  Event changed;
  bool ready = false;
  Woke woke = Woke::kTime;
  Task waiter = scheduler.Spawn("waiter", [&](const Context& context) {
    MutexLock lock(mutex);
    while (!ready) woke = scheduler.Wait(changed, lock, After(scheduler.Now(), seconds(10)), context);
  });
  Task notifier = scheduler.Spawn("notifier", [&](const Context& context) {
    scheduler.Sleep(seconds(3), context);
    MutexLock lock(mutex);
    ready = true;
    scheduler.Notify(changed);
  });
  const Instant start = scheduler.Now();
  EXPECT_TRUE(scheduler.RunUntil([&] { return waiter.finished(); }));
  EXPECT_EQ(woke, Woke::kNotified);
  EXPECT_EQ(scheduler.Now() - start, seconds(3));
}

TEST(SimulatedScheduler, EndsAWaitAtTheDeadlineOfItsContext) {
  SimulatedScheduler scheduler;
  Woke woke = Woke::kNotified;
  const Instant start = scheduler.Now();
  Task task = scheduler.Spawn("waiter", [&](const Context& context) {
    woke = scheduler.Sleep(std::chrono::hours(1), context.Within(scheduler, seconds(2)));
  });
  EXPECT_TRUE(scheduler.RunUntil([&] { return task.finished(); }));
  EXPECT_EQ(woke, Woke::kTime);
  EXPECT_EQ(scheduler.Now() - start, seconds(2));
}

TEST(SimulatedScheduler, StopsAWaitingTaskWhenItsOwnerIsDestroyed) {
  SimulatedScheduler scheduler;
  Woke woke = Woke::kNotified;
  {
    Task task = scheduler.Spawn(
        "waiter", [&](const Context& context) { woke = scheduler.Sleep(std::chrono::hours(1), context); });
    scheduler.RunReady();
  }
  EXPECT_EQ(woke, Woke::kStopped);
}

TEST(SimulatedScheduler, LetsATaskJoinAnother) {
  SimulatedScheduler scheduler;
  std::string order;
  Task outer = scheduler.Spawn("outer", [&](const Context&) {
    Task inner = scheduler.Spawn("inner", [&](const Context& context) {
      scheduler.Sleep(seconds(5), context);
      order += "inner ";
    });
    inner.Join();
    order += "outer";
  });
  scheduler.RunFor(seconds(10));
  EXPECT_EQ(order, "inner outer");
}

TEST(SimulatedScheduler, RunsTheWorldWhileTheDriverWaits) {
  SimulatedScheduler scheduler;
  int count = 0;
  Task task = scheduler.Spawn("counter", [&](const Context& context) {
    while (scheduler.Sleep(seconds(1), context) == Woke::kTime) ++count;
  });
  scheduler.Sleep(std::chrono::milliseconds(4500), Context{});
  EXPECT_EQ(count, 4);
}

}  // namespace
}  // namespace capstan
