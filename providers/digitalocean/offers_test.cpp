// Offers, in the API's form and as users see them.
#include <gtest/gtest.h>

#include <capstan/providers/digitalocean/testing/scripted_api.hpp>

namespace capstan::digitalocean {
namespace {

using external::Offer;

constexpr char kOptions[] = "GET /v2/kubernetes/options";
constexpr char kSizes[] = "GET /v2/sizes?page=1&per_page=200";
constexpr char kRegions[] = "GET /v2/regions?page=1&per_page=200";
constexpr char kAll[] = R"({"options":{
    "versions":[{"slug":"1.34.3-do.0","kubernetes_version":"1.34.3","supported_features":["cluster-autoscaler"]},
                {"slug":"1.36.2-do.0","kubernetes_version":"1.36.2"},{"slug":"1.36.2-do.1","kubernetes_version":"1.36.2"}],
    "regions":[{"name":"Frankfurt 1","slug":"fra1"},{"name":"New York 1","slug":"nyc1"}],
    "sizes":[{"name":"s-2vcpu-4gb","slug":"s-2vcpu-4gb"},{"name":"Big","slug":"c-32"}]}})";

std::string Values(const Result<std::vector<Offer>>& offers) {
  if (!offers) return offers.error().message;
  std::vector<std::string> all;
  for (const auto& offer : *offers) all.push_back(offer.value);
  return Join(all, " ");
}

class OffersTest : public testing::Test, protected Bench {};

TEST_F(OffersTest, HaveTheNewestVersionFirst) {
  api.Answer(kOptions, 200, kAll);
  const auto versions = cloud->Offers("versions", context);
  EXPECT_EQ(Values(versions), "1.36.2-do.1 1.36.2-do.0 1.34.3-do.0");
  EXPECT_TRUE(
      SameJson(versions->at(2).details, R"({"kubernetes":"1.34.3","features":["cluster-autoscaler"]})"));
}

TEST_F(OffersTest, OfSizesSayWhatEachIsAndCosts) {
  api.Answer(kOptions, 200, kAll);
  api.Answer(kSizes, 200, R"({"sizes":[
      {"slug":"s-2vcpu-4gb","vcpus":2,"memory":4096,"disk":80,"price_monthly":24,"regions":["fra1"],"available":true},
      {"slug":"c-32","vcpus":32,"memory":65536,"disk":400,"price_monthly":672,"regions":[],"available":false},
      {"slug":"droplets-only","vcpus":1}],"meta":{"total":3}})");
  const auto sizes = cloud->Offers("sizes", context);
  ASSERT_EQ(Values(sizes), "s-2vcpu-4gb c-32") << "what no cluster can have is not offered";
  EXPECT_TRUE(SameJson(sizes->at(0).details,
                       R"({"vcpus":2,"memoryMB":4096,"diskGB":80,"monthlyCost":24,"regions":["fra1"]})"))
      << sizes->at(0).details;
  EXPECT_EQ(sizes->at(0).name, "") << "a name that says no more than the slug is none";
  EXPECT_EQ(sizes->at(1).name, "Big");
  EXPECT_FALSE(sizes->at(1).available);
}

TEST_F(OffersTest, AreThereWithoutDetailsForATokenThatMayNotReadThem) {
  api.Answer(kOptions, 200, kAll);
  for (const char* list : {kSizes, kRegions})
    api.Answer(list, 403,
               R"({"id":"forbidden","message":"You are not authorized to perform this operation"})");
  const auto sizes = cloud->Offers("sizes", context);
  ASSERT_EQ(Values(sizes), "s-2vcpu-4gb c-32");
  EXPECT_EQ(sizes->at(0).details, "");
  EXPECT_EQ(Values(cloud->Offers("regions", context)), "fra1 nyc1");
}

TEST_F(OffersTest, OfRegionsSayWhichCannotBeHadNow) {
  api.Answer(kOptions, 200, kAll);
  api.Answer(kRegions, 200, R"({"regions":[{"slug":"fra1","available":true},{"slug":"nyc1","available":false},
      {"slug":"sfo1","available":true}],"meta":{"total":3}})");
  const auto regions = cloud->Offers("regions", context);
  ASSERT_EQ(Values(regions), "fra1 nyc1");
  EXPECT_EQ(regions->at(0).name, "Frankfurt 1");
  EXPECT_TRUE(regions->at(0).available);
  EXPECT_FALSE(regions->at(1).available);
}

TEST_F(OffersTest, AreNeverEmptyByMistake) {
  const auto unknown = cloud->Offers("images", context);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::kUnimplemented);
  EXPECT_NE(unknown.error().message.find("versions, sizes and regions"), std::string::npos);
  EXPECT_TRUE(api.asked.empty());
  api.Answer(kOptions, 401, R"({"id":"unauthorized","message":"Unable to authenticate you"})");
  EXPECT_EQ(cloud->Offers("versions", context).error().code, Code::kUnauthenticated);
  for (const char* body : {"{}", R"({"options":{}})", R"({"options":{"versions":"none"}})"}) {
    Bench other;
    other.api.Answer(kOptions, 200, body);
    EXPECT_EQ(other.cloud->Offers("versions", context).error().code, Code::kDataLoss) << body;
  }
  Bench cut;
  cut.api.Answer(kOptions, 200, kAll);
  cut.api.Answer(kSizes, 500, "{}");
  EXPECT_FALSE(cut.cloud->Offers("sizes", context)) << "only a missing right is done without";
}

}  // namespace
}  // namespace capstan::digitalocean
