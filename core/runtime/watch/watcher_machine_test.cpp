#include <capstan/core/runtime/watch/watcher_machine.hpp>

#include <gtest/gtest.h>

#include <utility>
#include <variant>
#include <vector>

namespace capstan::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

kube::ListHead Head(std::string version, std::string token = "") {
  return {std::move(version), std::move(token), {}};
}

Error Failed(Code code, int status = 0) { return MakeError(code, "for a test", Sent::kNo, status); }

template <class Action>
bool Does(const WatcherCommand& command) {
  return std::holds_alternative<Action>(command.action);
}
// Throws, and so fails the test, if the command has another action.
const WatcherAction::ListPage& Page(const WatcherCommand& command) {
  return std::get<WatcherAction::ListPage>(command.action);
}
const WatcherAction::OpenWatch& Opened(const WatcherCommand& command) {
  return std::get<WatcherAction::OpenWatch>(command.action);
}
Instant Until(const WatcherCommand& command) {
  const auto* wait = std::get_if<WatcherAction::Wait>(&command.action);
  return wait != nullptr ? wait->until : std::get<WatcherAction::NextEvent>(command.action).until;
}

class WatcherMachineTest : public testing::Test {
 protected:
  static WatcherOptions Pages() {
    WatcherOptions options;
    options.streaming_list = false;
    return options;
  }
  // A machine that has listed up to version 100 and whose watch is open.
  WatcherMachine Watching(WatcherOptions options = Pages()) {
    WatcherMachine machine(options, *random_);
    machine.Start(now_);
    machine.OnListed(Head("100"), now_);
    machine.OnWatchOpened(now_);
    return machine;
  }
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  Instant now_ = Instant{} + std::chrono::hours(1);
};

TEST_F(WatcherMachineTest, ListsPageByPageAndCompletesOnlyAfterTheLast) {
  WatcherMachine machine(Pages(), *random_);
  WatcherCommand command = machine.Start(now_);
  EXPECT_TRUE(Does<WatcherAction::ListPage>(command));
  EXPECT_EQ(Page(command).limit, 500);
  EXPECT_TRUE(command.begin_replace);
  command = machine.OnListed(Head("100", "next"), now_);
  EXPECT_TRUE(Does<WatcherAction::ListPage>(command));
  EXPECT_EQ(Page(command).continue_token, "next");
  EXPECT_FALSE(command.end_replace);
  EXPECT_FALSE(command.begin_replace);
  EXPECT_FALSE(machine.synced());
  command = machine.OnListed(Head("100"), now_);
  EXPECT_TRUE(command.end_replace);
  EXPECT_TRUE(Does<WatcherAction::OpenWatch>(command));
  EXPECT_EQ(Opened(command).resource_version, "100");
  EXPECT_TRUE(machine.synced());
  EXPECT_EQ(machine.position(), 100u);
}

TEST_F(WatcherMachineTest, AHalfListIsNeverAnnounced) {
  WatcherMachine machine(Pages(), *random_);
  machine.Start(now_);
  machine.OnListed(Head("100", "next"), now_);
  WatcherCommand command = machine.OnFailed(Failed(Code::kDataLoss), now_);
  EXPECT_TRUE(Does<WatcherAction::Wait>(command));
  EXPECT_FALSE(command.end_replace);
  command = machine.OnWaited(Until(command));
  EXPECT_TRUE(command.begin_replace) << "the next list starts from the beginning";
  EXPECT_EQ(Page(command).continue_token, "");
}

TEST_F(WatcherMachineTest, AContinueTokenThatExpiredLeadsToAListInOnePiece) {
  WatcherMachine machine(Pages(), *random_);
  machine.Start(now_);
  machine.OnListed(Head("100", "next"), now_);
  const WatcherCommand command = machine.OnFailed(Failed(Code::kGone, 410), now_);
  EXPECT_TRUE(Does<WatcherAction::ListPage>(command));
  EXPECT_EQ(Page(command).limit, 0);
  EXPECT_TRUE(command.begin_replace);
}

TEST_F(WatcherMachineTest, AStreamingListCompletesAtItsClosingBookmark) {
  WatcherMachine machine(WatcherOptions{}, *random_);
  WatcherCommand command = machine.Start(now_);
  EXPECT_TRUE(Does<WatcherAction::OpenWatch>(command));
  EXPECT_TRUE(Opened(command).streaming);
  EXPECT_TRUE(command.begin_replace);
  machine.OnWatchOpened(now_);
  command = machine.OnEvent("90", false, now_);
  EXPECT_FALSE(command.end_replace);
  command = machine.OnEvent("100", true, now_);
  EXPECT_TRUE(command.end_replace);
  EXPECT_TRUE(Does<WatcherAction::NextEvent>(command)) << "the same watch continues";
  EXPECT_EQ(machine.position(), 100u);
}

