// Private, for tests of this folder: a SimulatedCloud on a simulated clock, and one-line requests.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/collecting_writer.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <capstan/local/digitalocean/testing/contract.hpp>

namespace capstan::simulated_digitalocean {

inline constexpr char kAliceUuid[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
inline constexpr char kBobUuid[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

struct Reply {
  int status = 0;
  http::Headers headers;
  std::string body;
  bool cut = false;

  // The string, number or boolean at a JSON pointer as text; "(none)" when absent.
  std::string At(const std::string& pointer) const {
    auto value = json::ValueAt(body, pointer);
    if (!value || !*value) return "(none)";
    auto text = json::StringAt(body, pointer);
    return text && *text ? **text : **value;
  }
  std::string Header(const std::string& name) const {
    return std::string(headers.Get(name).value_or("(none)"));
  }
};

// Checks every exchange of every test of this folder against SuiteContract().
class CloudFixture : public testing::Test {
 protected:
  // Two accounts: alice (tokens "alice", "alice-reads", "alice-nameless") and bob (token "bob").
  static CloudOptions Options() {
    CloudOptions options;
    AccountOptions alice;
    alice.uuid = kAliceUuid;
    alice.email = "alice@example.com";
    alice.tokens = {{Secret("alice"), {}},
                    {Secret("alice-reads"), ReadOnlyScopes()},
                    {Secret("alice-nameless"), ScopesWithoutAccount()}};
    AccountOptions bob;
    bob.uuid = kBobUuid;
    bob.email = "bob@example.com";
    bob.team_uuid = "5df3e3004a17e242b7c20ca6c9fc25b701a47ece";
    bob.tokens = {{Secret("bob"), {}}};
    options.accounts = {alice, bob};
    return options;
  }
  static std::string CreateBody(const std::string& name, const std::string& more = "") {
    return R"({"name":")" + name + R"(","region":"fra1","version":"1.35",)" + more +
           R"("node_pools":[{"name":"workers","size":"s-2vcpu-4gb","count":2}]})";
  }

  void Start(CloudOptions options, Store* store = nullptr) {
    cloud.reset();
    cloud = std::make_unique<SimulatedCloud>(std::move(options), clock, *random, store);
  }
  void SetUp() override { Start(Options()); }
  void Pass(Duration time) { clock.RunFor(time); }
  Behaviour& Change() {
    pending_ = cloud->behaviour();
    return pending_;
  }
  void Apply() { cloud->SetBehaviour(pending_); }

  Reply Ask(const std::string& method, const std::string& path, const std::string& body = "",
            const std::string& token = "alice");
  Reply Get(const std::string& path) { return Ask("GET", path); }
  Reply Post(const std::string& path, const std::string& body) { return Ask("POST", path, body); }
  Reply Put(const std::string& path, const std::string& body) { return Ask("PUT", path, body); }
  Reply Delete(const std::string& path, const std::string& body = "") { return Ask("DELETE", path, body); }

  static std::string ClusterPath(const std::string& id) { return "/v2/kubernetes/clusters/" + id; }
  // Creates a cluster, which is still provisioning, and returns its id.
  std::string Create(const std::string& name, const std::string& more = "") {
    const Reply reply = Post("/v2/kubernetes/clusters", CreateBody(name, more));
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.At("/kubernetes_cluster/id");
  }
  std::string CreateRunning(const std::string& name, const std::string& more = "") {
    const std::string id = Create(name, more);
    Pass(std::chrono::minutes(5));
    EXPECT_EQ(State(id), "running");
    return id;
  }
  std::string State(const std::string& id) {
    return Get(ClusterPath(id)).At("/kubernetes_cluster/status/state");
  }
  std::string FirstPool(const std::string& id) {
    return Get(ClusterPath(id)).At("/kubernetes_cluster/node_pools/0/id");
  }
  std::string PoolPath(const std::string& id) { return ClusterPath(id) + "/node_pools/" + FirstPool(id); }
  std::optional<LedgerEntry> Entry(const std::string& id) {
    for (const LedgerEntry& entry : cloud->Ledger())
      if (entry.id == id) return entry;
    return std::nullopt;
  }

  SimulatedScheduler clock;
  std::unique_ptr<Random> random = MakeSeededRandom(7);
  std::unique_ptr<SimulatedCloud> cloud;
  std::string scheme = "https";
  // False where a test sends or injects something that no document allows.
  bool keeps_the_contract = true;

 private:
  Behaviour pending_;
};

inline Reply CloudFixture::Ask(const std::string& method, const std::string& path, const std::string& body,
                               const std::string& token) {
  http::Request request;
  request.method = method;
  request.url = scheme + "://api.digitalocean.com" + path;
  if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
  if (!body.empty()) request.headers.Set("Content-Type", "application/json");
  request.body = body;
  http::CollectingWriter writer;
  cloud->Handle(request, writer, Context());
  const http::Response& response = writer.response();
  const Reply reply{response.status, response.headers, response.body, writer.aborted()};
  const OpenApiContract* contract = SuiteContract();
  if (!contract || reply.cut || !keeps_the_contract) return reply;
  for (const std::string& violation : contract->CheckResponse(request, response))
    ADD_FAILURE() << violation << "\n" << reply.body;
  if (reply.status < 300)
    for (const std::string& violation : contract->CheckRequest(request))
      ADD_FAILURE() << violation << "\n" << body;
  return reply;
}

}  // namespace capstan::simulated_digitalocean
