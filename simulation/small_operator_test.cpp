// Operators as authors write them, with and without each precaution: the correct one keeps its
// guarantees under every mishap, and each careless one is caught where the correct one is not.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>

#include <capstan/simulation/careless.hpp>
#include <capstan/simulation/small_operator.hpp>
#include <capstan/simulation/testing/explorer_fixture.hpp>

namespace capstan::simulation {
namespace {

// All mishaps except those that last for minutes, which this operator has no conditions to report.
std::vector<Mishap> ShortMishaps() {
  std::vector<Mishap> all;
  for (const Mishap mishap : FullMishaps(true)) {
    const bool told = InfoOf(mishap).family == MishapFamily::kRefusal || mishap == Mishap::kCrdDeleted;
    if (!told) all.push_back(mishap);
  }
  return all;
}

int EffectThatAsksFor(const Scenario& scenario, const std::string& shape) {
  for (const Effect& effect : RunSchedule(scenario, {}).effects) {
    if (effect.shape == shape) return effect.number;
  }
  ADD_FAILURE() << "no effect asks for " << shape;
  return 1;
}

// Schedules around one effect, given its number.
using Around = std::function<std::vector<Schedule>(int effect)>;

// Some schedule around the first effect of this shape catches the operator without the precaution;
// around the same effect, the complete operator has no violation.
void IsCaught(Precaution left_out, const std::string& shape, const Around& around, const std::string& word) {
  const Scenario careless = SmallOperatorScenario(left_out), careful = SmallOperatorScenario();
  const auto schedules = around(EffectThatAsksFor(careless, shape));
  const auto harmless = around(EffectThatAsksFor(careful, shape));
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    const RunReport report = RunSchedule(careless, schedules[i]);
    if (::testing::PrintToString(report.violations).find(word) == std::string::npos) continue;
    std::printf("caught by %s: %s\n", ScheduleText(schedules[i]).c_str(), report.violations.front().c_str());
    const RunReport control = RunSchedule(careful, harmless.at(i));
    EXPECT_TRUE(control.violations.empty())
        << ScheduleText(harmless.at(i)) << ::testing::PrintToString(control.violations) << control.timeline;
    return;
  }
  ADD_FAILURE() << "none of " << schedules.size() << " schedules catches it";
}

// The mishap at one of the last `count` effects up to this one.
Around UpTo(Mishap mishap, int count) {
  return [=](int effect) {
    std::vector<Schedule> all;
    for (int before = 0; before < count; ++before) all.push_back({{std::max(effect - before, 1), mishap}});
    return all;
  };
}

// The first mishap before the effect, another one at it.
Around Before(Mishap first, const std::vector<Mishap>& then) {
  return [=](int effect) {
    std::vector<Schedule> all;
    for (const Mishap mishap : then) {
      for (int before = 1; before <= 4; ++before)
        all.push_back({{std::max(effect - before, 1), first}, {effect, mishap}});
    }
    return all;
  };
}

constexpr char kCreate[] = "POST boxes.test /boxes";

TEST(SmallOperator, KeepsItsGuaranteesUndisturbed) {
  const RunReport report = RunSchedule(SmallOperatorScenario(), {});
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
}

class SmallOperatorUnder : public ::testing::TestWithParam<Mishap> {};
TEST_P(SmallOperatorUnder, KeepsItsGuaranteesAtASampleOfTheEffects) {
  ExploreOptions options;
  options.merge = true;
  options.budget = 12;
  options.seed = 20261128;
  const Summary summary = ExploreSingles(SubjectOf(SmallOperatorScenario()), {GetParam()}, options);
  std::fputs(summary.ToString().substr(0, 8000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
}
INSTANTIATE_TEST_SUITE_P(Mishap, SmallOperatorUnder, ::testing::ValuesIn(ShortMishaps()), NameOfMishap);

TEST(SmallCareless, OperatorThatDoesNotReadItsOwnWritesIsCaught) {
  IsCaught(Precaution::kReadYourWrites, kCreate, UpTo(Mishap::kWatchDelayed, 8), "two live cloud objects");
}

// The queue waits for its own writes; it does not know about a write whose answer is lost.
TEST(SmallCareless, OperatorThatReadsTheCacheBeforeACreateIsCaught) {
  IsCaught(Precaution::kFreshRead, "PATCH boxes/*/status",
           Before(Mishap::kWatchDelayed, {Mishap::kResetAfter, Mishap::kErrorAfter, Mishap::kTimeoutAfter}),
           "two live cloud objects");
}

TEST(SmallCareless, OperatorThatRemovesTheFinalizerOfAStaleObjectIsCaught) {
  IsCaught(Precaution::kFreshFinalizer, kCreate, Before(Mishap::kWatchDelayed, {Mishap::kUserDelete}),
           "its Kubernetes object is gone");
}

TEST(SmallCareless, OperatorThatLosesEventsOnRequeueIsCaught) {
  IsCaught(
      Precaution::kEventsAreKept, kCreate,
      [](int effect) {
        return std::vector<Schedule>{{}, {{effect + 4, Mishap::kUserEdit}}};
      },
      "does not come about");
}

TEST(SmallCareless, OperatorThatNeverRetriesARefusalIsCaught) {
  IsCaught(Precaution::kRefusalsAreRetried, kCreate, UpTo(Mishap::kInvalid, 1), "does not come about");
}

TEST(SmallCareless, OperatorThatChecksItsFenceOnceIsCaught) {
  IsCaught(
      Precaution::kFenceAtEachEffect, kCreate,
      [](int effect) {
        return std::vector<Schedule>{{{effect - 1, Mishap::kPauseAfter}}};
      },
      "without the lease");
}

// A stalled log blocks the task that renews the lease; the others continue.
TEST(SmallCareless, OperatorWhoseFenceIsAFlagIsCaughtWhenItsLogStalls) {
  IsCaught(Precaution::kFenceByTheClock, kCreate, UpTo(Mishap::kLogStalls, 4), "without the lease");
}

// It has no condition for a lasting refusal, and writes no event.
TEST(SmallCareless, OperatorThatDoesNotReportAMissingPermissionIsCaught) {
  const Scenario scenario = SmallOperatorScenario();
  const RunReport report =
      RunSchedule(scenario, {{EffectThatAsksFor(scenario, kCreate), Mishap::kRightsTaken}});
  EXPECT_NE(::testing::PrintToString(report.violations).find("is kept silent"), std::string::npos)
      << ::testing::PrintToString(report.violations);
}

// One worker, and an object whose Secret never appears.
TEST(FullCareless, OperatorWhoseWorkersBlockOnAMissingSecretIsCaught) {
  const Scenario scenario = WithFullLives(*FindScenario("crowd"));
  const RunReport report = RunSchedule(scenario, {}, {WithWaitingWorkers()});
  EXPECT_NE(::testing::PrintToString(report.violations).find("starves"), std::string::npos)
      << ::testing::PrintToString(report.violations);
}

TEST(FullCareless, OperatorThatDeletesItsCloudObjectsWithTheCrdIsCaught) {
  Scenario scenario = WithFullLives(*FindScenario("create-delete"));
  const Schedule schedule = {{EffectThatAsksFor(scenario, kCreate) + 6, Mishap::kCrdDeleted}};
  EXPECT_TRUE(RunSchedule(scenario, schedule).violations.empty());
  scenario.options = [options = scenario.options] {
    WorldOptions careless = options();
    careless.managed.allow_crd_deletion = true;
    return careless;
  };
  const RunReport report = RunSchedule(scenario, schedule);
  EXPECT_NE(::testing::PrintToString(report.violations).find("because the CRD was deleted"),
            std::string::npos)
      << ::testing::PrintToString(report.violations);
}

// The product, made to trust its lease forever: it continues after another process took it.
TEST(FullCareless, OperatorWhoseFenceStaysOpenIsCaught) {
  const Scenario scenario = WithFullLives(*FindScenario("create-delete"));
  const Schedule schedule = {{EffectThatAsksFor(scenario, kCreate) + 4, Mishap::kLeaseLost}};
  EXPECT_TRUE(RunSchedule(scenario, schedule).violations.empty());
  EXPECT_TRUE(RunSchedule(scenario, {}, {WithFenceAskedOnce()}).violations.empty());
  const RunReport report = RunSchedule(scenario, schedule, {WithFenceAskedOnce()});
  EXPECT_NE(::testing::PrintToString(report.violations).find("without the lease"), std::string::npos)
      << ::testing::PrintToString(report.violations);
}

}  // namespace
}  // namespace capstan::simulation
