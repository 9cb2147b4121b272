// The explorer catches operators that lack one precaution, each with a schedule that reproduces the
// violation.
#include <gtest/gtest.h>

#include <cstdio>

#include <capstan/simulation/careless.hpp>
#include <capstan/simulation/explorer.hpp>
#include <capstan/simulation/simulated_boxes.hpp>

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

TEST(Careless, OperatorThatIgnoresLeaseAndAgeIsCaughtWhenItWakesUp) {
  EXPECT_TRUE(Caught(ExploreTwoAlive(CreateAndDelete(), {nullptr, true, true}), "two live cloud objects"));
}

// Two operators that work concurrently on one object each, with their steps in any order.
std::string FirstViolationOfARace(Wrap carelessness, std::uint64_t seed) {
  WorldOptions options;
  options.ignore_lease = true;
  options.policy = SeededSchedule(seed);
  options.seed = seed;
  options.carelessness = std::move(carelessness);
  World world(std::move(options));
  Invariants invariants(world);
  EXPECT_TRUE(world.MakeSecret("token", "token-a"));
  // The Secret already has its finalizer, because adding it would put the two out of step.
  EXPECT_TRUE(
      world.Patch(kube::SecretKind(), "token", R"({"metadata":{"finalizers":["capstan.dev/in-use"]}})"));
  const std::string id =
      static_cast<SimulatedBoxes&>(*world.cloud).cloud().PutByHand("account-a", "theirs", {});
  for (const char* name : {"a", "b"}) {
    EXPECT_TRUE(world.Apply(name, R"("tokenSecret":"token","adopt":{"boxID":")" + id + "\"}"));
  }
  world.effects.script = [](const Effect& effect) {
    const char* others = effect.life == 1 ? "shop/boxes/b" : "shop/boxes/a";
    return effect.what.find(others) != std::string::npos ? Mishap::kErrorBefore : Mishap::kNone;
  };
  world.StartLife();
  world.StartLife();
  world.RunFor(std::chrono::minutes(1));
  return world.violations.empty() ? "" : world.violations.front();
}

TEST(Careless, OperatorThatAdoptsWithoutAClaimIsCaught) {
  std::string caught;
  std::uint64_t seed = 0;
  while (caught.empty() && seed < 200) caught = FirstViolationOfARace(WithoutClaims(), ++seed);
  std::printf("caught by seed %d: %s\n", static_cast<int>(seed), caught.substr(0, 300).c_str());
  EXPECT_NE(caught.find("was adopted although"), std::string::npos);
  EXPECT_EQ(FirstViolationOfARace(nullptr, seed), "") << "the claim does not hold the second one back";
}

TEST(Careless, TheAgeOfAnIntentAloneStopsAPausedOperator) {
  EXPECT_TRUE(ExploreTwoAlive(CreateAndDelete(), {nullptr, true, false}).findings.empty());
}

TEST(Careless, TheLeaseAloneStopsAPausedOperator) {
  EXPECT_TRUE(ExploreTwoAlive(CreateAndDelete(), {nullptr, false, true}).findings.empty());
}

TEST(TwoAlive, KeepEveryGuaranteeWhereverTheFirstIsPaused) {
  const Summary summary = ExploreTwoAlive(CreateAndDelete());
  std::fputs(summary.ToString().substr(0, 8000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_GT(summary.schedules, 50u);
}

TEST(TwoAlive, AdoptOneCloudObjectOnceWhereverTheFirstIsPaused) {
  const Summary summary = ExploreTwoAlive(*FindScenario("adopt"));
  std::fputs(summary.ToString().substr(0, 8000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_GT(summary.schedules, 100u);
}

}  // namespace
}  // namespace capstan::simulation
