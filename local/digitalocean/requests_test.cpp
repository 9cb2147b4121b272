// Authentication, rate limits and injected faults.
#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>

namespace capstan::simulated_digitalocean {
namespace {

using namespace std::chrono_literals;

class Authentication : public CloudFixture {};

TEST_F(Authentication, RefusesAMissingUnknownOrRevokedToken) {
  EXPECT_EQ(Ask("GET", "/v2/account", "", "").status, 401);
  const Reply unknown = Ask("GET", "/v2/account", "", "mallory");
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.At("/id"), "unauthorized");
  EXPECT_EQ(unknown.At("/request_id"), unknown.Header("x-request-id"));
  cloud->RevokeToken(Secret("alice"));
  EXPECT_EQ(Get("/v2/account").status, 401);
  cloud->RestoreToken(Secret("alice"));
  EXPECT_EQ(Get("/v2/account").status, 200);
}

TEST_F(Authentication, ReturnsTheAccountOfTheToken) {
  const Reply alice = Get("/v2/account");
  EXPECT_EQ(alice.At("/account/uuid"), kAliceUuid);
  EXPECT_EQ(alice.At("/account/team"), "(none)");
  const Reply bob = Ask("GET", "/v2/account", "", "bob");
  EXPECT_EQ(bob.At("/account/email"), "bob@example.com");
  EXPECT_EQ(bob.At("/account/team/uuid"), "5df3e3004a17e242b7c20ca6c9fc25b701a47ece");
}

TEST_F(Authentication, LetsAScopedTokenDoNoMoreThanItsScopes) {
  const std::string id = CreateRunning("one");
  EXPECT_EQ(Ask("GET", ClusterPath(id), "", "alice-reads").status, 200);
  const Reply refused = Ask("DELETE", ClusterPath(id), "", "alice-reads");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.At("/message"), "you do not have access for the attempted action");
  EXPECT_EQ(Ask("GET", ClusterPath(id) + "/kubeconfig", "", "alice-reads").status, 403);
  EXPECT_EQ(Ask("POST", "/v2/kubernetes/clusters", CreateBody("two"), "alice-reads").status, 403);
  EXPECT_EQ(Ask("GET", "/v2/account", "", "alice-nameless").status, 403);
  EXPECT_EQ(Ask("GET", ClusterPath(id) + "/kubeconfig", "", "alice-nameless").status, 200);
  EXPECT_EQ(State(id), "running");
}

TEST_F(Authentication, RequiresTheScopesOfTagsAndNetworksToo) {
  CloudOptions options = Options();
  options.accounts[0].tokens.push_back({Secret("narrow"), {"kubernetes:create", "kubernetes:read"}});
  Start(options);
  EXPECT_EQ(Ask("POST", "/v2/kubernetes/clusters", CreateBody("a", R"("tags":["x"],)"), "narrow").status,
            403);
  EXPECT_EQ(Ask("POST", "/v2/kubernetes/clusters", CreateBody("a"), "narrow").status, 201);
}

TEST_F(Authentication, RefusesALockedAccount) {
  AccountOptions alice = Options().accounts[0];
  alice.status = "locked";
  cloud->PutAccount(alice);
  EXPECT_EQ(Get("/v2/kubernetes/clusters").status, 403);
}

TEST_F(Authentication, DistinguishesUnknownPathsAndMalformedIdsFromMissingClusters) {
  EXPECT_EQ(Get("/v2/droplets").status, 404);
  EXPECT_EQ(Ask("PATCH", "/v2/account").status, 404);
  EXPECT_EQ(Get(ClusterPath("not-a-uuid")).status, 404);
  Change().bad_uuid_status = 400;
  Apply();
  EXPECT_EQ(Get(ClusterPath("not-a-uuid")).status, 400);
  EXPECT_EQ(Get(ClusterPath("bd5f5959-5e1e-4205-a714-a914373942af")).status, 404);
}

class RateLimits : public CloudFixture {};

TEST_F(RateLimits, AreSentWithEveryAnswer) {
  const Reply first = Get("/v2/account");
  EXPECT_EQ(first.Header("ratelimit-limit"), "5000");
  EXPECT_EQ(first.Header("ratelimit-remaining"), "4999");
  // 2026-01-01T01:00:00Z: when the first request expires.
  EXPECT_EQ(first.Header("ratelimit-reset"), "1767229200");
  Pass(10min);
  const Reply second = Get("/v2/nonsense");
  EXPECT_EQ(second.Header("ratelimit-remaining"), "4998");
  EXPECT_EQ(second.Header("ratelimit-reset"), "1767229200");
  Pass(50min);
  EXPECT_EQ(Get("/v2/account").Header("ratelimit-remaining"), "4998");
}

