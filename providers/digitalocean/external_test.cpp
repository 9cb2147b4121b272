// The operations, with an API that returns the test's responses.
#include <gtest/gtest.h>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/providers/digitalocean/testing/scripted_api.hpp>

namespace capstan::digitalocean {
namespace {

using external::Verdict;

const std::string kDesired =
    R"({"name":"a","namespace":"d","uid":"uid-1","spec":{"region":"fra1","version":"1.34.1-do.0","nodePools":[{"name":"p","size":"s-2","count":2}]}})";
const std::string kPath = StrCat("/v2/kubernetes/clusters/", kTestCluster);

std::string ClusterJson(const std::string& id, const std::string& name, const std::string& tags,
                        const std::string& state = "running") {
  return StrCat(R"({"id":")", id, R"(","name":")", name,
                R"(","version":"1.34.1-do.0","region":"fra1","endpoint":"https://e","tags":[)", tags,
                R"(],"node_pools":[],"status":{"state":")", state,
                R"("},"created_at":"2026-01-01T00:00:00Z"})");
}
std::string One(const std::string& cluster) { return StrCat(R"({"kubernetes_cluster":)", cluster, "}"); }
std::string List(const std::vector<std::string>& clusters, int total) {
  return StrCat(R"({"kubernetes_clusters":[)", Join(clusters, ","), R"(],"meta":{"total":)", total, "}}");
}
constexpr char kPage1[] = "GET /v2/kubernetes/clusters?page=1&per_page=200";
constexpr char kPage2[] = "GET /v2/kubernetes/clusters?page=2&per_page=200";
constexpr char kMake[] = "POST /v2/kubernetes/clusters";

class ExternalTest : public testing::Test, protected Bench {};

TEST_F(ExternalTest, SendsTheTokenWithoutItsLineBreakAndLogsItNowhere) {
  api.Answer("GET /v2/account", 401, R"({"id":"unauthorized","message":"Unable to authenticate you."})");
  auto account = cloud->WhoAmI(context);
  ASSERT_FALSE(account);
  EXPECT_EQ(account.error().code, Code::kUnauthenticated);
  EXPECT_NE(account.error().message.find("Unable to authenticate you"), std::string::npos);
  EXPECT_EQ(api.requests.at(0).headers.Get("Authorization"), "Bearer dop_v1_sesame");
  EXPECT_EQ(account.error().message.find("sesame"), std::string::npos);
  EXPECT_FALSE(log.Contains("sesame"));
}

TEST_F(ExternalTest, CombinesTheApisMessageAndOurAdviceIntoSentences) {
  const std::pair<int, std::string> rows[] = {
      {401, "ask DigitalOcean for the account: It is so. Check the token: it is wrong, expired or revoked"},
      {422, "ask DigitalOcean for the account: It is so"},
      {429, "ask DigitalOcean for the account: It is so. The token's quota of requests is used up"},
  };
  for (const auto& [status, said] : rows) {
    for (const char* words : {"It is so", "It is so.", " It is so. "}) {
      Bench bench;
      bench.api.Answer("GET /v2/account", status,
                       StrCat(R"({"id":"x","message":")", words, R"(","request_id":"r-1"})"));
      const auto account = bench.cloud->WhoAmI(bench.context);
      ASSERT_FALSE(account);
      EXPECT_EQ(account.error().message, said + " (request id r-1)");
    }
  }
}

TEST_F(ExternalTest, NamesTheTeamAsTheAccountAndAsksOnce) {
  api.Answer("GET /v2/account", 200,
             R"({"account":{"uuid":"me","email":"e@x","team":{"uuid":"team","name":"T"}}})");
  EXPECT_EQ(cloud->WhoAmI(context)->id, "team");
  EXPECT_EQ(cloud->WhoAmI(context)->description, "T");
  EXPECT_EQ(api.asked.size(), 1u);
}

TEST_F(ExternalTest, NamesThePersonWhereThereIsNoTeam) {
  api.Answer("GET /v2/account", 200, R"({"account":{"uuid":"me","email":"e@x"}})");
  EXPECT_EQ(cloud->WhoAmI(context)->id, "me");
}

TEST_F(ExternalTest, KnowsNoAccountWithoutPermissionToReadIt) {
  api.Answer("GET /v2/account", 403, R"({"id":"forbidden","message":"no"})");
  EXPECT_EQ(cloud->WhoAmI(context)->id, "");
}

TEST_F(ExternalTest, FindsOurClusterAndOthersWithItsName) {
  api.Answer(kPage1, 200,
             List({ClusterJson("1", "x", R"("k8s","capstan:uid-1","capstan-owner:home")"),
                   ClusterJson("2", "a", R"("k8s")"), ClusterJson("3", "y", R"("capstan:other")"),
                   ClusterJson("4", "a", R"("capstan:uid-1")", "deleted")},
                  4));
  auto found = cloud->Find(identity, kDesired, context);
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].id, "1");
  EXPECT_EQ((*found)[0].identity, "capstan:uid-1");
  EXPECT_EQ((*found)[0].owner, "capstan-owner:home");
  EXPECT_EQ((*found)[1].id, "2");
  EXPECT_EQ((*found)[1].identity, "");
}