TEST_F(WatcherMachineTest, AServerWithoutStreamingListsIsListedInPagesImmediately) {
  for (const int status : {400, 422}) {
    WatcherMachine machine(WatcherOptions{}, *random_);
    machine.Start(now_);
    const WatcherCommand command = machine.OnFailed(Failed(Code::kInvalidArgument, status), now_);
    EXPECT_TRUE(Does<WatcherAction::ListPage>(command));
    EXPECT_TRUE(command.begin_replace);
    EXPECT_FALSE(command.report);
    machine.OnListed(Head("5"), now_);
    machine.OnWatchOpened(now_);
    EXPECT_TRUE(Does<WatcherAction::ListPage>(machine.OnFailed(Failed(Code::kGone, 410), now_)))
        << "and forever after";
  }
}

TEST_F(WatcherMachineTest, AStreamingListThatFallsSilentIsGivenUpForPages) {
  WatcherMachine machine(WatcherOptions{}, *random_);
  machine.Start(now_);
  WatcherCommand command = machine.OnWatchOpened(now_);
  EXPECT_EQ(Until(command), now_ + seconds(60));
  command = machine.OnFailed(Failed(Code::kDeadlineExceeded), Until(command));
  EXPECT_TRUE(command.close_watch);
  EXPECT_TRUE(Does<WatcherAction::ListPage>(command));
}

TEST_F(WatcherMachineTest, AStreamingListThatIsCutRestsAndStartsAgain) {
  WatcherMachine machine(WatcherOptions{}, *random_);
  machine.Start(now_);
  machine.OnWatchOpened(now_);
  machine.OnEvent("90", false, now_);
  WatcherCommand command = machine.OnWatchEnded(now_);
  EXPECT_TRUE(Does<WatcherAction::Wait>(command));
  EXPECT_FALSE(command.end_replace);
  command = machine.OnWaited(Until(command));
  EXPECT_TRUE(command.begin_replace);
  EXPECT_TRUE(Opened(command).streaming);
}

TEST_F(WatcherMachineTest, AWatchContinuesFromTheLastEventOrBookmark) {
  WatcherMachine machine = Watching();
  machine.OnEvent("140", false, now_);
  now_ += minutes(8);
  const WatcherCommand command = machine.OnWatchEnded(now_);
  EXPECT_TRUE(Does<WatcherAction::OpenWatch>(command));
  EXPECT_EQ(Opened(command).resource_version, "140");
}

TEST_F(WatcherMachineTest, AnExpiredVersionLeadsToARelistFirstImmediatelyAndThenWithBackoff) {
  WatcherMachine machine = Watching();
  WatcherCommand command = machine.OnFailed(Failed(Code::kGone, 410), now_);
  EXPECT_TRUE(command.close_watch);
  EXPECT_TRUE(Does<WatcherAction::ListPage>(command));
  EXPECT_TRUE(command.begin_replace);
  EXPECT_TRUE(command.report) << "the log should explain why everything is relisted";
  machine.OnListed(Head("200"), now_);
  machine.OnWatchOpened(now_);
  command = machine.OnFailed(Failed(Code::kGone, 410), now_);
  EXPECT_TRUE(Does<WatcherAction::Wait>(command));
  EXPECT_TRUE(Does<WatcherAction::ListPage>(machine.OnWaited(Until(command))));
}

TEST_F(WatcherMachineTest, SilenceIsJudgedAgainstTheTimeAskedForPlusSlack) {
  WatcherMachine machine(Pages(), *random_);
  machine.Start(now_);
  WatcherCommand command = machine.OnListed(Head("100"), now_);
  EXPECT_GE(Opened(command).timeout, seconds(300));
  EXPECT_LE(Opened(command).timeout, seconds(450));
  const auto asked = Opened(command).timeout;
  command = machine.OnWatchOpened(now_);
  EXPECT_EQ(Until(command), now_ + asked + seconds(30));
  command = machine.OnFailed(Failed(Code::kDeadlineExceeded), Until(command));
  EXPECT_TRUE(command.close_watch);
  EXPECT_TRUE(Does<WatcherAction::ListOne>(command))
      << "immediately: the peer is dead, the server may be alive";
}

