#include <capstan/core/program/signals.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include <capstan/core/base/thread_scheduler.hpp>

namespace capstan::program {
namespace {

class SignalsTest : public testing::Test {
 protected:
  SignalsTest() { pthread_sigmask(SIG_BLOCK, nullptr, &before_); }
  ~SignalsTest() override { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  // Runs until told to stop; `first` are the signals it gets when it runs.
  int RunWith(std::initializer_list<int> first) {
    Signals signals;
    ThreadScheduler scheduler;
    return signals.RunUntilSignal(scheduler, [&](const Context& context) {
      for (const int signal : first) {
        ::kill(::getpid(), signal);
        // Taken before the next one is sent.
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

TEST_F(SignalsTest, AreStillHeardAfterAUserSignalThatMeansNothing) {
  EXPECT_EQ(RunWith({SIGUSR1, SIGTERM}), 7);
}

TEST_F(SignalsTest, AreNotNeededForWorkThatEnds) {
  Signals signals;
  ThreadScheduler scheduler;
  EXPECT_EQ(signals.RunUntilSignal(scheduler, [](const Context&) { return 3; }), 3);
}

// The work ends before, while or after it is waited for; in none of them is its own signal left over.
TEST_F(SignalsTest, LeaveNoSignalBehindWhoeverIsFirst) {
  Signals signals;
  ThreadScheduler scheduler;
  for (int round = 0; round < 500; ++round) {
    ASSERT_EQ(signals.RunUntilSignal(scheduler, [](const Context&) { return 3; }), 3);
    sigset_t pending;
    ASSERT_EQ(::sigpending(&pending), 0);
    ASSERT_FALSE(sigismember(&pending, SIGUSR1)) << "round " << round;
  }
}

}  // namespace
}  // namespace capstan::program