TEST_F(ExternalTest, ReadsEveryPage) {
  std::vector<std::string> first;
  for (int i = 0; i < 200; ++i) first.push_back(ClusterJson(StrCat("id", i), StrCat("n", i), ""));
  api.Answer(kPage1, 200, List(first, 201));
  api.Answer(kPage2, 200, List({ClusterJson("last", "z", R"("capstan:uid-1")")}, 201));
  auto found = cloud->Find(identity, kDesired, context);
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].id, "last");
}

TEST_F(ExternalTest, RejectsAListThatDoesNotAddUp) {
  auto one = ClusterJson("1", "x", "");
  struct Case {
    const char* reason;
    std::string first, second;
  };
  const Case cases[] = {
      {"fewer than counted", List({one}, 2), List({}, 2)},
      {"one twice instead of another", List({one}, 2), List({one}, 2)},
      {"the count moves", List({one}, 2), List({ClusterJson("2", "y", "")}, 3)},
      {"no meta", R"({"kubernetes_clusters":[]})", ""},
      {"no list", R"({"meta":{"total":0}})", ""},
      {"not JSON", "<html>", ""},
      {"an item without id", R"({"kubernetes_clusters":[{"name":"x"}],"meta":{"total":1}})", ""},
  };
  for (const auto& c : cases) {
    Bench bench;
    bench.api.Answer(kPage1, 200, c.first);
    bench.api.Answer(kPage2, 200, c.second);
    auto found = bench.cloud->Find(bench.identity, kDesired, bench.context);
    ASSERT_FALSE(found) << c.reason;
    EXPECT_EQ(found.error().code, Code::kDataLoss) << c.reason;
  }
}

TEST_F(ExternalTest, FailsTheFindWhenAnyPageFails) {
  api.Answer(kPage1, 200, List({ClusterJson("1", "x", R"("capstan:uid-1")")}, 2));
  api.Answer(kPage2, 500, R"({"id":"server_error","message":"Unexpected server-side error"})");
  auto found = cloud->Find(identity, kDesired, context);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kUnavailable);
}

TEST_F(ExternalTest, DistinguishesAbsentFromUnknown) {
  api.Answer("GET " + kPath, 404, R"({"id":"not_found","message":"no"})");
  auto gone = cloud->Get(kTestCluster, context);
  ASSERT_TRUE(gone);
  EXPECT_FALSE(gone->has_value());
  Bench broken;
  broken.api.Break("GET " + kPath);
  EXPECT_FALSE(broken.cloud->Get(kTestCluster, broken.context));
  Bench other;
  other.api.Answer("GET " + kPath, 200, One(ClusterJson("another", "a", "")));
  EXPECT_EQ(other.cloud->Get(kTestCluster, other.context).error().code, Code::kDataLoss);
}

TEST_F(ExternalTest, CreatesInExactlyOneRequest) {
  api.Answer(kMake, 201, One(ClusterJson(kTestCluster, "a", "", "provisioning")));
  auto outcome = cloud->Create(identity, kDesired, context);
  EXPECT_EQ(outcome.verdict, Verdict::kDone);
  EXPECT_EQ(outcome.id, kTestCluster);
  ASSERT_EQ(api.asked, std::vector<std::string>{kMake});
  auto body = json::ParseObject(api.requests[0].body).value();
  EXPECT_EQ(json::ToText(json::Tree(json::ArrayIn(body, "tags"))),
            R"(["capstan:uid-1","capstan-owner:home"])");
}

struct CreateCase {
  const char* reason;
  int status;  // 0: the connection breaks
  const char* body;
  Verdict verdict;
  Code code;
};
TEST_F(ExternalTest, ReportsTheOutcomeOfACreateAsFarAsItIsKnown) {
  const char* refused =
      R"({"id":"unprocessable_entity","message":"validation error: invalid version slug","request_id":"r-1"})";
  const CreateCase cases[] = {
      {"refused", 422, refused, Verdict::kRejected, Code::kInvalidArgument},
      {"not authenticated", 401, refused, Verdict::kRejected, Code::kUnauthenticated},
      {"not allowed", 403, refused, Verdict::kRejected, Code::kPermissionDenied},
      {"too many", 429, refused, Verdict::kWait, Code::kResourceExhausted},
      {"server's fault", 500, refused, Verdict::kUnknown, Code::kUnavailable},
      {"gateway", 504, "<html>", Verdict::kUnknown, Code::kDeadlineExceeded},
      {"server gave up waiting", 408, "", Verdict::kUnknown, Code::kUnavailable},
      {"cut", 0, "", Verdict::kUnknown, Code::kUnavailable},
      {"made, but the answer is garbage", 201, "{}", Verdict::kUnknown, Code::kDataLoss},
  };
  for (const auto& c : cases) {
    Bench bench;
    if (c.status == 0) {
      bench.api.Break(kMake);
    } else {
      bench.api.Answer(kMake, c.status, c.body);
    }
    auto outcome = bench.cloud->Create(bench.identity, kDesired, bench.context);
    EXPECT_EQ(outcome.verdict, c.verdict) << c.reason;
    ASSERT_TRUE(outcome.error) << c.reason;
    if (c.status != 0 && c.status != 408) {
      EXPECT_EQ(outcome.error->code, c.code) << c.reason;
    }
    EXPECT_EQ(bench.api.asked.size(), 1u) << c.reason;
  }
}

