// PUT of a cluster, upgrades, and changes at inconvenient times.
#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>

namespace capstan::simulated_digitalocean {
namespace {

using namespace std::chrono_literals;

class Updates : public CloudFixture {};

TEST_F(Updates, ChangeWhatTheyNameAndNothingElse) {
  const std::string id = CreateRunning("one", R"("tags":["a","b"],"auto_upgrade":true,)");
  const Reply renamed = Put(ClusterPath(id), R"({"name":"two"})");
  EXPECT_EQ(renamed.status, 202);
  EXPECT_EQ(renamed.At("/kubernetes_cluster/name"), "two");
  EXPECT_EQ(renamed.At("/kubernetes_cluster/tags/3"), "b");
  EXPECT_EQ(renamed.At("/kubernetes_cluster/auto_upgrade"), "true");
  EXPECT_EQ(Put(ClusterPath(id), R"({"auto_upgrade":false})").At("/kubernetes_cluster/name"), "two");
  const Reply tagged = Put(ClusterPath(id), R"({"tags":["c","k8s","k8s:)" + id + R"("]})");
  EXPECT_EQ(tagged.At("/kubernetes_cluster/tags"), R"(["k8s","k8s:)" + id + R"(","c"])");
}

TEST_F(Updates, TreatTerraformsNullsAsUnchanged) {
  const std::string id = CreateRunning(
      "one",
      R"("control_plane_firewall":{"enabled":true,"allowed_addresses":["1.2.3.4/32"]},"routing_agent":{"enabled":true},)"
      R"("cluster_autoscaler_configuration":{"scale_down_utilization_threshold":0.5,"scale_down_unneeded_time":"2m0s"},)");
  const Reply reply = Put(
      ClusterPath(id),
      R"({"control_plane_firewall":{"enabled":null,"allowed_addresses":null},"routing_agent":{"enabled":null},)"
      R"("cluster_autoscaler_configuration":{"scale_down_utilization_threshold":null,"expanders":null},)"
      R"("maintenance_policy":null,"sso":null})");
  EXPECT_EQ(reply.At("/kubernetes_cluster/control_plane_firewall/enabled"), "true");
  EXPECT_EQ(reply.At("/kubernetes_cluster/control_plane_firewall/allowed_addresses/0"), "1.2.3.4/32");
  EXPECT_EQ(reply.At("/kubernetes_cluster/routing_agent/enabled"), "true");
  EXPECT_EQ(reply.At("/kubernetes_cluster/cluster_autoscaler_configuration/scale_down_utilization_threshold"),
            "0.5");
}

TEST_F(Updates, SetAndUnsetTheAutoscalersConfiguration) {
  const std::string id = CreateRunning("one");
  const std::string at = "/kubernetes_cluster/cluster_autoscaler_configuration";
  EXPECT_EQ(Get(ClusterPath(id)).At(at), "null");
  const Reply set = Put(
      ClusterPath(id),
      R"({"cluster_autoscaler_configuration":{"scale_down_unneeded_time":"2m0s","expanders":["least-waste"]}})");
  EXPECT_EQ(set.At(at + "/expanders/0"), "least_waste");
  const Reply unset = Put(
      ClusterPath(id),
      R"({"cluster_autoscaler_configuration":{"scale_down_utilization_threshold":0.0,"scale_down_unneeded_time":"","expanders":[]}})");
  EXPECT_EQ(unset.At(at), "null");
  EXPECT_EQ(Put(ClusterPath(id), R"({"cluster_autoscaler_configuration":{"expanders":["cheapest"]}})").status,
            422);
  AccountOptions alice = Options().accounts[0];
  alice.custom_expanders = false;
  cloud->PutAccount(alice);
  EXPECT_EQ(
      Put(ClusterPath(id), R"({"cluster_autoscaler_configuration":{"expanders":["random"]}})").At("/message"),
      "validation error: custom autoscaler expanders not enabled");
}

TEST_F(Updates, SetMaintenanceSsoAndPlugins) {
  const std::string id = CreateRunning("one");
  const Reply reply =
      Put(ClusterPath(id),
          R"({"maintenance_policy":{"start_time":"12:30","day":"sunday","duration":""},"surge_upgrade":true,)"
          R"("sso":{"enabled":true,"issuer_url":"https://sso.example.com","client_id":"me"},)"
          R"("p2p_oci_registry_plugin":{"enabled":true}})");
  EXPECT_EQ(reply.At("/kubernetes_cluster/maintenance_policy"),
            R"({"start_time":"12:30","duration":"4h0m0s","day":"sunday"})");
  EXPECT_EQ(reply.At("/kubernetes_cluster/sso/client_id"), "me");
  EXPECT_EQ(reply.At("/kubernetes_cluster/p2p_oci_registry_plugin/enabled"), "true");
  EXPECT_EQ(reply.At("/kubernetes_cluster/surge_upgrade"), "true");
}

TEST_F(Updates, MakeAClusterHighlyAvailableButNeverBack) {
  const std::string id = CreateRunning("one");
  EXPECT_NE(Get(ClusterPath(id)).At("/kubernetes_cluster/ipv4"), "");
  EXPECT_EQ(Put(ClusterPath(id), R"({"ha":false})").status, 202);
  EXPECT_EQ(Put(ClusterPath(id), R"({"ha":true})").At("/kubernetes_cluster/ipv4"), "");
  EXPECT_EQ(Put(ClusterPath(id), R"({"ha":true})").status, 202);
  EXPECT_EQ(Put(ClusterPath(id), R"({"ha":false})").status, 422);
}

TEST_F(Updates, IgnoreOrRefuseImmutableFields) {
  keeps_the_contract = false;
  const std::string id = CreateRunning("one");
  EXPECT_EQ(Put(ClusterPath(id), R"({"region":"nyc1"})").At("/kubernetes_cluster/region"), "fra1");
  Change().fixed_fields_status = 422;
  Apply();
  EXPECT_EQ(Put(ClusterPath(id), R"({"region":"nyc1"})").status, 422);
  EXPECT_EQ(Put(PoolPath(id), R"({"size":"c-4"})").status, 422);
  EXPECT_EQ(Put(PoolPath(id), R"({"size":"s-2vcpu-4gb"})").status, 202);
}

TEST_F(Updates, ClearTheTagsIfTheSwitchSaysSo) {
  const std::string id = CreateRunning("one", R"("tags":["a"],)");
  Change().empty_tags_clear = false;
  Apply();
  EXPECT_EQ(Put(ClusterPath(id), R"({"tags":[]})").At("/kubernetes_cluster/tags/2"), "a");
  Change().empty_tags_clear = true;
  Apply();
  EXPECT_EQ(Put(ClusterPath(id), R"({"tags":[]})").At("/kubernetes_cluster/tags/2"), "(none)");
}

TEST_F(Updates, ThatAreRefusedChangeNothing) {
  const std::string id = CreateRunning("one");
  EXPECT_EQ(Put(ClusterPath(id), R"({"auto_upgrade":true,"tags":["not allowed"]})").status, 422);
  EXPECT_EQ(Put(ClusterPath(id), R"({"auto_upgrade":true,"ha":"yes"})").status, 422);
  EXPECT_EQ(Get(ClusterPath(id)).At("/kubernetes_cluster/auto_upgrade"), "false");
  CreateRunning("two");
  EXPECT_EQ(Put(ClusterPath(id), R"({"name":"two"})").status, 422);
  EXPECT_EQ(Put(ClusterPath(id), R"({"name":"one"})").status, 202) << "its own name is no double";
}

TEST_F(Updates, OfABusyOrDeletingClusterFollowTheSwitches) {
  const std::string id = Create("one");
  EXPECT_EQ(Put(ClusterPath(id), R"({"auto_upgrade":true})").status, 202);
  for (int status : {409, 412, 422}) {
    Change().status_while_busy = status;
    Apply();
    EXPECT_EQ(Put(ClusterPath(id), R"({"auto_upgrade":true})").status, status);
    EXPECT_EQ(Put(PoolPath(id), R"({"count":3})").status, status);
  }
  Pass(5min);
  EXPECT_EQ(Put(PoolPath(id), R"({"count":3})").status, 202);
  Delete(ClusterPath(id));
  EXPECT_EQ(Put(ClusterPath(id), R"({"auto_upgrade":true})").status, 422);
  EXPECT_EQ(Delete(ClusterPath(id)).status, 204) << "a second DELETE is as good as the first";
}

class Upgrades : public CloudFixture {
 protected:
  std::string Running(const std::string& version) {
    const Reply reply = Post("/v2/kubernetes/clusters",
                             R"({"name":"c)" + version + R"(","region":"fra1","version":")" + version +
                                 R"(","node_pools":[{"name":"w","size":"c-2","count":1}]})");
    Pass(5min);
    return reply.At("/kubernetes_cluster/id");
  }
  std::string Offered(const std::string& id) {
    return Get(ClusterPath(id) + "/upgrades").At("/available_upgrade_versions");
  }
  int Upgrade(const std::string& id, const std::string& version) {
    return Post(ClusterPath(id) + "/upgrade", R"({"version":")" + version + R"("})").status;
  }
};

