#include <capstan/core/runtime/queue/workqueue_core.hpp>

#include <gtest/gtest.h>

#include <map>

namespace capstan::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

kube::ObjectKey Key(const std::string& name) { return {"default", name}; }

class WorkqueueCoreTest : public testing::Test {
 protected:
  // Name of the next key, or "" when none is due.
  std::string Take() {
    const auto taken = queue_.Take(now_);
    last_ = taken.value_or(TakenKey{});
    return taken ? taken->key.name : "";
  }
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  WorkqueueCore queue_{WorkqueueOptions{{seconds(1), seconds(60), 2.0, 0.5}, 8}, *random_};
  Instant now_ = Instant{} + std::chrono::hours(1);
  TakenKey last_;
};

TEST_F(WorkqueueCoreTest, KeepsAKeyOnceHoweverOftenItIsAdded) {
  for (int i = 0; i < 3; ++i) queue_.Add(Key("a"), Priority::kUser, now_);
  EXPECT_EQ(Take(), "a");
  queue_.Done(Key("a"), now_);
  EXPECT_EQ(Take(), "");
}

TEST_F(WorkqueueCoreTest, HoldsAKeyWhileItIsBeingProcessedAndGivesItAgainAfterwards) {
  queue_.Add(Key("a"), Priority::kUser, now_);
  EXPECT_EQ(Take(), "a");
  queue_.Add(Key("a"), Priority::kUser, now_);
  EXPECT_EQ(Take(), "");
  queue_.Done(Key("a"), now_);
  EXPECT_EQ(Take(), "a");
}

TEST_F(WorkqueueCoreTest, GivesADelayedKeyWhenItIsDue) {
  queue_.Add(Key("a"), Priority::kPoll, now_, seconds(5));
  EXPECT_EQ(Take(), "");
  EXPECT_EQ(queue_.NextDue(), now_ + seconds(5));
  now_ += seconds(5);
  EXPECT_EQ(Take(), "a");
}

TEST_F(WorkqueueCoreTest, ALongPollIsDueAtAWholeSecondAndNothingElseIsPutOff) {
  now_ += milliseconds(300);
  queue_.Add(Key("poll"), Priority::kPoll, now_, kLongPoll);
  EXPECT_EQ(queue_.NextDue(), now_ + kLongPoll + milliseconds(700));
  queue_.Add(Key("retry"), Priority::kRetry, now_, kLongPoll + milliseconds(10));
  EXPECT_EQ(queue_.NextDue(), now_ + kLongPoll + milliseconds(10));
  queue_.Add(Key("short"), Priority::kPoll, now_, kLongPoll - milliseconds(10));
  EXPECT_EQ(queue_.NextDue(), now_ + kLongPoll - milliseconds(10));
  queue_.Add(Key("never"), Priority::kPoll, now_, Duration::max());
  EXPECT_EQ(queue_.stats().delayed, 4u);
}

TEST_F(WorkqueueCoreTest, ReadyPollsNeedAnotherWorkerLaterAndEverythingElseAtOnce) {
  queue_.Add(Key("poll"), Priority::kPoll, now_);
  EXPECT_EQ(queue_.NextWake(), now_ + kPollPatience);
  queue_.Add(Key("soon"), Priority::kRetry, now_, milliseconds(10));
  EXPECT_EQ(queue_.NextWake(), now_ + milliseconds(10));
  queue_.Add(Key("changed"), Priority::kUser, now_);
  EXPECT_LE(queue_.NextWake(), now_);
}

TEST_F(WorkqueueCoreTest, AnEarlierAddBringsADelayedKeyForward) {
  queue_.Add(Key("a"), Priority::kPoll, now_, seconds(5));
  queue_.Add(Key("a"), Priority::kUser, now_);
  EXPECT_EQ(Take(), "a");
  queue_.Done(Key("a"), now_);
  now_ += seconds(10);
  EXPECT_EQ(Take(), "") << "the poll was answered by the change";
}

TEST_F(WorkqueueCoreTest, ALaterAddDoesNotPutAKeyOff) {
  queue_.Add(Key("a"), Priority::kUser, now_);
  queue_.Add(Key("a"), Priority::kPoll, now_, seconds(5));
  EXPECT_EQ(Take(), "a");
}

