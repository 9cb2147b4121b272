// Adoption of an existing cluster: only our tags are written, then the plan lists the differences,
// and its steps change that same cluster.
#include <capstan/providers/digitalocean/testing/simulated_fixture.hpp>

namespace capstan::digitalocean {
namespace {

class Adoption : public testing::Test, protected SimulatedBench {
 protected:
  static std::string Adopting(const std::string& id, const std::string& more = "{}") {
    auto spec = json::MergePatch(StrCat(R"({"adopt":{"clusterID":")", id, "\"}}"), more).value();
    return StrCat(R"({"name":"prod","namespace":"d","uid":"uid-1","spec":)", spec, "}");
  }
  static std::string Without(const std::string& state, const std::vector<std::string>& fields) {
    auto object = json::ParseObject(state).value();
    for (const auto& field : fields) object->remove(field);
    return json::ToText(object);
  }
  static std::string Targets(const external::Plan& plan) {
    std::vector<std::string> all;
    for (const auto& step : plan.steps) all.push_back(StrCat(step.verb, " ", step.target));
    return Join(all, "; ");
  }
};

TEST_F(Adoption, PutsOurTagsOnAndChangesNothingElse) {
  auto id = MakeByHand();
  auto before = See(id);
  EXPECT_EQ(before.identity, "");
  ASSERT_EQ(external_->Adopt(id, identity_, Context{}).verdict, external::Verdict::kDone);
  auto after = See(id);
  EXPECT_EQ(after.identity, identity_.tag);
  EXPECT_EQ(after.owner, identity_.owner);
  EXPECT_TRUE(
      SameJson(Without(before.state, {"tags", "updated_at"}), Without(after.state, {"tags", "updated_at"})));
  EXPECT_NE(after.state.find("\"team:x\""), std::string::npos) << "the tags of others stay";
  EXPECT_EQ(Targets(PlanFor(id, Adopting(id))), "") << "nothing is compared that the spec does not name";
}

TEST_F(Adoption, ReplacesTheIdentityOfAFormerObject) {
  auto id = Make(Desired("{}"));
  scheduler_.RunFor(std::chrono::minutes(10));
  external::Identity later{"capstan:uid-2", identity_.owner, "", ""};
  ASSERT_EQ(external_->Adopt(id, later, Context{}).verdict, external::Verdict::kDone);
  EXPECT_EQ(See(id).identity, "capstan:uid-2");
  auto desired = Adopting(id, R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":2}]})");
  EXPECT_EQ(Targets(PlanFor(id, desired)), "adopt nodePools/main") << "and its pools with it";
  identity_ = later;
  CarryOut(id, desired);
  EXPECT_EQ(done_, std::vector<std::string>{"adopt nodePools/main"});
}

TEST_F(Adoption, SaysEverythingThatDiffersBeforeAnythingIsDone) {
  auto id = MakeByHand(R"({"node_pools":[{"name":"main","size":"s-2vcpu-4gb","count":2},
                                         {"name":"by-hand","size":"s-2vcpu-4gb","count":1}]})");
  auto desired = Adopting(id, R"({"region":"nyc1","version":"1.35","autoUpgrade":true,"tags":["team:x"],
                                  "nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":3}]})");
  auto plan = PlanFor(id, desired);
  EXPECT_EQ(Targets(plan),
            "adopt nodePools/main; update cluster; scale nodePools/main; upgrade version/1.35");
  ASSERT_EQ(plan.unsupported.size(), 1u);
  EXPECT_EQ(plan.unsupported[0].field, "spec.region");
  std::vector<std::string> fields;
  for (const auto& item : plan.differences) fields.push_back(item.field);
  EXPECT_EQ(Join(fields, " "), "spec.region spec.autoUpgrade spec.nodePools[main].count spec.version");
}

TEST_F(Adoption, IsFollowedByAnUpgradeAndAReplacedPoolOnTheSameCluster) {
  auto id = MakeByHand(R"({"version":"1.33","node_pools":[{"name":"main","size":"s-2vcpu-4gb","count":2},
                                                         {"name":"by-hand","size":"s-2vcpu-4gb","count":1}]})");
  ASSERT_EQ(external_->Adopt(id, identity_, Context{}).verdict, external::Verdict::kDone);
  CarryOut(
      id, Adopting(id, R"({"version":"1.34","nodePools":[{"name":"main","size":"s-4vcpu-8gb","count":1}]})"));
  ASSERT_EQ(done_.size(), 4u);
  EXPECT_EQ(done_[0], "adopt nodePools/main");
  EXPECT_EQ(done_[1].substr(0, 23), "replace nodePools/main-");
  EXPECT_EQ(done_[2], "remove nodePools/main");
  EXPECT_EQ(done_[3], "upgrade version/1.34");
  auto status = json::ParseObject(See(id).status).value();
  EXPECT_EQ(json::StringIn(status, "version").value_or("").substr(0, 5), "1.34.");
  ASSERT_EQ(json::ArrayIn(status, "nodePools")->size(), 2u) << "the pool that nobody named is still there";
  EXPECT_EQ(json::BooleanIn(json::AsObject(json::ArrayIn(status, "nodePools")->get(0)), "managed"), false);
  EXPECT_EQ(See(id).name, "theirs");
}

TEST_F(Adoption, AdoptsNoPoolWhileTheClusterIsNotOurs) {
  auto id = MakeByHand();
  auto desired = Adopting(id, R"({"nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":2}]})");
  auto plan = PlanFor(id, desired);
  ASSERT_EQ(Targets(plan), "adopt nodePools/main");
  auto outcome = external_->Apply(id, plan.steps[0], {}, Context{});
  EXPECT_EQ(outcome.verdict, external::Verdict::kRejected);
  EXPECT_EQ(outcome.error->code, Code::kFailedPrecondition);
}

TEST_F(Adoption, FindsTheClusterByItsName) {
  auto id = MakeByHand();
  auto found = external_->Find(
      identity_, R"({"name":"prod","namespace":"d","uid":"uid-1","spec":{"adopt":{"name":"theirs"}}})",
      Context{});
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].id, id);
}

}  // namespace
}  // namespace capstan::digitalocean
