// Node pools: which are adopted, replaced and waited for, which steps need consent, and their
// costs.
#include <gtest/gtest.h>

#include <capstan/providers/digitalocean/testing/planned_clusters.hpp>

namespace capstan::digitalocean {
namespace {

constexpr char kPrices[] = R"({"capstan_prices":{"s-2":24,"s-4":48.5}})";

// Like the core: an approval refers to this hash.
std::string Hash(const external::Plan& plan) {
  std::string text;
  for (const auto& step : plan.steps)
    if (step.destroys && !step.makes) text += StrCat(step.verb, step.target, step.arguments, "\n");
  return text;
}
std::string Costs(const external::Plan& plan) {
  std::vector<std::string> all;
  for (const auto& step : plan.steps) all.push_back(StrCat(step.verb, " ", step.monthly_cost_change));
  return Join(all, "; ");
}
Desired Adopting(const std::string& more = "{}") {
  auto spec = json::MergePatch(R"({"adopt":{"clusterID":"c"}})", more).value();
  return ParseDesired(StrCat(R"({"name":"a","namespace":"d","uid":"u","spec":)", spec, "}")).value();
}
const char kByHand[] = R"({"tags":["k8s","k8s:c","k8s:worker","theirs"]})";

TEST(PlanPools, AdoptsPoolsOfAnAdoptedClusterThatTheSpecNames) {
  auto desired = Adopting(R"({"nodePools":[{"name":"p","size":"s-2","count":2}]})");
  auto plan = PlanOf(desired, ClusterOf({Pool("p", kByHand), Pool("q", kByHand)}));
  ASSERT_EQ(Steps(plan), "adopt nodePools/p");
  EXPECT_EQ(
      Body(plan.steps[0]),
      R"({"name":"p","tags":["k8s","k8s:c","k8s:worker","theirs","capstan:u","capstan-owner:o","capstan-pool:p"]})");
  EXPECT_EQ(Differences(plan), "");
}

TEST(PlanPools, AdoptsPoolsThatAFormerObjectLeft) {
  auto former = R"({"tags":["capstan:former","capstan-owner:o","capstan-pool:p"],"name":"p-1a2b3c"})";
  auto plan = PlanOf(Adopting(R"({"nodePools":[{"name":"p","size":"s-2","count":2}]})"),
                     ClusterOf({Pool("x", former)}));
  ASSERT_EQ(Steps(plan), "adopt nodePools/p-1a2b3c");
  EXPECT_EQ(Body(plan.steps[0]),
            R"({"name":"p-1a2b3c","tags":["capstan-pool:p","capstan:u","capstan-owner:o"]})");
}

TEST(PlanPools, PlansTheStepsAfterTheAdoptionTooAndForTheSameApproval) {
  auto desired =
      Adopting(R"({"nodePools":[{"name":"p","size":"s-2","count":1,"labels":{"a":"b"},"tags":["x"]},
                                           {"name":"q","size":"s-4","count":2}]})");
  auto before = PlanOf(desired, ClusterOf({Pool("p", kByHand), Pool("q", kByHand)}));
  auto after = PlanOf(desired, ClusterOf({Pool("p"), Pool("q")}));
  EXPECT_EQ(Steps(before), "adopt nodePools/p; adopt nodePools/q; " + Steps(after));
  EXPECT_EQ(Hash(before), Hash(after));
  EXPECT_NE(Hash(after), "");
}

TEST(PlanPools, ComparesNothingThatTheSpecOfAnAdoptedClusterDoesNotName) {
  auto plan = PlanOf(Adopting(), ClusterOf({Pool("p", kByHand), Pool("ours")}));
  EXPECT_EQ(Steps(plan), "");
  EXPECT_EQ(Differences(plan), "");
  EXPECT_TRUE(plan.unsupported.empty());
}

// A pool configured by another client: labels, a taint, a tag, and autoscaling.
const char kFurnished[] = R"({"tags":["k8s","k8s:c","theirs"],"labels":{"role":"db"},
    "taints":[{"key":"db","value":"1","effect":"NoSchedule"}],"auto_scale":true,"min_nodes":1,"max_nodes":6,"count":3})";

