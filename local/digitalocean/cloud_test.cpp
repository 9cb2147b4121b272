#include <capstan/core/http/loopback.hpp>
#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>
#include <set>

namespace capstan::simulated_digitalocean {
namespace {

using namespace std::chrono_literals;

class Clusters : public CloudFixture {};

TEST_F(Clusters, AreProvisioningAtFirstAndRunningAfterTheirTime) {
  const std::string id = Create("one");
  const Reply early = Get(ClusterPath(id));
  EXPECT_EQ(early.At("/kubernetes_cluster/status/state"), "provisioning");
  EXPECT_EQ(early.At("/kubernetes_cluster/endpoint"), "");
  EXPECT_EQ(early.At("/kubernetes_cluster/node_pools/0/nodes/0/status/state"), "provisioning");
  EXPECT_EQ(early.At("/kubernetes_cluster/node_pools/0/nodes/1/name"), "");
  Pass(4min - 1s);
  EXPECT_EQ(State(id), "provisioning");
  Pass(1s);
  const Reply late = Get(ClusterPath(id));
  EXPECT_EQ(late.At("/kubernetes_cluster/status/state"), "running");
  EXPECT_EQ(late.At("/kubernetes_cluster/endpoint"), "https://api.digitalocean.com/simulated-clusters/" + id);
  EXPECT_EQ(late.At("/kubernetes_cluster/node_pools/0/nodes/1/status/state"), "running");
  EXPECT_EQ(late.At("/kubernetes_cluster/node_pools/0/nodes/1/name").rfind("workers-", 0), 0u);
}

TEST_F(Clusters, HaveTheFullVersionAndDefaultsForOmittedFields) {
  const Reply reply = Post("/v2/kubernetes/clusters", CreateBody("one"));
  EXPECT_EQ(reply.At("/kubernetes_cluster/version"), "1.35.4-do.0");
  EXPECT_EQ(reply.At("/kubernetes_cluster/cluster_subnet"), "10.244.0.0/16");
  EXPECT_EQ(reply.At("/kubernetes_cluster/ha"), "false");
  EXPECT_EQ(reply.At("/kubernetes_cluster/maintenance_policy/day"), "any");
  EXPECT_EQ(reply.At("/kubernetes_cluster/node_pools/0/count"), "2");
  EXPECT_EQ(reply.At("/kubernetes_cluster/node_pools/0/auto_scale"), "false");
}

TEST_F(Clusters, OfTheNewestMinorAreHighlyAvailableByDefault) {
  const std::string body = R"({"name":"NAME","region":"fra1","version":"latest",MORE"node_pools":[)"
                           R"({"name":"w","size":"s-1vcpu-2gb","count":1}]})";
  auto with = [&](const std::string& name, const std::string& more) {
    std::string text = body;
    text.replace(text.find("NAME"), 4, name);
    text.replace(text.find("MORE"), 4, more);
    return Post("/v2/kubernetes/clusters", text);
  };
  const Reply plain = with("a", "");
  EXPECT_EQ(plain.At("/kubernetes_cluster/version"), "1.36.1-do.0");
  EXPECT_EQ(plain.At("/kubernetes_cluster/ha"), "true");
  EXPECT_EQ(plain.At("/kubernetes_cluster/coredns_autoscaler/enabled"), "true");
  EXPECT_EQ(with("b", R"("ha":false,)").At("/kubernetes_cluster/ha"), "false");
}

TEST_F(Clusters, HaveAutomaticTagsInAdditionToThoseOfTheUser) {
  const Reply reply =
      Post("/v2/kubernetes/clusters", CreateBody("one", R"("tags":["capstan:1-2","k8s","team"],)"));
  const std::string id = reply.At("/kubernetes_cluster/id");
  EXPECT_EQ(reply.At("/kubernetes_cluster/tags"), R"(["k8s","k8s:)" + id + R"(","capstan:1-2","team"])");
  EXPECT_EQ(reply.At("/kubernetes_cluster/node_pools/0/tags"), R"(["k8s","k8s:)" + id + R"(","k8s:worker"])");
}

TEST_F(Clusters, ShowThatTheyAreDeletedUntilTheyAreGone) {
  const std::string id = CreateRunning("one");
  const Reply reply = Delete(ClusterPath(id));
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(State(id), "deleting");
  EXPECT_FALSE(Entry(id)->live());
  EXPECT_FALSE(Entry(id)->deleted);
  Pass(30s);
  const Reply gone = Get(ClusterPath(id));
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.At("/id"), "not_found");
  EXPECT_EQ(gone.At("/message"), "cluster not found");
  EXPECT_TRUE(Entry(id)->deleted);
  EXPECT_EQ(Delete(ClusterPath(id)).status, 404);
}

TEST_F(Clusters, CanBeHiddenImmediatelyWhileTheirDropletsKeepRunning) {
  Change().show_deleting = false;
  Apply();
  const std::string id = CreateRunning("one");
  Delete(ClusterPath(id));
  EXPECT_EQ(Get(ClusterPath(id)).status, 404);
  EXPECT_EQ(Get("/v2/kubernetes/clusters").At("/meta/total"), "0");
  EXPECT_FALSE(Entry(id)->deleted);
  Pass(30s);
  EXPECT_TRUE(Entry(id)->deleted);
}

TEST_F(Clusters, OfOneAccountAreInvisibleToAnother) {
  const std::string id = CreateRunning("one");
  EXPECT_EQ(Ask("GET", ClusterPath(id), "", "bob").status, 404);
  EXPECT_EQ(Ask("DELETE", ClusterPath(id), "", "bob").status, 404);
  EXPECT_EQ(Ask("GET", "/v2/kubernetes/clusters", "", "bob").At("/meta/total"), "0");
  EXPECT_EQ(State(id), "running");
}

TEST_F(Clusters, OfTheSameNameAreRefusedUnlessTheSwitchAllowsThem) {
  Create("one");
  const Reply second = Post("/v2/kubernetes/clusters", CreateBody("one"));
  EXPECT_EQ(second.status, 422);
  EXPECT_EQ(second.At("/message"), "validation error: cluster name already exists");
  EXPECT_EQ(Ask("POST", "/v2/kubernetes/clusters", CreateBody("one"), "bob").status, 201);
  Change().unique_names = false;
  Apply();
  EXPECT_EQ(Post("/v2/kubernetes/clusters", CreateBody("one")).status, 201);
}

TEST_F(Clusters, EndInErrorWhenProvisioningIsMadeToFail) {
  cloud->FailProvisioning(1, "no capacity in fra1");
  const std::string id = Create("one");
  Pass(5min);
  EXPECT_EQ(Get(ClusterPath(id)).At("/kubernetes_cluster/status/state"), "error");
  EXPECT_EQ(Get(ClusterPath(id)).At("/kubernetes_cluster/status/message"), "no capacity in fra1");
  EXPECT_EQ(Get(ClusterPath(id) + "/kubeconfig").status, 404);
  EXPECT_EQ(State(CreateRunning("two")), "running");
}

TEST_F(Clusters, ThatDisappearAreNotFoundWhileTheirResourcesRemain) {
  const std::string id = CreateRunning("one");
  const auto balancer = cloud->AddAssociated(id, "load_balancer", "web");
  ASSERT_TRUE(balancer);
  ASSERT_TRUE(cloud->VanishCluster(id));
  EXPECT_EQ(Get(ClusterPath(id)).status, 404);
  EXPECT_TRUE(Entry(*balancer)->live());
  EXPECT_FALSE(cloud->VanishCluster(id));
}

TEST_F(Clusters, AreAFunctionOfSeedAndRequestsHoweverOftenTheyAreRead) {
  auto names_of_nodes = [&](bool look) {
    random = MakeSeededRandom(42);
    Start(Options());
    // The second cluster is due before the first: a single late read must not finish them in
    // another order.
    const std::string a = Create("a");
    Durations fast;
    fast.provisioning = 1min;
    cloud->SetDurations(fast);
    const std::string b = Create("b");
    for (int i = 0; i < 300; ++i) {
      Pass(1s);
      if (look) cloud->Ledger();
    }
    std::string names;
    for (const std::string& id : {a, b})
      for (int node : {0, 1})
        names +=
            *json::StringAt(*cloud->ClusterJson(id), StrCat("/node_pools/0/nodes/", node, "/name")).value() +
            " ";
    return names;
  };
  EXPECT_EQ(names_of_nodes(true), names_of_nodes(false));
}

class Lists : public CloudFixture {};

TEST_F(Lists, ShowANewClusterOnlyAfterTheLagAlthoughGetReturnsIt) {
  Change().list_lag = 20s;
  Apply();
  const std::string id = Create("one");
  EXPECT_EQ(Get(ClusterPath(id)).status, 200);
  EXPECT_EQ(Get("/v2/kubernetes/clusters").At("/meta/total"), "0");
  Pass(20s);
  EXPECT_EQ(Get("/v2/kubernetes/clusters").At("/kubernetes_clusters/0/id"), id);
}

TEST_F(Lists, CanShowADeletedClusterAfterItIsGone) {
  Change().list_keeps_deleted = 1min;
  Apply();
  const std::string id = CreateRunning("one");
  Delete(ClusterPath(id));
  Pass(31s);
  EXPECT_EQ(Get(ClusterPath(id)).status, 404);
  EXPECT_EQ(Get("/v2/kubernetes/clusters").At("/meta/total"), "1");
  Pass(1min);
  EXPECT_EQ(Get("/v2/kubernetes/clusters").At("/meta/total"), "0");
}

TEST_F(Lists, HavePagesThatLinkToEachOther) {
  for (const char* name : {"a", "b", "c", "d", "e"}) Create(name);
  const Reply first = Get("/v2/kubernetes/clusters?per_page=2");
  EXPECT_EQ(first.At("/meta/total"), "5");
  EXPECT_EQ(first.At("/kubernetes_clusters/1/name"), "b");
  EXPECT_EQ(first.At("/links/pages/prev"), "(none)");
  EXPECT_EQ(first.At("/links/pages/next"),
            "https://api.digitalocean.com/v2/kubernetes/clusters?page=2&per_page=2");
  EXPECT_EQ(first.At("/links/pages/last"),
            "https://api.digitalocean.com/v2/kubernetes/clusters?page=3&per_page=2");
  const Reply last = Get("/v2/kubernetes/clusters?page=3&per_page=2");
  EXPECT_EQ(last.At("/kubernetes_clusters/0/name"), "e");
  EXPECT_EQ(last.At("/links/pages/next"), "(none)");
  EXPECT_EQ(last.At("/links/pages/first"),
            "https://api.digitalocean.com/v2/kubernetes/clusters?page=1&per_page=2");
  EXPECT_EQ(Get("/v2/kubernetes/clusters").At("/links"), "{}");
  EXPECT_EQ(Get("/v2/kubernetes/clusters?page=9").At("/kubernetes_clusters"), "[]");
}

TEST_F(Lists, RefuseAnInvalidPageOnlyIfTheSwitchSaysSo) {
  EXPECT_EQ(Get("/v2/kubernetes/clusters?per_page=1000&page=x").status, 200);
  Change().bad_page_status = 400;
  Apply();
  EXPECT_EQ(Get("/v2/kubernetes/clusters?per_page=1000").status, 400);
  EXPECT_EQ(Get("/v2/kubernetes/clusters?page=0").status, 400);
  EXPECT_EQ(Get("/v2/kubernetes/clusters?page=1&per_page=200").status, 200);
}

TEST_F(Lists, CanBeShuffledFromRequestToRequest) {
  for (int i = 0; i < 8; ++i) Create(StrCat("c", i));
  Change().list_order = ListOrder::kShuffled;
  Apply();
  std::set<std::string> firsts;
  for (int i = 0; i < 20; ++i)
    firsts.insert(Get("/v2/kubernetes/clusters").At("/kubernetes_clusters/0/name"));
  EXPECT_GT(firsts.size(), 1u);
}

TEST(SimulatedCloud, AnswersThroughALoopbackTransport) {
  SimulatedScheduler scheduler;
  auto random = MakeSeededRandom(1);
  CloudOptions options;
  AccountOptions account;
  account.tokens = {{Secret("t"), {}}};
  options.accounts = {account};
  SimulatedCloud cloud(options, scheduler, *random);
  http::LoopbackTransport transport(scheduler);
  transport.Route("api.digitalocean.com", &cloud);
  int status = 0;
  {
    Task task = scheduler.Spawn("client", [&](const Context& context) {
      http::Request request{
          "GET", "https://api.digitalocean.com/v2/account", {{"Authorization", "Bearer t"}}, ""};
      if (auto response = transport.Send(request, context)) status = response->status;
    });
    task.Join();
  }
  EXPECT_EQ(status, 200);
  transport.Route("api.digitalocean.com", nullptr);
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
