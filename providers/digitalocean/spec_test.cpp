#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/providers/digitalocean/detail/node_labels.hpp>
#include <capstan/providers/digitalocean/detail/spec.hpp>
#include <capstan/providers/digitalocean/testing/scripted_api.hpp>

namespace capstan::digitalocean {
namespace {

constexpr char kLeast[] =
    R"({"region":"fra1","version":"1.34","nodePools":[{"name":"p","size":"s-2","count":2}]})";
const external::Identity kOurs{"capstan:u", "capstan-owner:o", "", ""};

Result<Desired> Parse(const std::string& more) {
  auto spec = json::MergePatch(kLeast, more).value();
  return ParseDesired(StrCat(R"({"name":"meta","namespace":"d","uid":"u","spec":)", spec, "}"));
}

TEST(CreateRequest, CarriesBothTagsOnTheClusterAndOnEveryPool) {
  auto desired = Parse(
      R"({"tags":["team:x"],"nodePools":[{"name":"p","size":"s-2","count":2},{"name":"q","size":"s-4","count":1,"tags":["t"]}]})");
  auto body = json::ToText(MakeCreateRequest(*desired, kOurs, "1.34.1-do.0"));
  EXPECT_TRUE(SameJson(
      body,
      R"({"name":"meta","region":"fra1","version":"1.34.1-do.0","tags":["team:x","capstan:u","capstan-owner:o"],
      "node_pools":[{"name":"p","size":"s-2","count":2,"tags":["capstan-pool:p","capstan:u","capstan-owner:o"]},
                    {"name":"q","size":"s-4","count":1,"tags":["t","capstan-pool:q","capstan:u","capstan-owner:o"]}]})"))
      << body;
}

TEST(CreateRequest, HasEveryFieldUnderTheApisName) {
  auto desired = Parse(
      R"({"name":"prod","ha":true,"autoUpgrade":true,"surgeUpgrade":false,"vpcUUID":"v","workerSubnetUUID":"w","clusterSubnet":"10.1.0.0/16",
    "serviceSubnet":"10.2.0.0/16","isolatedWorkers":true,"maintenancePolicy":{"day":"monday","startTime":"03:00"},
    "controlPlaneFirewall":{"enabled":true,"allowedAddresses":["1.2.3.4"]},
    "clusterAutoscalerConfiguration":{"scaleDownUtilizationThreshold":0.5,"scaleDownUnneededTime":"5m","expanders":["priority"]},
    "sso":{"enabled":true,"required":false,"issuerURL":"https://i","clientID":"c"},"routingAgent":{"enabled":true},
    "corednsAutoscaler":{"enabled":false},"p2pOCIRegistryPlugin":{"enabled":true},"amdGPUDevicePlugin":{"enabled":true},
    "amdGPUDeviceMetricsExporterPlugin":{"enabled":true},"nvidiaGPUDevicePlugin":{"enabled":true},"rdmaSharedDevicePlugin":{"enabled":true},
    "nvidiaGPUDRADriver":{"enabled":false},"amdGPUDRADriver":{"enabled":false},
    "deletionPolicy":"Retain","tokenSecret":"t","allowDestructive":true,
    "nodePools":[{"name":"p","size":"g","autoScale":true,"minNodes":2,"maxNodes":4,"labels":{"a":"b"},
                  "taints":[{"key":"k","value":"v","effect":"NoExecute"}],"gpuPartitionMode":"AMD_PARTITION_MODE_SPX_NPS1"}]})");
  ASSERT_TRUE(desired) << desired.error();
  auto body = json::ToText(MakeCreateRequest(*desired, kOurs, "latest"));
  EXPECT_TRUE(SameJson(
      body, R"({"name":"prod","region":"fra1","version":"latest","tags":["capstan:u","capstan-owner:o"],
    "ha":true,"auto_upgrade":true,"surge_upgrade":false,"vpc_uuid":"v","worker_subnet_uuid":"w","cluster_subnet":"10.1.0.0/16",
    "service_subnet":"10.2.0.0/16","isolated_workers":true,"maintenance_policy":{"day":"monday","start_time":"03:00"},
    "control_plane_firewall":{"enabled":true,"allowed_addresses":["1.2.3.4"]},
    "cluster_autoscaler_configuration":{"scale_down_utilization_threshold":0.5,"scale_down_unneeded_time":"5m","expanders":["priority"]},
    "sso":{"enabled":true,"required":false,"issuer_url":"https://i","client_id":"c"},"routing_agent":{"enabled":true},
    "coredns_autoscaler":{"enabled":false},"p2p_oci_registry_plugin":{"enabled":true},"amd_gpu_device_plugin":{"enabled":true},
    "amd_gpu_device_metrics_exporter_plugin":{"enabled":true},"nvidia_gpu_device_plugin":{"enabled":true},"rdma_shared_dev_plugin":{"enabled":true},
    "nvidia_gpu_dra_driver":{"enabled":false},"amd_gpu_dra_driver":{"enabled":false},
    "node_pools":[{"name":"p","size":"g","count":2,"auto_scale":true,"min_nodes":2,"max_nodes":4,"labels":{"a":"b"},
      "taints":[{"key":"k","value":"v","effect":"NoExecute"}],"gpu_partition_mode":"AMD_PARTITION_MODE_SPX_NPS1",
      "tags":["capstan-pool:p","capstan:u","capstan-owner:o"]}]})"))
      << body;
}

struct BadSpec {
  const char* more;
  const char* named;
};
TEST(Spec, NamesTheFieldThatNoApiWouldTake) {
  const BadSpec cases[] = {
      {R"({"region":null})", "spec.region"},
      {R"({"version":null})", "spec.version"},
      {R"({"version":"newest"})", "spec.version"},
      {R"({"nodePools":[]})", "spec.nodePools"},
      {R"({"nodePools":[{"size":"s","count":1}]})", "spec.nodePools"},
      {R"({"nodePools":[{"name":"p","count":1}]})", "spec.nodePools[p].size"},
      {R"({"nodePools":[{"name":"Worker_Pool","size":"s","count":1}]})",
       "spec.nodePools[Worker_Pool] has a name that DigitalOcean cannot give to nodes"},
      {R"({"nodePools":[{"name":"p-","size":"s","count":1}]})", "lower case letters, digits and dashes"},
      {R"({"nodePools":[{"name":"p","size":"s"}]})", "spec.nodePools[p].count"},
      {R"({"nodePools":[{"name":"p","size":"s","count":-1}]})", "spec.nodePools[p].count"},
      {R"({"nodePools":[{"name":"p","size":"s","count":0},{"name":"q","size":"s","count":0}]})",
       "spec.nodePools needs"},
      {R"({"nodePools":[{"name":"p","size":"s","autoScale":true,"minNodes":1}]})", "spec.nodePools[p]"},
      {R"({"nodePools":[{"name":"p","size":"s","autoScale":true,"minNodes":3,"maxNodes":2}]})",
       "spec.nodePools[p]"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1},{"name":"p","size":"s","count":1}]})",
       "two pools named 'p'"},
      {R"({"nodePools":[{"name":"p","size":"s","count":"two"}]})",
       "spec.nodePools[p].count is not a whole number"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"autoScale":"no"}]})",
       "spec.nodePools[p].autoScale"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"minNodes":5,"maxNodes":2}]})",
       "spec.nodePools[p].minNodes"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"labels":["a"]}]})", "spec.nodePools[p].labels"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"labels":{"a":1}}]})", "spec.nodePools[p].labels"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"taints":{}}]})", "spec.nodePools[p].taints"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"taints":[{"key":"a","effect":"Never"}]}]})",
       "spec.nodePools[p].taints has the effect 'Never'"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"tags":[1]}]})", "spec.nodePools[p].tags"},
      {R"({"nodePools":[7]})", "spec.nodePools"},
      {R"({"ha":"yes"})", "spec.ha is neither true nor false"},
      {R"({"vpcUUID":7})", "spec.vpcUUID is not a text"},
      {R"({"sso":true})", "spec.sso is not an object"},
      {R"({"sso":{"enabled":"yes"}})", "spec.sso.enabled is neither true nor false"},
      {R"({"controlPlaneFirewall":{"enabled":true,"allowedAddresses":"1.2.3.4"}})",
       "spec.controlPlaneFirewall.allowedAddresses is not a list of texts"},
      {R"({"clusterAutoscalerConfiguration":{"scaleDownUtilizationThreshold":"half"}})",
       "spec.clusterAutoscalerConfiguration.scaleDownUtilizationThreshold is not a number"},
      {R"({"registries":"a"})", "spec.registries"},
      {R"({"tags":["capstan:other"]})", "spec.tags"},
      {R"({"tags":["k8s"]})", "spec.tags"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"tags":["capstan-owner:x"]}]})",
       "spec.nodePools[p].tags"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"labels":{"a b":"c"}}]})",
       "spec.nodePools[p].labels has the key 'a b'"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"labels":{"Upper.Case/a":"c"}}]})",
       "spec.nodePools[p].labels"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"labels":{"a/b/c":"d"}}]})",
       "spec.nodePools[p].labels"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"labels":{"tier":"-web"}}]})",
       "spec.nodePools[p].labels.tier is '-web'"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"taints":[{"key":"","effect":"NoExecute"}]}]})",
       "spec.nodePools[p].taints"},
      {R"({"nodePools":[{"name":"p","size":"s","count":1,"taints":[{"key":"a","value":"b c","effect":"NoExecute"}]}]})",
       "spec.nodePools[p].taints has the value 'b c' for a"},
      {R"({"adopt":{}})", "spec.adopt needs either"},
      {R"({"adopt":{"name":"x","clusterID":"y"}})", "spec.adopt needs either"},
      {R"({"managementPolicy":"None"})", "spec.managementPolicy"},
      {R"({"associatedResources":"All"})", "spec.associatedResources"},
      {R"({"associatedResources":true})", "spec.associatedResources"},
      {R"({"associatedResources":["volumes"]})", "spec.associatedResources"},
      {R"({"associatedResources":{"volumes":"yes"}})", "spec.associatedResources"},
      {R"({"associatedResources":{"volumes":[1]}})", "spec.associatedResources"},
      {R"({"associatedResources":{"droplets":true}})", "spec.associatedResources"},
      {R"({"registryEnabled":false,"registries":["a"]})", "spec.registryEnabled"},
      {R"({"registryEnabled":true,"registries":[]})", "spec.registryEnabled"},
      {R"({"kubeconfigExpirySeconds":-1})", "spec.kubeconfigExpirySeconds"},
      {R"({"kubeconfigExpirySeconds":599})", "spec.kubeconfigExpirySeconds"},
      {R"({"adopt":{"name":"x"},"version":"newest"})", "spec.version"},
  };
  for (const auto& c : cases) {
    auto desired = Parse(c.more);
    ASSERT_FALSE(desired) << c.more;
    EXPECT_EQ(desired.error().code, Code::kInvalidArgument);
    EXPECT_NE(desired.error().message.find(c.named), std::string::npos) << desired.error();
  }
  EXPECT_FALSE(ParseDesired("not json"));
  EXPECT_FALSE(ParseDesired(R"({"name":"a"})"));
}

