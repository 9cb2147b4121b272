// The DigitalOcean plugin, loaded from its file, in the conformance suite with the simulated
// DigitalOcean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <capstan/local/digitalocean/testing/contract.hpp>
#include <capstan/sdk/conformance/conformance.hpp>
#include <capstan/tests/abi/plugin_world.hpp>

namespace capstan::abi {
namespace {

std::string Desired(const std::string& name, int count) {
  return R"({"name":")" + name +
         R"(","namespace":"default","uid":"u","spec":{"region":"nyc1","version":"latest","nodePools":[)"
         R"({"name":"web","size":"s-2vcpu-2gb","count":)" +
         std::to_string(count) + "}]}}";
}

// Reads and writes tags like another client of the API.
void AddObservers(PluginWorld& world, conformance::Subject& subject) {
  const auto send = [&world](const std::string& method, const std::string& id, const std::string& body) {
    http::Request request;
    request.method = method;
    request.url = "https://api.digitalocean.com/v2/kubernetes/clusters/" + id;
    request.headers = {{"Authorization", "Bearer dop_v1_sim"}, {"Content-Type", "application/json"}};
    request.body = body;
    const auto answer = world.transport.Send(request, Context{});
    EXPECT_TRUE(answer && answer->status < 300) << method << " " << id;
    const auto json = answer ? json::ParseObject(answer->body) : Fail(answer.error());
    return json ? json::ObjectIn(*json, "kubernetes_cluster") : json::ObjectPtr();
  };
  subject.tags = [send](const std::string& id) {
    std::vector<std::string> tags;
    const auto array = json::ArrayIn(send("GET", id, ""), "tags");
    for (const auto& tag : *array) tags.push_back(tag.toString());
    return tags;
  };
  subject.add_tag = [send](const std::string& id, const std::string& tag) {
    const auto cluster = send("GET", id, "");
    auto body = json::MakeObject();
    body->set("name", json::StringIn(cluster, "name").value_or(""));
    auto tags = json::ArrayIn(cluster, "tags");
    tags->add(tag);
    body->set("tags", tags);
    send("PUT", id, json::ToText(body));
  };
}

TEST(Conformance, TheDigitalOceanPluginPassesWhole) {
  PluginWorld world;
  simulated_digitalocean::CloudOptions options;
  simulated_digitalocean::AccountOptions account;
  account.tokens = {{Secret("dop_v1_sim"), {}}};
  options.accounts = {account};
  simulated_digitalocean::SimulatedCloud cloud(options, world.scheduler, *world.random);
  const auto guard = simulated_digitalocean::HoldToContract(cloud);
  world.transport.Route("api.digitalocean.com", &guard->handler());
  auto plugin =
      loader::LoadPlugin(*world.files, CAPSTAN_BUILT_PLUGINS "/libcapstan_digitalocean.so", world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  const auto make = [&](http::Transport& transport, Log& log) {
    return loader::MakeProvider(*plugin, "{}", {world.scheduler, transport, *world.random, log});
  };
  conformance::Subject subject{world.scheduler, world.transport, make, "DigitalOceanCluster", {}, {},
                               nullptr,         nullptr};
  subject.credentials = {{{"token", Secret("dop_v1_sim")}}};
  subject.refused_credentials = external::Credentials{{{"token", Secret("dop_v1_stranger")}}};
  subject.desired = [](const std::string& name) { return Desired(name, 2); };
  subject.changed = [](const std::string& name) { return Desired(name, 3); };
  AddObservers(world, subject);
  subject.poll = std::chrono::seconds(30);
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
  for (const auto& one : findings)
    EXPECT_EQ(one.verdict, conformance::Verdict::kPassed) << one.check << ": " << one.why;
}

}  // namespace
}  // namespace capstan::abi
