#include <capstan/apps/capstan/local/by_hand_handler.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/json/scan.hpp>

namespace capstan::app {
namespace {

class ByHandTest : public ::testing::Test {
 protected:
  ByHandTest() { transport_.Route("cloud.test", &handler_); }

  static simulated_digitalocean::CloudOptions Options() {
    simulated_digitalocean::CloudOptions options;
    simulated_digitalocean::AccountOptions account;
    account.tokens.push_back({Secret("secret"), {}});
    options.accounts.push_back(account);
    return options;
  }
  http::Response Ask(const std::string& method, const std::string& path, const std::string& body = "",
                     const std::string& token = "secret") {
    http::Request request{method, "http://cloud.test" + path, {{"Authorization", "Bearer " + token}}, body};
    http::Response answer;
    const Task task = scheduler_.Spawn("ask", [&](const Context& context) {
      auto response = transport_.Send(request, context);
      if (response) answer = std::move(*response);
    });
    scheduler_.RunUntil([&] { return answer.status != 0; }, std::chrono::minutes(1));
    return answer;
  }
  std::string MakeCluster() {
    const auto made = Ask(
        "POST", "/v2/kubernetes/clusters",
        R"({"name":"a","region":"nyc1","version":"latest","node_pools":[{"name":"p","size":"s-2vcpu-2gb","count":1}]})");
    EXPECT_EQ(made.status, 201) << made.body;
    return json::StringAt(made.body, "/kubernetes_cluster/id").value().value_or("");
  }

  SimulatedScheduler scheduler_;
  std::unique_ptr<Random> random_ = MakeSystemRandom();
  simulated_digitalocean::SimulatedCloud cloud_{Options(), scheduler_, *random_, nullptr};
  ByHandHandler handler_{cloud_, Secret("secret")};
  http::LoopbackTransport transport_{scheduler_};
};

TEST_F(ByHandTest, AddsAResourceThatAClusterWouldCreate) {
  const std::string at = "/by-hand/clusters/" + MakeCluster();
  const auto made = Ask("POST", at + "/associated", R"({"kind":"load_balancer","name":"web"})");
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_NE(json::StringAt(made.body, "/id").value().value_or(""), "");
}

TEST_F(ByHandTest, BreaksAndRemovesACluster) {
  const std::string id = MakeCluster(), at = "/by-hand/clusters/" + id;
  EXPECT_EQ(Ask("POST", at + "/message", R"({"text":"maintenance"})").status, 200);
  EXPECT_EQ(Ask("POST", at + "/state", R"({"state":"degraded","text":"a node is gone"})").status, 200);
  EXPECT_NE(Ask("GET", "/v2/kubernetes/clusters/" + id).body.find("degraded"), std::string::npos);
  EXPECT_EQ(Ask("POST", at + "/vanish").status, 200);
  EXPECT_EQ(Ask("GET", "/v2/kubernetes/clusters/" + id).status, 404);
}

TEST_F(ByHandTest, RefusesUnknownActions) {
  const std::string at = "/by-hand/clusters/" + MakeCluster();
  EXPECT_EQ(Ask("POST", at + "/vanish", "", "wrong").status, 401);
  EXPECT_EQ(Ask("GET", at + "/vanish").status, 404);
  EXPECT_EQ(Ask("POST", at + "/explode").status, 404);
  EXPECT_EQ(Ask("POST", "/by-hand/droplets/1/vanish").status, 404);
  EXPECT_EQ(Ask("POST", "/by-hand/clusters/none/vanish").status, 404);
  EXPECT_EQ(Ask("POST", at + "/associated", R"({"kind":"droplet","name":"x"})").status, 400);
  EXPECT_EQ(Ask("POST", at + "/associated", R"({"kind":"volume"})").status, 400);
  EXPECT_EQ(Ask("POST", at + "/state", R"({"state":"happy"})").status, 400);
  EXPECT_EQ(Ask("POST", at + "/message", "no JSON").status, 400);
}

}  // namespace
}  // namespace capstan::app