TEST_F(WatcherMachineTest, AWhollySilentWatchIsDoubtedByListingOneItem) {
  WatcherMachine machine = Watching();
  now_ += minutes(6);
  WatcherCommand command = machine.OnWatchEnded(now_);
  EXPECT_TRUE(Does<WatcherAction::ListOne>(command));
  command = machine.OnListedOne(Head("130"), now_);
  EXPECT_TRUE(Does<WatcherAction::OpenWatch>(command));
  EXPECT_EQ(Opened(command).resource_version, "100") << "changes between 100 and 130 are not known yet";
}

TEST_F(WatcherMachineTest, AnOlderVersionOnTheServerMeansThatItWasRestored) {
  WatcherMachine machine = Watching();
  now_ += minutes(6);
  machine.OnWatchEnded(now_);
  const WatcherCommand command = machine.OnListedOne(Head("60"), now_);
  EXPECT_TRUE(Does<WatcherAction::ListPage>(command));
  EXPECT_TRUE(command.begin_replace);
  EXPECT_TRUE(command.begin_replace->compare_bytes);
  EXPECT_TRUE(machine.OnListed(Head("60"), now_).end_replace);
  EXPECT_EQ(machine.position(), 60u);
}

TEST_F(WatcherMachineTest, ALostConnectionIsDoubtedBeforeItIsTrustedAgain) {
  WatcherMachine machine = Watching();
  WatcherCommand command = machine.OnFailed(Failed(Code::kUnavailable), now_);
  EXPECT_TRUE(Does<WatcherAction::Wait>(command));
  EXPECT_TRUE(Does<WatcherAction::ListOne>(machine.OnWaited(Until(command))));
}

TEST_F(WatcherMachineTest, ALaterListComparesBytesBecauseEqualVersionsMayBelongToAnotherHistory) {
  WatcherMachine machine(Pages(), *random_);
  EXPECT_FALSE(machine.Start(now_).begin_replace->compare_bytes) << "there is nothing to compare with";
  machine.OnListed(Head("100"), now_);
  machine.OnWatchOpened(now_);
  EXPECT_TRUE(machine.OnFailed(Failed(Code::kGone, 410), now_).begin_replace->compare_bytes);
}

TEST_F(WatcherMachineTest, AListOfAnOlderStateIsTakenAndReported) {
  WatcherMachine machine = Watching();
  machine.OnFailed(Failed(Code::kGone, 410), now_);
  const WatcherCommand command = machine.OnListed(Head("60"), now_);
  EXPECT_TRUE(command.end_replace);
  EXPECT_EQ(machine.position(), 60u);
  EXPECT_NE(command.notice.find("from 100 to 60"), std::string::npos) << command.notice;
}

TEST_F(WatcherMachineTest, AnEventOfAnOlderStateMeansThatTheServerWasRestoredUnderTheOpenWatch) {
  WatcherMachine machine = Watching();
  WatcherCommand command = machine.OnEvent("60", false, now_);
  EXPECT_TRUE(command.close_watch);
  EXPECT_TRUE(Does<WatcherAction::ListPage>(command));
  EXPECT_TRUE(command.begin_replace);
  EXPECT_EQ(machine.position(), 100u) << "nothing is complete as of 60 yet";
  EXPECT_FALSE(machine.OnListed(Head("61"), now_).notice.empty());
  machine.OnWatchOpened(now_);
  command = machine.OnEvent("40", false, now_);
  EXPECT_TRUE(Does<WatcherAction::Wait>(command)) << "a server that does so repeatedly gets a backoff";
  EXPECT_TRUE(Does<WatcherAction::ListPage>(machine.OnWaited(Until(command))));
}

TEST_F(WatcherMachineTest, AfterAnOutageEverythingIsRelistedBecauseTheHistoryMayHaveGrownPastUs) {
  WatcherMachine machine = Watching();
  WatcherCommand command = machine.OnFailed(Failed(Code::kDataLoss), now_);  // cut
  EXPECT_TRUE(Does<WatcherAction::ListOne>(machine.OnWaited(Until(command))));
  command = machine.OnFailed(Failed(Code::kUnavailable), now_);  // the server is unreachable
  EXPECT_TRUE(Does<WatcherAction::ListPage>(machine.OnWaited(Until(command))));
  command = machine.OnListed(Head("130"), now_);
  EXPECT_TRUE(command.end_replace);
  machine.OnWatchOpened(now_);
  command = machine.OnFailed(Failed(Code::kDataLoss), now_);
  EXPECT_TRUE(Does<WatcherAction::ListOne>(machine.OnWaited(Until(command)))) << "that outage is over";
}

