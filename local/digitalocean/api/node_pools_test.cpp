#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>
#include <set>

namespace capstan::simulated_digitalocean {
namespace {

using namespace std::chrono_literals;

class NodePools : public CloudFixture {
 protected:
  void SetUp() override {
    CloudFixture::SetUp();
    cluster = CreateRunning("one");
    pool = PoolPath(cluster);
  }
  Reply Pool() { return Get(pool); }
  std::string States() {
    std::string states;
    const Reply reply = Pool();
    for (int i = 0;; ++i) {
      const std::string state = reply.At(StrCat("/node_pool/nodes/", i, "/status/state"));
      if (state == "(none)") return states;
      states += state + " ";
    }
  }
  std::string cluster, pool;
};

TEST_F(NodePools, AreAddedWithNodesThatRunLater) {
  const Reply made =
      Post(ClusterPath(cluster) + "/node_pools", R"({"name":"extra","size":"c-2","count":1,"tags":["t"]})");
  EXPECT_EQ(made.status, 201);
  const std::string id = made.At("/node_pool/id");
  EXPECT_EQ(made.At("/node_pool/nodes/0/status/state"), "provisioning");
  Pass(90s);
  EXPECT_EQ(Get(ClusterPath(cluster) + "/node_pools/" + id).At("/node_pool/nodes/0/status/state"), "running");
  EXPECT_EQ(Get(ClusterPath(cluster) + "/node_pools").At("/node_pools/1/name"), "extra");
  EXPECT_EQ(State(cluster), "running");
  EXPECT_EQ(Post(ClusterPath(cluster) + "/node_pools", R"({"name":"extra","size":"c-2","count":1})").status,
            422);
  EXPECT_EQ(
      Post(ClusterPath(cluster) + "/node_pools", R"({"name":"bad","size":"c-3","count":1})").At("/message"),
      "validation error: worker_node_pool_spec.invalid droplet size");
}

TEST_F(NodePools, GrowImmediatelyInCountAndLaterInRunningNodes) {
  const Reply grown = Put(pool, R"({"count":3})");
  EXPECT_EQ(grown.status, 202);
  EXPECT_EQ(grown.At("/node_pool/count"), "3");
  EXPECT_EQ(States(), "running running provisioning ");
  Pass(90s);
  EXPECT_EQ(States(), "running running running ");
}

TEST_F(NodePools, ShrinkByDrainingAndThenDeletingNodes) {
  EXPECT_EQ(Put(pool, R"({"count":1})").At("/node_pool/count"), "1");
  EXPECT_EQ(States(), "running draining ");
  Pass(20s);
  EXPECT_EQ(States(), "running deleting ");
  Pass(10s);
  EXPECT_EQ(States(), "running ");
}

TEST_F(NodePools, KeepWhatAPartialUpdateDoesNotName) {
  Put(pool,
      R"({"name":"renamed","labels":{"a":"b"},"taints":[{"Key":"k","Value":"v","Effect":"NoSchedule"}],"tags":["x"]})");
  const Reply counted = Put(pool, R"({"count":2})");
  EXPECT_EQ(counted.At("/node_pool/name"), "renamed");
  EXPECT_EQ(counted.At("/node_pool/labels/a"), "b");
  EXPECT_EQ(counted.At("/node_pool/taints/0/key"), "k");
  EXPECT_EQ(counted.At("/node_pool/tags/3"), "x");
  const Reply cleared = Put(pool, R"({"taints":[],"labels":{"c":"d"},"tags":["k8s","k8s:worker","y"]})");
  EXPECT_EQ(cleared.At("/node_pool/taints"), "[]");
  EXPECT_EQ(cleared.At("/node_pool/labels"), R"({"c":"d"})");
  EXPECT_EQ(cleared.At("/node_pool/tags/3"), "y");
  EXPECT_EQ(cleared.At("/node_pool/tags/4"), "(none)")
      << "automatic tags that a client echoes are not doubled";
}

TEST_F(NodePools, SwitchToAndFromAutoscaling) {
  const Reply on = Put(pool, R"({"auto_scale":true,"min_nodes":3,"max_nodes":5})");
  EXPECT_EQ(on.At("/node_pool/count"), "3") << "outside of min and max, min is used";
  EXPECT_EQ(on.At("/node_pool/min_nodes"), "3");
  const Reply off = Put(pool, R"({"auto_scale":false,"count":2})");
  EXPECT_EQ(off.At("/node_pool/count"), "2");
  EXPECT_EQ(off.At("/node_pool/min_nodes"), "0");
  EXPECT_EQ(off.At("/node_pool/max_nodes"), "0");
  EXPECT_EQ(Put(pool, R"({"auto_scale":true,"min_nodes":0,"max_nodes":5})").At("/message"),
            "validation error: worker_node_pool_spec.min nodes must be greater than or equal to 1");
}

TEST_F(NodePools, CannotGrowAboveTheDropletLimit) {
  EXPECT_EQ(Put(pool, R"({"count":26})").status, 422);
  EXPECT_EQ(Put(pool, R"({"count":25})").status, 202);
  EXPECT_EQ(Put(pool, R"({"auto_scale":true,"min_nodes":1,"max_nodes":26})").At("/message"),
            "validation error: autoscale desired max nodes exceed limits, 1 additional nodes but not enough "
            "available "
            "droplet limit");
}

TEST_F(NodePools, StayVisibleWhileTheirNodesAreDeleted) {
  const std::string extra =
      ClusterPath(cluster) + "/node_pools/" +
      Post(ClusterPath(cluster) + "/node_pools", R"({"name":"extra","size":"c-2","count":1})")
          .At("/node_pool/id");
  Pass(2min);
  EXPECT_EQ(Delete(extra).status, 204);
  EXPECT_EQ(Get(extra).At("/node_pool/nodes/0/status/state"), "draining");
  Pass(30s);
  EXPECT_EQ(Get(extra).status, 404);
  EXPECT_EQ(Get(extra).At("/message"), "node pool not found");
}

TEST_F(NodePools, CanBeHiddenImmediatelyIfTheSwitchSaysSo) {
  Change().show_deleting_pools = false;
  Apply();
  const std::string extra =
      ClusterPath(cluster) + "/node_pools/" +
      Post(ClusterPath(cluster) + "/node_pools", R"({"name":"extra","size":"c-2","count":1})")
          .At("/node_pool/id");
  Delete(extra);
  EXPECT_EQ(Get(extra).status, 404);
}

TEST_F(NodePools, KeepTheLastPoolUnlessTheSwitchAllowsItsDeletion) {
  EXPECT_EQ(Delete(pool).status, 422);
  Change().allow_no_pools = true;
  Apply();
  EXPECT_EQ(Delete(pool).status, 204);
}

TEST_F(NodePools, LoseANodeAndDecreaseTheirCount) {
  const std::string node = Pool().At("/node_pool/nodes/0/id");
  const Reply removed = Delete(pool + "/nodes/" + node);
  EXPECT_EQ(removed.status, 202);
  EXPECT_EQ(removed.body, "");
  EXPECT_EQ(Pool().At("/node_pool/count"), "1");
  EXPECT_EQ(States(), "draining running ");
  EXPECT_EQ(Delete(pool + "/nodes/" + Pool().At("/node_pool/nodes/1/id")).status, 422)
      << "the last one stays";
  Pass(30s);
  EXPECT_EQ(States(), "running ");
  EXPECT_EQ(Delete(pool + "/nodes/" + node).status, 404);
}

TEST_F(NodePools, ReplaceANodeWithANewOneAndANewId) {
  const std::string node = Pool().At("/node_pool/nodes/0/id");
  EXPECT_EQ(Delete(pool + "/nodes/" + node + "?skip_drain=1&replace=1").status, 202);
  EXPECT_EQ(Pool().At("/node_pool/count"), "2");
  EXPECT_EQ(States(), "deleting running provisioning ");
  Pass(2min);
  EXPECT_EQ(States(), "running running ");
  EXPECT_NE(Pool().At("/node_pool/nodes/1/id"), node);
}

TEST_F(NodePools, RecycleNodesByTheOldCall) {
  const std::string node = Pool().At("/node_pool/nodes/0/id");
  EXPECT_EQ(Post(pool + "/recycle", R"({"nodes":[")" + node + R"("]})").status, 202);
  Pass(3min);
  EXPECT_EQ(States(), "running running ");
  EXPECT_EQ(Pool().body.find(node), std::string::npos);
  EXPECT_EQ(Post(pool + "/recycle", R"({"nodes":[")" + node + R"("]})").status, 404);
}

TEST_F(NodePools, HaveATemplateByTheirName) {
  const Reply reply = Get(ClusterPath(cluster) + "/node_pools_template/workers");
  EXPECT_EQ(reply.At("/template/slug"), "s-2vcpu-4gb");
  EXPECT_EQ(reply.At("/template/capacity/cpu"), "2");
  EXPECT_EQ(Get(ClusterPath(cluster) + "/node_pools_template/none").status, 404);
}

TEST_F(NodePools, AreScaledAndRemovedByHand) {
  ASSERT_TRUE(cloud->ScalePool(cluster, "workers", 4));
  EXPECT_EQ(Pool().At("/node_pool/count"), "4");
  ASSERT_TRUE(cloud->RemovePool(cluster, "workers"));
  Pass(1min);
  EXPECT_EQ(Pool().status, 404);
  EXPECT_FALSE(cloud->ScalePool(cluster, "workers", 1));
  EXPECT_EQ(cloud->Journal().back().operation, "by hand: remove pool");
}

TEST_F(NodePools, OfAnotherClusterAreNotFound) {
  const std::string other = CreateRunning("two");
  EXPECT_EQ(Get(ClusterPath(other) + "/node_pools/" + FirstPool(cluster)).status, 404);
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
