#include <capstan/core/runtime/lease/lease_machine.hpp>

#include <gtest/gtest.h>

namespace capstan::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LeaseMachineTest : public testing::Test {
 protected:
  ObservedLease HeldBy(const std::string& holder, const std::string& version, std::int64_t duration = 15) {
    return {{holder, duration, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:0" + version + ".000000Z", 4},
            version};
  }
  LeaseCommand Lead() {
    machine_.Start(now_);
    machine_.OnRead(std::nullopt, now_, wall_);
    return machine_.OnWritten("1", now_, now_);
  }
  static Error ErrorOf(Code code) { return MakeError(code, ""); }
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  LeaseMachine machine_{LeaseOptions{}, "us", *random_};
  Instant now_ = Instant{} + std::chrono::hours(1);
  WallTime wall_ = *ParseRfc3339("2026-01-01T00:00:00Z");
};

TEST_F(LeaseMachineTest, CreatesTheLeaseWhenItIsMissing) {
  EXPECT_EQ(machine_.Start(now_).what, LeaseDo::kRead);
  LeaseCommand command = machine_.OnRead(std::nullopt, now_, wall_);
  EXPECT_EQ(command.what, LeaseDo::kCreate);
  EXPECT_EQ(command.record,
            (LeaseRecord{"us", 15, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z", 0}));
  command = machine_.OnWritten("1", now_, now_ + milliseconds(100));
  EXPECT_TRUE(command.started);
  EXPECT_EQ(command.what, LeaseDo::kWait);
  EXPECT_EQ(command.until, now_ + milliseconds(2100));
  EXPECT_EQ(machine_.held_until(), now_ + milliseconds(14500)) << "counted from before the request was sent";
}

TEST_F(LeaseMachineTest, WaitsWhileAnotherRenews) {
  machine_.Start(now_);
  for (int i = 1; i < 9; ++i) {
    const LeaseCommand command = machine_.OnRead(HeldBy("them", std::to_string(i)), now_, wall_);
    ASSERT_EQ(command.what, LeaseDo::kWait);
    EXPECT_GE(command.until - now_, seconds(2));
    EXPECT_LE(command.until - now_, milliseconds(4400));
    now_ += seconds(10);
    machine_.OnWaited(now_, wall_);
  }
  EXPECT_EQ(machine_.state(), LeaseState::kFollowing);
  EXPECT_EQ(machine_.held_until(), Instant{});
}

TEST_F(LeaseMachineTest, TakesOverOnlyWhenWeSawNoRenewalForTheWholeDuration) {
  machine_.Start(now_);
  machine_.OnRead(HeldBy("them", "1"), now_, wall_);
  now_ += milliseconds(14999);
  EXPECT_EQ(machine_.OnRead(HeldBy("them", "1"), now_, wall_).what, LeaseDo::kWait)
      << "whatever the times in it say: their clock is not ours";
  now_ += milliseconds(1);
  const LeaseCommand command = machine_.OnRead(HeldBy("them", "1"), now_, wall_);
  EXPECT_EQ(command.what, LeaseDo::kUpdate);
  EXPECT_EQ(command.resource_version, "1");
  EXPECT_EQ(command.record.holder, "us");
  EXPECT_EQ(command.record.transitions, 5);
  EXPECT_TRUE(machine_.OnWritten("2", now_, now_).started);
}

TEST_F(LeaseMachineTest, TakesAReleasedLeaseAtOnce) {
  machine_.Start(now_);
  EXPECT_EQ(machine_.OnRead(HeldBy("", "1", 1), now_, wall_).what, LeaseDo::kUpdate);
}

TEST_F(LeaseMachineTest, ALatecomerReadsAgainAfterAWhile) {
  machine_.Start(now_);
  machine_.OnRead(HeldBy("", "1", 1), now_, wall_);
  EXPECT_EQ(machine_.OnFailed(ErrorOf(Code::kConflict), now_).what, LeaseDo::kWait);
  EXPECT_EQ(machine_.OnWaited(now_, wall_).what, LeaseDo::kRead);
  EXPECT_EQ(machine_.state(), LeaseState::kFollowing);
}

TEST_F(LeaseMachineTest, RenewsWithoutReadingAndKeepsWhatItAcquired) {
  Lead();
  now_ += seconds(2);
  const LeaseCommand command = machine_.OnWaited(now_, wall_ + seconds(2));
  EXPECT_EQ(command.what, LeaseDo::kUpdate);
  EXPECT_EQ(command.resource_version, "1");
  EXPECT_EQ(command.record.acquire_time, "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(command.record.renew_time, "2026-01-01T00:00:02.000000Z");
  EXPECT_EQ(command.record.transitions, 0);
  EXPECT_FALSE(machine_.OnWritten("2", now_, now_).started);
  EXPECT_EQ(machine_.held_until(), now_ + milliseconds(14500));
}

TEST_F(LeaseMachineTest, GivesUpLeadershipBeforeOthersMayTakeTheLease) {
  Lead();
  const Instant led = now_;
  bool stopped = false;
  now_ += seconds(2);
  LeaseCommand command = machine_.OnWaited(now_, wall_);
  while (!stopped) {
    EXPECT_LE(command.until, led + seconds(10)) << "no request may outlast the time to renew";
    now_ = std::min(command.until, now_ + seconds(3));
    command = command.what == LeaseDo::kWait ? machine_.OnWaited(now_, wall_)
                                             : machine_.OnFailed(ErrorOf(Code::kUnavailable), now_);
    stopped = command.stopped;
  }
  EXPECT_EQ(now_, led + seconds(10));
  EXPECT_EQ(machine_.state(), LeaseState::kLost);
  EXPECT_EQ(machine_.held_until(), Instant{});
}

TEST_F(LeaseMachineTest, AMachineThatWasSuspendedWakesUpWithoutTheLease) {
  Lead();
  now_ += std::chrono::hours(8);
  EXPECT_LT(machine_.held_until(), now_);
  const LeaseCommand command = machine_.OnWaited(now_, wall_);
  EXPECT_TRUE(command.stopped);
  EXPECT_EQ(command.what, LeaseDo::kRead);
}

TEST_F(LeaseMachineTest, AParkedProcessComesBackWhenNobodyElseTookTheLease) {
  Lead();
  now_ += seconds(10);
  EXPECT_TRUE(machine_.OnFailed(ErrorOf(Code::kUnavailable), now_).stopped);
  machine_.OnWaited(now_, wall_);
  const LeaseCommand command = machine_.OnRead(HeldBy("us", "1"), now_, wall_);
  EXPECT_EQ(command.what, LeaseDo::kUpdate);
  EXPECT_EQ(command.record.transitions, 4) << "no other process held it in between";
  EXPECT_TRUE(machine_.OnWritten("2", now_, now_).started);
}

TEST_F(LeaseMachineTest, ALeaseTakenByAnotherEndsLeadingAtOnce) {
  Lead();
  now_ += seconds(2);
  machine_.OnWaited(now_, wall_);
  EXPECT_EQ(machine_.OnFailed(ErrorOf(Code::kConflict), now_).what, LeaseDo::kRead);
  const LeaseCommand command = machine_.OnRead(HeldBy("them", "7"), now_, wall_);
  EXPECT_TRUE(command.stopped);
  EXPECT_EQ(machine_.held_until(), Instant{});
}

TEST_F(LeaseMachineTest, ALeaderWhoseLeaseIsDeletedReadsAtOnceAndCreatesItAgain) {
  Lead();
  now_ += seconds(2);
  machine_.OnWaited(now_, wall_);
  EXPECT_EQ(machine_.OnFailed(ErrorOf(Code::kNotFound), now_).what, LeaseDo::kRead);
  EXPECT_EQ(machine_.OnRead(std::nullopt, now_, wall_).what, LeaseDo::kCreate);
  const LeaseCommand command = machine_.OnWritten("9", now_, now_);
  EXPECT_EQ(command.what, LeaseDo::kWait);
  EXPECT_FALSE(command.started) << "it led all the time";
  EXPECT_EQ(machine_.state(), LeaseState::kLeading);
}

TEST_F(LeaseMachineTest, ALeaderWhoseDeletedLeaseWasRecreatedByAnotherStopsLeading) {
  Lead();
  now_ += seconds(2);
  machine_.OnWaited(now_, wall_);
  machine_.OnFailed(ErrorOf(Code::kNotFound), now_);
  machine_.OnRead(std::nullopt, now_, wall_);
  EXPECT_EQ(machine_.OnFailed(ErrorOf(Code::kAlreadyExists), now_).what, LeaseDo::kRead);
  EXPECT_TRUE(machine_.OnRead(HeldBy("them", "9"), now_, wall_).stopped);
  EXPECT_EQ(machine_.held_until(), Instant{});
}

TEST_F(LeaseMachineTest, ALeaseThatCannotBeCreatedIsNotRetriedInATightLoop) {
  Lead();
  now_ += seconds(2);
  machine_.OnWaited(now_, wall_);
  machine_.OnFailed(ErrorOf(Code::kNotFound), now_);
  machine_.OnRead(std::nullopt, now_, wall_);
  EXPECT_EQ(machine_.OnFailed(ErrorOf(Code::kNotFound), now_).what, LeaseDo::kWait)
      << "the namespace is gone too";
}

TEST_F(LeaseMachineTest, ADeletedLeaseIsNotCreatedByOthersBeforeItsHolderGaveUp) {
  machine_.Start(now_);
  machine_.OnRead(HeldBy("them", "1"), now_, wall_);
  now_ += milliseconds(14999);
  EXPECT_EQ(machine_.OnRead(std::nullopt, now_, wall_).what, LeaseDo::kWait)
      << "they have not noticed yet, and still hold it";
  now_ += milliseconds(1);
  EXPECT_EQ(machine_.OnRead(std::nullopt, now_, wall_).what, LeaseDo::kCreate);
}

TEST_F(LeaseMachineTest, AReleasedLeaseThatIsDeletedIsCreatedImmediately) {
  machine_.Start(now_);
  machine_.OnRead(HeldBy("", "1", 1), now_, wall_);
  EXPECT_EQ(machine_.OnRead(std::nullopt, now_, wall_).what, LeaseDo::kCreate);
}

TEST_F(LeaseMachineTest, AnAnswerThatTookTooLongDoesNotMakeALeader) {
  machine_.Start(now_);
  machine_.OnRead(std::nullopt, now_, wall_);
  const LeaseCommand command = machine_.OnWritten("1", now_, now_ + seconds(12));
  EXPECT_FALSE(command.started);
  EXPECT_EQ(command.what, LeaseDo::kRead);
  EXPECT_EQ(machine_.held_until(), Instant{});
}

TEST_F(LeaseMachineTest, ReleasesAsClientGoDoes) {
  EXPECT_FALSE(machine_.Release(wall_).has_value());
  Lead();
  const auto command = machine_.Release(wall_);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->what, LeaseDo::kUpdate);
  EXPECT_EQ(command->record.holder, "");
  EXPECT_EQ(command->record.duration_seconds, 1);
  EXPECT_EQ(machine_.held_until(), Instant{});
}

}  // namespace
}  // namespace capstan::runtime