TEST(PlanPools, AdoptsAPoolThatTheSpecOnlyNamesAndChangesNothingElse) {
  for (const char* pool : {R"({"name":"p","size":"s-2","count":3})", R"({"name":"p","size":"s-2","count":1})",
                           R"({"name":"p","size":"s-2"})"}) {
    auto desired = Adopting(StrCat(R"({"nodePools":[)", pool, "]}"));
    auto plan = PlanOf(desired, ClusterOf({Pool("p", kFurnished)}));
    EXPECT_EQ(Steps(plan), "adopt nodePools/p") << pool;
    EXPECT_EQ(Differences(plan), "") << pool;
    auto later =
        json::MergePatch(kFurnished, R"({"tags":["k8s","theirs","capstan:u","capstan-pool:p"]})").value();
    EXPECT_EQ(Steps(PlanOf(desired, ClusterOf({Pool("p", later)}))), "") << pool;
  }
}

TEST(PlanPools, KeepsTheCountOfAPoolWhoseCountTheSpecDoesNotGive) {
  auto desired = Adopting(R"({"nodePools":[{"name":"p","size":"s-2"},{"name":"new","size":"s-2"}]})");
  auto plan = PlanOf(desired, ClusterOf({Pool("p", R"({"count":5})")}));
  ASSERT_EQ(Steps(plan), "create nodePools/new makes");
  EXPECT_EQ(json::IntegerIn(json::ParseObject(Body(plan.steps[0])).value(), "count"), 1);
  auto empty = Pool("p", R"({"count":0,"nodes":[{"id":"n","name":"x","status":{"state":"draining"}}]})");
  EXPECT_EQ(PlanOf(Adopting(R"({"nodePools":[{"name":"p","size":"s-2"}]})"), ClusterOf({empty})).waiting, "");
}

TEST(PlanPools, MakesAReplacementLikeTheOldPoolWhereTheSpecDoesNotSay) {
  auto ours =
      json::MergePatch(kFurnished, R"({"tags":["k8s","theirs","capstan:u","capstan-pool:p"]})").value();
  auto plan =
      PlanOf(Spec(R"({"nodePools":[{"name":"p","size":"s-4","count":1}]})"), ClusterOf({Pool("p", ours)}));
  ASSERT_EQ(plan.steps.size(), 2u);
  auto body = json::ParseObject(Body(plan.steps[0])).value();
  body->remove("name");
  EXPECT_TRUE(
      SameJson(json::ToText(body), R"({"size":"s-4","count":3,"auto_scale":true,"min_nodes":1,"max_nodes":6,
      "labels":{"role":"db"},"taints":[{"key":"db","value":"1","effect":"NoSchedule"}],"tags":["theirs","capstan-pool:p"]})"))
      << json::ToText(body);
  auto named = Spec(
      R"({"nodePools":[{"name":"p","size":"s-4","count":2,"autoScale":false,"labels":{},"taints":[],"tags":[]}]})");
  body = json::ParseObject(Body(PlanOf(named, ClusterOf({Pool("p", ours)})).steps.at(0))).value();
  body->remove("name");
  EXPECT_TRUE(SameJson(json::ToText(body), R"({"size":"s-4","count":2,"tags":["capstan-pool:p"]})"))
      << json::ToText(body);
}

TEST(PlanPools, RenamesInPlaceAPoolThatDiffersInNothingButItsName) {
  auto plan = PlanOf(Spec(R"({"nodePools":[{"name":"renamed","size":"s-2","count":2}]})"),
                     ClusterOf({Pool("fixed")}));
  ASSERT_EQ(Steps(plan), "rename nodePools/renamed");
  EXPECT_EQ(
      Body(plan.steps[0]),
      R"({"name":"renamed","tags":["k8s","k8s:c","k8s:worker","capstan:u","capstan-owner:o","capstan-pool:renamed"]})");
  EXPECT_EQ(Differences(plan), R"(spec.nodePools[renamed].name: "renamed" / "fixed")");
  EXPECT_EQ(Steps(PlanOf(Spec(R"({"nodePools":[{"name":"renamed","size":"s-2","count":2}]})"),
                         ClusterOf({Pool("renamed")}))),
            "");
  struct Case {
    const char* reason;
    const char* pools;
    const char* steps;
  };
  const Case cases[] = {
      {"it also grows", R"([{"name":"q","size":"s-2","count":3}])",
       "create nodePools/q makes; remove nodePools/fixed destroys waits"},
      {"it also gets labels", R"([{"name":"q","size":"s-2","count":2,"labels":{"a":"b"}}])",
       "create nodePools/q makes; remove nodePools/fixed destroys waits"},
      {"other machines", R"([{"name":"q","size":"s-4","count":2}])",
       "create nodePools/q makes; remove nodePools/fixed destroys waits"},
      {"the former is still named",
       R"([{"name":"fixed","size":"s-2","count":2},{"name":"q","size":"s-2","count":2}])",
       "create nodePools/q makes"},
      {"two come for one", R"([{"name":"q","size":"s-2","count":2},{"name":"r","size":"s-2","count":2}])",
       "rename nodePools/q; create nodePools/r makes"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(Steps(PlanOf(Spec(StrCat(R"({"nodePools":)", c.pools, "}")), ClusterOf({Pool("fixed")}))),
              c.steps)
        << c.reason;
}

// The spec of planned_clusters.hpp with annotations.
Desired Asking(const std::string& annotations, const std::string& pool) {
  return ParseDesired(StrCat(R"({"name":"a","namespace":"d","uid":"u","annotations":)", annotations,
                             R"(,"spec":{"region":"fra1","version":"1.34","nodePools":[)", pool, "]}}"))
      .value();
}
const char kNamedNodes[] = R"({"count":3,"nodes":[{"id":"n1","name":"p-1","status":{"state":"running"}},
    {"id":"n2","name":"p-2","status":{"state":"running"}},{"id":"n3","name":"p-3","status":{"state":"running"}}]})";

