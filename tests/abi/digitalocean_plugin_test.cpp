// The DigitalOcean plugin, loaded from its file, through the conformance suite against the simulated
// DigitalOcean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/local/digitalocean/cloud.hpp>
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

TEST(Conformance, TheDigitalOceanPluginPassesWhole) {
  PluginWorld world;
  simulated_digitalocean::CloudOptions options;
  simulated_digitalocean::AccountOptions account;
  account.tokens = {{Secret("dop_v1_sim"), {}}};
  options.accounts = {account};
  simulated_digitalocean::SimulatedCloud cloud(options, world.scheduler, *world.random);
  world.transport.Route("api.digitalocean.com", &cloud);
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
  subject.poll = std::chrono::seconds(30);
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
}

}  // namespace
}  // namespace capstan::abi