TEST_F(ExternalTest, PassesOnTheApisMessageAndRequestId) {
  api.Answer(
      kMake, 422,
      R"({"id":"unprocessable_entity","message":"worker_node_pool_specs[0].invalid droplet size","request_id":"r-1"})");
  auto error = *cloud->Create(identity, kDesired, context).error;
  EXPECT_EQ(error.reason, "unprocessable_entity");
  EXPECT_EQ(error.request_id, "r-1");
  EXPECT_NE(error.message.find("worker_node_pool_specs[0].invalid droplet size"), std::string::npos) << error;
  EXPECT_NE(error.message.find("r-1"), std::string::npos) << error;
}

TEST_F(ExternalTest, KnowsThatNothingWasMadeWhenNothingWasSent) {
  transport.Route("api.digitalocean.com", nullptr);
  auto outcome = cloud->Create(identity, kDesired, context);
  EXPECT_EQ(outcome.verdict, Verdict::kWait);
  EXPECT_EQ(outcome.error->sent, Sent::kNo);
}

TEST_F(ExternalTest, RefusesABadSpecWithoutAsking) {
  auto outcome = cloud->Create(
      identity, R"({"name":"a","spec":{"region":"fra1","version":"1.34","nodePools":[]}})", context);
  EXPECT_EQ(outcome.verdict, Verdict::kRejected);
  EXPECT_TRUE(api.asked.empty());
}

TEST_F(ExternalTest, WaitsAsLongAsTheQuotaDemands) {
  auto reset =
      std::chrono::duration_cast<std::chrono::seconds>(scheduler.WallNow().time_since_epoch()).count() + 90;
  api.Answer(kMake, 429, "{}", {{"ratelimit-reset", std::to_string(reset)}});
  auto by_hour = *cloud->Create(identity, kDesired, context).error;
  ASSERT_TRUE(by_hour.retry_after);
  EXPECT_GT(*by_hour.retry_after, std::chrono::seconds(80));
  EXPECT_LE(*by_hour.retry_after, std::chrono::seconds(90));
  Bench burst;
  burst.api.Answer(kMake, 429, "{}", {{"Retry-After", "7"}, {"ratelimit-reset", std::to_string(reset)}});
  EXPECT_EQ(burst.cloud->Create(burst.identity, kDesired, burst.context).error->retry_after,
            std::chrono::seconds(7));
}

TEST_F(ExternalTest, SendsAFullSlugForLatestAndForAMinor) {
  const char* options = R"({"options":{"versions":[{"slug":"1.35.1-do.0"},{"slug":"1.34.2-do.0"}]}})";
  for (const auto& [wanted, sent] :
       {std::pair("latest", "1.35.1-do.0"), std::pair("1.34", "1.34.2-do.0"), std::pair("1.20", "1.20")}) {
    Bench bench;
    bench.api.Answer("GET /v2/kubernetes/options", 200, options);
    bench.api.Answer(kMake, 201, One(ClusterJson(kTestCluster, "a", "")));
    auto desired = json::MergePatch(kDesired, StrCat(R"({"spec":{"version":")", wanted, "\"}}")).value();
    ASSERT_EQ(bench.cloud->Create(bench.identity, desired, bench.context).verdict, Verdict::kDone);
    EXPECT_EQ(json::StringIn(json::ParseObject(bench.api.requests.back().body).value(), "version"), sent);
  }
}

TEST_F(ExternalTest, MakesNothingWhenTheVersionsCannotBeAsked) {
  api.Answer("GET /v2/kubernetes/options", 500, "{}");
  auto desired = json::MergePatch(kDesired, R"({"spec":{"version":"latest"}})").value();
  auto outcome = cloud->Create(identity, desired, context);
  EXPECT_EQ(outcome.verdict, Verdict::kWait);
  EXPECT_EQ(outcome.error->sent, Sent::kNo);
  EXPECT_EQ(outcome.error->http_status, 0);
  EXPECT_EQ(api.asked.size(), 1u);
}

TEST_F(ExternalTest, DeletesAloneOrWithExactlyTheNamedResources) {
  api.Answer("DELETE " + kPath, 204, "");
  api.Answer("DELETE " + kPath + "/destroy_with_associated_resources/selective", 204, "");
  EXPECT_EQ(cloud->Delete(kTestCluster, {}, context).verdict, Verdict::kDone);
  external::DeleteOptions some;
  some.associated = {{"volumes", "v1", "pvc-1"}, {"loadBalancers", "lb1", "a"}};
  EXPECT_EQ(cloud->Delete(kTestCluster, some, context).verdict, Verdict::kDone);
  EXPECT_TRUE(SameJson(api.requests.back().body, R"({"volumes":["v1"],"load_balancers":["lb1"]})"));
  some.associated.push_back({"droplets", "d1", "a"});
  EXPECT_EQ(cloud->Delete(kTestCluster, some, context).verdict, Verdict::kRejected);
  EXPECT_EQ(api.asked.size(), 2u) << "nothing goes when not all of it can";
}