TEST(PlanPools, ReplacesTheNodesThatAnAnnotationNamesOnceAndWithConsent) {
  const auto three = R"({"name":"p","size":"s-2","count":3})";
  auto plan = PlanOf(Asking(R"({"capstan.dev/replace-nodes":"p-1, n3"})", three),
                     ClusterOf({Pool("p", kNamedNodes)}));
  ASSERT_EQ(Steps(plan), "replace nodes/p-1 destroys; replace nodes/p-3 destroys");
  EXPECT_EQ(plan.steps[0].arguments, R"({"method":"DELETE","path":"/node_pools/id-p/nodes/n1?replace=1"})");
  auto hasty = PlanOf(Asking(R"({"capstan.dev/replace-nodes":"n1","capstan.dev/skip-drain":"true"})", three),
                      ClusterOf({Pool("p", kNamedNodes)}));
  EXPECT_EQ(hasty.steps.at(0).arguments,
            R"({"method":"DELETE","path":"/node_pools/id-p/nodes/n1?replace=1&skip_drain=1"})");
  // The node was requested and is gone: the annotation may remain.
  auto draining =
      json::MergePatch(kNamedNodes, R"({"nodes":[{"id":"n1","name":"p-1","status":{"state":"draining"}},
      {"id":"n2","name":"p-2","status":{"state":"running"}},{"id":"n4","name":"","status":{"state":"provisioning"}}]})")
          .value();
  EXPECT_EQ(
      Steps(PlanOf(Asking(R"({"capstan.dev/replace-nodes":"n1"})", three), ClusterOf({Pool("p", draining)}))),
      "");
  EXPECT_EQ(Steps(PlanOf(Asking(R"({"capstan.dev/replace-nodes":"gone"})", three),
                         ClusterOf({Pool("p", kNamedNodes)}))),
            "");
}

TEST(PlanPools, DeletesTheNodesThatAnAnnotationNamesWhereThePoolIsToHaveFewer) {
  const auto asked = [](const char* pool, const char* cloud = kNamedNodes) {
    return PlanOf(Asking(R"({"capstan.dev/delete-nodes":"p-2"})", pool), ClusterOf({Pool("p", cloud)}));
  };
  auto fewer = asked(R"({"name":"p","size":"s-2","count":2})");
  ASSERT_EQ(Steps(fewer), "remove nodes/p-2 destroys") << "that one, and no other";
  EXPECT_EQ(fewer.steps[0].arguments, R"({"method":"DELETE","path":"/node_pools/id-p/nodes/n2"})");
  EXPECT_EQ(Steps(asked(R"({"name":"p","size":"s-2","count":1})"))
                .find("remove nodes/p-2 destroys; scale nodePools/p"),
            0u);
  auto as_many = asked(R"({"name":"p","size":"s-2","count":3})");
  EXPECT_EQ(Steps(as_many), "");
  ASSERT_EQ(as_many.unsupported.size(), 1u);
  EXPECT_EQ(as_many.unsupported[0].field, "spec.nodePools[p].count");
  EXPECT_NE(as_many.unsupported[0].why.find("capstan.dev/replace-nodes"), std::string::npos);
  const auto automatic =
      json::MergePatch(kNamedNodes, R"({"auto_scale":true,"min_nodes":1,"max_nodes":5})").value();
  EXPECT_EQ(Steps(asked(R"({"name":"p","size":"s-2","autoScale":true,"minNodes":1,"maxNodes":5})",
                        automatic.c_str())),
            "remove nodes/p-2 destroys");
  EXPECT_EQ(
      Steps(PlanOf(Asking(R"({"capstan.dev/delete-nodes":"x-1"})", R"({"name":"p","size":"s-2","count":2})"),
                   ClusterOf({Pool("p"), Pool("hand", R"({"tags":["k8s"],"nodes":[{"id":"x-1"}]})")}))),
      "")
      << "a pool made by hand is nobody's here";
}

