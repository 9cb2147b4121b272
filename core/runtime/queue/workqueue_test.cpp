#include <capstan/core/runtime/queue/workqueue.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/thread_scheduler.hpp>

namespace capstan::runtime {
namespace {

using std::chrono::seconds;

kube::ObjectKey Key(int number) { return {"default", "object-" + std::to_string(number)}; }

// Workers that record the keys they take, and keep each for a while.
class WorkqueueTest : public testing::Test {
 protected:
  void StartWorkers(int count, Duration work = {}) {
    for (int i = 0; i < count; ++i) {
      tasks_.push_back(scheduler_.Spawn("worker", [this, work](const Context& context) {
        while (auto taken = queue_.Take(context)) {
          got_.push_back(taken->key.name);
          if (work > Duration::zero()) scheduler_.Sleep(work, context);
          queue_.Done(taken->key);
        }
        ++left_;
      }));
    }
  }
  SimulatedScheduler scheduler_{SeededSchedule(7)};
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  Workqueue queue_{scheduler_, *random_};
  std::vector<std::string> got_;
  int left_ = 0;
  std::vector<Task> tasks_;
};

TEST_F(WorkqueueTest, AWaitingWorkerGetsAKeyAsSoonAsItIsAdded) {
  StartWorkers(1);
  scheduler_.RunFor(seconds(1));
  EXPECT_TRUE(got_.empty());
  queue_.Add(Key(1), Priority::kUser);
  scheduler_.RunReady();
  EXPECT_EQ(got_, std::vector<std::string>{"object-1"});
}

TEST_F(WorkqueueTest, WorkersWorkOnDifferentKeysAtTheSameTime) {
  StartWorkers(3, seconds(10));
  for (int i = 0; i < 3; ++i) queue_.Add(Key(i), Priority::kUser);
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(got_.size(), 3u);
}

TEST_F(WorkqueueTest, ADelayedKeyIsTakenInTimeWhileAnotherWorkerIsBusy) {
  StartWorkers(2, seconds(60));
  scheduler_.RunReady();
  queue_.Add(Key(1), Priority::kPoll, seconds(10));
  scheduler_.RunReady();
  queue_.Add(Key(2), Priority::kUser);
  scheduler_.RunFor(seconds(11));
  EXPECT_EQ(got_, (std::vector<std::string>{"object-2", "object-1"}));
}

TEST_F(WorkqueueTest, AKeyThatBecomesDueWakesOneWorkerAndTheOthersSleep) {
  StartWorkers(8);
  scheduler_.RunReady();
  for (int i = 0; i < 10; ++i) queue_.Add(Key(i), Priority::kPoll, seconds(10 + i));
  scheduler_.RunReady();
  const auto before = scheduler_.steps();
  scheduler_.RunFor(seconds(60));
  EXPECT_EQ(got_.size(), 10u);
  EXPECT_LE(scheduler_.steps() - before, 12u) << "two take turns; the first key wakes the second of them";
}

TEST_F(WorkqueueTest, LongPollsOfOneSecondAreTakenByOneWorkerOneAfterAnother) {
  StartWorkers(8);
  scheduler_.RunReady();
  for (int i = 0; i < 20; ++i)
    queue_.Add(Key(i), Priority::kPoll, seconds(60) + std::chrono::milliseconds(40 * i));
  scheduler_.RunReady();
  const auto before = scheduler_.steps();
  scheduler_.RunFor(seconds(62));
  EXPECT_EQ(got_.size(), 20u);
  EXPECT_LE(scheduler_.steps() - before, 4u) << "one at the second, and one a tenth of a second later";
}

TEST_F(WorkqueueTest, PollsThatHaveWaitedATenthOfASecondWakeTheOtherWorkers) {
  StartWorkers(4, seconds(10));
  scheduler_.RunReady();
  for (int i = 0; i < 4; ++i) queue_.Add(Key(i), Priority::kPoll, seconds(60));
  scheduler_.RunFor(seconds(60) + kPollPatience / 2);
  EXPECT_EQ(got_.size(), 1u);
  scheduler_.RunFor(kPollPatience / 2);
  EXPECT_EQ(got_.size(), 4u);
}

TEST_F(WorkqueueTest, AChangeWakesAnotherWorkerAtOnceWhilePollsWait) {
  StartWorkers(2, seconds(10));
  scheduler_.RunReady();
  for (int i = 0; i < 3; ++i) queue_.Add(Key(i), Priority::kPoll, seconds(60));
  scheduler_.RunFor(seconds(60) + kPollPatience / 2);
  queue_.Add(Key(9), Priority::kUser);
  scheduler_.RunReady();
  EXPECT_EQ(got_, (std::vector<std::string>{got_.at(0), "object-9"}));
}

TEST_F(WorkqueueTest, AStoppedWorkerHandsItsTimerOver) {
  StartWorkers(3);
  scheduler_.RunReady();
  queue_.Add(Key(1), Priority::kPoll, seconds(10));
  scheduler_.RunReady();
  for (std::size_t i = 0; i < 2; ++i) {  // whichever of them waits for the timer
    tasks_[i].RequestStop();
    scheduler_.RunReady();
  }
  EXPECT_EQ(left_, 2);
  scheduler_.RunFor(seconds(11));
  EXPECT_EQ(got_, std::vector<std::string>{"object-1"});
}

TEST_F(WorkqueueTest, ShutdownReleasesWorkersAndLeavesTheRestInTheQueue) {
  StartWorkers(2, seconds(5));
  for (int i = 0; i < 5; ++i) queue_.Add(Key(i), Priority::kUser);
  scheduler_.RunFor(seconds(1));
  queue_.Shutdown();
  scheduler_.RunFor(seconds(10));
  EXPECT_EQ(left_, 2);
  EXPECT_EQ(got_.size(), 2u);
  EXPECT_EQ(queue_.stats().ready, 3u);
}

TEST_F(WorkqueueTest, AStoppedWorkerExitsAndPassesItsWakeUpOn) {
  StartWorkers(2);
  scheduler_.RunReady();
  queue_.Add(Key(1), Priority::kUser);
  tasks_[1].RequestStop();
  scheduler_.RunReady();
  EXPECT_EQ(got_.size(), 1u);
  EXPECT_EQ(left_, 1);
}

TEST_F(WorkqueueTest, APausedQueueGivesNoKeyUntilItIsResumed) {
  StartWorkers(2);
  queue_.Pause();
  queue_.Add(Key(1), Priority::kUser);
  queue_.Add(Key(2), Priority::kPoll, seconds(3));
  scheduler_.RunFor(seconds(10));
  EXPECT_TRUE(got_.empty());
  queue_.Resume();
  scheduler_.RunReady();
  EXPECT_EQ(got_.size(), 2u);
}

TEST_F(WorkqueueTest, TakeGivesUpAtItsDeadline) {
  bool gave_up = false;
  tasks_.push_back(scheduler_.Spawn("taker", [&](const Context& context) {
    gave_up = !queue_.Take(context.Within(scheduler_, seconds(2))).has_value();
  }));
  scheduler_.RunFor(seconds(1));
  EXPECT_FALSE(gave_up);
  scheduler_.RunFor(seconds(2));
  EXPECT_TRUE(gave_up);
}

TEST(WorkqueueOnThreads, NoKeyIsEverOnTwoWorkersAndNoneIsLost) {
  ThreadScheduler scheduler;
  const auto random = MakeSeededRandom(1);
  Workqueue queue(scheduler, *random);
  constexpr int kKeys = 50;
  constexpr int kRounds = 200;
  std::array<std::atomic<int>, kKeys> busy{}, worked{};
  std::atomic<bool> doubled = false;
  std::vector<Task> workers;
  for (int w = 0; w < 4; ++w) {
    workers.push_back(scheduler.Spawn("worker", [&](const Context& context) {
      while (auto taken = queue.Take(context)) {
        const auto at = static_cast<std::size_t>(std::stoi(taken->key.name.substr(7)));
        if (busy[at].fetch_add(1) != 0) doubled = true;
        worked[at].fetch_add(1);
        busy[at].fetch_sub(1);
        queue.Done(taken->key);
      }
    }));
  }
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kKeys; ++i) queue.Add(Key(i), Priority::kUser);
  }
  Mutex mutex;
  Event never;
  Context forever;
  for (;;) {
    const WorkqueueStats stats = queue.stats();
    if (stats.ready == 0 && stats.processing == 0) break;
    MutexLock lock(mutex);
    scheduler.Wait(never, lock, scheduler.Now() + std::chrono::milliseconds(1), forever);
  }
  queue.Shutdown();
  for (Task& worker : workers) worker.Join();
  EXPECT_FALSE(doubled);
  for (const auto& count : worked) EXPECT_GE(count.load(), 1);
}