TEST_F(WatcherMachineTest, AServerThatIsThereAndRefusesIsNoOutage) {
  for (const int status : {401, 403, 429}) {
    WatcherMachine machine = Watching();
    machine.OnFailed(Failed(Code::kDataLoss), now_);
    machine.OnWaited(now_);
    const WatcherCommand command = machine.OnFailed(Failed(Code::kUnauthenticated, status), now_);
    EXPECT_TRUE(Does<WatcherAction::ListOne>(machine.OnWaited(Until(command)))) << status;
  }
}

TEST_F(WatcherMachineTest, AWatchThatBreaksAfterALongSilenceIsNotTrustedToGoOn) {
  WatcherMachine machine = Watching();
  now_ += seconds(301);
  const WatcherCommand command = machine.OnFailed(Failed(Code::kDataLoss), now_);
  EXPECT_TRUE(Does<WatcherAction::ListPage>(machine.OnWaited(Until(command))));
}

TEST_F(WatcherMachineTest, AWatchThatEndsBeforeItsTimeIsDoubted) {
  WatcherMachine machine = Watching();
  machine.OnEvent("140", false, now_);
  now_ += seconds(20);
  EXPECT_TRUE(Does<WatcherAction::ListOne>(machine.OnWatchEnded(now_)))
      << "a server that is shutting down does that";
}

TEST_F(WatcherMachineTest, ARetryAfterOfADayIsNotHonoured) {
  WatcherMachine machine = Watching();
  Error error = Failed(Code::kResourceExhausted, 429);
  error.retry_after = std::chrono::hours(24);
  EXPECT_EQ(Until(machine.OnFailed(error, now_)), now_ + minutes(5));
}

TEST_F(WatcherMachineTest, AnOutageIsReportedOnceWhateverItsSymptoms) {
  WatcherMachine machine = Watching();
  int reports = 0;
  for (const auto& [code, status] : std::vector<std::pair<Code, int>>{{Code::kDataLoss, 200},
                                                                      {Code::kUnavailable, 0},
                                                                      {Code::kDeadlineExceeded, 0},
                                                                      {Code::kUnavailable, 503},
                                                                      {Code::kPermissionDenied, 403},
                                                                      {Code::kUnavailable, 503},
                                                                      {Code::kNotFound, 404}}) {
    const WatcherCommand command = machine.OnFailed(Failed(code, status), now_);
    reports += command.report;
    machine.OnWaited(now_);
  }
  EXPECT_EQ(reports, 1);
  machine.OnWaited(now_);
  EXPECT_FALSE(machine.OnFailed(Failed(Code::kNotFound, 404), now_).report) << "not yet served, perhaps";
  machine.OnWaited(now_);
  now_ += seconds(16);
  EXPECT_TRUE(machine.OnFailed(Failed(Code::kNotFound, 404), now_).report) << "what stays is announced";
}

TEST_F(WatcherMachineTest, AfterAnOutageAMissingKindIsBelievedLater) {
  WatcherMachine machine = Watching();
  machine.OnFailed(Failed(Code::kDataLoss), now_);
  machine.OnWaited(now_);
  machine.OnFailed(Failed(Code::kUnavailable), now_);
  machine.OnWaited(now_);
  EXPECT_FALSE(machine.OnFailed(Failed(Code::kNotFound, 404), now_).end_replace);
  now_ += seconds(59);
  machine.OnWaited(now_);
  EXPECT_FALSE(machine.OnFailed(Failed(Code::kNotFound, 404), now_).end_replace);
  now_ += seconds(1);
  machine.OnWaited(now_);
  EXPECT_TRUE(machine.OnFailed(Failed(Code::kNotFound, 404), now_).end_replace);
}

TEST_F(WatcherMachineTest, NoticingThatAPeerIsDeadIsNoSignOfLife) {
  WatcherMachine machine = Watching();
  const Instant opened = now_;
  now_ += minutes(8);
  // The status is from the head, received long ago.
  machine.OnFailed(Failed(Code::kDeadlineExceeded, 200), now_);
  EXPECT_EQ(machine.last_sign_of_life(), opened);
}

TEST_F(WatcherMachineTest, TheServersRetryAfterIsHonoured) {
  WatcherMachine machine(Pages(), *random_);
  machine.Start(now_);
  Error error = Failed(Code::kResourceExhausted, 429);
  error.retry_after = seconds(50);
  EXPECT_EQ(Until(machine.OnFailed(error, now_)), now_ + seconds(50));
}