// An autoscaled pool in the spec with bounds 2 and 9 and a count.
std::string Scaling(const std::string& more = R"(,"count":3)") {
  return StrCat(R"({"name":"p","size":"s-2","autoScale":true,"minNodes":2,"maxNodes":9)", more, "}");
}
Desired AskingToReset(const std::string& pools, const std::string& pool) {
  return Asking(StrCat(R"({"capstan.dev/reset-count":")", pools, "\"}"), pool);
}
std::string Drifted(int count) {
  return Pool("p", StrCat(R"({"auto_scale":true,"min_nodes":2,"max_nodes":9,"count":)", count, "}"));
}

TEST(PlanPools, ResetsTheCountOfAPoolThatScalesByItselfOnceWhereAnAnnotationAsks) {
  const auto more = PlanOf(AskingToReset("p", Scaling()), ClusterOf({Drifted(2)}));
  ASSERT_EQ(Steps(more), "scale nodePools/p") << "more nodes need no consent";
  EXPECT_EQ(Body(more.steps[0]), R"({"auto_scale":true,"min_nodes":2,"max_nodes":9,"count":3,"name":"p"})");
  EXPECT_EQ(more.steps[0].consumes, "capstan.dev/reset-count=p");
  EXPECT_EQ(Differences(more), "spec.nodePools[p].count: 3 / 2");
  EXPECT_TRUE(more.spent.empty());
  const auto fewer = PlanOf(AskingToReset("other,p", Scaling()), ClusterOf({Drifted(7)}));
  ASSERT_EQ(Steps(fewer), "scale nodePools/p destroys");
  EXPECT_EQ(fewer.steps[0].consumes, "capstan.dev/reset-count=p");
  EXPECT_EQ(Hash(fewer), Hash(PlanOf(AskingToReset("p", Scaling()), ClusterOf({Drifted(8)}))))
      << "consent is to what it is set to: the autoscaler moves faster than anybody agrees";
  const auto same = PlanOf(AskingToReset("p", Scaling()), ClusterOf({Drifted(3)}));
  EXPECT_EQ(Steps(same), "");
  EXPECT_EQ(same.spent, std::vector<std::string>{"capstan.dev/reset-count=p"});
  EXPECT_EQ(Steps(PlanOf(AskingToReset("", Scaling()), ClusterOf({Drifted(7)}))), "") << "nobody asks";
}

TEST(PlanPools, ConsumesTheRequestIfThePoolAlreadyHasTheCountOfTheSpec) {
  const auto fixed = R"({"name":"p","size":"s-2","count":3})";
  const auto plan = PlanOf(AskingToReset("p", fixed), ClusterOf({Pool("p", R"({"count":2})")}));
  ASSERT_EQ(Steps(plan), "scale nodePools/p");
  EXPECT_EQ(plan.steps[0].consumes, "capstan.dev/reset-count=p");
  EXPECT_EQ(PlanOf(AskingToReset("p", fixed), ClusterOf({Pool("p", R"({"count":3})")})).spent.size(), 1u);
  EXPECT_EQ(PlanOf(Asking("{}", fixed), ClusterOf({Pool("p", R"({"count":2})")})).steps.at(0).consumes, "");
}

TEST(PlanPools, ExplainsWhyAResetIsImpossibleAndChangesNothing) {
  struct Case {
    const char* reason;
    std::string pools, pool;
    const char* field;
    const char* why;
  };
  const Case cases[] = {
      {"no such pool", "q", Scaling(), "spec.nodePools[q]", "the spec has none of that name"},
      {"a pool without a count", "p", Scaling(""), "spec.nodePools[p].count", "the spec gives it no count"},
      {"below its bounds", "p", Scaling(R"(,"count":1)"), "spec.nodePools[p].count", "between 2 and 9"},
      {"above its bounds", "p", Scaling(R"(,"count":10)"), "spec.nodePools[p].count", "between 2 and 9"},
  };
  for (const Case& c : cases) {
    const auto plan = PlanOf(AskingToReset(c.pools, c.pool), ClusterOf({Drifted(5)}));
    EXPECT_EQ(Steps(plan), "") << c.reason;
    ASSERT_EQ(plan.unsupported.size(), 1u) << c.reason;
    EXPECT_EQ(plan.unsupported[0].field, c.field) << c.reason;
    EXPECT_NE(plan.unsupported[0].why.find(c.why), std::string::npos) << plan.unsupported[0].why;
    EXPECT_NE(plan.unsupported[0].why.find("capstan.dev/reset-count"), std::string::npos) << c.reason;
    EXPECT_TRUE(plan.spent.empty()) << c.reason;
  }
}

