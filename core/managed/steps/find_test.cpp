// A provider whose Find shows what nobody asked for: neither our tag nor our name.
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using external::Observed;
using external::Outcome;

class StrayExternal final : public external::External {
 public:
  explicit StrayExternal(std::unique_ptr<external::External> next) : next_(std::move(next)) {}
  Result<std::vector<Observed>> Find(const external::Identity& identity, const std::string& desired,
                                     const Context& context) override {
    auto found = next_->Find(identity, desired, context);
    Observed stray;
    stray.id = "box-9";
    stray.name = "somebody-elses";
    if (found) found->push_back(stray);
    return found;
  }
  Result<external::Account> WhoAmI(const Context& context) override { return next_->WhoAmI(context); }
  Result<std::optional<Observed>> Get(const std::string& id, const Context& context) override {
    return next_->Get(id, context);
  }
  Outcome Create(const external::Identity& identity, const std::string& desired,
                 const Context& context) override {
    return next_->Create(identity, desired, context);
  }
  Outcome Delete(const std::string& id, const external::DeleteOptions& options,
                 const Context& context) override {
    return next_->Delete(id, options, context);
  }

 private:
  const std::unique_ptr<external::External> next_;
};

class StrayProvider final : public external::Provider {
 public:
  explicit StrayProvider(std::unique_ptr<external::Provider> next) : next_(std::move(next)) {}
  const external::Manifest& manifest() const override { return next_->manifest(); }
  Result<std::unique_ptr<external::External>> Connect(const std::string& kind,
                                                      const external::Credentials& credentials,
                                                      const Context& context) override {
    CAPSTAN_TRY(auto connected, next_->Connect(kind, credentials, context));
    return std::unique_ptr<external::External>(std::make_unique<StrayExternal>(std::move(connected)));
  }

 private:
  const std::unique_ptr<external::Provider> next_;
};

class StrayCloud final : public simulation::CloudUnderTest {
 public:
  StrayCloud(const simulation::CloudSetting& setting, const Clock& clock) : boxes_(setting, clock) {}
  http::Handler& handler() override { return boxes_.handler(); }
  std::string authority() const override { return boxes_.authority(); }
  std::vector<simulation::CloudObject> Objects() const override { return boxes_.Objects(); }
  std::vector<simulation::CloudChange> Changes() const override { return boxes_.Changes(); }
  std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport,
                                                   Scheduler& scheduler) const override {
    return std::make_unique<StrayProvider>(boxes_.MakeProvider(transport, scheduler));
  }
  std::string crd() const override { return boxes_.crd(); }
  std::string spec() const override { return boxes_.spec(); }
  std::string token(int account) const override { return boxes_.token(account); }

 private:
  simulation::SimulatedBoxes boxes_;
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

TEST_F(StrayFound, IsAFaultOfTheProviderAndNoNameThatIsTaken) {
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/CloudUnavailable"));
  EXPECT_NE(Message("a", "Synced").find("neither this object's tag nor its name"), std::string::npos);
  EXPECT_EQ(Message("a", "Synced").find("kubectl patch"), std::string::npos) << "no line that takes it over";
  world.RunFor(std::chrono::minutes(20));
  EXPECT_TRUE(world.cloud->Objects().empty());
}

}  // namespace
}  // namespace capstan::managed