TEST_F(RateLimits, RefuseABurstAndSayHowLongToWait) {
  for (int i = 0; i < 250; ++i) ASSERT_EQ(Get("/v2/account").status, 200);
  Pass(20s);
  const Reply refused = Get("/v2/account");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.At("/id"), "too_many_requests");
  EXPECT_EQ(refused.Header("retry-after"), "40");
  EXPECT_EQ(refused.Header("ratelimit-remaining"), "0");
  EXPECT_EQ(Ask("GET", "/v2/account", "", "bob").status, 200) << "another token has its own limit";
  Pass(40s);
  EXPECT_EQ(Get("/v2/account").status, 200);
  EXPECT_EQ(cloud->RateLimited(), 1u);
}

TEST_F(RateLimits, RefuseRequestsBeyondTheHourWithoutARetryAfter) {
  CloudOptions options = Options();
  options.rate_limit.per_hour = 10;
  Start(options);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(Get("/v2/account").status, 200);
  Pass(30min);
  const Reply refused = Get("/v2/account");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("retry-after"), "(none)");
  Pass(30min);
  EXPECT_EQ(Get("/v2/account").status, 200);
}

TEST_F(RateLimits, AreCountedByOperation) {
  const std::string id = Create("one");
  State(id);
  State(id);
  Ask("GET", ClusterPath(id), "", "nobody");
  EXPECT_EQ(cloud->RequestCounts().at("GET /v2/kubernetes/clusters/{cluster_id}"), 3u);
  EXPECT_EQ(cloud->RequestCounts().at("POST /v2/kubernetes/clusters"), 1u);
}

class Faults : public CloudFixture {};

TEST_F(Faults, BeforeARequestPreventItsExecution) {
  Fault fault;
  fault.method = "POST";
  fault.status = 503;
  fault.retry_after = 7s;
  cloud->Inject(fault);
  const Reply refused = Post("/v2/kubernetes/clusters", CreateBody("one"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.Header("retry-after"), "7");
  EXPECT_TRUE(cloud->Ledger().empty());
  EXPECT_TRUE(cloud->Journal().empty());
  EXPECT_EQ(Post("/v2/kubernetes/clusters", CreateBody("one")).status, 201) << "it strikes once";
}

TEST_F(Faults, AfterARequestLoseTheAnswerOfAnExecutedRequest) {
  Fault fault;
  fault.method = "POST";
  fault.moment = FaultMoment::kAfter;
  cloud->Inject(fault);  // status 0: cut
  const Reply cut = Post("/v2/kubernetes/clusters", CreateBody("one"));
  EXPECT_TRUE(cut.cut);
  EXPECT_EQ(cut.status, 0);
  ASSERT_EQ(cloud->Journal().size(), 1u);
  EXPECT_FALSE(cloud->Journal()[0].answered);
  EXPECT_EQ(Get("/v2/kubernetes/clusters").At("/kubernetes_clusters/0/name"), "one");
}

TEST_F(Faults, StrikeTheNthMatchingRequestAsOftenAsConfigured) {
  Fault fault;
  fault.path = "/clusters";
  fault.skip = 2;
  fault.times = 2;
  fault.status = 500;
  cloud->Inject(fault);
  std::string seen;
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(Get("/v2/account").status, 200);
    seen += Get("/v2/kubernetes/clusters").status == 500 ? "x" : ".";
  }
  EXPECT_EQ(seen, "..xx..");
  EXPECT_EQ(cloud->FaultsStruck(), 2u);
}

TEST_F(Faults, StayUntilTheyAreClearedIfUnlimited) {
  Fault fault;
  fault.times = 0;
  fault.status = 500;
  fault.message = "out of order";
  cloud->Inject(fault);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get("/v2/account").At("/message"), "out of order");
  cloud->ClearFaults();
  EXPECT_EQ(Get("/v2/account").status, 200);
}

TEST_F(Faults, CanAnswerWithSomethingOtherThanJson) {
  keeps_the_contract = false;
  Fault fault;
  fault.status = 502;
  fault.raw_body = "<html>bad gateway</html>";
  cloud->Inject(fault);
  const Reply reply = Get("/v2/account");
  EXPECT_EQ(reply.status, 502);
  EXPECT_EQ(reply.body, "<html>bad gateway</html>");
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
