// Buckets with a Kubernetes API and a cloud that are both in this process.
#include <algorithm>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include <capstan/operator.hpp>
#include <capstan/testing.hpp>

#include "bucket_provider.hpp"

namespace example {
namespace {

using capstan::Json;
namespace http = capstan::http;
namespace kube = capstan::kube;

const kube::Kind kBucket{"storage.example.dev", "v1", "Bucket", "buckets"};
const kube::ObjectKey kPhotos{"default", "photos"};

// The cloud: buckets by id. One task runs at a time, so it needs no lock.
class BucketCloud final : public http::Handler {
 public:
  void Handle(const http::Request& request, http::ResponseWriter& writer, const capstan::Context&) override {
    const auto url = http::ParseUrl(request.url);
    const std::string path(url->path());
    const std::string id = path.size() > 9 ? path.substr(9) : "";
    http::Response response{200, {}, ""};
    if (path == "/account") {
      response.body = R"({"id":"team-1","name":"the team"})";
    } else if (request.method == "POST") {
      response = Make(*Json::Parse(request.body));
    } else if (id.empty()) {
      Json all = Json::EmptyArray();
      for (const auto& [key, bucket] : buckets) all.Append(bucket);
      response.body = Json().Set("buckets", all).ToText();
    } else if (buckets.count(id) == 0) {
      response = {404, {}, R"({"message":"no such bucket"})"};
    } else if (request.method == "DELETE") {
      buckets.erase(id);
      response.status = 204;
    } else {
      if (request.method == "PATCH") buckets[id].Set("gigabytes", (*Json::Parse(request.body))["gigabytes"]);
      response.body = buckets[id].ToText();
    }
    (void)writer.Respond(response);
  }
  std::map<std::string, Json> buckets;
  int made = 0;
  int lose_answers = 0;  // of the next creates