TEST_F(WorkqueueCoreTest, ChangesByUsersGoAheadOfTheFirstListAndOfPolls) {
  queue_.Add(Key("poll"), Priority::kPoll, now_);
  queue_.Add(Key("listed-1"), Priority::kListed, now_);
  queue_.Add(Key("listed-2"), Priority::kListed, now_);
  queue_.Add(Key("changed"), Priority::kUser, now_);
  queue_.Add(Key("listed-2"), Priority::kUser, now_);
  EXPECT_EQ(Take(), "changed");
  EXPECT_EQ(Take(), "listed-2");
  EXPECT_EQ(Take(), "listed-1");
  EXPECT_EQ(Take(), "poll");
}

TEST_F(WorkqueueCoreTest, AFloodOfChangesDoesNotStarveTheFirstList) {
  queue_.Add(Key("listed"), Priority::kListed, now_);
  int before = 0;
  for (int i = 0; i < 100; ++i) {
    queue_.Add(Key("changed-" + std::to_string(i)), Priority::kUser, now_);
    if (Take() == "listed") break;
    ++before;
  }
  EXPECT_EQ(before, 8);
}

TEST_F(WorkqueueCoreTest, EachFailureOfAKeyWaitsLongerAndSuccessResetsTheBackoff) {
  std::vector<Duration> delays;
  for (int i = 0; i < 4; ++i) {
    queue_.Add(Key("a"), Priority::kUser, now_);
    ASSERT_EQ(Take(), "a");
    delays.push_back(queue_.Retry(Key("a"), now_, {}));
    queue_.Done(Key("a"), now_);
    EXPECT_EQ(Take(), "") << "not before its backoff";
    now_ += delays.back();
    ASSERT_EQ(Take(), "a");
    queue_.Done(Key("a"), now_);
  }
  const std::vector<seconds> full = {seconds(1), seconds(2), seconds(4), seconds(8)};
  for (std::size_t i = 0; i < delays.size(); ++i) {
    EXPECT_LE(delays[i], full[i]);
    EXPECT_GE(delays[i], full[i] / 2);
  }
  EXPECT_EQ(queue_.failures(Key("a")), 4);
  queue_.Forget(Key("a"));
  EXPECT_EQ(queue_.failures(Key("a")), 0);
}

TEST_F(WorkqueueCoreTest, RetryAfterDelaysARetryAndNeverAdvancesIt) {
  queue_.Add(Key("a"), Priority::kUser, now_);
  Take();
  EXPECT_EQ(queue_.Retry(Key("a"), now_, seconds(40)), seconds(40));
  queue_.Done(Key("a"), now_);
  now_ += seconds(39);
  EXPECT_EQ(Take(), "");
  now_ += seconds(1);
  EXPECT_EQ(Take(), "a");
}

TEST_F(WorkqueueCoreTest, AChangeEndsTheWaitForARetry) {
  queue_.Add(Key("a"), Priority::kUser, now_);
  Take();
  queue_.Retry(Key("a"), now_, seconds(40));
  queue_.Done(Key("a"), now_);
  queue_.Add(Key("a"), Priority::kUser, now_);
  EXPECT_EQ(Take(), "a");
}

TEST_F(WorkqueueCoreTest, AHeldKeyWaitsUntilTheCacheHasSeenTheWrite) {
  queue_.Add(Key("a"), Priority::kUser, now_);
  Take();
  queue_.Hold(Key("a"), 70, now_ + seconds(5));
  queue_.Add(Key("a"), Priority::kUser, now_);
  queue_.Done(Key("a"), now_);
  EXPECT_EQ(Take(), "");
  EXPECT_FALSE(queue_.Seen(Key("a"), 69, now_)) << "an older version is not the write";
  EXPECT_EQ(Take(), "");
  EXPECT_TRUE(queue_.Seen(Key("a"), 70, now_));
  EXPECT_EQ(Take(), "a");
  EXPECT_FALSE(last_.fresh);
}

TEST_F(WorkqueueCoreTest, ANewerVersionEndsAHoldWithoutBeingOurWrite) {
  queue_.Add(Key("a"), Priority::kUser, now_);
  Take();
  queue_.Hold(Key("a"), 70, now_ + seconds(5));
  EXPECT_FALSE(queue_.Seen(Key("a"), 71, now_));
  queue_.Done(Key("a"), now_);
  EXPECT_EQ(queue_.stats().held, 0u);
  EXPECT_EQ(Take(), "") << "nothing requested it";
}