TEST(Spec, TakesWhatNodesCanCarry) {
  auto desired = Parse(
      R"({"nodePools":[{"name":"p","size":"s","count":1,
          "labels":{"a":"","example.com/tier.one":"Web_1.2-x","A_b.c-9":"v"},
          "taints":[{"key":"example.com/only","value":"","effect":"NoSchedule"},{"key":"gpu","effect":"NoExecute"}]}]})");
  EXPECT_TRUE(desired) << desired.error();
  const std::string longest(63, 'a');
  EXPECT_TRUE(IsLabelKey(longest));
  EXPECT_FALSE(IsLabelKey(longest + "a"));
  EXPECT_TRUE(IsLabelValue(longest));
  EXPECT_FALSE(IsLabelValue(longest + "a"));
  EXPECT_FALSE(IsLabelKey("/a"));
  EXPECT_FALSE(IsLabelKey("a..b/c"));
}

TEST(Spec, NeedsNothingButTheClusterToAdopt) {
  for (const char* adopt : {R"({"clusterID":"c"})", R"({"name":"n"})"}) {
    auto document = StrCat(R"({"name":"meta","namespace":"d","uid":"u","spec":{"adopt":)", adopt, "}}");
    auto desired = ParseDesired(document);
    ASSERT_TRUE(desired) << desired.error();
    EXPECT_TRUE(desired->adopts);
    EXPECT_EQ(desired->name, "") << "its name stays its own";
  }
  EXPECT_EQ(*DesiredName(R"({"name":"meta","spec":{"adopt":{"name":"n"},"name":"m"}})"), "n");
  EXPECT_EQ(*DesiredName(R"({"name":"meta","spec":{"name":"m"}})"), "m");
  EXPECT_EQ(*DesiredName(R"({"name":"meta","spec":{}})"), "meta");
}

TEST(Spec, TakesEachWayToSayWhatGoesWithTheCluster) {
  for (const char* value : {R"("Keep")", R"("Delete")", "{}", R"({"volumes":true,"loadBalancers":false})",
                            R"({"volumes":["v1"],"volumeSnapshots":[]})", "null"})
    EXPECT_TRUE(Parse(StrCat(R"({"associatedResources":)", value, "}"))) << value;
}

}  // namespace
}  // namespace capstan::digitalocean
