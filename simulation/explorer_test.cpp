// The crash at every effect of a create and of a delete, with the two tags, the account check and a lagging list.
#include <gtest/gtest.h>

#include <cstdio>

#include <capstan/simulation/explorer.hpp>

namespace capstan::simulation {

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) { return out << scenario.name; }

namespace {

void MustHold(const Summary& summary) {
  std::fputs(summary.ToString().substr(0, 20000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_GT(summary.schedules, 1u);
}

class EveryScenario : public ::testing::TestWithParam<Scenario> {};
TEST_P(EveryScenario, HoldsItsPromisesUndisturbed) {
  const RunReport report = RunSchedule(GetParam(), {});
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << "\n" << report.timeline;
  EXPECT_GT(report.effects.size(), 5u);
}
INSTANTIATE_TEST_SUITE_P(Scenario, EveryScenario, ::testing::ValuesIn(AllScenarios()), [](const auto& info) {
  std::string name = info.param.name;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

class CreateAndDelete : public ::testing::TestWithParam<Mishap> {};
TEST_P(CreateAndDelete, SurviveAMishapAtEveryEffect) {
  MustHold(ExploreSingles(*FindScenario("create-delete"), {GetParam()}));
}
INSTANTIATE_TEST_SUITE_P(Mishap, CreateAndDelete, ::testing::ValuesIn(AllMishaps()), [](const auto& info) {
  std::string name = MishapName(info.param);
  for (char& c : name) c = c == '-' ? '_' : c;
  return "of_" + name;
});

}  // namespace
}  // namespace capstan::simulation
