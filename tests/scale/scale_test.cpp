// Many clusters on one token, in simulated time. The simulated cloud counts every request and refuses those
// above the documented limits.
#include <gtest/gtest.h>

#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/tests/scale/fleet.hpp>

namespace capstan::scale {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kReady = "True/Available";
constexpr auto kInSync = "True/InSync";

TEST(Scale, LooksAfterAThousandStableClustersWithFourHundredRequestsAnHour) {
  Fleet fleet;
  fleet.Found(0, 1000);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 1000; }, minutes(30), seconds(30)))
      << fleet.Count(kReady, kInSync) << fleet.RequestsByOperation();

  // Every minute is like the other; ten of them are enough to tell.
  const auto before = fleet.Requests();
  fleet.scheduler.RunFor(minutes(10));
  EXPECT_LE((fleet.Requests() - before) * 6, 400u) << fleet.RequestsByOperation();
  EXPECT_EQ(fleet.Refusals(), 0u);
  EXPECT_EQ(fleet.Count(kReady, kInSync), 1000);
}

// Ten clusters, five of which lose a node and five become degraded, while nobody tells the operator.
TEST(Scale, SeesAChangeBehindItsBackWithinTwoMinutes) {
  Fleet fleet;
  fleet.Found(0, 400);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 400; }, minutes(20), seconds(30)))
      << fleet.RequestsByOperation();
  fleet.scheduler.RunFor(minutes(2));
  const auto random = MakeSeededRandom(3);
  std::map<int, Instant> changed;
  std::map<int, Duration> seen;
  while (changed.size() < 10) {
    const int number = static_cast<int>(random->Fraction() * 400);
    if (changed.count(number) != 0) continue;
    fleet.scheduler.RunFor(Duration(static_cast<std::int64_t>(random->Fraction() * 2e10)));
    const std::string id = fleet.ClusterId(number);
    const Status done = changed.size() % 2 == 0 ? fleet.cloud.ScalePool(id, "main", 1)
                                                : fleet.cloud.SetState(id, "degraded", "a node is unwell");
    ASSERT_TRUE(done) << done.error();
    changed[number] = fleet.scheduler.Now();
    for (const auto& [other, since] : changed) {
      if (seen.count(other) == 0 &&
          (fleet.Condition(other, "Ready") != kReady || fleet.Condition(other, "Synced") != kInSync))
        seen[other] = fleet.scheduler.Now() - since;
    }
  }
  for (int i = 0; i < 130 && seen.size() < changed.size(); ++i) {
    for (const auto& [number, since] : changed) {
      if (seen.count(number) == 0 &&
          (fleet.Condition(number, "Ready") != kReady || fleet.Condition(number, "Synced") != kInSync))
        seen[number] = fleet.scheduler.Now() - since;
    }
    fleet.scheduler.RunFor(seconds(1));
  }
  for (const auto& [number, since] : changed) {
    ASSERT_EQ(seen.count(number), 1u) << number << " was never seen";
    EXPECT_LE(seen[number], minutes(2)) << number;
  }
}

TEST(Scale, MakesTwoHundredAtOnceWithoutARefusal) {
  Fleet fleet;
  fleet.StartOperator();
  fleet.scheduler.RunFor(seconds(5));
  for (int i = 0; i < 200; ++i) fleet.Make(i);
  const auto took = fleet.Until([&] { return fleet.Count(kReady, kInSync) == 200; }, minutes(30));
  ASSERT_TRUE(took) << fleet.Count(kReady, kInSync) << "\n" << fleet.RequestsByOperation();
  EXPECT_LE(*took, minutes(10)) << fleet.RequestsByOperation();  // of which four for the last cluster itself
  EXPECT_EQ(fleet.Refusals(), 0u) << fleet.RequestsByOperation();
  EXPECT_LE(fleet.Requests(), 1500u) << fleet.RequestsByOperation();
  std::size_t made = 0;
  for (const auto& entry : fleet.cloud.Ledger()) made += entry.kind == "cluster" ? 1 : 0;
  EXPECT_EQ(made, 200u);
}

