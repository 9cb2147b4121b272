// When the offered versions are requested, and that only upgrades depend on them.
#include <gtest/gtest.h>

#include <capstan/providers/digitalocean/testing/scripted_api.hpp>

namespace capstan::digitalocean {
namespace {

constexpr char kOptions[] = "GET /v2/kubernetes/options";
constexpr char kList[] = "GET /v2/kubernetes/clusters?page=1&per_page=200";
const std::string kGet = StrCat("GET /v2/kubernetes/clusters/", kTestCluster);
const std::string kOne =
    StrCat(R"({"id":")", kTestCluster,
           R"(","name":"a","region":"fra1","version":"1.34.1-do.0","tags":["capstan:uid-1"],)",
           R"("node_pools":[],"status":{"state":"running"}})");

std::string Offer(const char* slug) {
  return StrCat(R"({"options":{"versions":[{"slug":")", slug, R"("},{"slug":"1.34.1-do.0"}]}})");
}

class OfferedTest : public testing::Test, protected Bench {
 protected:
  OfferedTest() {
    api.Answer(kGet, 200, StrCat(R"({"kubernetes_cluster":)", kOne, "}"));
    api.Answer(kList, 200, StrCat(R"({"kubernetes_clusters":[)", kOne, R"(],"meta":{"total":1}})"));
  }
  external::Observed Get() { return cloud->Get(kTestCluster, context).value().value(); }
  external::Observed Listed() { return cloud->List("", context).value().items.at(0); }
  // The number of hops to a version; none if the plan says that it is not offered.
  std::size_t Hops(const external::Observed& seen, const std::string& version) {
    auto plan = cloud->MakePlan(StrCat(R"({"name":"a","spec":{"region":"fra1","version":")", version,
                                       R"(","nodePools":[{"name":"p","size":"s-2","count":1}]}})"),
                                seen);
    EXPECT_TRUE(plan) << plan.error();
    return static_cast<std::size_t>(std::count_if(plan->steps.begin(), plan->steps.end(),
                                                  [](const auto& step) { return step.verb == "upgrade"; }));
  }
  std::ptrdiff_t Asked() { return std::count(api.asked.begin(), api.asked.end(), kOptions); }
};

TEST_F(OfferedTest, AreAskedForOnceInTenMinutesWhenOneClusterIsObserved) {
  api.Answer(kOptions, 200, Offer("1.35.1-do.0"));
  api.Answer(kOptions, 200, Offer("1.36.0-do.0"));
  EXPECT_EQ(Hops(Get(), "1.36"), 0u);
  scheduler.RunFor(std::chrono::minutes(9));
  EXPECT_EQ(Hops(Get(), "1.36"), 0u);
  EXPECT_EQ(Asked(), 1);
  scheduler.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(Hops(Get(), "1.36"), 2u) << "it is offered now";
  EXPECT_EQ(Asked(), 2);
}

TEST_F(OfferedTest, AreAskedForOnceAnHourByLists) {
  api.Answer(kOptions, 200, Offer("1.35.1-do.0"));
  for (int minute = 0; minute < 59; ++minute) {
    EXPECT_EQ(Hops(Listed(), "1.99"), 0u);
    scheduler.RunFor(std::chrono::minutes(1));
  }
  EXPECT_EQ(Asked(), 1);
  scheduler.RunFor(std::chrono::minutes(2));
  EXPECT_EQ(Hops(Listed(), "1.35"), 1u);
  EXPECT_EQ(Asked(), 2);
}

TEST_F(OfferedTest, KnownOnesStayWhereTheyCannotBeAskedForAndNothingElseSuffers) {
  api.Answer(kOptions, 200, Offer("1.35.1-do.0"));
  api.Answer(kOptions, 500, "{}");
  EXPECT_EQ(Hops(Get(), "1.99"), 0u);
  scheduler.RunFor(std::chrono::minutes(11));
  EXPECT_EQ(Hops(Get(), "1.99"), 0u);
  EXPECT_EQ(Hops(Get(), "1.99"), 0u);
  EXPECT_EQ(Asked(), 2) << "a question in vain is not repeated at once";
}

TEST_F(OfferedTest, AreNotNeededToSeeACluster) {
  api.Break(kOptions);
  EXPECT_EQ(Get().id, kTestCluster);
  EXPECT_EQ(Listed().id, kTestCluster);
  EXPECT_EQ(Hops(Get(), "1.36"), 2u) << "not known: a hop finds out before it begins";
}

TEST_F(OfferedTest, TellOfAClusterThatIsNotThereThatItCannotBeMade) {
  const char* desired =
      R"({"name":"a","spec":{"region":"fra1","version":"1.99","nodePools":[{"name":"p","size":"s-2","count":1}]}})";
  const auto unknown = cloud->MakePlan(desired, {});
  ASSERT_TRUE(unknown) << unknown.error();
  EXPECT_EQ(unknown->steps.size(), 1u);
  api.Answer(kOptions, 200, Offer("1.35.1-do.0"));
  (void)Listed();
  const auto plan = cloud->MakePlan(desired, {});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_TRUE(plan->steps.empty());
  EXPECT_EQ(plan->unsupported.at(0).field, "spec.version");
}

}  // namespace
}  // namespace capstan::digitalocean
