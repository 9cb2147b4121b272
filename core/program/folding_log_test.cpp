#include <capstan/core/program/folding_log.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::program {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class FoldingLogTest : public testing::Test {
 protected:
  SimulatedScheduler scheduler_;
  RecordingLog written_;
  FoldingLog log_{written_, scheduler_};
  void Refuse(const char* object) {
    log_.Warning("the cloud refuses", {{"object", object}, {"error", "502"}});
  }
};

TEST_F(FoldingLogTest, WritesTheSameEventOfAnObjectAtMostOnceAMinute) {
  for (int i = 0; i < 100; ++i) {
    Refuse("team/web");
    scheduler_.RunFor(seconds(1));
  }
  EXPECT_EQ(written_.Lines().size(), 2u);
}

TEST_F(FoldingLogTest, ReportsHowManyItSuppressed) {
  for (int i = 0; i < 5; ++i) Refuse("team/web");
  scheduler_.RunFor(minutes(2));
  Refuse("team/web");
  EXPECT_TRUE(written_.Contains("repeated=4"));
  scheduler_.RunFor(minutes(2));
  Refuse("team/web");
  ASSERT_EQ(written_.Lines().size(), 3u);
  EXPECT_EQ(written_.Lines().back().find("repeated"), std::string::npos);
}

// The second refusal of one request had other words, and was suppressed as a repetition.
TEST_F(FoldingLogTest, WritesAFailureThatChangesItsWordsAtOnce) {
  const auto refuse = [&](const std::string& error) {
    log_.Warning("cannot renew the lease", {{"lease", "ns/capstan"}, {"error", error}});
  };
  for (int second = 0; second < 10; ++second) {
    refuse("a webhook says no");
    refuse("a right is missing");
    scheduler_.RunFor(seconds(1));
  }
  EXPECT_EQ(written_.Lines().size(), 2u);
  EXPECT_TRUE(written_.Contains("a right is missing"));
  for (int second = 0; second < 10; ++second) refuse(StrCat("no answer for ", second, ".", second, " s"));
  EXPECT_EQ(written_.Lines().size(), 3u) << "another duration is no other failure";
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) refuse(StrCat("request ", name));
  EXPECT_EQ(written_.Lines().size(), 4u) << "it stays bounded";
}

TEST_F(FoldingLogTest, DistinguishesObjectsMessagesAndLevels) {
  Refuse("team/web");
  Refuse("team/other");
  log_.Error("the cloud refuses", {{"object", "team/web"}});
  log_.Warning("the cloud is away", {{"object", "team/web"}});
  EXPECT_EQ(written_.Lines().size(), 4u);
}

TEST_F(FoldingLogTest, PassesOnLinesWithoutASubject) {
  for (int i = 0; i < 3; ++i) log_.Info("waiting for the Kubernetes API", {{"error", "refused"}});
  EXPECT_EQ(written_.Lines().size(), 3u);
}

TEST_F(FoldingLogTest, DropsTheOldestEventsInsteadOfGrowing) {
  Refuse("first");
  for (int i = 0; i < 5000; ++i) log_.Info("made", {{"object", i}});
  Refuse("first");
  EXPECT_EQ(written_.Lines().size(), 5002u);
}

TEST_F(FoldingLogTest, DistinguishesTheEffectsOfAnObject) {
  for (const char* effect : {"create", "apply", "apply"})
    log_.Info("carried out an effect", {{"object", "team/web"}, {"effect", effect}, {"target", "pool"}});
  log_.Info("carried out an effect", {{"object", "team/web"}, {"effect", "apply"}, {"target", "other"}});
  EXPECT_EQ(written_.Lines().size(), 3u);
}

}  // namespace
}  // namespace capstan::program