TEST_F(Upgrades, OfferPatchesFirstThenTheNextMinorThenNothing) {
  const std::string old = Running("1.34.6-do.1");
  EXPECT_NE(Offered(old).find("1.34.7-do.0"), std::string::npos);
  EXPECT_EQ(Offered(old).find("1.35"), std::string::npos);
  const std::string patched = Running("1.34");
  EXPECT_EQ(Get(ClusterPath(patched) + "/upgrades").At("/available_upgrade_versions/0/slug"), "1.35.4-do.0");
  EXPECT_EQ(Offered(patched).find("1.36"), std::string::npos);
  EXPECT_EQ(Offered(Running("latest")), "null");
}

TEST_F(Upgrades, ListTheNextMinorIfConfiguredAndRefuseIt) {
  auto behaviour = cloud->behaviour();
  behaviour.upgrades_list_next_minor = true;
  cloud->SetBehaviour(behaviour);
  const std::string old = Running("1.34.6-do.1");
  for (const char* listed : {"1.34.7-do.0", "1.35.4-do.0", "1.35.3-do.2"})
    EXPECT_NE(Offered(old).find(listed), std::string::npos) << listed;
  EXPECT_EQ(Offered(old).find("1.36"), std::string::npos);
  EXPECT_EQ(Upgrade(old, "1.35.4-do.0"), 422);
  EXPECT_EQ(Upgrade(old, "1.34.7-do.0"), 202);
}