 private:
  http::Response Make(Json bucket) {
    const std::string id = "b-" + std::to_string(++made);
    bucket.Set("id", id).Set("state", "ready");
    buckets[id] = bucket;
    if (lose_answers > 0 && lose_answers-- > 0) return {500, {}, R"({"message":"try again"})"};
    return {201, {}, bucket.ToText()};
  }
};

class BucketTest : public ::testing::Test {
 protected:
  BucketTest() {
    capstan::Manage(operator_, MakeBucketProvider);
    cluster_.Route("buckets.test", cloud_);
    EXPECT_TRUE(cluster_.ApplyFile(BUCKET_CRD));
    EXPECT_TRUE(cluster_.Apply(R"(
apiVersion: v1
kind: Secret
metadata: {name: cloud-token}
stringData: {token: t}
)"));
    cluster_.Start(operator_);
  }
  void ApplyPhotos(int gigabytes) {
    const auto made = cluster_.Apply(R"(
apiVersion: storage.example.dev/v1
kind: Bucket
metadata: {name: photos}
spec: {tokenSecret: default/cloud-token, gigabytes: )" +
                                     std::to_string(gigabytes) + "}\n");
    ASSERT_TRUE(made) << made.error();
  }
  bool Ready() {
    return cluster_.Until([&] { return cluster_.Condition(kBucket, kPhotos, "Ready") == "True"; },
                          std::chrono::minutes(5));
  }
  // The value of the only series with that name; -1 if there is none.
  double Series(const std::string& name) {
    cluster_.running()->CollectMetrics();
    std::istringstream lines(cluster_.running()->metrics().Text());
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(name + "{")) return std::stod(line.substr(line.rfind(' ')));
    return -1;
  }
  BucketCloud cloud_;
  capstan::Operator operator_{{.name = "buckets"}};
  capstan::testing::Cluster cluster_;
};

TEST_F(BucketTest, IsCreatedFollowsItsSpecAndIsDeleted) {
  ApplyPhotos(2);
  ASSERT_TRUE(Ready()) << cluster_.Get(kBucket, kPhotos)->json() << cluster_.Log();
  ASSERT_EQ(cloud_.buckets.size(), 1u);
  EXPECT_EQ(cluster_.Get(kBucket, kPhotos)->StringAt("/status/bucketID"), "b-1");
  ApplyPhotos(5);
  EXPECT_TRUE(cluster_.Until([&] { return cloud_.buckets.at("b-1")["gigabytes"].AsInteger() == 5; },
                             std::chrono::minutes(5)));
  EXPECT_TRUE(cluster_.Delete(kBucket, kPhotos));
  EXPECT_TRUE(cloud_.buckets.empty());
}

TEST_F(BucketTest, IsCreatedOnceEvenIfTheAnswerIsLost) {
  cloud_.lose_answers = 1;
  ApplyPhotos(1);
  ASSERT_TRUE(Ready()) << cluster_.Log();
  EXPECT_EQ(cloud_.made, 1);
}

TEST_F(BucketTest, IsMadeOnceWhereverTheOperatorCrashes) {
  for (int write = 1; write <= 6; ++write) {
    cluster_.Crash(write);
    ApplyPhotos(1);
    ASSERT_TRUE(Ready()) << cluster_.Log();
    EXPECT_EQ(cloud_.buckets.size(), 1u) << "after a crash at write " << write;
    (void)cluster_.Delete(kBucket, kPhotos);  // a crash on the way can take longer than kubectl waits
    const auto gone = [&] { return cloud_.buckets.empty() && !cluster_.Get(kBucket, kPhotos); };
    ASSERT_TRUE(cluster_.Until(gone, std::chrono::minutes(10))) << cluster_.Log();
  }
  EXPECT_GT(cluster_.crashes(), 3);
}

TEST_F(BucketTest, ItsSecretIsReleasedWhenTheBucketVanishedWhileTheOperatorWasDown) {
  const kube::Kind secret{"", "v1", "Secret", "secrets"};
  const kube::ObjectKey token{"default", "cloud-token"};
  const auto held = [&] { return cluster_.Get(secret, token)->HasFinalizer("capstan.dev/in-use"); };
  ApplyPhotos(1);
  ASSERT_TRUE(Ready()) << cluster_.Log();
  ASSERT_TRUE(held());
  cluster_.Stop();
  (void)cluster_.Delete(kBucket, kPhotos);  // which waits for the finalizer
  ASSERT_TRUE(cluster_.Patch(kBucket, kPhotos, R"({"metadata":{"finalizers":null}})"));
  ASSERT_TRUE(cluster_.Gone(kBucket, kPhotos));
  cluster_.Start(operator_);
  EXPECT_TRUE(cluster_.Until([&] { return !held(); }, std::chrono::minutes(2))) << cluster_.Log();
}

TEST_F(BucketTest, ShowsItsRequestsAndOperationsAsCapstanRunDoes) {
  ApplyPhotos(1);
  ASSERT_TRUE(Ready()) << cluster_.Log();
  capstan::RunningOperator& running = *cluster_.running();
  running.CollectMetrics();
  const std::string metrics = running.metrics().Text();
  for (const char* series : {"capstan_external_requests_total{", "capstan_external_operations_total{"})
    EXPECT_NE(metrics.find(series), std::string::npos) << series;
}

TEST_F(BucketTest, ShowsTheQuotaOfItsCredential) {
  ApplyPhotos(1);
  ASSERT_TRUE(Ready()) << cluster_.Log();
  EXPECT_EQ(Series("capstan_provider_quota_declared_per_minute"), 600) << cluster_.Log();
}

TEST_F(BucketTest, CountsABucketWhoseObjectIsGoneAsAnOrphanAndLeavesItAlone) {
  ApplyPhotos(1);
  ASSERT_TRUE(cluster_.Apply(R"(
apiVersion: storage.example.dev/v1
kind: Bucket
metadata: {name: films}
spec: {tokenSecret: default/cloud-token, gigabytes: 1}
)"));
  ASSERT_TRUE(Ready()) << cluster_.Log();
  ASSERT_TRUE(cluster_.Until([&] { return cloud_.buckets.size() == 2; }, std::chrono::minutes(5)));
  cluster_.Stop();
  (void)cluster_.Delete(kBucket, kPhotos);  // which waits for the finalizer
  ASSERT_TRUE(cluster_.Patch(kBucket, kPhotos, R"({"metadata":{"finalizers":null}})"));
  ASSERT_TRUE(cluster_.Gone(kBucket, kPhotos));
  cluster_.Start(operator_);
  EXPECT_TRUE(cluster_.Until([&] { return Series("capstan_orphans") == 1; }, std::chrono::minutes(30)))
      << cluster_.Log();
  EXPECT_EQ(cloud_.buckets.size(), 2u);
}

TEST_F(BucketTest, NeedsTheRightsThatItNames) {
  const std::vector<capstan::AccessRule> rules = operator_.Rules();
  for (const capstan::AccessRule& rule : {
           capstan::AccessRule{"storage.example.dev", "buckets", {"get", "list", "patch", "watch"}},
           {"storage.example.dev", "buckets/status", {"patch"}},
           {"", "secrets", {"create", "get", "patch"}},
           {"", "configmaps", {"create", "list", "patch"}, false},
           {"coordination.k8s.io", "leases", {"create", "delete", "get", "patch"}, false},
       })
    EXPECT_NE(std::find(rules.begin(), rules.end(), rule), rules.end())
        << rule.resource << operator_.RulesText();
}

}  // namespace
}  // namespace example