TEST(PlanPools, MovesOneBoundOfAPoolThatScalesByItselfAndLeavesTheOther) {
  auto plan = PlanOf(Spec(R"({"nodePools":[{"name":"p","size":"s-2","count":1,"maxNodes":9}]})"),
                     ClusterOf({Pool("p", R"({"auto_scale":true,"min_nodes":2,"max_nodes":6,"count":3})")}));
  ASSERT_EQ(Steps(plan), "scale nodePools/p");
  EXPECT_EQ(Body(plan.steps[0]), R"({"auto_scale":true,"min_nodes":2,"max_nodes":9,"name":"p"})");
  EXPECT_EQ(Differences(plan), "spec.nodePools[p].maxNodes: 9 / 6");
}

TEST(PlanPools, NeverTouchesAPoolOfTheSameNameThatIsNotOurs) {
  auto plan = PlanOf(Spec(), ClusterOf({Pool("p", kByHand)}));
  EXPECT_EQ(Steps(plan), "");
  ASSERT_EQ(plan.unsupported.size(), 1u);
  EXPECT_EQ(plan.unsupported[0].field, "spec.nodePools[p]");
  EXPECT_NE(plan.unsupported[0].why.find("put the tags capstan:u, capstan-owner:o and capstan-pool:p on it"),
            std::string::npos);
}

TEST(PlanPools, CreatesNoSecondPoolForAReplacementThatLostItsTags) {
  auto desired = Spec(R"({"nodePools":[{"name":"p","size":"s-4","count":2}]})");
  auto name = PlanOf(desired, ClusterOf({Pool("p")})).steps.at(0).target.substr(10);
  auto untagged = Pool(name, R"({"size":"s-4","tags":["k8s","k8s:c","by-hand"]})");
  auto plan = PlanOf(desired, ClusterOf({untagged}));
  EXPECT_EQ(Steps(plan), "");
  ASSERT_EQ(plan.unsupported.size(), 1u);
  EXPECT_EQ(plan.unsupported[0].why,
            StrCat("pool ", name, " was made for it and has lost its tags: put capstan:u, capstan-owner:o ",
                   "and capstan-pool:p on it next to those that it has"));
  auto anothers = Pool(name, R"({"size":"s-4","tags":["k8s","capstan:other"]})");
  EXPECT_EQ(Steps(PlanOf(desired, ClusterOf({anothers}))), "create nodePools/p makes");
}

TEST(PlanPools, AsksForConsentBeforeTheNewPoolIsMadeAndNoMoreAfterwards) {
  auto desired =
      Spec(R"({"nodePools":[{"name":"p","size":"s-4","count":2},{"name":"q","size":"s-4","count":1}]})");
  auto first = PlanOf(desired, ClusterOf({Pool("p"), Pool("q", R"({"count":1})")}));
  ASSERT_EQ(first.steps.size(), 4u);
  EXPECT_TRUE(first.steps[0].makes && first.steps[0].destroys);
  auto name = [&](std::size_t i) { return first.steps[i].target.substr(std::string("nodePools/").size()); };
  auto p2 = Pool(name(0), R"({"size":"s-4"})", "p");
  auto one = PlanOf(desired, ClusterOf({Pool("p"), p2, Pool("q", R"({"count":1})")}));
  EXPECT_EQ(Hash(one), Hash(first)) << "one of two new pools is there";
  auto q2 = Pool(name(1), StrCat(R"({"size":"s-4","count":1,"nodes":)", Nodes(0, 1), "}"), "q");
  auto both = PlanOf(desired, ClusterOf({Pool("p"), p2, Pool("q", R"({"count":1})"), q2}));
  EXPECT_EQ(Steps(both), "remove nodePools/p destroys waits; remove nodePools/q destroys waits");
  EXPECT_EQ(Hash(both), Hash(first)) << "both are there";
}

