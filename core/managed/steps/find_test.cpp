// A provider whose Find returns something unrelated: neither our tag nor our name.
#include <capstan/core/external/forwarding.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using external::Observed;
using external::Outcome;

class StrayExternal final : public external::ForwardingExternal {
 public:
  using ForwardingExternal::ForwardingExternal;
  Result<std::vector<Observed>> Find(const external::Identity& identity, const std::string& desired,
                                     const Context& context) override {
    auto found = next().Find(identity, desired, context);
    Observed stray;
    stray.id = "box-9";
    stray.name = "not-ours";
    if (found) found->push_back(stray);
    return found;
  }
};

class StrayProvider final : public external::ForwardingProvider {
 public:
  using ForwardingProvider::ForwardingProvider;
  Result<std::unique_ptr<external::External>> Connect(const std::string& kind,
                                                      const external::Credentials& credentials,
                                                      const Context& context) override {
    CAPSTAN_TRY(auto connected, next().Connect(kind, credentials, context));
    return std::make_unique<StrayExternal>(std::move(connected));
  }
};

class StrayCloud final : public simulation::SimulatedBoxes {
 public:
  using SimulatedBoxes::SimulatedBoxes;
  std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport,
                                                   Scheduler& scheduler) const override {
    return std::make_unique<StrayProvider>(SimulatedBoxes::MakeProvider(transport, scheduler));
  }
};

simulation::WorldOptions Strays() {
  simulation::WorldOptions options;
  options.make_cloud = [](const simulation::CloudSetting& setting, const Clock& clock) {
    return std::make_unique<StrayCloud>(setting, clock);
  };
  return options;
}
class StrayFound : public ManagedTest {
 protected:
  StrayFound() : ManagedTest(Strays()) {}
};

TEST_F(StrayFound, IsAFaultOfTheProviderAndNotATakenName) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CloudUnavailable"));
  EXPECT_NE(Message("a", "Synced").find("neither this object's tag nor its name"), std::string::npos);
  EXPECT_EQ(Message("a", "Synced").find("kubectl patch"), std::string::npos) << "no command that adopts it";
  world.RunFor(std::chrono::minutes(20));
  EXPECT_TRUE(world.cloud->Objects().empty());
}

}  // namespace
}  // namespace capstan::managed
