// Many clusters with one token, in simulated time. The simulated cloud counts every request and
// refuses those above the documented limits.
#include <gtest/gtest.h>

#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/tests/scale/fleet.hpp>

namespace capstan::scale {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kReady = "True/Available";
constexpr auto kInSync = "True/InSync";

// Requests and responses must conform to the cloud's OpenAPI document.
FleetOptions Checked(FleetOptions options = {}) {
  options.violation = [](const std::string& what) { ADD_FAILURE() << what; };
  return options;
}

// Whether the object tells its user that something differs from the spec.
bool ReportsDifference(const Fleet& fleet, int number) {
  return fleet.Condition(number, "Ready") != kReady || fleet.Condition(number, "Synced") != kInSync;
}

// Changes `number` of `clusters` clusters without the operator's knowledge, at arbitrary times,
// half by deleting nodes and half by making nodes unhealthy. Returns how long it took until each
// change was reported; waits four minutes for it.
std::map<int, std::optional<Duration>> ChangeSome(Fleet& fleet, int number, int clusters) {
  const auto random = MakeSeededRandom(3);
  std::map<int, Instant> changed;
  std::map<int, std::optional<Duration>> reported;
  const auto run_for = [&](Duration limit) {
    const Instant end = After(fleet.scheduler.Now(), limit);
    while (fleet.scheduler.Now() < end) {
      fleet.scheduler.RunFor(std::min<Duration>(seconds(1), end - fleet.scheduler.Now()));
      for (const auto& [which, since] : changed) {
        if (!reported[which] && ReportsDifference(fleet, which))
          reported[which] = fleet.scheduler.Now() - since;
      }
    }
  };
  while (static_cast<int>(changed.size()) < number) {
    const int which = static_cast<int>(random->Fraction() * clusters);
    if (changed.count(which) != 0) continue;
    run_for(Duration(static_cast<std::int64_t>(random->Fraction() * 2e10)));
    const std::string id = fleet.ClusterId(which);
    const Status done = changed.size() % 2 == 0 ? fleet.cloud.ScalePool(id, "main", 1)
                                                : fleet.cloud.SetState(id, "degraded", "a node is unwell");
    EXPECT_TRUE(done) << done.error();
    changed[which] = fleet.scheduler.Now();
    reported[which] = std::nullopt;
  }
  run_for(minutes(4));
  return reported;
}

// One whole hour of a thousand clusters, the target for the documented limits.
TEST(Scale, AThousandStableClustersCostFourHundredRequestsAnHourAndDriftIsReportedWithinTwoMinutes) {
  Fleet fleet(Checked());
  fleet.CreateLongRunning(0, 1000);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 1000; }, minutes(30), seconds(30)))
      << fleet.Count(kReady, kInSync) << fleet.RequestsByOperation();

  fleet.scheduler.RunFor(minutes(30));  // an hour after they became stable: the state for days
  const auto before = fleet.Requests(), kubernetes_before = fleet.KubernetesRequests();
  fleet.scheduler.RunFor(hours(1));
  const auto requests = fleet.Requests() - before;
  const double kubernetes = static_cast<double>(fleet.KubernetesRequests() - kubernetes_before) / 1000 / 60;
  RecordProperty("kubernetes_requests_per_object_and_minute", std::to_string(kubernetes));
  EXPECT_LE(kubernetes, 0.2);
  RecordProperty("requests_in_the_hour", std::to_string(requests));
  EXPECT_LE(requests, 400u) << fleet.RequestsByOperation();
  EXPECT_EQ(fleet.Refusals(), 0u);
  EXPECT_EQ(fleet.Count(kReady, kInSync), 1000);

  const auto reported = ChangeSome(fleet, 10, 1000);
  EXPECT_EQ(reported.size(), 10u);
  for (const auto& [number, after] : reported) {
    ASSERT_TRUE(after) << Fleet::Name(number) << " was never reported of";
    EXPECT_LE(*after, minutes(2)) << Fleet::Name(number);
  }
  EXPECT_EQ(fleet.Refusals(), 0u);
}

