#include <capstan/core/base/trouble_reports.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>

namespace capstan {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kNow = Instant{} + std::chrono::hours(1);

Error Refused(const std::string& words) { return MakeError(Code::kPermissionDenied, words); }
Error Away(const std::string& words) { return MakeError(Code::kUnavailable, words); }

TEST(TroubleReports, ARefusalThatChangesItsWordsIsReportedAtOnceAndTheSameAfterAPause) {
  TroubleReports reports(minutes(1));
  EXPECT_TRUE(reports.IsNews(Refused("a webhook says no"), kNow));
  EXPECT_FALSE(reports.IsNews(Refused("a webhook says no"), kNow + seconds(2)));
  EXPECT_TRUE(reports.IsNews(Refused("a right is missing"), kNow + seconds(4)));
  EXPECT_FALSE(reports.IsNews(Refused("a webhook says no"), kNow + seconds(6))) << "in turn is nothing new";
  EXPECT_TRUE(reports.IsNews(Refused("a webhook says no"), kNow + seconds(60)));
}

TEST(TroubleReports, AServerThatIsAwayIsOneTroubleWhateverTheWords) {
  TroubleReports reports(minutes(1));
  EXPECT_TRUE(reports.IsNews(Away("connection refused"), kNow));
  EXPECT_FALSE(reports.IsNews(Away("no answer for 3.2 s"), kNow + seconds(4)));
  EXPECT_FALSE(reports.IsNews(MakeError(Code::kResourceExhausted, "slow down"), kNow + seconds(8)));
  EXPECT_TRUE(reports.IsNews(Refused("a right is missing"), kNow + seconds(9)));
}

TEST(TroubleReports, TheSameWordsAreReportedOnceUntilItIsOver) {
  TroubleReports reports(TroubleReports::kOnce);
  EXPECT_TRUE(reports.IsNews(Refused("no"), kNow));
  EXPECT_FALSE(reports.IsNews(Refused("no"), kNow + std::chrono::hours(24)));
  reports.Over();
  EXPECT_TRUE(reports.IsNews(Refused("no"), kNow + std::chrono::hours(25)));
}

TEST(TroubleReports, WhatIsDoneKeepsFailuresApart) {
  TroubleReports reports(minutes(1));
  EXPECT_TRUE(reports.IsNews(Away("no answer"), kNow, "list members"));
  EXPECT_TRUE(reports.IsNews(Away("no answer"), kNow, "claim shard 3"));
  EXPECT_FALSE(reports.IsNews(Away("no answer"), kNow, "claim shard 3"));
}

TEST(TroubleReports, AServerThatFindsNewWordsEachTimeDoesNotFillTheLog) {
  TroubleReports reports(minutes(1));
  int news = 0;
  for (int i = 0; i < 60; ++i) news += reports.IsNews(Refused(StrCat("request ", i)), kNow + seconds(i));
  EXPECT_EQ(news, static_cast<int>(TroubleReports::kMostWords));
  EXPECT_TRUE(reports.IsNews(Refused("request 61"), kNow + seconds(61)));
}

}  // namespace
}  // namespace capstan