TEST_F(ExternalTest, ListsAssociatedResourcesCompletelyOrNotAtAll) {
  auto path = "GET " + kPath + "/destroy_with_associated_resources";
  api.Answer(
      path, 200,
      R"({"load_balancers":[{"id":"lb1","name":"a"}],"volumes":[{"id":"v1","name":"pvc-1"},{"id":"v2"}],
                "volume_snapshots":null})");
  auto listed = cloud->ListAssociated(kTestCluster, context);
  ASSERT_TRUE(listed) << listed.error();
  std::vector<std::string> all;
  for (const auto& item : *listed) all.push_back(StrCat(item.kind, "/", item.id, "/", item.name));
  EXPECT_EQ(Join(all, " "), "loadBalancers/lb1/a volumes/v1/pvc-1 volumes/v2/");
  for (const char* bad : {R"({"load_balancers":[],"volumes":[]})", "[]",
                          R"({"load_balancers":[{"name":"a"}],"volumes":[],"volume_snapshots":[]})"}) {
    Bench bench;
    bench.api.Answer(path, 200, bad);
    EXPECT_EQ(bench.cloud->ListAssociated(kTestCluster, context).error().code, Code::kDataLoss) << bad;
  }
}

TEST_F(ExternalTest, AdoptsWithOneWriteThatKeepsAllOtherTags) {
  api.Answer("GET " + kPath, 200,
             One(ClusterJson(kTestCluster, "old-name",
                             R"("k8s","k8s:x","team:x","capstan:former","Capstan-Owner:Other")")));
  api.Answer("PUT " + kPath, 202, One(ClusterJson(kTestCluster, "old-name", "")));
  EXPECT_EQ(cloud->Adopt(kTestCluster, identity, context).verdict, Verdict::kDone);
  ASSERT_EQ(api.asked, (std::vector<std::string>{"GET " + kPath, "PUT " + kPath}));
  EXPECT_EQ(api.requests[1].body,
            R"({"name":"old-name","tags":["k8s","k8s:x","team:x","capstan:uid-1","capstan-owner:home"]})");
}

TEST_F(ExternalTest, WritesNothingWhereItsTagsAre) {
  api.Answer("GET " + kPath, 200,
             One(ClusterJson(kTestCluster, "a", R"("k8s","capstan:uid-1","capstan-owner:home")")));
  EXPECT_EQ(cloud->Adopt(kTestCluster, identity, context).verdict, Verdict::kDone);
  EXPECT_EQ(api.asked.size(), 1u);
}

TEST_F(ExternalTest, ReportsTheOutcomeOfAnAdoption) {
  struct Case {
    const char* reason;
    int get, put;  // 0: the connection breaks
    Verdict verdict;
  };
  const Case cases[] = {{"not there", 404, 202, Verdict::kNotFound},
                        {"not to be asked now", 503, 202, Verdict::kWait},
                        {"asked in vain", 0, 202, Verdict::kWait},
                        {"refused", 200, 422, Verdict::kRejected},
                        {"gone meanwhile", 200, 404, Verdict::kNotFound},
                        {"a fault", 200, 500, Verdict::kUnknown},
                        {"cut", 200, 0, Verdict::kUnknown}};
  for (const auto& c : cases) {
    Bench bench;
    auto script = [&](const std::string& request, int status) {
      if (status == 0)
        bench.api.Break(request);
      else
        bench.api.Answer(request, status, status / 100 == 2 ? One(ClusterJson(kTestCluster, "a", "")) : "{}");
    };
    script("GET " + kPath, c.get);
    script("PUT " + kPath, c.put);
    EXPECT_EQ(bench.cloud->Adopt(kTestCluster, identity, context).verdict, c.verdict) << c.reason;
  }
}

TEST_F(ExternalTest, ReturnsTheNoticesSinceATime) {
  api.Answer(
      "GET " + kPath + "/status_messages?since=2026-01-01T00%3A00%3A00Z", 200,
      R"({"messages":[{"message":"late","timestamp":"2026-01-03T00:00:00Z"},{"message":"known","timestamp":"2026-01-01T00:00:00Z"},
                {"message":"early","timestamp":"2026-01-02T00:00:00Z"},{"message":"","timestamp":"2026-01-02T00:00:00Z"}]})");
  auto notices = cloud->Notices(kTestCluster, "2026-01-01T00:00:00Z", context);
  ASSERT_TRUE(notices) << notices.error();
  ASSERT_EQ(notices->size(), 2u);
  EXPECT_EQ((*notices)[0].text, "early");
  EXPECT_EQ((*notices)[1].text, "late");
  EXPECT_EQ((*notices)[1].at, "2026-01-03T00:00:00Z");
  api.Answer("GET " + kPath + "/status_messages", 200, R"({"messages":null})");
  EXPECT_TRUE(cloud->Notices(kTestCluster, "", context)->empty());
  EXPECT_EQ(cloud->Notices(kTestCluster, "yesterday", context).error().code, Code::kInvalidArgument);
}

