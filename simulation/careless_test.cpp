// The explorer bites: operators that lack one precaution are caught, each with a schedule that shows it.
#include <gtest/gtest.h>

#include <cstdio>

#include <capstan/simulation/careless.hpp>
#include <capstan/simulation/explorer.hpp>

namespace capstan::simulation {
namespace {

const Scenario& CreateAndDelete() { return *FindScenario("create-delete"); }

::testing::AssertionResult Caught(const Summary& summary, const std::string& word) {
  for (const auto& finding : summary.findings) {
    if (finding.violation.find(word) == std::string::npos) continue;
    std::printf("caught by %s: %s\n", ScheduleText(finding.schedule).c_str(),
                finding.violation.substr(0, 300).c_str());
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure()
         << "no finding says \"" << word << "\": " << summary.ToString().substr(0, 3000);
}

TEST(Careless, OperatorWithoutAnIntentIsCaught) {
  EXPECT_TRUE(Caught(ExploreSingles(CreateAndDelete(), {Mishap::kCrashAfterCommit}, {WithoutIntent()}),
                     "two live cloud objects"));
}

TEST(Careless, OperatorThatRepeatsAPostIsCaught) {
  EXPECT_TRUE(Caught(ExploreSingles(CreateAndDelete(), {Mishap::kErrorAfter}, {WithBlindRetry()}),
                     "two live cloud objects"));
}

TEST(Careless, OperatorThatDropsTheFinalizerBeforeTheCloudObjectIsGoneIsCaughtUndisturbed) {
  const RunReport report = RunSchedule(CreateAndDelete(), {}, {WithEarlyFinalizer()});
  ASSERT_FALSE(report.violations.empty());
  EXPECT_NE(report.violations.front().find("its Kubernetes object is gone"), std::string::npos)
      << report.violations.front();
}

TEST(Careless, OperatorThatReadsAStaleCacheBeforeItCreatesIsCaughtUndisturbed) {
  const RunReport report = RunSchedule(CreateAndDelete(), {}, {WithCachedReads(std::chrono::seconds(8))});
  ASSERT_FALSE(report.violations.empty());
  EXPECT_NE(report.violations.front().find("two live cloud objects"), std::string::npos)
      << report.violations.front();
}

TEST(Careless, OperatorThatLeavesTheTagsOutIsCaughtUndisturbed) {
  const RunReport report = RunSchedule(CreateAndDelete(), {}, {WithoutTags()});
  ASSERT_FALSE(report.violations.empty());
  EXPECT_NE(report.violations.front().find("carries no identity of ours"), std::string::npos)
      << report.violations.front();
}

TEST(Careless, OperatorThatIgnoresLeaseAndAgeIsCaughtWhenItWakes) {
  EXPECT_TRUE(Caught(ExploreTwoAlive(CreateAndDelete(), {nullptr, true, true}), "two live cloud objects"));
}

TEST(Careless, TheAgeOfAnIntentAloneHoldsASleeperBack) {
  EXPECT_TRUE(ExploreTwoAlive(CreateAndDelete(), {nullptr, true, false}).findings.empty());
}

TEST(Careless, TheLeaseAloneHoldsASleeperBack) {
  EXPECT_TRUE(ExploreTwoAlive(CreateAndDelete(), {nullptr, false, true}).findings.empty());
}

TEST(TwoAlive, KeepEveryPromiseWhereverTheFirstFallsAsleep) {
  const Summary summary = ExploreTwoAlive(CreateAndDelete());
  std::fputs(summary.ToString().substr(0, 8000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_GT(summary.schedules, 50u);
}

}  // namespace
}  // namespace capstan::simulation