TEST_F(WatcherMachineTest, BackoffGrowsUpToItsLimitAndIsResetOnceTheServerAnswersAgain) {
  WatcherMachine machine = Watching();
  Duration last{};
  for (int i = 0; i < 12; ++i) {
    const WatcherCommand command = machine.OnFailed(Failed(Code::kUnavailable), now_);
    last = Until(command) - now_;
    EXPECT_LE(last, seconds(30));
    now_ = Until(command);
    machine.OnWaited(now_);
  }
  EXPECT_GE(last, seconds(15));
  machine.OnListed(Head("100"), now_);
  machine.OnWatchOpened(now_);
  machine.OnEvent("101", false, now_);
  EXPECT_LE(Until(machine.OnFailed(Failed(Code::kUnavailable), now_)) - now_, seconds(1));
}

TEST_F(WatcherMachineTest, AServerThatEndsEveryWatchImmediatelyIsNotRequestedInATightLoop) {
  WatcherMachine machine = Watching();
  WatcherCommand command = machine.OnWatchEnded(now_ + std::chrono::milliseconds(5));
  EXPECT_TRUE(Does<WatcherAction::Wait>(command));
  EXPECT_FALSE(command.report) << "once may be chance";
  machine.OnWaited(now_);
  machine.OnListedOne(Head("100"), now_);
  machine.OnWatchOpened(now_);
  command = machine.OnWatchEnded(now_ + std::chrono::milliseconds(5));
  EXPECT_TRUE(Does<WatcherAction::Wait>(command));
  EXPECT_TRUE(command.report);
}

TEST_F(WatcherMachineTest, AMissingKindIsReportedOnceAMinute) {
  WatcherMachine machine(Pages(), *random_);
  machine.Start(now_);
  const Instant start = now_;
  int reports = 0;
  while (now_ - start < minutes(10)) {
    const WatcherCommand command = machine.OnFailed(Failed(Code::kNotFound, 404), now_);
    EXPECT_TRUE(Does<WatcherAction::Wait>(command));
    EXPECT_FALSE(command.end_replace) << "nothing was known, so nothing is gone";
    reports += command.report;
    now_ = Until(command);
    machine.OnWaited(now_);
  }
  EXPECT_GE(reports, 6);
  EXPECT_LE(reports, 11);
}

TEST_F(WatcherMachineTest, ObjectsOfAKindThatStaysAbsentCountAsDeleted) {
  WatcherMachine machine = Watching();
  const Instant start = now_;
  WatcherCommand command = machine.OnFailed(Failed(Code::kNotFound, 404), now_);
  EXPECT_FALSE(command.end_replace) << "one 404 proves nothing";
  int emptied = 0;
  while (now_ - start < minutes(3)) {
    now_ = Until(command);
    EXPECT_TRUE(Does<WatcherAction::ListPage>(machine.OnWaited(now_)));
    command = machine.OnFailed(Failed(Code::kNotFound, 404), now_);
    if (command.end_replace) {
      ++emptied;
      EXPECT_GE(now_ - start, seconds(15));
    }
  }
  EXPECT_EQ(emptied, 1);
}

TEST_F(WatcherMachineTest, ANewProblemIsReportedImmediatelyAndEndsWhenAWatchIsOpen) {
  WatcherMachine machine = Watching();
  EXPECT_TRUE(machine.OnFailed(Failed(Code::kUnauthenticated, 401), now_).report);
  machine.OnWaited(now_);
  EXPECT_FALSE(machine.OnFailed(Failed(Code::kUnauthenticated, 401), now_).report);
  machine.OnWaited(now_);
  EXPECT_FALSE(machine.OnFailed(Failed(Code::kPermissionDenied, 403), now_).report) << "once may be chance";
  machine.OnWaited(now_);
  EXPECT_TRUE(machine.OnFailed(Failed(Code::kPermissionDenied, 403), now_).report);
  ASSERT_TRUE(machine.trouble().has_value());
  machine.OnWaited(now_);
  machine.OnListedOne(Head("100"), now_);
  machine.OnWatchOpened(now_);
  EXPECT_FALSE(machine.trouble().has_value());
}

TEST_F(WatcherMachineTest, KnowsWhenTheServerLastGaveASignOfLife) {
  WatcherMachine machine = Watching();
  const Instant opened = now_;
  now_ += minutes(1);
  machine.OnFailed(Failed(Code::kUnavailable), now_);
  EXPECT_EQ(machine.last_sign_of_life(), opened);
  machine.OnWaited(now_);
  machine.OnFailed(Failed(Code::kPermissionDenied, 403), now_);
  EXPECT_EQ(machine.last_sign_of_life(), now_) << "a refusal is a sign of life";
}

}  // namespace
}  // namespace capstan::runtime