TEST_F(ExternalTest, GivesThePartsOfTheKubeconfigUnderKeysOfTheirOwn) {
  api.Answer(
      "GET " + kPath + "/kubeconfig?type=token", 200,
      "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: Q0E=\n    server: "
      "\"https://c.example.com\"\n  name: do-fra1-a\nusers:\n- name: admin\n  user:\n    token: abc\n");
  auto connection = cloud->ReadConnection(kTestCluster, kDesired, context);
  ASSERT_TRUE(connection) << connection.error();
  const auto value = [&](const char* key) {
    const auto found = connection->data.find(key);
    return found == connection->data.end() ? "(none)" : std::string(found->second.Reveal());
  };
  EXPECT_EQ(value("host"), "https://c.example.com");
  EXPECT_EQ(value("certificate-authority-data"), "Q0E=");
  EXPECT_EQ(value("token"), "abc");
  EXPECT_EQ(value("expiry"), FormatRfc3339(*connection->expires));
  EXPECT_NE(value("kubeconfig").find("clusters:"), std::string::npos);
}

TEST_F(ExternalTest, FindsOutBeforeTheCreateThatTheVpcIsInAnotherRegion) {
  const auto desired = json::MergePatch(kDesired, R"({"spec":{"vpcUUID":"V1"}})").value();
  api.Answer("GET /v2/vpcs/v1", 200, R"({"vpc":{"id":"v1","region":"nyc1"}})");
  auto outcome = cloud->Create(identity, desired, context);
  EXPECT_EQ(outcome.verdict, Verdict::kRejected);
  EXPECT_EQ(outcome.error->code, Code::kInvalidArgument);
  EXPECT_EQ(outcome.error->sent, Sent::kNo);
  EXPECT_EQ(outcome.error->message.find("spec.vpcUUID: VPC V1 is in nyc1, and spec.region is fra1"), 0u)
      << *outcome.error;
  EXPECT_EQ(std::count(api.asked.begin(), api.asked.end(), kMake), 0);
  Bench absent;
  absent.api.Answer("GET /v2/vpcs/v1", 404, R"({"id":"not_found","message":"no"})");
  EXPECT_EQ(absent.cloud->Create(absent.identity, desired, absent.context).verdict, Verdict::kRejected);
  Bench broken;
  broken.api.Answer("GET /v2/vpcs/v1", 500, R"({"id":"server_error","message":"no"})");
  EXPECT_EQ(broken.cloud->Create(broken.identity, desired, broken.context).verdict, Verdict::kWait);
  for (const char* answer : {"fits", "may not look"}) {
    Bench bench;
    bench.api.Answer(kMake, 201, One(ClusterJson(kTestCluster, "a", "", "provisioning")));
    if (answer == std::string("fits"))
      bench.api.Answer("GET /v2/vpcs/v1", 200, R"({"vpc":{"id":"v1","region":"fra1"}})");
    else
      bench.api.Answer("GET /v2/vpcs/v1", 403, R"({"id":"forbidden","message":"no"})");
    EXPECT_EQ(bench.cloud->Create(bench.identity, desired, bench.context).verdict, Verdict::kDone) << answer;
  }
}

TEST_F(ExternalTest, PlansNoCreateInAVpcThatTheAccountDoesNotHaveUntilItIsThere) {
  const auto desired = json::MergePatch(kDesired, R"({"spec":{"vpcUUID":"V1"}})").value();
  api.Answer(kPage1, 200, List({}, 0));
  api.Answer("GET /v2/vpcs/v1", 404, R"({"id":"not_found","message":"no"})");
  api.Answer("GET /v2/vpcs/v1", 200, R"({"vpc":{"id":"v1","region":"fra1"}})");
  ASSERT_TRUE(cloud->Find(identity, desired, context));
  const auto absent = cloud->MakePlan(desired, external::Observed{}).value();
  EXPECT_TRUE(absent.steps.empty());
  ASSERT_EQ(absent.unsupported.size(), 1u);
  EXPECT_EQ(absent.unsupported[0].field, "spec.vpcUUID");
  ASSERT_TRUE(cloud->Find(identity, desired, context));
  const auto there = cloud->MakePlan(desired, external::Observed{}).value();
  EXPECT_TRUE(there.unsupported.empty());
  EXPECT_EQ(there.steps.size(), 1u);
}

TEST_F(ExternalTest, ListsTheOffersForARefusedVersion) {
  api.Answer(kPage1, 200, List({}, 0));
  api.Answer(
      "GET /v2/kubernetes/options", 200,
      R"({"options":{"versions":[{"slug":"1.36.1-do.0"}],"regions":[{"slug":"fra1"}],"sizes":[{"slug":"s-2"}]}})");
  ASSERT_TRUE(cloud->Find(identity, kDesired, context));
  const auto old = json::MergePatch(kDesired, R"({"spec":{"version":"1.21.9-do.0"}})").value();
  api.Answer(kMake, 422,
             R"({"id":"unprocessable_entity","message":"validation error: invalid version slug"})");
  const auto outcome = cloud->Create(identity, old, context);
  EXPECT_EQ(
      outcome.error->message,
      "create DigitalOcean cluster a: validation error: invalid version slug. DigitalOcean does not offer "
      "1.21.9-do.0; it offers 1.36.1-do.0");
  const auto plan = cloud->MakePlan(old, external::Observed{});
  ASSERT_EQ(plan->unsupported.size(), 1u);
  EXPECT_EQ(plan->unsupported[0].field, "spec.version");
}