// Counts wake-ups.
class CountingScheduler final : public ForwardingScheduler {
 public:
  using ForwardingScheduler::ForwardingScheduler;
  void Notify(Event& event) override {
    ++notified;
    next().Notify(event);
  }
  int notified = 0;
};

// Each watch event reports the version that the cache has reached; most concern no key.
TEST(Workqueue, AVersionWakesOneWorkerForEachKeyThatWaitsForItAndNoneWithoutSuchKeys) {
  SimulatedScheduler scheduler(SeededSchedule(7));
  CountingScheduler counting(scheduler);
  const auto random = MakeSeededRandom(1);
  Workqueue queue(counting, *random);
  int taken = 0;
  std::vector<Task> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(counting.Spawn("worker", [&](const Context& context) {
      while (const auto key = queue.Take(context)) {
        if (++taken <= 2) queue.Hold(key->key, 100, seconds(60));
        queue.Add(key->key, Priority::kPoll);
        if (taken > 2) scheduler.Sleep(seconds(60), context);
        queue.Done(key->key);
      }
    }));
  }
  scheduler.RunReady();
  queue.Add(Key(1), Priority::kUser);
  queue.Add(Key(2), Priority::kUser);
  scheduler.RunReady();
  ASSERT_EQ(taken, 2);
  const int before = counting.notified;
  for (std::uint64_t version = 1; version < 100; ++version) queue.SeenAll(version);
  EXPECT_LE(counting.notified - before, 1) << "one of them waits for the end of the holds";
  queue.SeenAll(100);
  scheduler.RunReady();
  EXPECT_EQ(taken, 4) << "both keys are handed out";
  queue.Shutdown();
  workers.clear();
}

}  // namespace
}  // namespace capstan::runtime
