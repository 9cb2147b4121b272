// The provider against the simulated DigitalOcean: another reading of the same reference.
#include <gtest/gtest.h>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <capstan/local/digitalocean/openapi_contract.hpp>
#include <capstan/providers/digitalocean/provider.hpp>

namespace capstan::digitalocean {
namespace {

using external::Phase;
using external::Verdict;

class EndToEnd : public testing::Test {
 protected:
  EndToEnd() {
    simulated_digitalocean::AccountOptions account;
    account.team_uuid = "team-1";
    account.tokens = {{Secret("dop_v1_test"), {}}};
    account.registries = {"images"};
    simulated_digitalocean::CloudOptions options;
    options.accounts = {account};
    cloud_ = std::make_unique<simulated_digitalocean::SimulatedCloud>(options, scheduler_, *random_);
    handler_ = cloud_.get();
    CheckAgainstTheContract();
    transport_.Route("api.digitalocean.com", handler_);
    provider_ = MakeProvider("", transport_, scheduler_, *random_, log_).value();
    external_ = provider_->Connect(kKind, {{{"token", Secret("dop_v1_test")}}}, Context{}).value();
  }

  // Where CAPSTAN_DIGITALOCEAN_OPENAPI names DigitalOcean's own document, every exchange has to agree with
  // it.
  void CheckAgainstTheContract() {
    auto path = MakeSystemProcess()->Environment("CAPSTAN_DIGITALOCEAN_OPENAPI");
    if (!path) return;
    auto text = MakeSystemFiles()->Read(*path);
    ASSERT_TRUE(text) << text.error();
    contract_ = simulated_digitalocean::OpenApiContract::Parse(*text).value();
    checked_ = std::make_unique<simulated_digitalocean::ContractHandler>(
        *contract_, *cloud_, [](const std::string& violation) { ADD_FAILURE() << violation; });
    handler_ = checked_.get();
  }

  static std::string Desired(const std::string& more) {
    auto spec = json::MergePatch(
        R"({"region":"fra1","version":"latest","nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":2}]})",
        more);
    return StrCat(R"({"name":"prod","namespace":"d","uid":"uid-1","spec":)", spec.value(), "}");
  }
  external::Observed See(const std::string& id) { return external_->Get(id, Context{}).value().value(); }
  // As the core does: the first step, then another look, until nothing is left to do.
  void CarryOut(const std::string& id, const std::string& desired) {
    for (int round = 0; round < 200; ++round) {
      auto observed = See(id);
      auto plan = external_->MakePlan(desired, observed);
      ASSERT_TRUE(plan) << plan.error();
      ASSERT_TRUE(plan->unsupported.empty()) << plan->unsupported[0].field << " " << plan->unsupported[0].why;
      if (plan->steps.empty() && observed.phase == Phase::kReady) return;
      if (!plan->steps.empty() && (!plan->steps[0].waits || observed.phase == Phase::kReady)) {
        auto identity = identity_;
        identity.parent = id;
        identity.target = plan->steps[0].target;
        auto outcome = external_->Apply(id, plan->steps[0], identity, Context{});
        ASSERT_EQ(outcome.verdict, Verdict::kDone)
            << plan->steps[0].verb << " " << plan->steps[0].target << ": " << *outcome.error;
        done_.push_back(StrCat(plan->steps[0].verb, " ", plan->steps[0].target));
      }
      scheduler_.RunFor(std::chrono::seconds(20));
    }
    FAIL() << "it does not come to rest";
  }
  std::string Make(const std::string& desired) {
    auto made = external_->Create(identity_, desired, Context{});
    EXPECT_EQ(made.verdict, Verdict::kDone) << made.error.value_or(Error{});
    return made.id;
  }

  SimulatedScheduler scheduler_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(7);
  SilentLog log_;
  http::LoopbackTransport transport_{scheduler_};
  std::unique_ptr<simulated_digitalocean::SimulatedCloud> cloud_;
  std::unique_ptr<simulated_digitalocean::OpenApiContract> contract_;
  std::unique_ptr<simulated_digitalocean::ContractHandler> checked_;
  http::Handler* handler_ = nullptr;
  std::unique_ptr<external::Provider> provider_;
  std::unique_ptr<external::External> external_;
  external::Identity identity_{"capstan:uid-1", "capstan-owner:home", "", ""};
  std::vector<std::string> done_;
};

TEST_F(EndToEnd, MakesAClusterFindsItHandsOutItsKubeconfigAndDeletesIt) {
  EXPECT_EQ(external_->WhoAmI(Context{})->id, "team-1");
  auto desired = Desired("{}");
  EXPECT_TRUE(external_->Find(identity_, desired, Context{})->empty());
  auto id = Make(desired);
  auto found = external_->Find(identity_, desired, Context{}).value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, id);
  EXPECT_EQ(found[0].identity, identity_.tag);
  EXPECT_EQ(found[0].owner, identity_.owner);
  EXPECT_EQ(found[0].phase, Phase::kCreating);
  EXPECT_EQ(external_->Connect(id, "{}", Context{}).error().code, Code::kFailedPrecondition);

  CarryOut(id, desired);
  EXPECT_TRUE(done_.empty()) << "a fresh cluster needs no change: " << done_[0];
  auto seen = See(id);
  EXPECT_TRUE(seen.connectable);
  auto connection = external_->Connect(id, "{}", Context{});
  ASSERT_TRUE(connection) << connection.error();
  EXPECT_TRUE(connection->expires);