TEST_F(ExternalTest, DoesNotWaitForAnAbsurdReset) {
  for (const char* reset : {"9223372036854775807", "99999999999999999999", "-5", "soon", "1", "4102444800"}) {
    Bench bench;
    bench.api.Answer("GET /v2/account", 429, R"({"id":"too_many_requests","message":"no"})",
                     {{"ratelimit-reset", reset}});
    EXPECT_EQ(bench.cloud->WhoAmI(bench.context).error().retry_after, std::nullopt) << reset;
  }
}

TEST_F(ExternalTest, AsksForTheKubeconfigToLastAsLongAsTheSpecSays) {
  const std::string text = "clusters:\nusers:\n- user:\n    token: abc\n";
  api.Answer("GET " + kPath + "/kubeconfig?type=token&expiry_seconds=3600", 200, text);
  api.Answer("GET " + kPath + "/kubeconfig?type=token", 200, text);
  auto now = scheduler.WallNow();
  auto hour = cloud->ReadConnection(kTestCluster, R"({"spec":{"kubeconfigExpirySeconds":3600}})", context);
  ASSERT_TRUE(hour) << hour.error();
  EXPECT_EQ(hour->expires, now + std::chrono::hours(1));
  api.Answer("GET " + kPath + "/kubeconfig?type=token&expiry_seconds=600", 200, text);
  EXPECT_TRUE(cloud->ReadConnection(kTestCluster, R"({"spec":{"kubeconfigExpirySeconds":5}})", context))
      << "an object from before there was a floor gets the floor";
  for (const char* usual : {R"({"spec":{"kubeconfigExpirySeconds":0}})", R"({"spec":{}})"}) {
    now = scheduler.WallNow();
    auto week = cloud->ReadConnection(kTestCluster, usual, context);
    ASSERT_TRUE(week) << week.error();
    EXPECT_EQ(week->expires, now + std::chrono::hours(24 * 7));
  }
}

TEST_F(ExternalTest, TreatsAnAbsentClusterAsDeletedAndAFaultAsUnknown) {
  api.Answer("DELETE " + kPath, 404, "{}");
  EXPECT_EQ(cloud->Delete(kTestCluster, {}, context).verdict, Verdict::kNotFound);
  Bench broken;
  broken.api.Answer("DELETE " + kPath, 503, "{}");
  EXPECT_EQ(broken.cloud->Delete(kTestCluster, {}, broken.context).verdict, Verdict::kUnknown);
}

TEST_F(ExternalTest, ReturnsTheKubeconfigOnceItExists) {
  api.Answer("GET " + kPath + "/kubeconfig?type=token", 404, R"({"id":"not_found","message":"no"})");
  api.Answer("GET " + kPath + "/kubeconfig?type=token", 200,
             "apiVersion: v1\nclusters:\n- a\nusers:\n- name: x\n  user:\n    token: secret\n");
  EXPECT_EQ(cloud->ReadConnection(kTestCluster, "{}", context).error().code, Code::kFailedPrecondition);
  auto connection = cloud->ReadConnection(kTestCluster, "{}", context);
  ASSERT_TRUE(connection) << connection.error();
  EXPECT_EQ(connection->data.at("kubeconfig").Reveal().substr(0, 14), "apiVersion: v1");
  auto life = *connection->expires - scheduler.WallNow();
  EXPECT_LE(life, std::chrono::hours(24 * 7));
  EXPECT_GT(life, std::chrono::hours(24 * 7) - std::chrono::minutes(1));
}

TEST_F(ExternalTest, TakesTheKubeconfigForSingleSignOnOnlyWhereNoOtherIsAllowed) {
  const std::string doctl = "clusters:\nusers:\n- user:\n    exec: {}\n";
  const char* required = R"({"spec":{"sso":{"enabled":true,"required":true},"kubeconfigExpirySeconds":600}})";
  api.Answer("GET " + kPath + "/kubeconfig?expiry_seconds=600", 200, doctl);
  EXPECT_TRUE(cloud->ReadConnection(kTestCluster, required, context));
  EXPECT_EQ(api.requests.size(), 1u) << "no token is asked for";
  Bench by_hand;
  by_hand.api.Answer("GET " + kPath + "/kubeconfig?type=token", 422, R"({"id":"x","message":"no tokens"})");
  by_hand.api.Answer("GET " + kPath + "/kubeconfig", 200, doctl);
  EXPECT_TRUE(by_hand.cloud->ReadConnection(kTestCluster, "{}", by_hand.context));
  Bench forbidden;
  forbidden.api.Answer("GET " + kPath + "/kubeconfig?type=token", 403, "{}");
  EXPECT_EQ(forbidden.cloud->ReadConnection(kTestCluster, "{}", forbidden.context).error().code,
            Code::kPermissionDenied);
  EXPECT_EQ(forbidden.api.requests.size(), 1u);
}