TEST(PlanPools, AsksForConsentToTheNodesAloneWhenLabelsChangeToo) {
  auto less = [](const std::string& label) {
    return Spec(
        StrCat(R"({"nodePools":[{"name":"p","size":"s-2","count":1,"labels":{"a":")", label, "\"}}]}"));
  };
  auto plan = PlanOf(less("b"), ClusterOf({Pool("p")}));
  ASSERT_EQ(Steps(plan), "update nodePools/p; scale nodePools/p destroys");
  EXPECT_EQ(Body(plan.steps[0]), R"({"labels":{"a":"b"},"count":2,"name":"p"})");
  EXPECT_EQ(Body(plan.steps[1]), R"({"count":1,"name":"p"})");
  EXPECT_EQ(Hash(plan), Hash(PlanOf(less("c"), ClusterOf({Pool("p")}))));
  EXPECT_EQ(Hash(plan), Hash(PlanOf(less("b"), ClusterOf({Pool("p", R"({"labels":{"a":"b"}})")}))));
}

TEST(PlanPools, TakesNodesAwayOnlyWhenThoseThatGrowAndThoseThatComeAreThere) {
  auto desired =
      Spec(R"({"nodePools":[{"name":"less","size":"s-2","count":1},{"name":"more","size":"s-2","count":4},
                                       {"name":"big","size":"s-4","count":1},{"name":"new","size":"s-2","count":1}]})");
  auto settled = [](const std::string& name, int count, const char* size = "s-2", const char* of = "") {
    return Pool(name, StrCat(R"({"size":")", size, R"(","count":)", count, R"(,"nodes":)", Nodes(count), "}"),
                of);
  };
  auto less = settled("less", 3), big = settled("big", 1);
  auto first = PlanOf(desired, ClusterOf({less, settled("more", 2), big}));
  const auto big2 = first.steps.at(2).target.substr(10);
  EXPECT_EQ(
      Steps(first),
      StrCat("scale nodePools/more; create nodePools/new makes; replace nodePools/", big2,
             " makes destroys; scale nodePools/less destroys waits; remove nodePools/big destroys waits"));
  // Requested, but two of its nodes are not running yet.
  auto coming = Pool("more", StrCat(R"({"count":4,"nodes":)", Nodes(2, 2), "}"));
  auto made = [&](const std::string& more) {
    return ClusterOf({less, more, big, settled("new", 1), settled(big2, 1, "s-4", "big")});
  };
  EXPECT_EQ(Steps(PlanOf(desired, made(coming))),
            "scale nodePools/less destroys waits; remove nodePools/big destroys waits");
  auto there = PlanOf(desired, made(settled("more", 4)));
  EXPECT_EQ(Steps(there), "scale nodePools/less destroys; remove nodePools/big destroys");
  EXPECT_EQ(Hash(there), Hash(first)) << "one approval covers all of it";
}

TEST(PlanPools, ShrinksAPoolWhoseOwnNodesNeverCome) {
  auto stuck = Pool("p", StrCat(R"({"count":9,"nodes":)", Nodes(2, 7), "}"));
  EXPECT_EQ(Steps(PlanOf(Spec(), ClusterOf({stuck}))), "scale nodePools/p destroys");
}

TEST(PlanPools, RequiresNewConsentWhenOtherNodesWouldBeDeleted) {
  auto hash = [](const char* has, const char* automatic) {
    return Hash(
        PlanOf(Spec(), ClusterOf({Pool("p", StrCat(R"({"count":)", has, R"(,"auto_scale":)", automatic,
                                                   R"(,"min_nodes":1,"max_nodes":90})"))})));
  };
  EXPECT_NE(hash("3", "false"), hash("50", "false")) << "one node was agreed to, and 48 would go";
  EXPECT_EQ(hash("3", "true"), hash("5", "true")) << "the autoscaler moves it faster than anybody agrees";
}

TEST(PlanPools, SaysFieldByFieldWhatDiffers) {
  auto desired = Spec(R"({"nodePools":[
    {"name":"p","size":"s-2","count":3,"labels":{"a":"b"},"taints":[{"key":"k","effect":"NoSchedule"}],"tags":["X"]},
    {"name":"auto","size":"s-2","autoScale":true,"minNodes":1,"maxNodes":4},
    {"name":"big","size":"s-4","count":2},{"name":"new","size":"s-2","count":1}]})");
  auto plan = PlanOf(desired, ClusterOf({Pool("p"), Pool("auto"), Pool("big"), Pool("old")}));
  EXPECT_EQ(
      Differences(plan),
      R"(spec.nodePools[p].count: 3 / 2; spec.nodePools[p].labels: {"a":"b"} / {}; )"
      R"(spec.nodePools[p].taints: ["k=:NoSchedule"] / []; spec.nodePools[p].tags: ["x"] / []; )"
      R"(spec.nodePools[auto].autoScale: true / false; spec.nodePools[auto].minNodes: 1 / 0; )"
      R"(spec.nodePools[auto].maxNodes: 4 / 0; spec.nodePools[big].size: "s-4" / "s-2"; )"
      R"(spec.nodePools[new]: {"size":"s-2","count":1} / ; spec.nodePools[old]:  / {"size":"s-2","count":2})");
}

