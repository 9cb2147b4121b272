// Validation of create requests, and the wording of refusals.
#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>

namespace capstan::simulated_digitalocean {
namespace {

using namespace std::chrono_literals;

class CreateRequests : public CloudFixture {
 protected:
  // The message of the refusal; fails the test when a cluster is created instead.
  std::string RefusalOf(const std::string& body, int status = 422) {
    const Reply reply = Post("/v2/kubernetes/clusters", body);
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_TRUE(cloud->Ledger().empty()) << "a refused request made something";
    return reply.At("/message");
  }
  static std::string Body(const std::string& region, const std::string& version, const std::string& pools,
                          const std::string& more = "") {
    return R"({"name":"one","region":")" + region + R"(","version":")" + version + R"(",)" + more +
           R"("node_pools":)" + pools + "}";
  }
  static constexpr char kPool[] = R"([{"name":"w","size":"s-1vcpu-2gb","count":1}])";
};

TEST_F(CreateRequests, WithAnUnknownRegionVersionOrSizeAreRefusedInTheServicesWords) {
  EXPECT_EQ(RefusalOf(Body("mars1", "1.35", kPool)), "validation error: invalid region slug");
  EXPECT_EQ(RefusalOf(Body("nyc2", "1.35", kPool)), "validation error: invalid region slug");
  EXPECT_EQ(RefusalOf(Body("fra1", "1.999.999-do.0", kPool)), "validation error: invalid version slug");
  EXPECT_EQ(RefusalOf(Body("fra1", "1.3", kPool)), "validation error: invalid version slug");
  EXPECT_EQ(RefusalOf(Body("fra1", "", kPool)), "validation error: invalid version slug");
  EXPECT_EQ(RefusalOf(Body(
                "fra1", "1.35",
                R"([{"name":"a","size":"s-1vcpu-2gb","count":1},{"name":"w","size":"tiny","count":1}])")),
            "validation error: worker_node_pool_specs[1].invalid droplet size");
  EXPECT_EQ(RefusalOf(Body("fra1", "1.35", R"([{"name":"w","size":"s-1vcpu-1gb","count":1}])")),
            "validation error: worker_node_pool_specs[0].invalid droplet size");
}

TEST_F(CreateRequests, NeedANameAPoolAndANode) {
  EXPECT_EQ(RefusalOf(R"({"region":"fra1","version":"1.35","node_pools":[]})"),
            "validation error: name is required");
  EXPECT_EQ(RefusalOf(Body("fra1", "1.35", "[]")), "validation error: at least one node pool is required");
  EXPECT_EQ(RefusalOf(Body("fra1", "1.35", R"([{"name":"w","size":"s-1vcpu-2gb"}])")),
            "validation error: worker_node_pool_specs[0].count must be greater than or equal to 1");
  EXPECT_EQ(
      RefusalOf(Body("fra1", "1.35",
                     R"([{"name":"w","size":"s-1vcpu-2gb","count":1},{"name":"w","size":"c-2","count":1}])")),
      "validation error: node pool names must be unique: w");
}

TEST_F(CreateRequests, WithoutAJsonObjectAreBadRequests) {
  RefusalOf("{", 400);
  RefusalOf("[1]", 400);
  RefusalOf("\"text\"", 400);
}

TEST_F(CreateRequests, WithAWrongTypeNameTheField) {
  EXPECT_EQ(RefusalOf(Body("fra1", "1.35", R"([{"name":"w","size":"s-1vcpu-2gb","count":"1"}])")),
            "validation error: node_pools[0].count must be an integer");
  EXPECT_EQ(RefusalOf(Body("fra1", "1.35", kPool, R"("tags":"team",)")),
            "validation error: tags must be a list of strings");
  EXPECT_EQ(RefusalOf(Body("fra1", "1.35", R"({"name":"w"})")),
            "validation error: node_pools must be a list of objects");
}

TEST_F(CreateRequests, AboveTheDropletLimitAreRefused) {
  EXPECT_EQ(RefusalOf(Body("fra1", "1.35", R"([{"name":"w","size":"s-1vcpu-2gb","count":26}])")),
            "validation error: node count exceeds limits, 26 additional nodes but not enough available "
            "droplet limit");
  EXPECT_EQ(
      RefusalOf(Body(
          "fra1", "1.35",
          R"([{"name":"w","size":"s-1vcpu-2gb","count":1,"auto_scale":true,"min_nodes":1,"max_nodes":30}])")),
      "validation error: autoscale desired max nodes exceed limits, 30 additional nodes but not enough "
      "available "
      "droplet limit");
}

TEST_F(CreateRequests, CountTheDropletsOfDeletedClustersUntilTheyAreGone) {
  const Reply big = Post("/v2/kubernetes/clusters",
                         Body("fra1", "1.35", R"([{"name":"w","size":"s-1vcpu-2gb","count":25}])"));
  ASSERT_EQ(big.status, 201);
  Delete(ClusterPath(big.At("/kubernetes_cluster/id")));
  EXPECT_EQ(Post("/v2/kubernetes/clusters", CreateBody("two")).status, 422);
  Pass(30s);
  EXPECT_EQ(Post("/v2/kubernetes/clusters", CreateBody("two")).status, 201);
}

TEST_F(CreateRequests, WithAutoscalingFollowTheRulesOfMinAndMax) {
  auto pool = [](const std::string& limits) {
    return R"([{"name":"w","size":"s-1vcpu-2gb","count":9,"auto_scale":true,)" + limits + "}]";
  };
  EXPECT_EQ(RefusalOf(Body("fra1", "1.35", pool(R"("min_nodes":0,"max_nodes":3)"))),
            "validation error: worker_node_pool_specs[0].min nodes must be greater than or equal to 1");
  EXPECT_EQ(
      RefusalOf(Body("fra1", "1.35", pool(R"("min_nodes":3,"max_nodes":2)"))),
      "validation error: worker_node_pool_specs[0].max nodes must be greater than or equal to min nodes");
  const Reply made =
      Post("/v2/kubernetes/clusters", Body("fra1", "1.35", pool(R"("min_nodes":2,"max_nodes":3)")));
  EXPECT_EQ(made.At("/kubernetes_cluster/node_pools/0/count"), "2")
      << "a count outside of min and max becomes min";
  EXPECT_EQ(made.At("/kubernetes_cluster/node_pools/0/max_nodes"), "3");
}

TEST_F(CreateRequests, CanHaveAMinimumOfZeroIfTheSwitchAllowsIt) {
  Change().allow_zero_min_nodes = true;
  Apply();
  const std::string pools =
      R"([{"name":"z","size":"s-1vcpu-2gb","count":0,"auto_scale":true,"min_nodes":0,"max_nodes":2},{"name":"w","size":"c-2","count":1}])";
  const Reply made = Post("/v2/kubernetes/clusters", Body("fra1", "1.35", pools));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.At("/kubernetes_cluster/node_pools/0/nodes"), "[]");
}

TEST_F(CreateRequests, WithACountOfZeroGetAnyOfTheThreeKnownAnswers) {
  const std::string body =
      Body("fra1", "1.35", R"([{"name":"z","size":"c-2","count":0},{"name":"w","size":"c-2","count":1}])");
  RefusalOf(body);
  Change().zero_count = ZeroCount::kServerError;
  Apply();
  RefusalOf(body, 500);
  Change().zero_count = ZeroCount::kAllowed;
  Apply();
  EXPECT_EQ(Post("/v2/kubernetes/clusters", body).status, 201);
}

TEST_F(CreateRequests, AcceptTaintsAsDigitalOceansGoClientSpellsThem) {
  const std::string pools =
      R"([{"name":"w","size":"c-2","count":1,"labels":{"a":"b"},"taints":[{"Key":"k","Value":"v","Effect":"NoExecute"}]}])";
  const Reply made =
      Post("/v2/kubernetes/clusters", Body("fra1", "1.35", pools, R"("maintenance_policy":null,)"));
  EXPECT_EQ(made.At("/kubernetes_cluster/node_pools/0/taints"),
            R"([{"key":"k","value":"v","effect":"NoExecute"}])");
  EXPECT_EQ(made.At("/kubernetes_cluster/node_pools/0/labels"), R"({"a":"b"})");
}

TEST_F(CreateRequests, WithImpossibleTaintsTagsOrSettingsAreRefused) {
  auto taints = [](const std::string& list) {
    return R"([{"name":"w","size":"c-2","count":1,"taints":)" + list + "}]";
  };
  RefusalOf(Body("fra1", "1.35", taints(R"([{"key":"","effect":"NoExecute"}])")));
  RefusalOf(Body("fra1", "1.35", taints(R"([{"key":"k","effect":"Never"}])")));
  RefusalOf(
      Body("fra1", "1.35",
           taints(R"([{"key":"k","effect":"NoExecute"},{"key":"k","value":"2","effect":"NoExecute"}])")));
  RefusalOf(Body("fra1", "1.35", kPool, R"("tags":["with blank"],)"));
  RefusalOf(Body("fra1", "1.35", kPool, R"("maintenance_policy":{"start_time":"25:00","day":"any"},)"));
  RefusalOf(Body("fra1", "1.35", kPool, R"("maintenance_policy":{"start_time":"12:00","day":"someday"},)"));
  RefusalOf(Body("fra1", "1.35", kPool,
                 R"("control_plane_firewall":{"enabled":true,"allowed_addresses":["nowhere"]},)"));
  RefusalOf(Body("fra1", "1.35", kPool, R"("sso":{"enabled":true},)"));
  RefusalOf(
      Body("fra1", "1.35", kPool, R"("sso":{"required":true,"issuer_url":"https://a","client_id":"b"},)"));
  RefusalOf(Body("fra1", "1.35", kPool, R"("cluster_subnet":"10.1.0.0/16",)"));
  RefusalOf(Body("fra1", "1.35", kPool, R"("worker_subnet_uuid":"cbd79771-23eb-49be-b5ea-59cc56222622",)"));
  RefusalOf(Body("fra1", "1.35", kPool, R"("vpc_uuid":"cbd79771-23eb-49be-b5ea-59cc56222622",)"));
  RefusalOf(Body("fra1", "1.35", kPool, R"("isolated_workers":true,)"));
  RefusalOf(Body("fra1", "1.35", kPool,
                 R"("nvidia_gpu_dra_driver":{"enabled":true},"nvidia_gpu_device_plugin":{"enabled":true},)"));
}

TEST_F(CreateRequests, ForANetworkWithANatGatewayCanIsolateTheWorkers) {
  const auto vpc = cloud->AddVpc(kAliceUuid, "fra1", "private", "10.9.0.0/20", true);
  ASSERT_TRUE(vpc);
  const Reply made =
      Post("/v2/kubernetes/clusters",
           Body("fra1", "1.35", kPool, R"("isolated_workers":true,"vpc_uuid":")" + *vpc + R"(",)"));
  EXPECT_EQ(made.At("/kubernetes_cluster/isolated_workers"), "true");
  EXPECT_EQ(made.At("/kubernetes_cluster/vpc_uuid"), *vpc);
  EXPECT_EQ(Get("/v2/vpcs/" + *vpc).At("/vpc/name"), "private");
  EXPECT_EQ(Ask("GET", "/v2/vpcs/" + *vpc, "", "bob").status, 404);
}

TEST_F(CreateRequests, ForANetworkOfAnotherRegionHangOrAreRefused) {
  const auto vpc = cloud->AddVpc(kAliceUuid, "nyc1", "far", "10.9.0.0/20", false);
  const std::string body = Body("fra1", "1.35", kPool, R"("vpc_uuid":")" + *vpc + R"(",)");
  const Reply made = Post("/v2/kubernetes/clusters", body);
  ASSERT_EQ(made.status, 201);
  Pass(24h);
  EXPECT_EQ(State(made.At("/kubernetes_cluster/id")), "provisioning");
  Change().foreign_vpc = ForeignVpc::kRefused;
  Apply();
  EXPECT_EQ(Post("/v2/kubernetes/clusters", body).status, 422);
}

TEST_F(CreateRequests, ForGpuNodesGetTheDevicePluginOfTheirVendor) {
  const Reply made = Post(
      "/v2/kubernetes/clusters",
      Body(
          "fra1", "1.35",
          R"([{"name":"g","size":"gpu-mi300x1-192gb","count":1,"gpu_partition_mode":"AMD_PARTITION_MODE_SPX_NPS1"}])"));
  EXPECT_EQ(made.At("/kubernetes_cluster/amd_gpu_device_plugin/enabled"), "true");
  EXPECT_EQ(made.At("/kubernetes_cluster/nvidia_gpu_device_plugin/enabled"), "false");
  EXPECT_EQ(made.At("/kubernetes_cluster/node_pools/0/gpu_partition_mode"), "AMD_PARTITION_MODE_SPX_NPS1");
}

TEST_F(CreateRequests, RequireDnsLabelsOnlyIfTheSwitchSaysSo) {
  EXPECT_EQ(Post("/v2/kubernetes/clusters", CreateBody("My Cluster!")).status, 201);
  Change().strict_names = true;
  Apply();
  EXPECT_EQ(Post("/v2/kubernetes/clusters", CreateBody("Other Cluster!")).status, 422);
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