TEST_F(ExternalTest, KnowsNoExpiryOfAKubeconfigWithoutToken) {
  api.Answer("GET " + kPath + "/kubeconfig?type=token", 200,
             "clusters:\n- a\nusers:\n- user:\n    token: \n    exec: {}\n");
  EXPECT_FALSE(cloud->ReadConnection(kTestCluster, "{}", context)->expires);
  Bench garbage;
  garbage.api.Answer("GET " + kPath + "/kubeconfig?type=token", 200, "<html>");
  EXPECT_EQ(garbage.cloud->ReadConnection(kTestCluster, "{}", garbage.context).error().code, Code::kDataLoss);
}

TEST_F(ExternalTest, ListsByPagesForTheObserver) {
  std::vector<std::string> first;
  for (int i = 0; i < 200; ++i) first.push_back(ClusterJson(StrCat("id", i), "n", ""));
  api.Answer(kPage1, 200, List(first, 201));
  api.Answer(kPage2, 200, List({ClusterJson("last", "z", "")}, 201));
  auto page = cloud->List("", context);
  ASSERT_TRUE(page) << page.error();
  EXPECT_EQ(page->items.size(), 200u);
  EXPECT_EQ(page->next, "2");
  EXPECT_EQ(page->total, 201);
  auto last = cloud->List(page->next, context);
  EXPECT_EQ(last->items.at(0).id, "last");
  EXPECT_EQ(last->next, "");
  EXPECT_EQ(cloud->List("x", context).error().code, Code::kInvalidArgument);
}

external::Step StepOf(const std::string& verb, const std::string& arguments, bool makes = false) {
  external::Step step;
  step.verb = verb;
  step.target = "nodePools/q";
  step.makes = makes;
  step.arguments = arguments;
  return step;
}

TEST_F(ExternalTest, MakesAPoolWithBothTags) {
  api.Answer("POST " + kPath + "/node_pools", 201, R"({"node_pool":{"id":"pool-1","name":"q"}})");
  auto step = StepOf(
      "create",
      R"({"method":"POST","path":"/node_pools","body":{"name":"q","size":"s","count":1,"tags":["capstan-pool:q"]}})",
      true);
  auto outcome = cloud->Apply(kTestCluster, step, identity, context);
  EXPECT_EQ(outcome.verdict, Verdict::kDone);
  EXPECT_EQ(outcome.id, "pool-1");
  EXPECT_TRUE(SameJson(
      api.requests.at(0).body,
      R"({"name":"q","size":"s","count":1,"tags":["capstan-pool:q","capstan:uid-1","capstan-owner:home"]})"));
  EXPECT_EQ(cloud->Apply(kTestCluster, step, {}, context).verdict, Verdict::kRejected)
      << "never without an identity";
}

TEST_F(ExternalTest, FindsAPoolItMadeBefore) {
  api.Answer(
      "GET " + kPath + "/node_pools", 200,
      R"({"node_pools":[{"id":"1","name":"q","tags":["k8s","capstan:uid-1"]},{"id":"2","name":"p","tags":["capstan:uid-1"]}]})");
  auto part = identity;
  part.parent = kTestCluster;
  part.target = "nodePools/q";
  auto found = cloud->Find(part, kDesired, context);
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].id, "1");
  EXPECT_EQ((*found)[0].identity, "capstan:uid-1");
}

TEST_F(ExternalTest, CallsAPoolOfThatNameOursOnlyByItsTag) {
  api.Answer("GET " + kPath + "/node_pools", 200,
             R"({"node_pools":[{"id":"1","name":"q","tags":["k8s"]},
                               {"id":"2","name":"q","tags":["capstan:uid-2"]}]})");
  auto part = identity;
  part.parent = kTestCluster;
  part.target = "nodePools/q";
  auto found = cloud->Find(part, kDesired, context);
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 2u) << "both have the name";
  EXPECT_EQ((*found)[0].identity, "");
  EXPECT_EQ((*found)[1].identity, "capstan:uid-2");
}

TEST_F(ExternalTest, TreatsAPoolThatIsGoneAsRemoved) {
  auto step = StepOf("remove", R"({"method":"DELETE","path":"/node_pools/p1"})");
  api.Answer("DELETE " + kPath + "/node_pools/p1", 404, "{}");
  EXPECT_EQ(cloud->Apply(kTestCluster, step, {}, context).verdict, Verdict::kDone);
  Bench broken;
  broken.api.Break("DELETE " + kPath + "/node_pools/p1");
  EXPECT_EQ(broken.cloud->Apply(kTestCluster, step, {}, broken.context).verdict, Verdict::kUnknown);
  EXPECT_EQ(broken.api.asked.size(), 1u);
}

constexpr char kOptions[] = R"({"options":{"versions":[{"slug":"1.36.0-do.0"},{"slug":"1.35.3-do.0"}]}})";

