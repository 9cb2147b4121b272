#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>
#include <cstdio>

namespace capstan::simulated_digitalocean {
namespace {

using namespace std::chrono_literals;

class Restart : public CloudFixture {};

TEST_F(Restart, KeepsEverythingThatTheApiShows) {
  auto store = MakeMemoryStore();
  CloudOptions options = Options();
  options.accounts[0].registries = {"images"};
  Start(options, store.get());
  const std::string id = CreateRunning(
      "one",
      R"("tags":["capstan:uid"],"ha":true,"surge_upgrade":true,"maintenance_policy":{"start_time":"03:00","day":"friday"},)"
      R"("control_plane_firewall":{"enabled":true,"allowed_addresses":["1.2.3.4"]},)"
      R"("cluster_autoscaler_configuration":{"scale_down_utilization_threshold":0.7,"scale_down_unneeded_time":"5m","expanders":["random"]},)"
      R"("sso":{"enabled":true,"issuer_url":"https://sso.example.com","client_id":"me"},"routing_agent":{"enabled":true},)");
  Put(PoolPath(id),
      R"({"labels":{"a":"b"},"taints":[{"key":"k","value":"v","effect":"NoSchedule"}],"auto_scale":true,"min_nodes":1,"max_nodes":4})");
  Post("/v2/kubernetes/registry", R"({"cluster_uuids":[")" + id + R"("]})");
  cloud->AddAssociated(id, "volume", "data").value();
  ASSERT_TRUE(cloud->AddStatusMessage(id, "hello"));
  const std::string run = Post(ClusterPath(id) + "/clusterlint", "{}").At("/run_id");
  const std::string token = Get(ClusterPath(id) + "/credentials").At("/token");
  const std::string before = Get(ClusterPath(id)).body;
  const std::string resources = Get(ClusterPath(id) + "/destroy_with_associated_resources").body;

  Start(options, store.get());
  ASSERT_TRUE(cloud->Load());
  EXPECT_EQ(Get(ClusterPath(id)).body, before);
  EXPECT_EQ(Get(ClusterPath(id) + "/destroy_with_associated_resources").body, resources);
  EXPECT_EQ(Get(ClusterPath(id) + "/status_messages").At("/messages/2/message"), "hello");
  EXPECT_EQ(Get(ClusterPath(id) + "/clusterlint").At("/run_id"), run);
  EXPECT_EQ(Ask("GET", "/simulated-clusters/" + id + "/api/v1/nodes", "", token).status, 200);
  EXPECT_EQ(Post("/v2/kubernetes/clusters", CreateBody("one")).status, 422) << "the name is still taken";
}

TEST_F(Restart, ContinuesWhatWasInProgress) {
  auto store = MakeMemoryStore();
  Start(Options(), store.get());
  const std::string coming = Create("coming");
  const std::string going = Create("going");
  Delete(ClusterPath(going));
  Pass(10s);
  Start(Options(), store.get());
  ASSERT_TRUE(cloud->Load());
  EXPECT_EQ(State(coming), "provisioning");
  EXPECT_EQ(State(going), "deleting");
  Pass(20s);
  EXPECT_EQ(Get(ClusterPath(going)).status, 404);
  Pass(4min);
  EXPECT_EQ(State(coming), "running");
  Start(Options(), store.get());
  ASSERT_TRUE(cloud->Load());
  EXPECT_EQ(Get("/v2/kubernetes/clusters").At("/meta/total"), "1");
  const std::string network = Get(ClusterPath(coming)).At("/kubernetes_cluster/vpc_uuid");
  EXPECT_EQ(Get("/v2/vpcs/" + network).At("/vpc/region"), "fra1");
}

TEST_F(Restart, FindsWhatAKilledProcessLeftInItsFile) {
  const std::string path =
      testing::TempDir() + "capstan-simulated-cloud-" + MakeSystemRandom()->Uuid() + ".db";
  std::string id;
  {
    auto first = OpenSqliteStore(path);
    ASSERT_TRUE(first) << first.error();
    Start(Options(), first->get());
    id = CreateRunning("one");
    const std::string other = CreateRunning("two");
    Delete(ClusterPath(other));
    Pass(1min);
    EXPECT_EQ(State(id), "running");
    // A second connection while the first is open sees what a killed process leaves: everything
    // that was acknowledged.
    auto second = OpenSqliteStore(path);
    ASSERT_TRUE(second) << second.error();
    Start(Options(), second->get());
    ASSERT_TRUE(cloud->Load());
    EXPECT_EQ(State(id), "running");
    EXPECT_EQ(Get("/v2/kubernetes/clusters").At("/meta/total"), "1");
    cloud.reset();
  }
  for (const char* suffix : {"", "-wal", "-shm"}) std::remove((path + suffix).c_str());
}

TEST_F(Restart, RefusesAFileThatIsNotADatabaseAndAMissingDirectory) {
  const auto missing = OpenSqliteStore(testing::TempDir() + "no-such-directory/cloud.db");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kUnavailable);
  EXPECT_NE(missing.error().message.find("no-such-directory/cloud.db"), std::string::npos);
  const std::string path = testing::TempDir() + "capstan-no-database-" + MakeSystemRandom()->Uuid();
  ASSERT_TRUE(
      MakeSystemFiles()->WriteAtomically(path, "this is a text, and not a short one, but no database"));
  const auto text = OpenSqliteStore(path);
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find(path), std::string::npos);
  std::remove(path.c_str());
}

TEST_F(Restart, SaysWhichDocumentItCannotRead) {
  auto store = MakeMemoryStore();
  ASSERT_TRUE(store->Apply({{"cluster/broken", "{"}}));
  Start(Options(), store.get());
  const Status loaded = cloud->Load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Code::kDataLoss);
  EXPECT_NE(loaded.error().message.find("cluster/broken"), std::string::npos);
}

class FailingStore final : public Store {
 public:
  Result<std::vector<StoredDocument>> Load() override { return std::vector<StoredDocument>(); }
  Status Apply(const std::vector<StoredDocument>&) override {
    return Fail(Code::kUnavailable, "the disk is full");
  }
};

TEST_F(Restart, IsNotAcknowledgedWhenTheStoreFails) {
  FailingStore store;
  Start(Options(), &store);
  const Reply reply = Post("/v2/kubernetes/clusters", CreateBody("one"));
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.At("/message"), "the disk is full");
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