TEST(Scale, RemovesTwoHundredAtOnceWithoutARefusal) {
  Fleet fleet;
  fleet.Found(0, 200);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 200; }, minutes(10), seconds(10)));
  const auto before = fleet.Requests();
  for (int i = 0; i < 200; ++i) fleet.Delete(i);
  const auto took = fleet.Until([&] { return fleet.objects() == 0; }, minutes(30));
  ASSERT_TRUE(took) << fleet.objects() << fleet.RequestsByOperation();
  EXPECT_LE(*took, minutes(8));
  EXPECT_LE(fleet.Requests() - before, 1200u) << fleet.RequestsByOperation();
  EXPECT_EQ(fleet.Refusals(), 0u);
}

TEST(Scale, AnAccountWithoutQuotaDoesNotDisturbAnother) {
  FleetOptions options;
  options.accounts = 2;
  Fleet fleet(options);
  fleet.Found(0, 30, 0);
  fleet.Found(30, 60, 1);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 60; }, minutes(10)));
  const auto refused = fleet.Refusals();
  fleet.Spend(1, 6000);
  EXPECT_EQ(fleet.Count(kReady, kInSync), 30) << "those of the other account say what is the matter";
  EXPECT_EQ(fleet.Condition(45, "Synced"), "False/RateLimited");
  EXPECT_EQ(fleet.Condition(45, "Ready"), kReady) << "nothing was learned of it";
  const auto refused_while_spending = fleet.Refusals() - refused;

  fleet.Make(100, 0);
  fleet.Make(101, 1);
  ASSERT_TRUE(fleet.cloud.ScalePool(fleet.ClusterId(5), "main", 1));
  ASSERT_TRUE(fleet.Until([&] { return fleet.Condition(5, "Synced") != kInSync; }, minutes(2), seconds(1)));
  ASSERT_TRUE(fleet.Until([&] { return fleet.Condition(100, "Ready") == kReady; }, minutes(6)));
  EXPECT_LE(fleet.Refusals() - refused - refused_while_spending, 5u);

  // The hour passes, and all is well.
  EXPECT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 62; }, minutes(90), seconds(30)));
}

TEST(Scale, ABriefShortageIsNotToldOfStableClusters) {
  FleetOptions options;
  options.limits.per_minute = 60;  // less than the manifest says: a 429, and a Retry-After below a minute
  Fleet fleet(options);
  fleet.Found(0, 30);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 30; }, minutes(15)));
  for (int round = 0; round < 3; ++round) {
    fleet.Spend(0, 100);
    for (int i = 0; i < 30; ++i) {
      fleet.scheduler.RunFor(seconds(2));
      ASSERT_EQ(fleet.Count(kReady, kInSync), 30);
    }
  }
}

TEST(Scale, DeletesWhileReadsAreStarved) {
  Fleet fleet;
  fleet.Found(0, 30);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 30; }, minutes(10)));
  fleet.Spend(0, 4600);  // some 300 are left of the hour; the last thousand is not for reads
  ASSERT_EQ(fleet.Condition(7, "Synced"), "False/RateLimited");
  const auto refused = fleet.Refusals();
  for (int i = 0; i < 5; ++i) fleet.Delete(i);
  ASSERT_TRUE(fleet.Until(
      [&] {
        int removed = 0;
        for (const auto& entry : fleet.cloud.Journal())
          removed += entry.operation == "DELETE /v2/kubernetes/clusters/{cluster_id}" ? 1 : 0;
        return removed == 5;
      },
      minutes(2)))
      << fleet.RequestsByOperation();
  EXPECT_EQ(fleet.Refusals(), refused);
  EXPECT_TRUE(fleet.Until([&] { return fleet.objects() == 25; }, minutes(75), seconds(30)));
}

}  // namespace
}  // namespace capstan::scale
