#include <capstan/core/program/signals.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>
#include <utility>

#include <capstan/core/base/thread_scheduler.hpp>

namespace capstan::program {
namespace {

class SignalsTest : public testing::Test {
 protected:
  SignalsTest() { pthread_sigmask(SIG_BLOCK, nullptr, &before_); }
  ~SignalsTest() override { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  // Runs until it is asked to stop; `first` are the signals it gets while it runs.
  int RunWith(std::initializer_list<int> first) {
    Signals signals;
    ThreadScheduler scheduler;
    return signals.RunUntilSignal(scheduler, [&](const Context& context) {
      for (const int signal : first) {
        ::kill(::getpid(), signal);
        // Delivered before the next one is sent.
        sigset_t pending;
        do {
          ::sigpending(&pending);
        } while (sigismember(&pending, signal) != 0 &&
                 scheduler.Sleep(std::chrono::milliseconds(1), context) == Woke::kTime);
      }
      return scheduler.Sleep(std::chrono::seconds(20), context) == Woke::kStopped ? 7 : 8;
    });
  }

 private:
  sigset_t before_{};
};

TEST_F(SignalsTest, AskTheWorkToStopAndWaitForIt) {
  EXPECT_EQ(RunWith({SIGTERM}), 7);
  EXPECT_EQ(RunWith({SIGINT}), 7);
}

TEST_F(SignalsTest, AreStillHandledAfterAMeaninglessUserSignal) { EXPECT_EQ(RunWith({SIGUSR1, SIGTERM}), 7); }

TEST_F(SignalsTest, AreNotNeededForWorkThatEnds) {
  Signals signals;
  ThreadScheduler scheduler;
  EXPECT_EQ(signals.RunUntilSignal(scheduler, [](const Context&) { return 3; }), 3);
}

// Its tasks end before any caller can wait for them.
class FastScheduler final : public ForwardingScheduler {
 public:
  using ForwardingScheduler::ForwardingScheduler;
  Task Spawn(std::string name, std::function<void(const Context&)> run) override {
    Task task = next().Spawn(std::move(name), std::move(run));
    task.Join();
    return task;
  }
};

TEST_F(SignalsTest, LeaveNoSignalPendingIfTheWorkEndsBeforeItIsWaitedFor) {
  Signals signals;
  ThreadScheduler threads;
  FastScheduler scheduler(threads);
  EXPECT_EQ(signals.RunUntilSignal(scheduler, [](const Context&) { return 3; }), 3);
  sigset_t pending;
  ASSERT_EQ(::sigpending(&pending), 0);
  EXPECT_FALSE(sigismember(&pending, SIGUSR1));
}

}  // namespace
}  // namespace capstan::program
