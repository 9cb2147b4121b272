// The provider with the simulated DigitalOcean, an independent implementation of the same API
// reference.
#include <gtest/gtest.h>

#include <capstan/providers/digitalocean/testing/simulated_fixture.hpp>

namespace capstan::digitalocean {
namespace {

using external::Phase;
using external::Verdict;

class EndToEnd : public testing::Test, protected SimulatedBench {};

TEST_F(EndToEnd, CreatesAClusterFindsItReturnsItsKubeconfigAndDeletesIt) {
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
  EXPECT_EQ(external_->ReadConnection(id, "{}", Context{}).error().code, Code::kFailedPrecondition);

  CarryOut(id, desired);
  EXPECT_TRUE(done_.empty()) << "a fresh cluster needs no change: " << done_[0];
  auto seen = See(id);
  EXPECT_TRUE(seen.connectable);
  auto connection = external_->ReadConnection(id, "{}", Context{});
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

TEST_F(EndToEnd, LeavesAMinorFromItsNewestPatchAlsoWhereTheNextOneIsListed) {
  auto behaviour = cloud_->behaviour();
  behaviour.upgrades_list_next_minor = true;
  cloud_->SetBehaviour(behaviour);
  auto old = Desired(R"({"version":"1.33.10-do.3"})");
  auto id = Make(old);
  CarryOut(id, old);
  CarryOut(id, Desired(R"({"version":"1.34"})"));
  EXPECT_EQ(done_, (std::vector<std::string>{"upgrade version/1.34", "upgrade version/1.34"}));
  EXPECT_EQ(json::StringIn(json::ParseObject(See(id).status).value(), "version"), "1.34.7-do.0");
}

TEST_F(EndToEnd, StartsNoUpgradeThatIsNotOfferedAndContinuesAfterTheNextEdit) {
  auto id = Make(Desired(R"({"version":"1.33"})"));
  CarryOut(id, Desired(R"({"version":"1.33"})"));
  const auto before = json::StringIn(json::ParseObject(See(id).status).value(), "version");
  auto plan = PlanFor(id, Desired(R"({"version":"1.99"})"));
  EXPECT_TRUE(plan.steps.empty()) << plan.steps.size();
  ASSERT_EQ(plan.unsupported.size(), 1u);
  EXPECT_NE(plan.unsupported[0].why.find("does not offer 1.99; it offers 1."), std::string::npos)
      << plan.unsupported[0].why;
  auto listed = external_->List("", Context{}).value().items.at(0);
  EXPECT_TRUE(external_->MakePlan(Desired(R"({"version":"1.99"})"), listed)->steps.empty())
      << "from a list likewise";
  scheduler_.RunFor(std::chrono::minutes(30));
  EXPECT_EQ(json::StringIn(json::ParseObject(See(id).status).value(), "version"), before);
  CarryOut(id, Desired(R"({"version":"1.34"})"));
  EXPECT_EQ(done_, std::vector<std::string>{"upgrade version/1.34"});
}

TEST_F(EndToEnd, SwitchesARequiredSingleSignOnOff) {
  auto on = Desired(
      R"({"sso":{"enabled":true,"required":true,"issuerURL":"https://i.example.com","clientID":"c"}})");
  auto id = Make(on);
  CarryOut(id, on);
  CarryOut(id, Desired(R"({"sso":{"enabled":false}})"));
  EXPECT_EQ(done_, std::vector<std::string>{"update cluster"});
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

TEST_F(EndToEnd, ScalesAPoolToNothingAndBack) {
  auto behaviour = cloud_->behaviour();
  behaviour.zero_count = simulated_digitalocean::ZeroCount::kAllowed;
  cloud_->SetBehaviour(behaviour);
  auto batch = [](const char* count) {
    return Desired(StrCat(R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":1},
                                           {"name":"batch","size":"s-2vcpu-4gb","count":)",
                          count, "}]}"));
  };
  auto id = Make(batch("2"));
  for (const char* count : {"2", "0", "3"}) CarryOut(id, batch(count));
  EXPECT_EQ(done_, (std::vector<std::string>{"scale nodePools/batch", "scale nodePools/batch"}));
  EXPECT_EQ(json::IntegerIn(json::ParseObject(See(id).status).value(), "readyNodes"), 4);
}

TEST_F(EndToEnd, PassesOnTheCloudsRefusal) {
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
  EXPECT_NE(version.error->message.find(". DigitalOcean does not offer 1.99; it offers 1."),
            std::string::npos)
      << *version.error;
}

TEST_F(EndToEnd, StopsAtARefusedStepAndGoesOnFromThereAfterTheNextEdit) {
  auto id = Make(Desired("{}"));
  CarryOut(id, Desired("{}"));
  // The middle one of three new pools has a size that is not allowed for clusters.
  auto pools = [](const std::string& size) {
    return Desired(StrCat(R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":2},
      {"name":"a","size":"s-2vcpu-4gb","count":1},{"name":"b","size":")",
                          size, R"(","count":1},{"name":"c","size":"s-2vcpu-4gb","count":1}]})"));
  };
  auto refused = pools("huge");
  auto apply_first = [&] {
    auto plan = PlanFor(id, refused);
    auto identity = identity_;
    identity.parent = id;
    identity.target = plan.steps.at(0).target;
    return external_->Apply(id, plan.steps.at(0), identity, Context{});
  };
  ASSERT_EQ(apply_first().verdict, Verdict::kDone);
  scheduler_.RunFor(std::chrono::minutes(5));
  for (int again = 0; again < 2; ++again) {
    auto outcome = apply_first();
    EXPECT_EQ(outcome.verdict, Verdict::kRejected);
    EXPECT_NE(outcome.error->message.find("invalid droplet size"), std::string::npos) << *outcome.error;
    EXPECT_FALSE(outcome.error->request_id.empty());
    EXPECT_NE(outcome.error->message.find(outcome.error->request_id), std::string::npos);
    EXPECT_EQ(PlanFor(id, refused).steps.at(0).target, "nodePools/b") << "it stays the next step";
  }
  auto status = json::ParseObject(See(id).status).value();
  EXPECT_EQ(json::ArrayIn(status, "nodePools")->size(), 2u) << "what comes after it waits";
  CarryOut(id, pools("s-1vcpu-2gb"));
  EXPECT_EQ(done_, (std::vector<std::string>{"create nodePools/b", "create nodePools/c"}));
}

TEST_F(EndToEnd, CreatesNothingForASpecWhoseLaterPartIsRefused) {
  auto bad = Desired(
      R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":2},{"name":"b","size":"huge","count":1}]})");
  auto outcome = external_->Create(identity_, bad, Context{});
  EXPECT_EQ(outcome.verdict, Verdict::kRejected);
  EXPECT_NE(outcome.error->message.find("worker_node_pool_specs[1]"), std::string::npos) << *outcome.error;
  EXPECT_TRUE(cloud_->Ledger().empty());
}

TEST_F(EndToEnd, PassesOnTheMessageAboutTheDropletLimit) {
  auto id = Make(Desired("{}"));
  CarryOut(id, Desired("{}"));
  auto many = Desired(R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":99}]})");
  auto outcome = external_->Apply(id, PlanFor(id, many).steps.at(0), {}, Context{});
  EXPECT_EQ(outcome.verdict, Verdict::kRejected);
  EXPECT_NE(outcome.error->message.find("not enough available droplet limit"), std::string::npos)
      << *outcome.error;
  EXPECT_EQ(json::IntegerIn(json::ParseObject(See(id).status).value(), "nodes"), 2);
}

TEST_F(EndToEnd, DeletesTheAssociatedResourcesThatTheSpecNamesAndLeavesLaterOnes) {
  auto id = Make(Desired("{}"));
  CarryOut(id, Desired("{}"));
  cloud_->AddAssociated(id, "load_balancer", "web").value();
  auto volume = cloud_->AddAssociated(id, "volume", "pvc-1").value();
  cloud_->AddAssociated(id, "volume_snapshot", "backup").value();
  auto listed = external_->ListAssociated(id, Context{});
  ASSERT_TRUE(listed) << listed.error();
  ASSERT_EQ(listed->size(), 3u);
  external::DeleteOptions some;
  for (const auto& item : *listed)
    if (item.kind != "volumeSnapshots") some.associated.push_back(item);
  auto late = cloud_->AddAssociated(id, "load_balancer", "late").value();
  ASSERT_EQ(external_->Delete(id, some, Context{}).verdict, Verdict::kDone);
  scheduler_.RunFor(std::chrono::minutes(10));
  std::vector<std::string> left;
  for (const auto& entry : cloud_->Ledger())
    if (!entry.deleted) left.push_back(entry.name);
  EXPECT_EQ(Join(left, " "), "backup late");
}

TEST_F(EndToEnd, ReturnsAKubeconfigWithTheDesiredExpiry) {
  auto id = Make(Desired("{}"));
  CarryOut(id, Desired("{}"));
  auto connection = external_->ReadConnection(id, Desired(R"({"kubeconfigExpirySeconds":600})"), Context{});
  ASSERT_TRUE(connection) << connection.error();
  auto left = *connection->expires - scheduler_.WallNow();
  EXPECT_LE(left, std::chrono::seconds(600));
  EXPECT_GT(left, std::chrono::seconds(590));
}

TEST_F(EndToEnd, ReturnsAKubeconfigThatNeedsNoBrowserEvenWithSingleSignOn) {
  auto sso = [](const char* required) {
    return Desired(
        StrCat(R"({"sso":{"enabled":true,"issuerURL":"https://i.example.com","clientID":"c","required":)",
               required, "}}"));
  };
  auto id = Make(sso("false"));
  CarryOut(id, sso("false"));
  auto text = [&](const char* required) {
    return std::string(
        external_->ReadConnection(id, sso(required), Context{})->data.at("kubeconfig").Reveal());
  };
  EXPECT_NE(text("false").find("token: simulated_"), std::string::npos);
  EXPECT_NE(text("true").find("command: doctl"), std::string::npos);
}

TEST_F(EndToEnd, ShowsWhatTheNodesCost) {
  auto id = Make(Desired("{}"));
  auto cost = [&] {
    return json::NumberIn(json::ParseObject(See(id).status).value(), "monthlyCost").value_or(0);
  };
  auto two = cost();
  EXPECT_GT(two, 0);
  auto more = Desired(R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":3}]})");
  CarryOut(id, Desired("{}"));
  EXPECT_DOUBLE_EQ(PlanFor(id, more).steps.at(0).monthly_cost_change, two / 2);
  CarryOut(id, more);
  EXPECT_DOUBLE_EQ(cost(), two * 1.5);
  EXPECT_EQ(cloud_->RequestCounts().at("GET /v2/sizes"), 1u);
}

TEST_F(EndToEnd, PassesOnEachNoticeOfDigitalOceanOnce) {
  auto id = Make(Desired("{}"));
  CarryOut(id, Desired("{}"));
  ASSERT_TRUE(cloud_->AddStatusMessage(id, "Maintenance is due."));
  auto all = external_->Notices(id, "", Context{});
  ASSERT_TRUE(all) << all.error();
  ASSERT_FALSE(all->empty());
  EXPECT_EQ(all->back().text, "Maintenance is due.");
  EXPECT_TRUE(external_->Notices(id, all->back().at, Context{})->empty());
}

TEST_F(EndToEnd, ComesBackToTheFirstSizeWhileTheOldPoolIsStillGoing) {
  auto sized = [](const char* size) {
    return Desired(StrCat(R"({"nodePools":[{"name":"main","size":")", size, R"(","count":1}]})"));
  };
  auto id = Make(sized("s-2vcpu-4gb"));
  CarryOut(id, sized("s-2vcpu-4gb"));
  for (const char* size : {"s-4vcpu-8gb", "s-2vcpu-4gb", "s-4vcpu-8gb"}) CarryOut(id, sized(size));
  EXPECT_EQ(done_.size(), 6u) << "each time one is made and one removed";
  EXPECT_EQ(json::ArrayIn(json::ParseObject(See(id).status).value(), "nodePools")->size(), 1u);
}

}  // namespace
}  // namespace capstan::digitalocean
