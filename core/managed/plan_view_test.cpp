#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/plan_view.hpp>

namespace capstan::managed {
namespace {

external::Step MakeStep(const std::string& verb, const std::string& target, bool makes, bool destroys,
                        double cost = 0) {
  external::Step step;
  step.verb = verb;
  step.target = target;
  step.why = "because of " + target;
  step.makes = makes;
  step.destroys = destroys;
  step.monthly_cost_change = cost;
  step.arguments = "{\"of\":\"" + target + "\"}";
  return step;
}

external::Plan Replacement() {
  external::Plan plan;
  plan.steps = {MakeStep("replace", "pools/a", true, true, 24.004),
                MakeStep("remove", "pools/a-old", false, true, -12)};
  return plan;
}

TEST(PlanHash, IsTheSameBeforeAndAfterTheNewPartIsMade) {
  external::Plan before = Replacement(), after = before;
  after.steps.erase(after.steps.begin());
  EXPECT_EQ(PlanHash(before), PlanHash(after));
  EXPECT_FALSE(PlanHash(before).empty());
}

TEST(PlanHash, DistinguishesWhatIsDestroyed) {
  external::Plan plan = Replacement();
  const std::string hash = PlanHash(plan);
  plan.steps[1].arguments = "{\"of\":\"another pool of that name\"}";
  EXPECT_NE(PlanHash(plan), hash);
}

TEST(PlanHash, DoesNotChangeWithStepsThatDestroyNothing) {
  external::Plan plan = Replacement();
  const std::string hash = PlanHash(plan);
  plan.steps.insert(plan.steps.begin(), MakeStep("scale", "pools/b", false, false));
  EXPECT_EQ(PlanHash(plan), hash);
}

TEST(PlanHash, OfAReplacementWithoutAPlannedRemovalCoversTheReplacement) {
  external::Plan plan = Replacement(), other = plan;
  plan.steps.pop_back();
  other.steps.pop_back();
  other.steps[0].target = "pools/b";
  EXPECT_TRUE(NeedsConsent(plan));
  EXPECT_FALSE(PlanHash(plan).empty());
  EXPECT_NE(PlanHash(plan), PlanHash(other));
}

TEST(PlanHash, IsEmptyIfNothingNeedsApproval) {
  external::Plan plan;
  plan.steps = {MakeStep("scale", "pools/a", false, false), MakeStep("add", "pools/b", true, false)};
  EXPECT_FALSE(NeedsConsent(plan));
  EXPECT_EQ(PlanHash(plan), "");
  EXPECT_TRUE(DestructionHashes(plan).empty());
}

TEST(PlanJson, ContainsStepsSumDifferencesAndTheCurrentStep) {
  external::Plan plan = Replacement();
  plan.differences = {{"spec.pools[a].size", "\"big\"", "\"small\""}};
  plan.unsupported = {{"spec.region", "it stays where it is"}};
  plan.waiting = "the upgrade";
  const auto tree = json::ParseObject(PlanToJson(plan, "pools/a"));
  ASSERT_TRUE(tree);
  EXPECT_EQ(json::StringIn(*tree, "hash"), PlanHash(plan));
  EXPECT_EQ(json::StringIn(*tree, "current"), "pools/a");
  EXPECT_EQ(json::StringIn(*tree, "waiting"), "the upgrade");
  EXPECT_EQ(json::NumberIn(*tree, "monthlyCostChange"), 12.0) << "to the cent";
  const auto steps = json::ArrayIn(*tree, "steps");
  ASSERT_EQ(steps->size(), 2u);
  const auto first = json::AsObject(steps->get(0)), second = json::AsObject(steps->get(1));
  EXPECT_EQ(json::StringIn(first, "verb"), "replace");
  EXPECT_EQ(json::BooleanIn(first, "makes"), true);
  EXPECT_EQ(json::BooleanIn(second, "destroys"), true);
  EXPECT_FALSE(second->has("makes"));
  EXPECT_FALSE(second->has("arguments")) << "they are the provider's";
  EXPECT_EQ(json::StringIn(json::AsObject(json::ArrayIn(*tree, "differences")->get(0)), "seen"), "\"small\"");
  EXPECT_EQ(json::StringIn(json::AsObject(json::ArrayIn(*tree, "unsupported")->get(0)), "field"),
            "spec.region");
}

TEST(PlanJson, OfNothingIsEmpty) {
  EXPECT_EQ(PlanToJson({}, ""), "{}");
  EXPECT_TRUE(IsNothing({}));
}

TEST(PlanLines, ListTheStepsInOrderAndHowToApproveThem) {
  const external::Plan plan = Replacement();
  const auto lines = PlanToLines(plan);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[1],
            "1. replace pools/a: because of pools/a (replaces, and destroys afterwards; +24.00 a month)");
  EXPECT_EQ(lines[2], "2. remove pools/a-old: because of pools/a-old (destroys; -12.00 a month)");
  EXPECT_NE(lines[3].find("+12.00 a month"), std::string::npos);
  EXPECT_NE(lines[4].find("capstan.dev/approve=" + PlanHash(plan)), std::string::npos);
}

TEST(PlanLines, SayThatThereIsNothingToDo) {
  EXPECT_EQ(PlanToLines({}), std::vector<std::string>{"Nothing differs; there is nothing to do."});
}

}  // namespace
}  // namespace capstan::managed
