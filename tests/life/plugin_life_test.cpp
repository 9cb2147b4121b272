// A plugin in plain C behind the loader, with the core's guarantees: a failure is injected once at
// every effect of a create and of a delete.
#include <gtest/gtest.h>

#include <cstdio>

#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/plugins/loader/load.hpp>
#include <capstan/simulation/testing/explorer_fixture.hpp>
#include <capstan/tests/abi/plugin_world.hpp>

namespace capstan {
namespace {

using simulation::CloudChange;
using simulation::CloudObject;
using simulation::Mishap;

// Loaded once for all worlds, because a loaded plugin is never unloaded, and it has no state of its
// own.
std::shared_ptr<const loader::Plugin> LoadOnce() {
  static const std::shared_ptr<const loader::Plugin> plugin = [] {
    abi::PluginWorld world;
    auto loaded = loader::LoadPlugin(*world.files, abi::MadeUpPlugin(), world.seams());
    EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : loaded.error().message);
    return loaded ? *loaded : nullptr;
  }();
  return plugin;
}

class SimulatedPlugin final : public simulation::CloudUnderTest {
 public:
  SimulatedPlugin(const simulation::CloudSetting& setting, const Clock& clock)
      : cloud_(clock, Options(setting)) {}
  http::Handler& handler() override { return cloud_; }
  std::string authority() const override { return "cloud.test"; }
  std::vector<CloudObject> Objects() const override {
    std::vector<CloudObject> all;
    for (const auto& cluster : cloud_.Clusters()) {
      all.push_back({cluster.id, cluster.name, cluster.tags, cluster.state != "deleting", true});
    }
    return all;
  }
  // Its cloud keeps no journal of changes: created objects are known by their identity tags.
  std::vector<CloudChange> Changes() const override {
    std::vector<CloudChange> all;
    for (const auto& line : cloud_.EverMade()) {
      const auto first = line.find(' '), last = line.rfind(' ');
      all.push_back(
          {"made", line.substr(0, first), true, false, {line.substr(last + 1), "capstan-owner:owner-1"}});
    }
    return all;
  }
  std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport,
                                                   Scheduler& scheduler) const override {
    auto provider = loader::MakeProvider(LoadOnce(), R"({"apiURL":"http://cloud.test"})",
                                         loader::Seams{scheduler, transport, *random_, log_});
    EXPECT_TRUE(provider.has_value()) << (provider ? "" : provider.error().message);
    return provider ? std::move(*provider) : nullptr;
  }
  std::string crd() const override { return LoadOnce()->manifest().crds.front(); }
  std::string spec() const override { return R"("size":3)"; }
  std::string token(int account) const override { return account == 0 ? "token-a" : "token-b"; }

 private:
  static abi::MadeUpCloudOptions Options(const simulation::CloudSetting& setting) {
    abi::MadeUpCloudOptions options;
    options.tokens["token-b"] = "account-b";
    options.list_lag = setting.list_lag;
    return options;
  }
  const std::unique_ptr<Random> random_ = MakeSeededRandom(3);
  mutable SilentLog log_;
  abi::SimulatedMadeUpCloud cloud_;
};

simulation::Scenario OfThePlugin() {
  simulation::Scenario scenario = *simulation::FindScenario("create-delete");
  scenario.name = "plugin-in-c";
  scenario.options = [] {
    simulation::WorldOptions options;
    options.make_cloud = [](const simulation::CloudSetting& setting, const Clock& clock) {
      return std::unique_ptr<simulation::CloudUnderTest>(std::make_unique<SimulatedPlugin>(setting, clock));
    };
    return options;
  };
  return scenario;
}

TEST(PluginLife, RunsFromNothingToReadyAndBackToNothing) {
  const auto report = simulation::RunSchedule(OfThePlugin(), {});
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
  EXPECT_GT(report.effects.size(), 20u);
}

class PluginCrash : public ::testing::TestWithParam<Mishap> {};
TEST_P(PluginCrash, AtEveryEffectLosesNothingAndMakesNothingTwice) {
  const auto summary = simulation::ExploreSingles(OfThePlugin(), {GetParam()});
  std::fputs(summary.ToString().substr(0, 8000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_GT(summary.schedules, 20u);
}
INSTANTIATE_TEST_SUITE_P(Mishap, PluginCrash,
                         ::testing::Values(Mishap::kCrashBefore, Mishap::kCrashInFlight,
                                           Mishap::kCrashAfterCommit, Mishap::kErrorAfter,
                                           Mishap::kTimeoutAfter),
                         simulation::NameOfMishap);

// Also with watches, queue, lease and quotas: the operator as it ships, including the loader's
// adapter.
TEST(PluginFullLife, RunsFromNothingToReadyAndBackToNothing) {
  const auto report = simulation::RunSchedule(simulation::WithFullLives(OfThePlugin()), {});
  EXPECT_TRUE(report.violations.empty()) << ::testing::PrintToString(report.violations) << report.timeline;
  EXPECT_GT(report.effects.size(), 20u);
}

class PluginFullLifeUnder : public ::testing::TestWithParam<Mishap> {};
TEST_P(PluginFullLifeUnder, HoldsItsPromisesAtASampleOfTheEffects) {
  simulation::ExploreOptions options;
  options.merge = true;
  options.budget = 5;
  options.seed = 20261128;
  const auto summary = simulation::ExploreSingles(
      simulation::SubjectOf(simulation::WithFullLives(OfThePlugin())), {GetParam()}, options);
  std::fputs(summary.ToString().substr(0, 8000).c_str(), stdout);
  EXPECT_TRUE(summary.findings.empty());
}
INSTANTIATE_TEST_SUITE_P(Mishap, PluginFullLifeUnder, ::testing::ValuesIn(simulation::FullMishaps(true)),
                         simulation::NameOfMishap);

}  // namespace
}  // namespace capstan
