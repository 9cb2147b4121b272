#include <capstan/core/base/thread_scheduler.hpp>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>
#include <vector>

namespace capstan {
namespace {

constexpr int kNewTimeNamespace = 0x80;  // CLONE_NEWTIME, missing in older headers

Instant BootTime() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return Instant(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

// Exits with 0 if Now() is the boot clock. The clock is set ahead of the monotonic one, as after a
// suspend, in a time namespace; without the permission for that, they are compared unmodified.
[[noreturn]] void CompareWithBootClock() {
  if (::unshare(CLONE_NEWUSER | kNewTimeNamespace) == 0)
    std::ofstream("/proc/self/timens_offsets") << "boottime 900 0\n";
  const pid_t child = ::fork();  // only children are in the new namespace
  if (child == 0) {
    const Instant before = BootTime();
    const Instant now = ThreadScheduler().Now();
    std::_Exit(before <= now && now <= BootTime() ? 0 : 1);
  }
  int status = -1;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) std::_Exit(2);
  std::_Exit(WEXITSTATUS(status));
}

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

// A lease must have expired for a machine that was suspended past its end.
TEST(ThreadSchedulerDeathTest, CountsTheTimeThatTheMachineWasSuspended) {
  EXPECT_EXIT(CompareWithBootClock(), testing::ExitedWithCode(0), "");
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