// Each has its own Secret, so no read serves two of them.
TEST(Scale, AStableClusterWithATokenOfItsOwnCostsKubernetesARequestInFiveMinutes) {
  constexpr int kClusters = 20;
  FleetOptions options;
  options.accounts = kClusters;
  Fleet fleet(Checked(options));
  for (int i = 0; i < kClusters; ++i) fleet.CreateLongRunning(i, i + 1, i);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == kClusters; }, minutes(10)));
  fleet.scheduler.RunFor(hours(1));
  const auto before = fleet.KubernetesRequests();
  fleet.scheduler.RunFor(hours(4));
  const auto requests = fleet.KubernetesRequests() - before;
  // A silent watch is restarted every few minutes, regardless of the number of objects.
  EXPECT_LE(requests, kClusters * 4 * 60 / 5 + 4 * 12u);
  EXPECT_EQ(fleet.Count(kReady, kInSync), kClusters);
}

TEST(Scale, CreatesTwoHundredTogetherWithoutARefusalAndWithFourRequestsEach) {
  Fleet fleet(Checked());
  fleet.StartOperator();
  fleet.scheduler.RunFor(seconds(5));
  for (int i = 0; i < 200; ++i) fleet.CreateObject(i);
  const auto took = fleet.Until([&] { return fleet.Count(kReady, kInSync) == 200; }, minutes(30));
  ASSERT_TRUE(took) << fleet.Count(kReady, kInSync) << "\n" << fleet.RequestsByOperation();
  EXPECT_LE(*took, minutes(10)) << fleet.RequestsByOperation();  // of which four for the last cluster itself
  EXPECT_EQ(fleet.Refusals(), 0u) << fleet.RequestsByOperation();
  RecordProperty("requests", std::to_string(fleet.Requests()));
  EXPECT_LE(fleet.Requests(), 800u) << fleet.RequestsByOperation();
  std::size_t made = 0;
  for (const auto& entry : fleet.cloud.Ledger()) made += entry.kind == "cluster" ? 1 : 0;
  EXPECT_EQ(made, 200u);
}

TEST(Scale, DeletesTwoHundredTogetherWithoutARefusal) {
  Fleet fleet(Checked());
  fleet.CreateLongRunning(0, 200);
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
  Fleet fleet(Checked(options));
  fleet.CreateLongRunning(0, 30, 0);
  fleet.CreateLongRunning(30, 60, 1);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 60; }, minutes(10)));
  const auto refused = fleet.Refusals();
  fleet.SendRequests(1, 6000);
  EXPECT_EQ(fleet.Count(kReady, kInSync), 30) << "those of the other account say what is the matter";
  EXPECT_EQ(fleet.Condition(45, "Synced"), "False/RateLimited");
  EXPECT_EQ(fleet.Condition(45, "Ready"), kReady) << "nothing was learned of it";
  const auto refused_while_spending = fleet.Refusals() - refused;

  fleet.CreateObject(100, 0);
  fleet.CreateObject(101, 1);
  ASSERT_TRUE(fleet.cloud.ScalePool(fleet.ClusterId(5), "main", 1));
  ASSERT_TRUE(fleet.Until([&] { return fleet.Condition(5, "Synced") != kInSync; }, minutes(2), seconds(1)));
  ASSERT_TRUE(fleet.Until([&] { return fleet.Condition(100, "Ready") == kReady; }, minutes(6)));
  EXPECT_LE(fleet.Refusals() - refused - refused_while_spending, 5u);

  // After the hour everything recovers.
  EXPECT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 62; }, minutes(90), seconds(30)));
}

TEST(Scale, ABriefShortageIsNotReportedAtStableClusters) {
  FleetOptions options;
  // less than the manifest declares: a 429, and a Retry-After below a minute
  options.limits.per_minute = 60;
  Fleet fleet(Checked(options));
  fleet.CreateLongRunning(0, 30);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 30; }, minutes(15)));
  for (int round = 0; round < 3; ++round) {
    fleet.SendRequests(0, 100);
    for (int i = 0; i < 30; ++i) {
      fleet.scheduler.RunFor(seconds(2));
      ASSERT_EQ(fleet.Count(kReady, kInSync), 30);
    }
  }
}

TEST(Scale, DeletesWhileReadsAreStarved) {
  Fleet fleet(Checked());
  fleet.CreateLongRunning(0, 30);
  fleet.StartOperator();
  ASSERT_TRUE(fleet.Until([&] { return fleet.Count(kReady, kInSync) == 30; }, minutes(10)));
  // about 300 are left of the hour; the last thousand are not available to reads
  fleet.SendRequests(0, 4600);
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