TEST(PlanPools, SaysWhatEveryStepCosts) {
  auto desired =
      Spec(R"({"nodePools":[{"name":"up","size":"s-2","count":5},{"name":"down","size":"s-2","count":1},
    {"name":"marks","size":"s-2","count":2,"labels":{"a":"b"}},{"name":"big","size":"s-4","count":2},
    {"name":"new","size":"s-2","count":1},{"name":"unpriced","size":"s-8","count":1}]})");
  auto pools = {Pool("up"), Pool("down"), Pool("marks"), Pool("big"), Pool("old")};
  EXPECT_EQ(Costs(PlanOf(desired, ClusterOf(pools, kPrices))),
            "scale 72; update 0; create 24; create 0; replace 97; scale -24; remove -48; remove -48");
  EXPECT_EQ(Costs(PlanOf(desired, ClusterOf(pools))),
            "scale 0; update 0; create 0; create 0; replace 0; scale 0; remove 0; remove 0");
}

TEST(PlanPools, CountsThePresentNodesOfAPoolThatScalesByItselfAndSaysSo) {
  auto desired =
      Spec(R"({"nodePools":[{"name":"p","size":"s-2","autoScale":true,"minNodes":4,"maxNodes":9}]})");
  auto plan =
      PlanOf(desired,
             ClusterOf({Pool("p", R"({"auto_scale":true,"min_nodes":1,"max_nodes":9,"count":3})")}, kPrices));
  ASSERT_EQ(Steps(plan), "scale nodePools/p");
  EXPECT_EQ(plan.steps[0].monthly_cost_change, 24);
  EXPECT_NE(plan.steps[0].why.find("the cost is that of 4 nodes"), std::string::npos) << plan.steps[0].why;
}

TEST(PlanPools, AsksForConsentWhenThePresentNodesAreMoreThanTheNewUpperBound) {
  auto desired =
      Spec(R"({"nodePools":[{"name":"p","size":"s-2","autoScale":true,"minNodes":1,"maxNodes":4}]})");
  auto with = [&](const char* count) {
    return PlanOf(
        desired,
        ClusterOf(
            {Pool("p", StrCat(R"({"auto_scale":true,"min_nodes":1,"max_nodes":9,"count":)", count, "}"))},
            kPrices));
  };
  EXPECT_EQ(Steps(with("7")), "scale nodePools/p destroys");
  EXPECT_EQ(with("7").steps[0].monthly_cost_change, -72) << "four nodes instead of seven";
  EXPECT_EQ(Steps(with("4")), "scale nodePools/p");
  EXPECT_EQ(with("4").steps[0].monthly_cost_change, 0) << "the autoscaler keeps its four";
}

TEST(PlanPools, ReplacesAPoolThatScalesByItselfWithAsManyNodesAsItHas) {
  auto desired =
      Spec(R"({"nodePools":[{"name":"p","size":"s-4","autoScale":true,"minNodes":1,"maxNodes":6}]})");
  auto plan =
      PlanOf(desired, ClusterOf({Pool("p", R"({"auto_scale":true,"min_nodes":1,"max_nodes":9,"count":7})")}));
  EXPECT_EQ(json::IntegerIn(json::ParseObject(Body(plan.steps.at(0))).value(), "count"), 6);
}

TEST(PlanPools, WaitsForADepartingPoolAndRecreatesItUnderItsOwnName) {
  auto leaving = R"({"nodes":[{"id":"n","name":"x","status":{"state":"draining"}},
                              {"id":"m","name":"y","status":{"state":"deleting"}}]})";
  auto plan = PlanOf(Spec(), ClusterOf({Pool("p", leaving)}));
  EXPECT_EQ(Steps(plan), "");
  EXPECT_EQ(plan.waiting, "DigitalOcean drains and removes node pool p");
  EXPECT_EQ(Differences(plan), R"(spec.nodePools[p]: {"size":"s-2","count":2} / )");
  EXPECT_EQ(Steps(PlanOf(Spec(), ClusterOf({Pool("other", kByHand)}))), "create nodePools/p makes");
  EXPECT_EQ(PlanOf(Spec(), ClusterOf({Pool("p")})).waiting, "");
  EXPECT_EQ(PlanOf(Spec(), ClusterOf({Pool("p")}, R"({"status":{"state":"upgrading"}})")).waiting,
            "DigitalOcean upgrades the cluster");
}

