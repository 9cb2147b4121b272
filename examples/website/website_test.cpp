// Tests the operator with a Kubernetes API in this process: no cluster, no sleep. To run the same
// tests on a real cluster: CAPSTAN_TEST_KUBECONFIG=~/.kube/config.
#include "website.hpp"

#include <gtest/gtest.h>

#include <capstan/testing.hpp>

namespace example {
namespace {

using capstan::kube::ConfigMapKind;
using capstan::kube::DeploymentKind;
using capstan::kube::ObjectKey;

const ObjectKey kHome{"default", "home"}, kPage{"default", "home-page"};

std::string Home(const std::string& title) {
  return R"(
apiVersion: example.dev/v1
kind: Website
metadata: {name: home}
spec: {title: )" +
         title + ", body: Welcome.}\n";
}

class WebsiteTest : public ::testing::Test {
 protected:
  WebsiteTest() {
    Configure(website_);
    EXPECT_TRUE(cluster_.ApplyFile(WEBSITE_CRD));
    cluster_.Start(website_);
    const auto made = cluster_.Apply(Home("Hi"));
    EXPECT_TRUE(made) << made.error();
  }
  std::string PageText() {
    const auto page = cluster_.Get(ConfigMapKind(), kPage);
    return page ? page->StringAt("/data/index.html").value_or("") : "";
  }
  capstan::Operator website_{{.name = "website"}};
  capstan::testing::Cluster cluster_;
};

TEST_F(WebsiteTest, IsPublishedAndFollowsItsSpec) {
  EXPECT_EQ(PageText(), "<h1>Hi</h1>\nWelcome.");
  ASSERT_TRUE(cluster_.Apply(Home("Ho")));
  EXPECT_EQ(PageText(), "<h1>Ho</h1>\nWelcome.");
}

TEST_F(WebsiteTest, IsReadyWhenItsReplicasAre) {
  if (cluster_.real()) GTEST_SKIP() << "a real cluster's controllers write this status themselves";
  EXPECT_EQ(cluster_.Condition(Website::Kind(), kHome, "Ready"), "False");
  ASSERT_TRUE(
      cluster_.Patch(DeploymentKind(), kHome, R"({"status":{"replicas":1,"readyReplicas":1}})", "status"));
  EXPECT_EQ(cluster_.Condition(Website::Kind(), kHome, "Ready"), "True");
}

TEST_F(WebsiteTest, RestoresWhatOthersChangeOrDelete) {
  ASSERT_TRUE(cluster_.Patch(ConfigMapKind(), kPage, R"({"data":{"index.html":"defaced"}})"));
  EXPECT_EQ(PageText(), "<h1>Hi</h1>\nWelcome.");
  ASSERT_TRUE(cluster_.Delete(ConfigMapKind(), kPage));
  EXPECT_TRUE(cluster_.Until([&] { return PageText() == "<h1>Hi</h1>\nWelcome."; }));
}

TEST_F(WebsiteTest, WritesNothingInAnHourInWhichNothingHappens) {
  cluster_.Run(std::chrono::seconds(10));
  const int before = cluster_.Writes();
  cluster_.Run(std::chrono::hours(1));
  EXPECT_EQ(cluster_.Writes(), before);
}

TEST_F(WebsiteTest, TakesItsObjectsAlongWhenItGoes) {
  ASSERT_TRUE(cluster_.Delete(Website::Kind(), kHome));
  EXPECT_TRUE(cluster_.Gone(ConfigMapKind(), kPage));
  EXPECT_TRUE(cluster_.Gone(DeploymentKind(), kHome));
}

TEST_F(WebsiteTest, SurvivesACrashAtEveryWrite) {
  for (int write = 1; write <= 4; ++write) {
    cluster_.Crash(write);
    ASSERT_TRUE(cluster_.Apply(Home("Title-" + std::to_string(write))));
    ASSERT_TRUE(cluster_.Delete(ConfigMapKind(), kPage));
    EXPECT_TRUE(cluster_.Until([&] {
      return PageText() == "<h1>Title-" + std::to_string(write) + "</h1>\nWelcome.";
    })) << cluster_.Log();
  }
  EXPECT_GT(cluster_.crashes(), 0);
}

// Every possible failure, at each effect of the operator.
TEST(WebsiteExplored, HasItsPageInTheEndWhateverHappens) {
  capstan::Operator website({.name = "website"});
  Configure(website);
  const auto explored = capstan::testing::Explore(
      website,
      {.before = [](capstan::testing::Cluster& cluster) { (void)cluster.ApplyFile(WEBSITE_CRD); },
       .act = [](capstan::testing::Cluster& cluster) { (void)cluster.Apply(Home("Hi")); }},
      {{"there is one page at most",
        [](capstan::testing::Cluster& cluster) {
          return cluster.List(ConfigMapKind(), "default").size() <= 1;
        }}},
      {.runs = 100, .quiet = std::chrono::minutes(10)});
  EXPECT_TRUE(explored) << explored;
}

}  // namespace
}  // namespace example
