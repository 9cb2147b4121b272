// Kubeconfig, credentials, and the Kubernetes endpoint that they give access to.
#include <gmock/gmock.h>
#include <capstan/local/digitalocean/testing/cloud_fixture.hpp>

namespace capstan::simulated_digitalocean {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class Access : public CloudFixture {
 protected:
  std::string TokenIn(const std::string& kubeconfig) {
    const std::size_t at = kubeconfig.find("token: ");
    return at == std::string::npos ? "" : kubeconfig.substr(at + 7, kubeconfig.find('\n', at) - at - 7);
  }
  std::string EndpointPath(const std::string& id) { return "/simulated-clusters/" + id; }
};

TEST_F(Access, IsNotFoundUntilTheClusterRuns) {
  const std::string id = Create("one");
  EXPECT_EQ(Get(ClusterPath(id) + "/kubeconfig").status, 404);
  EXPECT_EQ(Get(ClusterPath(id) + "/credentials").status, 404);
  Pass(5min);
  EXPECT_EQ(Get(ClusterPath(id) + "/kubeconfig").status, 200);
}

TEST_F(Access, IsAKubeconfigWithTheServicesNames) {
  const std::string id = CreateRunning("one");
  const Reply reply = Get(ClusterPath(id) + "/kubeconfig?expiry_seconds=600");
  EXPECT_EQ(reply.Header("Content-Type"), "application/yaml");
  EXPECT_THAT(reply.body, HasSubstr("server: https://api.digitalocean.com/simulated-clusters/" + id));
  EXPECT_THAT(reply.body, HasSubstr("current-context: \"do-fra1-one\""));
  EXPECT_THAT(reply.body, HasSubstr("user: \"do-fra1-one-admin\""));
  EXPECT_THAT(reply.body, Not(HasSubstr("certificate-authority-data")));
  cloud->SetEndpointBase("https://127.0.0.1:9", "PEM");
  const Reply moved = Get(ClusterPath(id) + "/kubeconfig");
  EXPECT_THAT(moved.body, HasSubstr("server: https://127.0.0.1:9/simulated-clusters/" + id));
  EXPECT_THAT(moved.body, HasSubstr("certificate-authority-data: " + Base64Encode("PEM")));
  EXPECT_EQ(Get(ClusterPath(id)).At("/kubernetes_cluster/endpoint"),
            "https://127.0.0.1:9/simulated-clusters/" + id);
}

TEST_F(Access, IsCredentialsThatExpireAsRequested) {
  const std::string id = CreateRunning("one");
  const Reply week = Get(ClusterPath(id) + "/credentials");
  EXPECT_EQ(week.At("/expires_at"), "2026-01-08T00:05:00Z");
  EXPECT_EQ(week.At("/client_key_data"), "null");
  const Reply brief = Get(ClusterPath(id) + "/credentials?expiry_seconds=60");
  EXPECT_EQ(brief.At("/expires_at"), "2026-01-01T00:06:00Z");
  EXPECT_EQ(Get(ClusterPath(id) + "/credentials?expiry_seconds=-1").status, 422);
  const std::string nodes = EndpointPath(id) + "/api/v1/nodes";
  EXPECT_EQ(Ask("GET", nodes, "", brief.At("/token")).status, 200);
  Pass(60s);
  EXPECT_EQ(Ask("GET", nodes, "", brief.At("/token")).status, 401);
  EXPECT_EQ(Ask("GET", nodes, "", week.At("/token")).status, 200);
}

TEST_F(Access, WithSingleSignOnNeedsThePluginInsteadOfAToken) {
  const std::string id = CreateRunning(
      "one", R"("sso":{"enabled":true,"issuer_url":"https://sso.example.com","client_id":"me"},)");
  EXPECT_THAT(Get(ClusterPath(id) + "/kubeconfig").body, HasSubstr("exec:"));
  EXPECT_THAT(Get(ClusterPath(id) + "/kubeconfig?type=token").body, HasSubstr("token: simulated_"));
  EXPECT_EQ(Get(ClusterPath(id) + "/kubeconfig?type=other").status, 422);
}

TEST_F(Access, DoesNotChangeTheCluster) {
  const std::string id = CreateRunning("one");
  const std::string before = Get(ClusterPath(id)).body;
  Pass(1min);
  Get(ClusterPath(id) + "/kubeconfig");
  EXPECT_EQ(Get(ClusterPath(id)).body, before);
  EXPECT_EQ(cloud->Journal().size(), 1u);
}

TEST_F(Access, NamesTheUserAndTheGroup) {
  const std::string id = CreateRunning("one");
  const Reply reply = Get(ClusterPath(id) + "/user");
  EXPECT_EQ(reply.At("/kubernetes_cluster_user/username"), "alice@example.com");
  EXPECT_EQ(reply.At("/kubernetes_cluster_user/groups/0"), "k8saas:authenticated");
}

TEST_F(Access, OpensAnEndpointWithTheNodesOfItsCluster) {
  const std::string id = CreateRunning("one");
  const std::string token = TokenIn(Get(ClusterPath(id) + "/kubeconfig").body);
  EXPECT_EQ(Ask("GET", EndpointPath(id) + "/healthz", "", "").body, "ok");
  EXPECT_EQ(Ask("GET", EndpointPath(id) + "/version", "", "").At("/gitVersion"), "v1.35.4");
  const Reply nodes = Ask("GET", EndpointPath(id) + "/api/v1/nodes", "", token);
  EXPECT_EQ(nodes.At("/kind"), "NodeList");
  EXPECT_EQ(nodes.At("/items/1/metadata/labels/doks.digitalocean.com~1node-pool"), "workers");
  EXPECT_EQ(nodes.At("/items/2"), "(none)");
  const std::string name = nodes.At("/items/0/metadata/name");
  EXPECT_EQ(Ask("GET", EndpointPath(id) + "/api/v1/nodes/" + name, "", token).At("/kind"), "Node");
  EXPECT_EQ(Ask("GET", EndpointPath(id) + "/api/v1/nodes/nobody", "", token).At("/reason"), "NotFound");
  EXPECT_EQ(Ask("GET", EndpointPath(id) + "/api/v1/namespaces/kube-system", "", token).At("/status/phase"),
            "Active");
  EXPECT_EQ(Ask("GET", EndpointPath(id) + "/api/v1/namespaces/default/pods", "", token).At("/items"), "[]");
  EXPECT_EQ(Ask("POST", EndpointPath(id) + "/api/v1/nodes", "{}", token).status, 405);
  EXPECT_EQ(Ask("GET", EndpointPath(id) + "/api/v1/nodes?watch=true", "", token).status, 405);
}

TEST_F(Access, OfOneClusterOpensNoOther) {
  const std::string one = CreateRunning("one"), two = CreateRunning("two");
  const std::string token = TokenIn(Get(ClusterPath(one) + "/kubeconfig").body);
  EXPECT_EQ(Ask("GET", EndpointPath(two) + "/api/v1/nodes", "", token).status, 401);
  EXPECT_EQ(Ask("GET", EndpointPath(one) + "/api/v1/nodes", "", "alice").status, 401)
      << "an API token is none of Kubernetes";
  Delete(ClusterPath(one));
  EXPECT_EQ(Ask("GET", EndpointPath(one) + "/api/v1/nodes", "", token).status, 401);
  Pass(1min);
  EXPECT_EQ(Ask("GET", EndpointPath(one) + "/healthz", "", "").status, 404);
}

TEST_F(Access, OverPlainHttpNeedsNoTokenButRefusesAWrongOne) {
  const std::string id = CreateRunning("one");
  const std::string nodes = EndpointPath(id) + "/api/v1/nodes";
  EXPECT_EQ(Ask("GET", nodes, "", "").status, 401);
  scheme = "http";
  EXPECT_EQ(Ask("GET", nodes, "", "").status, 200);
  EXPECT_EQ(Ask("GET", nodes, "", "wrong").status, 401);
}

TEST_F(Access, NodesKeepTheLabelsThatTheirPoolLosesAndNewOnesDoNotGetThem) {
  const std::string id = CreateRunning("a");
  const auto label = [&](int node, const char* key) {
    const std::string token = Get(ClusterPath(id) + "/credentials").At("/token");
    return Ask("GET", StrCat("/simulated-clusters/", id, "/api/v1/nodes"), "", token)
        .At(StrCat("/items/", node, "/metadata/labels/", key));
  };
  ASSERT_EQ(Put(PoolPath(id), R"({"name":"workers","count":2,"labels":{"a":"1","b":"1"}})").status, 202);
  EXPECT_EQ(label(0, "a"), "1") << "on the nodes that there are";
  ASSERT_EQ(Put(PoolPath(id), R"({"name":"workers","count":3,"labels":{"b":"2"}})").status, 202);
  Pass(std::chrono::minutes(5));
  int with_a = 0;
  for (int node = 0; node < 3; ++node) {
    EXPECT_EQ(label(node, "b"), "2");
    with_a += label(node, "a") == "1";
  }
  EXPECT_EQ(with_a, 2) << "the node that came later has only what the pool has";
  EXPECT_EQ(Get(PoolPath(id)).At("/node_pool/labels"), R"({"b":"2"})");
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