TEST(PlanPools, ScalesToZeroAndDistinguishesAnEmptyingPoolFromARemovedOne) {
  auto none =
      Spec(R"({"nodePools":[{"name":"p","size":"s-2","count":0},{"name":"q","size":"s-2","count":2}]})");
  auto down = PlanOf(none, ClusterOf({Pool("p"), Pool("q")}));
  EXPECT_EQ(Steps(down), "scale nodePools/p destroys");
  EXPECT_EQ(Body(down.steps.at(0)), R"({"count":0,"name":"p"})");
  auto emptying = Pool("p", R"({"count":0,"nodes":[{"id":"n","name":"x","status":{"state":"draining"}}]})");
  auto under_way = PlanOf(none, ClusterOf({emptying, Pool("q")}));
  EXPECT_EQ(Steps(under_way), "");
  EXPECT_EQ(under_way.waiting, "") << "nobody removes it";
  EXPECT_EQ(Differences(under_way), "");
  auto empty = Pool("p", R"({"count":0,"nodes":[]})");
  EXPECT_EQ(Steps(PlanOf(none, ClusterOf({empty, Pool("q")}))), "");
  auto gone = Spec(R"({"nodePools":[{"name":"q","size":"s-2","count":2}]})");
  EXPECT_NE(PlanOf(gone, ClusterOf({emptying, Pool("q")})).waiting, "") << "it may be on its way out already";
  EXPECT_EQ(Steps(PlanOf(gone, ClusterOf({empty, Pool("q")}))), "remove nodePools/p destroys");
}

TEST(PlanPools, ReturnsToASizeWhosePoolIsStillBeingDeleted) {
  auto back = Spec(R"({"nodePools":[{"name":"p","size":"s-4","count":2}]})");
  auto first = PlanOf(back, ClusterOf({Pool("p")})).steps.at(0).target.substr(10);
  auto leaving = StrCat(R"({"size":"s-4","nodes":[{"id":"n","name":"x","status":{"state":"draining"}}]})");
  auto plan = PlanOf(back, ClusterOf({Pool("p"), Pool(first, leaving, "p")}));
  ASSERT_EQ(plan.steps.size(), 2u);
  EXPECT_EQ(plan.steps[0].verb, "replace");
  EXPECT_NE(plan.steps[0].target, "nodePools/" + first) << "the name is taken until it is gone";
}

TEST(PlanPools, KnowsItsTagsWhateverTheirCapitals) {
  auto pool = Pool("p", R"({"tags":["K8s","Capstan:U","CAPSTAN-pool:p"]})");
  auto plan = PlanOf(Spec(), ClusterOf({pool}));
  EXPECT_EQ(Steps(plan), "");
  EXPECT_EQ(Differences(plan), "");
  EXPECT_TRUE(plan.unsupported.empty()) << "it is taken for somebody else's";
}

TEST(PlanCreation, CostsWhatItsPoolsCost) {
  auto desired = Spec(R"({"nodePools":[{"name":"p","size":"s-2","count":2},
                                       {"name":"q","size":"s-4","autoScale":true,"minNodes":3,"maxNodes":9}]})");
  auto plan = PlanCreation(desired, Prices{{"s-2", 24}, {"s-4", 48.5}});
  ASSERT_EQ(Steps(plan), "create cluster makes");
  EXPECT_DOUBLE_EQ(plan.steps[0].monthly_cost_change, 193.5);
  EXPECT_EQ(PlanCreation(desired, Prices{{"s-2", 24}}).steps[0].monthly_cost_change, 0)
      << "not known is not a sum";
  EXPECT_EQ(Steps(PlanCreation(Adopting(), {})), "adopt cluster");
}

TEST(Observe, SaysWhatTheNodesCostOnceEveryPriceIsKnown) {
  auto cost = [](const std::vector<std::string>& pools) {
    auto status = json::ParseObject(Observe(ClusterOf(pools, kPrices)).status).value();
    return json::NumberIn(status, "monthlyCost");
  };
  EXPECT_EQ(cost({Pool("p"), Pool("q", R"({"size":"s-4","count":3})")}), 193.5);
  EXPECT_EQ(cost({Pool("p"), Pool("q", R"({"size":"s-8"})")}), std::nullopt);
  auto again = ParseCluster(Observe(ClusterOf({Pool("p")}, kPrices)).state).value();
  EXPECT_EQ(again.prices.at("s-4"), 48.5) << "the state carries them";
}

}  // namespace
}  // namespace capstan::digitalocean
