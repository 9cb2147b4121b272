// The built plugin from the host's perspective: loaded from its file, called over the ABI, with the
// simulated cloud.
#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <capstan/local/digitalocean/testing/contract.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/plugins/loader/load.hpp>
#include <capstan/providers/digitalocean/provider.hpp>

namespace capstan {
namespace {

class DigitalOceanPlugin : public testing::Test {
 protected:
  DigitalOceanPlugin() {
    simulated_digitalocean::AccountOptions account;
    account.tokens = {{Secret("dop_v1_test"), {}}};
    simulated_digitalocean::CloudOptions options;
    options.accounts = {account};
    cloud_ = std::make_unique<simulated_digitalocean::SimulatedCloud>(options, scheduler_, *random_);
    guard_ = simulated_digitalocean::HoldToContract(*cloud_);
    transport_.Route("api.digitalocean.com", &guard_->handler());
  }
  Result<std::shared_ptr<const loader::Plugin>> Load() {
    auto files = MakeSystemFiles();
    return loader::LoadPlugin(*files, CAPSTAN_DIGITALOCEAN_PLUGIN, seams_);
  }
  SimulatedScheduler scheduler_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(3);
  RecordingLog log_;
  http::LoopbackTransport transport_{scheduler_};
  std::unique_ptr<simulated_digitalocean::SimulatedCloud> cloud_;
  std::unique_ptr<simulated_digitalocean::ContractGuard> guard_;
  loader::Seams seams_{scheduler_, transport_, *random_, log_};
};

TEST_F(DigitalOceanPlugin, SaysTheSameOfItselfAsTheProviderDoes) {
  auto plugin = Load();
  ASSERT_TRUE(plugin) << plugin.error();
  auto said = (*plugin)->manifest(), meant = digitalocean::MakeManifest();
  EXPECT_EQ(said.name, meant.name);
  EXPECT_EQ(said.version, meant.version);
  EXPECT_EQ(said.allowed_hosts, meant.allowed_hosts);
  EXPECT_EQ(said.config_environment, meant.config_environment);
  ASSERT_EQ(said.kinds.size(), 1u);
  EXPECT_EQ(said.kinds[0].kind, meant.kinds[0].kind);
  EXPECT_EQ(said.kinds[0].credentials_field, meant.kinds[0].credentials_field);
  EXPECT_EQ(said.kinds[0].credential_environment, meant.kinds[0].credential_environment);
  EXPECT_EQ(said.kinds[0].connection_suffix, meant.kinds[0].connection_suffix);
  EXPECT_EQ(said.kinds[0].phase_status_field, meant.kinds[0].phase_status_field);
  ASSERT_EQ(said.crds.size(), 1u);
  EXPECT_NE(said.crds[0].find("digitaloceanclusters.anutosh491.dev"), std::string::npos);
}

TEST_F(DigitalOceanPlugin, CreatesChangesAndDeletesAClusterOverTheAbi) {
  auto plugin = Load();
  ASSERT_TRUE(plugin) << plugin.error();
  auto provider = loader::MakeProvider(*plugin, "{}", seams_);
  ASSERT_TRUE(provider) << provider.error();
  auto external = (*provider)->Connect(digitalocean::kKind, {{{"token", Secret("dop_v1_test")}}}, Context{});
  ASSERT_TRUE(external) << external.error();
  const std::string desired =
      R"({"name":"a","namespace":"d","uid":"u","spec":{"region":"fra1","version":"latest","nodePools":[{"name":"p","size":"s-2vcpu-4gb","count":1}]}})";
  external::Identity identity{"capstan:u", "capstan-owner:o", "", ""};
  EXPECT_FALSE((*external)->WhoAmI(Context{})->id.empty());
  EXPECT_TRUE((*external)->Find(identity, desired, Context{})->empty());

  auto made = (*external)->Create(identity, desired, Context{});
  ASSERT_EQ(made.verdict, external::Verdict::kDone) << made.error.value_or(Error{});
  scheduler_.RunFor(std::chrono::minutes(10));
  auto seen = (*external)->Get(made.id, Context{}).value().value();
  EXPECT_EQ(seen.phase, external::Phase::kReady);
  EXPECT_EQ(seen.identity, identity.tag);
  EXPECT_TRUE((*external)->MakePlan(desired, seen)->steps.empty());
  EXPECT_TRUE((*external)->ReadConnection(made.id, "{}", Context{})->data.count("kubeconfig"));

  auto bad = (*external)->Create(
      identity,
      R"({"name":"b","spec":{"region":"nowhere","version":"latest","nodePools":[{"name":"p","size":"s-2vcpu-4gb","count":1}]}})",
      Context{});
  EXPECT_EQ(bad.verdict, external::Verdict::kRejected);
  EXPECT_EQ(bad.error->http_status, 422);

  EXPECT_EQ((*external)->Delete(made.id, {}, Context{}).verdict, external::Verdict::kDone);
  scheduler_.RunFor(std::chrono::minutes(10));
  EXPECT_FALSE((*external)->Get(made.id, Context{})->has_value());
  EXPECT_FALSE(log_.Contains("dop_v1_test"));
}

}  // namespace
}  // namespace capstan