  EXPECT_EQ(external_->Delete(id, {}, Context{}).verdict, Verdict::kDone);
  scheduler_.RunFor(std::chrono::minutes(10));
  EXPECT_FALSE(external_->Get(id, Context{})->has_value());
  EXPECT_TRUE(external_->Find(identity_, desired, Context{})->empty());
  EXPECT_EQ(external_->Delete(id, {}, Context{}).verdict, Verdict::kNotFound);
}

TEST_F(EndToEnd, AgreesWithTheApiAboutEveryFieldItSends) {
  auto desired = Desired(R"({"tags":["team:x"],"ha":true,"autoUpgrade":true,"surgeUpgrade":true,
    "maintenancePolicy":{"day":"sunday","startTime":"03:00"},"routingAgent":{"enabled":true},
    "clusterAutoscalerConfiguration":{"scaleDownUtilizationThreshold":0.5,"scaleDownUnneededTime":"5m","expanders":["random"]},
    "nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":2,"labels":{"a":"b"},"tags":["pool:y"],
                  "taints":[{"key":"k","value":"v","effect":"NoSchedule"}]},
                 {"name":"auto","size":"s-2vcpu-4gb","count":1,"autoScale":true,"minNodes":1,"maxNodes":3}]})");
  auto id = Make(desired);
  CarryOut(id, desired);
  EXPECT_TRUE(done_.empty()) << done_[0];
}

TEST_F(EndToEnd, ChangesARunningClusterStepByStep) {
  auto id = Make(Desired("{}"));
  CarryOut(id, Desired("{}"));
  auto desired = Desired(
      R"({"name":"renamed","tags":["t"],"ha":true,"surgeUpgrade":true,"maintenancePolicy":{"day":"monday","startTime":"01:00"},
    "registries":["images"],
    "nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":3,"labels":{"a":"b"},"taints":[{"key":"k","effect":"NoSchedule"}]},
                 {"name":"more","size":"s-1vcpu-2gb","count":1}]})");
  CarryOut(id, desired);
  auto seen = See(id);
  EXPECT_EQ(seen.name, "renamed");
  EXPECT_EQ(seen.identity, identity_.tag) << "our tags survive every change";
  EXPECT_EQ(seen.owner, identity_.owner);
  auto steps = done_.size();
  CarryOut(id, Desired(R"({"name":"renamed"})"));
  EXPECT_GT(done_.size(), steps);
  auto status = json::ParseObject(See(id).status).value();
  EXPECT_EQ(json::ArrayIn(status, "nodePools")->size(), 1u);
  EXPECT_EQ(json::IntegerIn(status, "readyNodes"), 2);
}

TEST_F(EndToEnd, ReplacesPoolsAndUpgradesWithoutANewCluster) {
  auto id = Make(Desired(R"({"version":"1.33"})"));
  CarryOut(id, Desired(R"({"version":"1.33"})"));
  CarryOut(id, Desired(R"({"version":"1.33","nodePools":[{"name":"main","size":"s-4vcpu-8gb","count":1}]})"));
  ASSERT_EQ(done_.size(), 2u);
  EXPECT_EQ(done_[0].substr(0, 23), "replace nodePools/main-");
  EXPECT_EQ(done_[1], "remove nodePools/main");
  auto up = Desired(R"({"version":"1.35","nodePools":[{"name":"main","size":"s-4vcpu-8gb","count":1}]})");
  CarryOut(id, up);
  auto status = json::ParseObject(See(id).status).value();
  EXPECT_EQ(json::StringIn(status, "version").value_or("").substr(0, 5), "1.35.");
  ASSERT_GE(done_.size(), 4u);
  EXPECT_EQ(done_[2], "upgrade version/1.34");
}

TEST_F(EndToEnd, LeavesTheAutoscalersCountAlone) {
  auto desired = Desired(
      R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":1,"autoScale":true,"minNodes":1,"maxNodes":5}]})");
  auto id = Make(desired);
  CarryOut(id, desired);
  ASSERT_TRUE(cloud_->ScalePool(id, "main", 4));
  CarryOut(id, desired);
  EXPECT_TRUE(done_.empty()) << done_[0];
  EXPECT_EQ(json::IntegerIn(json::ParseObject(See(id).status).value(), "readyNodes"), 4);
}

TEST_F(EndToEnd, CarriesTheCloudsOwnRefusal) {
  auto outcome = external_->Create(identity_, Desired(R"({"region":"moon1"})"), Context{});
  EXPECT_EQ(outcome.verdict, Verdict::kRejected);
  EXPECT_EQ(outcome.error->http_status, 422);
  EXPECT_FALSE(outcome.error->request_id.empty());
  auto size = external_->Create(
      identity_, Desired(R"({"nodePools":[{"name":"main","size":"huge","count":1}]})"), Context{});
  EXPECT_EQ(size.verdict, Verdict::kRejected);
  EXPECT_NE(size.error->message.find("invalid droplet size"), std::string::npos) << *size.error;
  auto version = external_->Create(identity_, Desired(R"({"version":"1.99"})"), Context{});
  EXPECT_EQ(version.verdict, Verdict::kRejected);
  EXPECT_NE(version.error->message.find("version slug"), std::string::npos) << *version.error;
}

}  // namespace
}  // namespace capstan::digitalocean
