#include <capstan/plugins/loader/calls/lanes.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/thread_scheduler.hpp>

namespace capstan::loader {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Lanes, RunAJobOffTheCallersThreadAndWaitForIt) {
  SimulatedScheduler scheduler;
  Lanes lanes(scheduler, "p", {});
  int ran = 0;
  EXPECT_EQ(lanes.Run([&] { ++ran; }, Context{}), Lanes::Ran::kDone);
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(lanes.busy(), 0);
}

TEST(Lanes, NeverRunMoreThanTheirCountAtOnce) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SimulatedScheduler scheduler(SeededSchedule(seed));
    LanesOptions options;
    options.count = 3;
    Lanes lanes(scheduler, "p", options);
    int now = 0;
    int most = 0;
    int done = 0;
    std::vector<Task> callers;
    for (int i = 0; i < 10; ++i) {
      callers.push_back(scheduler.Spawn("caller", [&](const Context& context) {
        const auto ran = lanes.Run(
            [&] {
              most = std::max(most, ++now);
              scheduler.Sleep(seconds(1), Context{});
              --now;
            },
            context);
        if (ran == Lanes::Ran::kDone) ++done;
      }));
    }
    for (Task& caller : callers) caller.Join();
    EXPECT_EQ(most, 3) << "seed " << seed;
    EXPECT_EQ(done, 10) << "seed " << seed;
  }
}

TEST(Lanes, AJobWhoseContextHasEndedNeverRuns) {
  ThreadScheduler scheduler;
  Lanes lanes(scheduler, "p", {});
  std::atomic<int> ran = 0;
  ASSERT_EQ(lanes.Run([&] { ++ran; }, Context{}), Lanes::Ran::kDone) << "from here on a lane is free";
  std::stop_source stop;
  stop.request_stop();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(lanes.Run([&] { ++ran; }, Context{stop.get_token(), kForever}), Lanes::Ran::kNotStarted);
    EXPECT_EQ(lanes.Run([&] { ++ran; }, Context{{}, scheduler.Now()}), Lanes::Ran::kNotStarted);
  }
  EXPECT_EQ(ran, 1);
}

TEST(Lanes, AJobThatFoundNoFreeLaneNeverRuns) {
  SimulatedScheduler scheduler;
  LanesOptions options;
  options.count = 1;
  Lanes lanes(scheduler, "p", options);
  bool second_ran = false;
  Task first = scheduler.Spawn("first", [&](const Context& context) {
    lanes.Run([&] { scheduler.Sleep(seconds(60), Context{}); }, context);
  });
  scheduler.RunReady();
  EXPECT_EQ(lanes.busy(), 1);
  const auto ran = lanes.Run([&] { second_ran = true; }, Context{}.Within(scheduler, seconds(5)));
  EXPECT_EQ(ran, Lanes::Ran::kNotStarted);
  first.Join();
  scheduler.RunFor(seconds(5));
  EXPECT_FALSE(second_ran);
}

TEST(Lanes, AJobCanUseItsGraceToReportItsOutcome) {
  SimulatedScheduler scheduler;
  LanesOptions options;
  options.grace = seconds(2);
  Lanes lanes(scheduler, "p", options);
  const Instant start = scheduler.Now();
  EXPECT_EQ(
      lanes.Run([&] { scheduler.Sleep(seconds(6), Context{}); }, Context{}.Within(scheduler, seconds(5))),
      Lanes::Ran::kDone);
  EXPECT_EQ(scheduler.Now() - start, seconds(6));
}

TEST(Lanes, ACallerAbandonsAJobThatExceedsItsGraceAndTheLaneIsFreeOnceItEnds) {
  SimulatedScheduler scheduler;
  LanesOptions options;
  options.count = 1;
  options.grace = seconds(2);
  Lanes lanes(scheduler, "p", options);
  const Instant start = scheduler.Now();
  EXPECT_EQ(
      lanes.Run([&] { scheduler.Sleep(seconds(60), Context{}); }, Context{}.Within(scheduler, seconds(5))),
      Lanes::Ran::kLeftBehind);
  EXPECT_EQ(scheduler.Now() - start, seconds(7));
  EXPECT_EQ(lanes.busy(), 1);
  scheduler.RunFor(seconds(60));
  EXPECT_EQ(lanes.busy(), 0);
  EXPECT_EQ(lanes.Run([] {}, Context{}), Lanes::Ran::kDone);
}

TEST(Lanes, ACancelledCallerWaitsNoLongerThanTheGrace) {
  SimulatedScheduler scheduler;
  LanesOptions options;
  options.grace = seconds(2);
  Lanes lanes(scheduler, "p", options);
  std::stop_source stop;
  Instant left{};
  Task caller = scheduler.Spawn("caller", [&](const Context&) {
    EXPECT_EQ(
        lanes.Run([&] { scheduler.Sleep(seconds(60), Context{}); }, Context{stop.get_token(), kForever}),
        Lanes::Ran::kLeftBehind);
    left = scheduler.Now();
  });
  scheduler.RunFor(seconds(10));
  const Instant stopped = scheduler.Now();
  stop.request_stop();
  caller.Join();
  EXPECT_EQ(left - stopped, seconds(2));
  scheduler.RunFor(seconds(60));
}

TEST(Lanes, TheDestructorAbandonsAThreadThatCannotBeStopped) {
  // Real threads: a job that runs until the test releases it.
  std::atomic<bool> release{false};
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  {
    ThreadScheduler scheduler;
    LanesOptions options;
    options.grace = milliseconds(10);
    Lanes lanes(scheduler, "p", options);
    std::stop_source stop;
    const auto ran = lanes.Run(
        [&release, ended, stop]() mutable {
          // The caller gives up as soon as the job has started, however busy the machine is.
          stop.request_stop();
          while (!release) {
          }
          *ended = true;
        },
        Context{stop.get_token(), kForever});
    EXPECT_EQ(ran, Lanes::Ran::kLeftBehind);
  }
  EXPECT_FALSE(*ended) << "the destructor did not wait for it";
  release = true;
  while (!*ended) {
  }
}

}  // namespace
}  // namespace capstan::loader
