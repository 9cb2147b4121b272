// Crashes at every effect of a create and of a delete, with both tags, the account check and a
// lagging list.
#include <gtest/gtest.h>

#include <cstdio>

#include <capstan/local/digitalocean/testing/contract.hpp>
#include <capstan/simulation/simulated_doks.hpp>
#include <capstan/simulation/testing/explorer_fixture.hpp>

namespace capstan::simulation {

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) { return out << scenario.name; }

namespace {

void MustHold(const Summary& summary) {
  std::fputs(summary.ToString().substr(0, 20000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_GT(summary.schedules, 1u);
}

class EveryScenario : public ::testing::TestWithParam<Scenario> {};
// Checks every exchange with the simulated DigitalOcean against DigitalOcean's own document, if it
// is available.
Scenario HeldAgainstTheContract(Scenario scenario) {
  auto options = scenario.options;
  if (scenario.name.rfind("doks-", 0) != 0) return scenario;
  scenario.options = [options] {
    WorldOptions checked = options();
    checked.make_cloud = [](const CloudSetting& setting, const Clock& clock) {
      auto cloud = std::make_unique<SimulatedDoks>(setting, clock);
      cloud->UseGuard(simulated_digitalocean::HoldToContract(cloud->cloud()));
      return std::unique_ptr<CloudUnderTest>(std::move(cloud));
    };
    return checked;
  };
  return scenario;
}

TEST_P(EveryScenario, KeepsItsGuaranteesUndisturbed) {
  const RunReport report = RunSchedule(HeldAgainstTheContract(GetParam()), {});
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << "\n"
                                         << report.timeline;
  EXPECT_GT(report.effects.size(), 5u);
}
INSTANTIATE_TEST_SUITE_P(Scenario, EveryScenario, ::testing::ValuesIn(AllScenarios()), NameOfScenario);

class CreateAndDelete : public ::testing::TestWithParam<Mishap> {};
TEST_P(CreateAndDelete, SurviveAMishapAtEveryEffect) {
  MustHold(ExploreSingles(*FindScenario("create-delete"), {GetParam()}));
}
INSTANTIATE_TEST_SUITE_P(Mishap, CreateAndDelete, ::testing::ValuesIn(AllMishaps()), NameOfMishap);

class DigitalOcean : public ::testing::TestWithParam<Mishap> {};
TEST_P(DigitalOcean, CreateAndDeleteSurviveAMishapAtEveryEffect) {
  MustHold(ExploreSingles(*FindScenario("doks-create-delete"), {GetParam()}));
}
INSTANTIATE_TEST_SUITE_P(Mishap, DigitalOcean,
                         ::testing::Values(Mishap::kCrashBefore, Mishap::kCrashInFlight,
                                           Mishap::kCrashAfterCommit, Mishap::kErrorAfter,
                                           Mishap::kTimeoutAfter),
                         NameOfMishap);

// A sample of what scripts/explore.sh runs at length.
class Sample : public ::testing::TestWithParam<Scenario> {};
TEST_P(Sample, OfPairsAndWalksHolds) {
  Summary summary = ExplorePairs(GetParam(), 10, 12, 20260101);
  summary.Add(ExploreWalks(GetParam(), 8, 4, 20260102));
  MustHold(summary);
}
INSTANTIATE_TEST_SUITE_P(Scenario, Sample, ::testing::ValuesIn(AllScenarios()), NameOfScenario);

TEST(Schedule, RoundTripsThroughText) {
  const Schedule schedule = {{12, Mishap::kCrashInFlight}, {15, Mishap::kConflict}, {3, Mishap::kPauseAfter}};
  EXPECT_EQ(ScheduleText(schedule), "12:crash-in-flight,15:409,3:pause-after");
  EXPECT_EQ(*ParseSchedule(ScheduleText(schedule)), schedule);
  EXPECT_TRUE(ParseSchedule("none")->empty());
  for (const char* bad : {"12", "12:", ":409", "x:409", "12:nonsense", "0:409", "1:409,,2:409"}) {
    EXPECT_FALSE(ParseSchedule(bad).has_value()) << bad;
  }
}

// A letter or a sign in the number was ignored: -8 struck at effect 8, and 1x2 at effect 2.
TEST(Schedule, WithANumberThatIsNoneIsRefused) {
  for (const char* bad : {"-8:409", "+8:409", " 8:409", "1x2:409", "x12:409", "8.5:409", "99999999999:409",
                          "8:409:429", "8:409 ", "8:409,", "8;9:409"}) {
    EXPECT_FALSE(ParseSchedule(bad).has_value()) << bad;
  }
}

// The second mishap of an effect never struck, and the run was reported to survive it.
TEST(Schedule, WithTwoMishapsAtOneEffectIsRefused) {
  const auto schedule = ParseSchedule("8:409,9:429,8:crash-before");
  ASSERT_FALSE(schedule);
  EXPECT_EQ(schedule.error().message, "effect 8 has two mishaps, and only one can strike there");
}

}  // namespace
}  // namespace capstan::simulation
