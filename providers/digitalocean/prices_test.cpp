// When prices are requested, and that nothing depends on them.
#include <gtest/gtest.h>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/providers/digitalocean/testing/scripted_api.hpp>

namespace capstan::digitalocean {
namespace {

constexpr char kSizes[] = "GET /v2/sizes?page=1&per_page=200";
constexpr char kTwoSizes[] =
    R"({"sizes":[{"slug":"s-2","price_monthly":24},{"slug":"s-4","price_monthly":48.5},{"slug":"odd"}],"meta":{"total":3}})";
const std::string kGet = StrCat("GET /v2/kubernetes/clusters/", kTestCluster);
const std::string kPool =
    R"({"id":"p","name":"p","size":"s-2","count":2,"tags":["capstan:uid-1"],"nodes":[]})";
const std::string kOne =
    StrCat(R"({"id":")", kTestCluster,
           R"(","name":"a","region":"fra1","version":"1.34.1-do.0","tags":["capstan:uid-1"],)",
           R"("node_pools":[)", kPool, R"(],"status":{"state":"running"}})");

class PricesTest : public testing::Test, protected Bench {
 protected:
  PricesTest() { api.Answer(kGet, 200, StrCat(R"({"kubernetes_cluster":)", kOne, "}")); }
  std::optional<double> Cost() {
    auto seen = cloud->Get(kTestCluster, context);
    EXPECT_TRUE(seen) << seen.error();
    return json::NumberIn(json::ParseObject((*seen)->status).value(), "monthlyCost");
  }
  std::ptrdiff_t Asked() { return std::count(api.asked.begin(), api.asked.end(), kSizes); }
};

TEST_F(PricesTest, AreAskedForOnceADay) {
  api.Answer(kSizes, 200, kTwoSizes);
  EXPECT_EQ(Cost(), 48);
  scheduler.RunFor(std::chrono::hours(23));
  EXPECT_EQ(Cost(), 48);
  EXPECT_EQ(Asked(), 1);
  scheduler.RunFor(std::chrono::hours(2));
  EXPECT_EQ(Cost(), 48);
  EXPECT_EQ(Asked(), 2);
}

TEST_F(PricesTest, AreAskedForAgainTenMinutesAfterAFaultAndKnownOnesStay) {
  api.Answer(kSizes, 500, "{}");
  api.Answer(kSizes, 200, kTwoSizes);
  api.Break(kSizes);
  EXPECT_EQ(Cost(), std::nullopt);
  EXPECT_EQ(Cost(), std::nullopt);
  EXPECT_EQ(Asked(), 1);
  scheduler.RunFor(std::chrono::minutes(11));
  EXPECT_EQ(Cost(), 48);
  scheduler.RunFor(std::chrono::hours(25));
  EXPECT_EQ(Cost(), 48);
  EXPECT_EQ(Asked(), 3);
}

TEST_F(PricesTest, AreLeftForADayWhereTheTokenMayNotAsk) {
  api.Answer(kSizes, 403, R"({"id":"forbidden","message":"no"})");
  EXPECT_EQ(Cost(), std::nullopt);
  scheduler.RunFor(std::chrono::hours(23));
  EXPECT_EQ(Cost(), std::nullopt);
  EXPECT_EQ(Asked(), 1);
}

TEST_F(PricesTest, ComeWithEveryClusterOfAListForOneQuestion) {
  api.Answer(kSizes, 200, kTwoSizes);
  api.Answer("GET /v2/kubernetes/clusters?page=1&per_page=200", 200,
             StrCat(R"({"kubernetes_clusters":[)", kOne, R"(],"meta":{"total":1}})"));
  auto page = cloud->List("", context);
  ASSERT_TRUE(page) << page.error();
  auto plan = cloud->MakePlan(
      R"({"name":"a","spec":{"region":"fra1","version":"1.34","nodePools":[{"name":"p","size":"s-2","count":5}]}})",
      page->items.at(0));
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->steps.at(0).monthly_cost_change, 72);
  EXPECT_EQ(Asked(), 1);
}

TEST_F(PricesTest, EstimateTheCostOfAClusterThatDoesNotExist) {
  const char* desired =
      R"({"name":"a","spec":{"region":"fra1","version":"1.34","nodePools":[{"name":"p","size":"s-4","count":2}]}})";
  EXPECT_EQ(cloud->MakePlan(desired, {})->steps.at(0).monthly_cost_change, 0);
  EXPECT_TRUE(api.asked.empty()) << "a plan asks nobody";
  api.Answer(kSizes, 200, kTwoSizes);
  Cost();
  EXPECT_EQ(cloud->MakePlan(desired, {})->steps.at(0).monthly_cost_change, 97);
}

}  // namespace
}  // namespace capstan::digitalocean
