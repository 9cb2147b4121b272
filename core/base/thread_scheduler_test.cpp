#include <capstan/core/base/thread_scheduler.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace capstan {
namespace {

TEST(ThreadScheduler, LosesNoNotification) {
  ThreadScheduler scheduler;
  Mutex mutex;
  Event changed;
  int handed = 0, taken = 0;
  constexpr int kRounds = 5000;
  Task consumer = scheduler.Spawn("consumer", [&](const Context& context) {
    MutexLock lock(mutex);
    while (taken < kRounds) {
      while (handed == taken) scheduler.Wait(changed, lock, kForever, context);
      ++taken;
      scheduler.Notify(changed);
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    MutexLock lock(mutex);
    ++handed;
    scheduler.Notify(changed);
    while (taken != handed) scheduler.Wait(changed, lock, kForever, Context{});
  }
  consumer.Join();
  EXPECT_EQ(taken, kRounds);
}

TEST(ThreadScheduler, WakesASleeperThatIsAskedToStop) {
  ThreadScheduler scheduler;
  std::atomic<Woke> woke{Woke::kNotified};
  Task task = scheduler.Spawn("sleeper", [&](const Context& context) {
    woke = scheduler.Sleep(std::chrono::hours(24 * 365), context);
  });
  task.RequestStop();
  task.Join();
  EXPECT_EQ(woke.load(), Woke::kStopped);
}

TEST(ThreadScheduler, EndsAWaitWhenItsTimeHasCome) {
  ThreadScheduler scheduler;
  const Instant start = scheduler.Now();
  EXPECT_EQ(scheduler.Sleep(std::chrono::milliseconds(5), Context{}), Woke::kTime);
  EXPECT_GE(scheduler.Now() - start, std::chrono::milliseconds(5));
  EXPECT_EQ(scheduler.Sleep(std::chrono::hours(1), Context{}.Until(scheduler.Now())), Woke::kTime);
}

TEST(MutexDeathTest, EndsTheProcessWhenALockIsHeldAcrossARequest) {
  Mutex mutex;
  EXPECT_DEATH(
      {
        MutexLock lock(mutex);
        AssertNoLocksHeld("Transport::Send");
      },
      "Transport::Send was called with 1 lock");
}

}  // namespace
}  // namespace capstan
