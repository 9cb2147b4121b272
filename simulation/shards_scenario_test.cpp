// Several lives that share the work: one is killed, paused, cut off or served late, at any effect.
// What must never happen (a double, an orphan, a change of another shard's object) is checked at
// every effect, as everywhere.
#include <gtest/gtest.h>

#include <cstdio>

#include <capstan/simulation/testing/explorer_fixture.hpp>

namespace capstan::simulation {
namespace {

TEST(Shards, KeepTheirGuaranteesUndisturbed) {
  const RunReport report = RunSchedule(*FindScenario("shards"), {});
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
  EXPECT_GT(report.effects.size(), 100U);
}

class ShardsStruck : public ::testing::TestWithParam<Mishap> {};
TEST_P(ShardsStruck, KeepTheirGuaranteesAtASampleOfTheEffects) {
  ExploreOptions options;
  options.budget = 10;
  options.seed = 20261129;
  const Summary summary = ExploreSingles(SubjectOf(*FindScenario("shards")), {GetParam()}, options);
  std::fputs(summary.ToString().substr(0, 8000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_GT(summary.schedules, 1U);
}
INSTANTIATE_TEST_SUITE_P(Mishap, ShardsStruck,
                         ::testing::Values(Mishap::kCrashBefore, Mishap::kCrashInFlight,
                                           Mishap::kCrashAfterCommit, Mishap::kPauseAfter,
                                           Mishap::kSecondReplica, Mishap::kLeaseLost, Mishap::kTimeoutAfter,
                                           Mishap::kConflict),
                         NameOfMishap);

TEST(Shards, KeepTheirGuaranteesWhenAnyLifeIsPaused) {
  ExploreOptions options;
  options.budget = 25;
  options.seed = 20261130;
  const Summary summary = ExploreTwoAlive(SubjectOf(*FindScenario("shards")), options);
  std::fputs(summary.ToString().substr(0, 8000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
}

}  // namespace
}  // namespace capstan::simulation