TEST_F(WorkqueueCoreTest, AHoldThatIsNeverSeenEndsWithAFreshRead) {
  queue_.Add(Key("a"), Priority::kUser, now_);
  Take();
  queue_.Hold(Key("a"), 70, now_ + seconds(5));
  queue_.Done(Key("a"), now_);
  EXPECT_EQ(queue_.NextDue(), now_ + seconds(5));
  now_ += seconds(5);
  EXPECT_EQ(Take(), "a");
  EXPECT_TRUE(last_.fresh);
  queue_.Done(Key("a"), now_);
  queue_.Add(Key("a"), Priority::kUser, now_);
  EXPECT_EQ(Take(), "a");
  EXPECT_FALSE(last_.fresh) << "the request for a fresh read is used up";
  EXPECT_EQ(queue_.stats().holds_expired, 1u);
}

TEST_F(WorkqueueCoreTest, ABookmarkEndsEveryHoldItCovers) {
  for (const auto& [name, version] : std::map<std::string, std::uint64_t>{{"a", 70}, {"b", 80}, {"c", 90}}) {
    queue_.Add(Key(name), Priority::kUser, now_);
    ASSERT_EQ(Take(), name);
    queue_.Hold(Key(name), version, now_ + seconds(5));
    queue_.Add(Key(name), Priority::kUser, now_);
    queue_.Done(Key(name), now_);
  }
  queue_.SeenAll(80, now_);
  EXPECT_EQ(Take(), "a");
  EXPECT_EQ(Take(), "b");
  EXPECT_EQ(Take(), "");
  EXPECT_EQ(queue_.stats().held, 1u);
}

TEST_F(WorkqueueCoreTest, AHoldThatEndsWhileTheKeyIsProcessedGivesItToNoOtherWorker) {
  for (const bool by_bookmark : {false, true}) {
    queue_.Add(Key("a"), Priority::kUser, now_);
    ASSERT_EQ(Take(), "a");
    queue_.Hold(Key("a"), 70, now_ + seconds(5));
    queue_.Add(Key("a"), Priority::kUser, now_);
    if (by_bookmark) {
      queue_.SeenAll(70, now_);
    } else {
      queue_.Seen(Key("a"), 70, now_);
    }
    EXPECT_EQ(Take(), "") << "a worker still has it";
    queue_.Done(Key("a"), now_);
    ASSERT_EQ(Take(), "a");
    queue_.Done(Key("a"), now_);
  }
}

TEST_F(WorkqueueCoreTest, APollDuringAHoldKeepsItsOwnTime) {
  queue_.Add(Key("a"), Priority::kUser, now_);
  Take();
  queue_.Hold(Key("a"), 70, now_ + seconds(5));
  queue_.Add(Key("a"), Priority::kPoll, now_, seconds(30));
  queue_.Done(Key("a"), now_);
  queue_.Seen(Key("a"), 70, now_);
  EXPECT_EQ(Take(), "");
  EXPECT_EQ(queue_.NextDue(), now_ + seconds(30));
}

TEST_F(WorkqueueCoreTest, ReportsHowLongKeysWaitedAndHowLongTheyAreBeingProcessed) {
  queue_.Add(Key("a"), Priority::kUser, now_);
  now_ += milliseconds(300);
  Take();
  EXPECT_EQ(last_.waited, milliseconds(300));
  now_ += seconds(2);
  EXPECT_EQ(queue_.LongestRunning(now_)->second, seconds(2));
  EXPECT_EQ(queue_.UnfinishedWork(now_), seconds(2));
  EXPECT_EQ(queue_.stats().processing, 1u);
}

TEST_F(WorkqueueCoreTest, DoneOfAKeyThatWasNeverTakenIsHarmless) {
  queue_.Done(Key("a"), now_);
  queue_.Add(Key("a"), Priority::kUser, now_);
  queue_.Done(Key("a"), now_);
  EXPECT_EQ(Take(), "a");
}

TEST(ResourceVersion, IsANumberOrNothing) {
  EXPECT_EQ(ParseResourceVersion("1234"), 1234u);
  EXPECT_EQ(ParseResourceVersion(""), 0u);
  EXPECT_EQ(ParseResourceVersion("12x"), 0u);
  EXPECT_EQ(ParseResourceVersion("-1"), 0u);
}

}  // namespace
}  // namespace capstan::runtime