TEST_F(ExternalTest, UpgradesToWhatIsOffered) {
  api.Answer("GET /v2/kubernetes/options", 200, kOptions);
  api.Answer("GET " + kPath, 200, One(ClusterJson(kTestCluster, "a", "")));
  api.Answer("GET " + kPath + "/upgrades", 200,
             R"({"available_upgrade_versions":[{"slug":"1.35.3-do.0"},{"slug":"1.35.2-do.0"}]})");
  api.Answer("POST " + kPath + "/upgrade", 202, "");
  EXPECT_EQ(cloud->Apply(kTestCluster, StepOf("upgrade", R"({"upgrade":"1.35"})"), {}, context).verdict,
            Verdict::kDone);
  EXPECT_EQ(api.requests.back().body, R"({"version":"1.35.3-do.0"})");
}

TEST_F(ExternalTest, BeginsNoHopOfAnUpgradeThatCannotBeCompleted) {
  api.Answer("GET /v2/kubernetes/options", 500, "{}");
  api.Answer("GET /v2/kubernetes/options", 200, kOptions);
  api.Answer("GET " + kPath, 200, One(ClusterJson(kTestCluster, "a", "")));
  api.Answer("GET " + kPath + "/upgrades", 200, R"({"available_upgrade_versions":[{"slug":"1.35.3-do.0"}]})");
  api.Answer("POST " + kPath + "/upgrade", 202, "");
  const auto hop = StepOf("upgrade", R"({"upgrade":"1.35","aim":"1.99"})");
  EXPECT_EQ(cloud->Apply(kTestCluster, hop, {}, context).verdict, Verdict::kWait) << "not known yet";
  const auto outcome = cloud->Apply(kTestCluster, hop, {}, context);
  EXPECT_EQ(outcome.verdict, Verdict::kRejected);
  EXPECT_EQ(outcome.error->message, "DigitalOcean does not offer 1.99; it offers 1.36.0-do.0, 1.35.3-do.0");
  EXPECT_EQ(std::count(api.asked.begin(), api.asked.end(), "POST " + kPath + "/upgrade"), 0);
  const auto good = StepOf("upgrade", R"({"upgrade":"1.35","aim":"1.36"})");
  EXPECT_EQ(cloud->Apply(kTestCluster, good, {}, context).verdict, Verdict::kDone);
  EXPECT_EQ(api.requests.back().body, R"({"version":"1.35.3-do.0"})");
}

TEST_F(ExternalTest, ListsTheOffersWhenNoUpgradeLeadsToTheVersion) {
  api.Answer("GET /v2/kubernetes/options", 200, kOptions);
  api.Answer("GET " + kPath, 200, One(ClusterJson(kTestCluster, "a", "")));
  api.Answer("GET " + kPath + "/upgrades", 200, R"({"available_upgrade_versions":null})");
  auto outcome = cloud->Apply(kTestCluster, StepOf("upgrade", R"({"upgrade":"1.35"})"), {}, context);
  EXPECT_EQ(outcome.verdict, Verdict::kRejected);
  EXPECT_EQ(outcome.error->code, Code::kFailedPrecondition);
  EXPECT_NE(outcome.error->message.find("it offers none"), std::string::npos) << *outcome.error;
}

TEST_F(ExternalTest, RefusesStepsThatAreNotItsOwn) {
  EXPECT_EQ(cloud->Apply(kTestCluster, StepOf("x", "{}"), {}, context).verdict, Verdict::kRejected);
  EXPECT_EQ(cloud->Apply(kTestCluster, StepOf("x", "garbage"), {}, context).verdict, Verdict::kRejected);
  EXPECT_TRUE(api.asked.empty());
}

TEST(Provider, RefusesConfigurationAndCredentialsItCannotUse) {
  SimulatedScheduler scheduler;
  http::LoopbackTransport transport(scheduler);
  auto random = MakeSeededRandom(1);
  SilentLog log;
  for (const char* config : {"x", R"({"apiURL":5})", R"({"apiUrl":"https://x"})", R"({"apiURL":"nowhere"})"})
    EXPECT_FALSE(MakeProvider(config, transport, scheduler, *random, log)) << config;
  auto provider =
      MakeProvider(R"({"apiURL":"http://127.0.0.1:8080/"})", transport, scheduler, *random, log).value();
  EXPECT_FALSE(provider->Connect("Other", {{{"token", Secret("t")}}}, Context{}));
  EXPECT_FALSE(provider->Connect(kKind, {}, Context{}));
  EXPECT_FALSE(provider->Connect(kKind, {{{"token", Secret(" \n")}}}, Context{}));
  EXPECT_FALSE(provider->Connect(kKind, {{{"token", Secret("a\nb")}}}, Context{}));
}

TEST(Provider, CarriesItsCrd) {
  auto manifest = MakeManifest();
  ASSERT_EQ(manifest.crds.size(), 1u);
  auto crd = json::ParseObject(manifest.crds[0]);
  ASSERT_TRUE(crd) << crd.error();
  auto spec = json::ObjectIn(*crd, "spec");
  EXPECT_EQ(json::StringIn(spec, "group"), manifest.kinds.at(0).group);
  EXPECT_EQ(json::StringIn(json::ObjectIn(spec, "names"), "kind"), manifest.kinds[0].kind);
  EXPECT_EQ(json::StringIn(json::ObjectIn(json::ObjectIn(*crd, "metadata"), "labels"), "capstan.dev/plugin"),
            manifest.name);
}

}  // namespace
}  // namespace capstan::digitalocean