TEST_F(Upgrades, TakeTimeAndReplaceNodes) {
  const std::string id = Running("1.34");
  const std::string node = Get(ClusterPath(id)).At("/kubernetes_cluster/node_pools/0/nodes/0/id");
  const Reply reply = Post(ClusterPath(id) + "/upgrade", R"({"version":"1.35.4-do.0"})");
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(State(id), "upgrading");
  EXPECT_EQ(Get(ClusterPath(id)).At("/kubernetes_cluster/version"), "1.34.7-do.0");
  EXPECT_EQ(Upgrade(id, "1.35.4-do.0"), 422) << "one at a time";
  Pass(8min);
  EXPECT_EQ(State(id), "running");
  EXPECT_EQ(Get(ClusterPath(id)).At("/kubernetes_cluster/version"), "1.35.4-do.0");
  EXPECT_NE(Get(ClusterPath(id)).At("/kubernetes_cluster/node_pools/0/nodes/0/id"), node);
}

TEST_F(Upgrades, RefuseOtherPathsInTheServicesWords) {
  const std::string id = Running("1.34");
  const Reply far = Post(ClusterPath(id) + "/upgrade", R"({"version":"1.36.1-do.0"})");
  EXPECT_EQ(far.status, 422);
  EXPECT_EQ(far.At("/message"), "invalid upgrade path");
  EXPECT_EQ(Upgrade(id, "1.33.11-do.0"), 422);
  EXPECT_EQ(Upgrade(id, "1.34.7-do.0"), 422);
  EXPECT_EQ(Upgrade(id, "1.99.0-do.0"), 422);
  EXPECT_EQ(Upgrade(id, "latest"), 404) << "as seen in 2020";
  EXPECT_EQ(State(id), "running");
}

TEST_F(Upgrades, ExistForAVersionThatIsNoLongerOffered) {
  const std::string id = Running("1.33.10-do.3");
  Catalog catalog = DefaultCatalog();
  std::erase_if(catalog.versions,
                [](const VersionOptions& version) { return version.slug.rfind("1.33", 0) == 0; });
  cloud->SetCatalog(catalog);
  EXPECT_EQ(Get(ClusterPath(id) + "/upgrades").At("/available_upgrade_versions/0/slug"), "1.34.7-do.0");
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
