#include <gtest/gtest.h>

#include <capstan/providers/digitalocean/testing/planned_clusters.hpp>

namespace capstan::digitalocean {
namespace {

TEST(Plan, IsEmptyWhenNothingDiffers) {
  auto plan = PlanOf(Spec(), ClusterOf({Pool("p")}));
  EXPECT_EQ(Steps(plan), "");
  EXPECT_TRUE(plan.unsupported.empty());
}

TEST(Plan, LeavesAloneWhatTheSpecDoesNotName) {
  auto cluster =
      ClusterOf({Pool("p")}, R"({"ha":true,"auto_upgrade":true,"tags":["k8s","capstan:u","by-hand"],
      "routing_agent":{"enabled":true},"cluster_autoscaler_configuration":{"scale_down_unneeded_time":"5m0s"}})");
  EXPECT_EQ(Steps(PlanOf(Spec(), cluster)), "");
}

TEST(Plan, LeavesTheNameAloneThatTheSpecDoesNotGive) {
  auto cluster = ClusterOf({Pool("p")}, R"({"name":"by-hand"})");
  EXPECT_EQ(Steps(PlanOf(Spec(), cluster)), "");
  EXPECT_EQ(Body(PlanOf(Spec(R"({"ha":true})"), cluster).steps.at(0)), R"({"ha":true,"name":"by-hand"})");
  EXPECT_EQ(Body(PlanOf(Spec(R"({"name":"a"})"), cluster).steps.at(0)), R"({"name":"a"})");
}

TEST(Plan, NamesWhatIsFixedAtCreation) {
  auto cluster = ClusterOf(
      {Pool("p")},
      R"({"cluster_subnet":"10.244.0.0/16","service_subnet":"10.245.0.0/16","isolated_workers":false})");
  auto plan =
      PlanOf(Spec(R"({"region":"nyc1","vpcUUID":"v2","clusterSubnet":"10.9.0.0/16","isolatedWorkers":true})"),
             cluster);
  std::vector<std::string> fields;
  for (const auto& item : plan.unsupported) fields.push_back(item.field);
  EXPECT_EQ(Join(fields, " "), "spec.region spec.vpcUUID spec.clusterSubnet spec.isolatedWorkers");
  EXPECT_EQ(Steps(plan), "");
}

TEST(Plan, SwitchesHaOnButNeverOff) {
  EXPECT_EQ(Body(PlanOf(Spec(R"({"ha":true})"), ClusterOf({Pool("p")})).steps.at(0)),
            R"({"ha":true,"name":"a"})");
  auto off = PlanOf(Spec(R"({"ha":false})"), ClusterOf({Pool("p")}, R"({"ha":true})"));
  EXPECT_EQ(Steps(off), "");
  ASSERT_EQ(off.unsupported.size(), 1u);
  EXPECT_EQ(off.unsupported[0].field, "spec.ha");
}

TEST(Plan, PutsAllChangedSettingsIntoOneRequest) {
  auto desired = Spec(
      R"({"name":"b","surgeUpgrade":true,"autoUpgrade":false,"maintenancePolicy":{"day":"sunday","startTime":"04:00"},
      "routingAgent":{"enabled":false},"corednsAutoscaler":{"enabled":true}})");
  auto plan = PlanOf(desired, ClusterOf({Pool("p")}));
  ASSERT_EQ(Steps(plan), "update cluster");
  EXPECT_TRUE(SameJson(Body(plan.steps[0]),
                       R"({"name":"b","surge_upgrade":true,"coredns_autoscaler":{"enabled":true},
      "maintenance_policy":{"day":"sunday","start_time":"04:00"}})"))
      << Body(plan.steps[0]);
  EXPECT_NE(plan.steps[0].why.find("spec.maintenancePolicy.day is \"sunday\", the cluster has \"any\""),
            std::string::npos)
      << plan.steps[0].why;
}

TEST(Plan, SendsBlocksWhole) {
  auto day = PlanOf(Spec(R"({"maintenancePolicy":{"day":"sunday"}})"), ClusterOf({Pool("p")}));
  EXPECT_TRUE(SameJson(Body(day.steps.at(0)),
                       R"({"name":"a","maintenance_policy":{"day":"sunday","start_time":"04:00"}})"))
      << Body(day.steps[0]);
  auto firewall =
      PlanOf(Spec(R"({"controlPlaneFirewall":{"enabled":false}})"),
             ClusterOf({Pool("p")},
                       R"({"control_plane_firewall":{"enabled":true,"allowed_addresses":["1.2.3.4"]}})"));
  EXPECT_TRUE(
      SameJson(Body(firewall.steps.at(0)),
               R"({"name":"a","control_plane_firewall":{"enabled":false,"allowed_addresses":["1.2.3.4"]}})"))
      << Body(firewall.steps[0]);
}

TEST(Plan, DoesNotFightOverHowTheApiWritesValues) {
  auto desired = Spec(R"({"clusterAutoscalerConfiguration":{"scaleDownUnneededTime":"1m","expanders":[]},
      "controlPlaneFirewall":{"enabled":true,"allowedAddresses":["5.6.7.8","1.2.3.4/32"]},"sso":{"enabled":false},"tags":["Team"]})");
  auto cluster =
      ClusterOf({Pool("p")},
                R"({"cluster_autoscaler_configuration":{"scale_down_unneeded_time":"1m0s","expanders":null},
      "control_plane_firewall":{"enabled":true,"allowed_addresses":["1.2.3.4","5.6.7.8/32"]},"sso":null,
      "tags":["k8s","k8s:c","capstan:u","capstan-owner:o","team"]})");
  EXPECT_EQ(Steps(PlanOf(desired, cluster)), "");
}

TEST(Plan, KnowsAnExpanderUnderBothOfItsNames) {
  auto desired = Spec(R"({"clusterAutoscalerConfiguration":{"expanders":["least-waste","random"]}})");
  auto with = [](const char* expanders) {
    return ClusterOf({Pool("p")},
                     StrCat(R"({"cluster_autoscaler_configuration":{"expanders":)", expanders, "}}"));
  };
  EXPECT_EQ(Steps(PlanOf(desired, with(R"(["least_waste","random"])"))), "");
  EXPECT_EQ(Steps(PlanOf(desired, with(R"(["random","least_waste"])"))), "update cluster");
}

TEST(Plan, KeepsOurTagsInEveryWriteOfTags) {
  auto plan = PlanOf(Spec(R"({"tags":["team:x"]})"),
                     ClusterOf({Pool("p")}, R"({"tags":["k8s","old","capstan:u","capstan-owner:o"]})"));
  ASSERT_EQ(Steps(plan), "update cluster");
  EXPECT_EQ(Body(plan.steps[0]), R"({"tags":["team:x","k8s","capstan:u","capstan-owner:o"],"name":"a"})");
  auto cleared = PlanOf(Spec(R"({"tags":[]})"),
                        ClusterOf({Pool("p")}, R"({"tags":["old","capstan:u","capstan-owner:o"]})"));
  EXPECT_EQ(Body(cleared.steps.at(0)), R"({"tags":["capstan:u","capstan-owner:o"],"name":"a"})");
  auto pool = PlanOf(Spec(R"({"nodePools":[{"name":"p","size":"s-2","count":2,"tags":["x"]}]})"),
                     ClusterOf({Pool("p")}));
  EXPECT_EQ(
      Body(pool.steps.at(0)),
      R"({"tags":["x","k8s","k8s:c","k8s:worker","capstan:u","capstan-owner:o","capstan-pool:p"],"count":2,"name":"p"})");
}

TEST(Plan, LeavesTheTagsOfOtherToolsThatMarkEverythingAlone) {
  auto cluster = ClusterOf(
      {Pool("p", R"({"tags":["k8s","terraform:default-node-pool","capstan:u","capstan-pool:p","old"]})")},
      R"({"tags":["K8s:c","terraform:x","capstan:u","capstan-owner:o","old"]})");
  auto plan = PlanOf(Spec(R"({"tags":["x"],"nodePools":[{"name":"p","size":"s-2","count":2,"tags":["y"]}]})"),
                     cluster);
  ASSERT_EQ(Steps(plan), "update cluster; update nodePools/p");
  EXPECT_EQ(Body(plan.steps[0]),
            R"({"tags":["x","K8s:c","terraform:x","capstan:u","capstan-owner:o"],"name":"a"})");
  EXPECT_EQ(
      Body(plan.steps[1]),
      R"({"tags":["y","k8s","terraform:default-node-pool","capstan:u","capstan-pool:p"],"count":2,"name":"p"})");
}

TEST(Plan, ScalesInPlaceAndAsksBeforeItTakesNodesAway) {
  auto up = PlanOf(Spec(R"({"nodePools":[{"name":"p","size":"s-2","count":5}]})"), ClusterOf({Pool("p")}));
  EXPECT_EQ(Steps(up), "scale nodePools/p");
  EXPECT_EQ(Body(up.steps[0]), R"({"count":5,"name":"p"})");
  EXPECT_EQ(up.steps[0].why, "spec.nodePools[p]: count is 5, the pool has 2");
  auto down = PlanOf(Spec(R"({"nodePools":[{"name":"p","size":"s-2","count":1}]})"), ClusterOf({Pool("p")}));
  EXPECT_EQ(Steps(down), "scale nodePools/p destroys");
}

TEST(Plan, LeavesTheCountToTheAutoscaler) {
  auto desired = Spec(
      R"({"nodePools":[{"name":"p","size":"s-2","count":1,"autoScale":true,"minNodes":1,"maxNodes":9}]})");
  EXPECT_EQ(
      Steps(PlanOf(desired,
                   ClusterOf({Pool("p", R"({"auto_scale":true,"min_nodes":1,"max_nodes":9,"count":7})")}))),
      "");
  auto on = PlanOf(desired, ClusterOf({Pool("p")}));
  EXPECT_EQ(Steps(on), "scale nodePools/p");
  EXPECT_EQ(Body(on.steps[0]), R"({"auto_scale":true,"min_nodes":1,"max_nodes":9,"name":"p"})");
  auto labelled = PlanOf(
      Spec(
          R"({"nodePools":[{"name":"p","size":"s-2","count":1,"autoScale":true,"minNodes":1,"maxNodes":9,"labels":{"a":"b"}}]})"),
      ClusterOf({Pool("p", R"({"auto_scale":true,"min_nodes":1,"max_nodes":9,"count":7})")}));
  EXPECT_EQ(Body(labelled.steps.at(0)), R"({"labels":{"a":"b"},"name":"p"})");
  auto by_itself = ClusterOf({Pool("p", R"({"auto_scale":true,"min_nodes":1,"max_nodes":9,"count":7})")});
  EXPECT_EQ(Steps(PlanOf(Spec(), by_itself)), "") << "the spec does not say that it shall not";
  auto off =
      PlanOf(Spec(R"({"nodePools":[{"name":"p","size":"s-2","count":7,"autoScale":false}]})"), by_itself);
  EXPECT_EQ(Body(off.steps.at(0)), R"({"auto_scale":false,"count":7,"name":"p"})");
}

TEST(Plan, SetsLabelsAndTaintsWholeAndClearsThem) {
  auto desired = Spec(
      R"({"nodePools":[{"name":"p","size":"s-2","count":2,"labels":{"a":"b"},"taints":[{"key":"k","value":"v","effect":"NoSchedule"}]}]})");
  auto set = PlanOf(desired, ClusterOf({Pool("p")}));
  EXPECT_EQ(Steps(set), "update nodePools/p");
  EXPECT_EQ(
      Body(set.steps[0]),
      R"({"labels":{"a":"b"},"taints":[{"key":"k","value":"v","effect":"NoSchedule"}],"count":2,"name":"p"})");
  auto marked = R"({"labels":{"a":"b"},"taints":[{"Key":"k","Value":"v","Effect":"NoSchedule"}]})";
  EXPECT_EQ(Steps(PlanOf(desired, ClusterOf({Pool("p", marked)}))), "");
  EXPECT_EQ(Steps(PlanOf(Spec(), ClusterOf({Pool("p", marked)}))), "") << "the spec names neither";
  auto cleared = Spec(R"({"nodePools":[{"name":"p","size":"s-2","count":2,"labels":{},"taints":[]}]})");
  EXPECT_EQ(Body(PlanOf(cleared, ClusterOf({Pool("p", marked)})).steps.at(0)),
            R"({"labels":{},"taints":[],"count":2,"name":"p"})");
}

TEST(Plan, AddsBeforeItRemoves) {
  auto plan = PlanOf(Spec(R"({"nodePools":[{"name":"q","size":"s-2","count":1}]})"), ClusterOf({Pool("p")}));
  EXPECT_EQ(Steps(plan), "create nodePools/q makes; remove nodePools/p destroys waits");
  EXPECT_TRUE(
      SameJson(Body(plan.steps[0]), R"({"name":"q","size":"s-2","count":1,"tags":["capstan-pool:q"]})"))
      << Body(plan.steps[0]);
  EXPECT_EQ(plan.steps[1].arguments, R"({"method":"DELETE","path":"/node_pools/id-p"})");
}

TEST(Plan, ReplacesAPoolWhoseSizeChangesAndNeverTheCluster) {
  auto desired = Spec(R"({"nodePools":[{"name":"p","size":"s-4","count":2}]})");
  auto first = PlanOf(desired, ClusterOf({Pool("p")}));
  ASSERT_EQ(first.steps.size(), 2u);
  auto name = first.steps[0].target.substr(std::string("nodePools/").size());
  EXPECT_EQ(name.substr(0, 2), "p-");
  EXPECT_EQ(Steps(first),
            StrCat("replace nodePools/", name, " makes destroys; remove nodePools/p destroys waits"));
  EXPECT_EQ(PlanOf(desired, ClusterOf({Pool("p")})).steps[0].target, first.steps[0].target)
      << "the same on every look";

  // The new pool exists, but its nodes do not: the old one stays.
  auto coming = Pool(name, StrCat(R"({"size":"s-4","nodes":)", Nodes(0, 2), "}"), "p");
  EXPECT_EQ(Steps(PlanOf(desired, ClusterOf({Pool("p"), coming}))), "remove nodePools/p destroys waits");
  auto ready = Pool(name, R"({"size":"s-4"})", "p");
  EXPECT_EQ(Differences(PlanOf(desired, ClusterOf({Pool("p"), ready}))),
            R"(spec.nodePools[p]:  / {"size":"s-2","count":2})");
  EXPECT_EQ(Steps(PlanOf(desired, ClusterOf({Pool("p"), ready}))), "remove nodePools/p destroys");
  EXPECT_EQ(Steps(PlanOf(desired, ClusterOf({ready}))), "");

  // Back again: the first name is available.
  EXPECT_EQ(Steps(PlanOf(Spec(), ClusterOf({ready}))),
            StrCat("replace nodePools/p makes destroys; remove nodePools/", name, " destroys waits"));
}

TEST(Plan, DoesNotRemoveAgainWhatIsLeaving) {
  auto leaving = Pool("old", R"({"nodes":[{"id":"n","name":"x","status":{"state":"draining"}},
                                          {"id":"m","name":"y","status":{"state":"deleting"}}]})");
  EXPECT_EQ(Steps(PlanOf(Spec(), ClusterOf({Pool("p"), leaving}))), "");
}

TEST(Plan, LeavesPoolsMadeByHandAlone) {
  auto foreign = Pool("theirs", R"({"tags":["k8s","k8s:c"]})");
  EXPECT_EQ(Steps(PlanOf(Spec(), ClusterOf({Pool("p"), foreign}))), "");
  auto other = Pool("other", R"({"tags":["capstan:somebody-else","capstan-pool:p"]})");
  EXPECT_EQ(Steps(PlanOf(Spec(), ClusterOf({Pool("p"), other}))), "");
}

TEST(Plan, RemovesTheSecondOfTwoPoolsThatStandForTheSame) {
  auto twin = Pool("p-twin", "{}", "p");
  EXPECT_EQ(Steps(PlanOf(Spec(), ClusterOf({twin, Pool("p")}))), "remove nodePools/p-twin destroys");
}

TEST(Plan, UpgradesOneMinorAfterTheOther) {
  auto plan = PlanOf(Spec(R"({"version":"1.36"})"), ClusterOf({Pool("p")}));
  EXPECT_EQ(Steps(plan), "upgrade version/1.35 waits; upgrade version/1.36 waits");
  EXPECT_EQ(plan.steps[0].arguments, R"({"upgrade":"1.35","aim":"1.36"})");
  EXPECT_EQ(plan.steps[1].arguments, R"({"upgrade":"1.36"})");
  EXPECT_EQ(Steps(PlanOf(Spec(R"({"version":"1.35.2-do.0"})"), ClusterOf({Pool("p")}))),
            "upgrade version/1.35.2-do.0 waits");
}

constexpr char kOnOffer[] = R"({"capstan_versions":["1.36.2-do.0","1.35.4-do.1","1.34.3-do.0"]})";

TEST(Plan, PlansNoUpgradeToAVersionThatIsNotOffered) {
  for (const char* version :
       {"1.99", "1.37", "1.99.0-do.0", "1.36.3-do.0", "1.36.2-do.1", "1.36.1-do.0", "2.0"}) {
    const auto more =
        StrCat(R"({"version":")", version, R"(","nodePools":[{"name":"p","size":"s-2","count":3}]})");
    const auto plan = PlanOf(Spec(more), ClusterOf({Pool("p")}, kOnOffer));
    EXPECT_EQ(Steps(plan), "scale nodePools/p") << version << ": what has nothing to do with it is done";
    ASSERT_EQ(plan.unsupported.size(), 1u) << version;
    EXPECT_EQ(plan.unsupported[0].field, "spec.version");
    EXPECT_EQ(
        plan.unsupported[0].why,
        StrCat("spec.version is ", version,
               ", the cluster runs 1.34.1-do.0, and DigitalOcean does not offer ", version,
               "; it offers 1.36.2-do.0, 1.35.4-do.1, 1.34.3-do.0. Set spec.version to 1.34.1-do.0, or to "
               "\"1.34\", which any patch of it meets"));
    EXPECT_NE(Differences(plan).find("spec.version"), std::string::npos) << version;
  }
}

TEST(Plan, UpgradesToWhatIsOfferedAndLeavesOlderVersionsToTheUpgradesOnOffer) {
  const auto steps = [](const char* version, const char* running) {
    const auto cluster = json::MergePatch(kOnOffer, StrCat(R"({"version":")", running, "\"}")).value();
    const auto plan =
        PlanOf(Spec(StrCat(R"({"version":")", version, "\"}")), ClusterOf({Pool("p")}, cluster));
    EXPECT_TRUE(plan.unsupported.empty()) << version;
    return Steps(plan);
  };
  EXPECT_EQ(steps("1.36", "1.34.1-do.0"), "upgrade version/1.35 waits; upgrade version/1.36 waits");
  EXPECT_EQ(steps("1.36.2-do.0", "1.34.1-do.0"),
            "upgrade version/1.35 waits; upgrade version/1.36.2-do.0 waits");
  EXPECT_EQ(steps("1.35.3-do.0", "1.34.1-do.0"), "upgrade version/1.35.3-do.0 waits")
      << "an older patch, next door";
  EXPECT_EQ(steps("1.33", "1.32.1-do.0"), "upgrade version/1.33 waits")
      << "a minor that new clusters do not get";
}

TEST(Plan, ReportsADowngradeAndAnUnreachableMajorAsUnsupported) {
  const auto why = [](const char* version) {
    const auto plan = PlanOf(Spec(StrCat(R"({"version":")", version, "\"}")), ClusterOf({Pool("p")}));
    EXPECT_EQ(Steps(plan), "");
    return plan.unsupported.empty() ? "" : plan.unsupported[0].why;
  };
  EXPECT_NE(why("1.20").find("cannot be downgraded"), std::string::npos) << why("1.20");
  EXPECT_NE(why("2.1").find("no upgrade leads to another major version"), std::string::npos) << why("2.1");
}

TEST(PlanCreation, SaysThatTheVersionIsNotOffered) {
  const OnOffer offers{{"1.36.2-do.0"}, {}, {}};
  const auto plan = PlanCreation(Spec(R"({"version":"1.99"})"), {}, offers);
  EXPECT_EQ(Steps(plan), "");
  ASSERT_EQ(plan.unsupported.size(), 1u);
  EXPECT_EQ(plan.unsupported[0].why, "DigitalOcean does not offer 1.99; it offers 1.36.2-do.0");
  EXPECT_EQ(Steps(PlanCreation(Spec(R"({"version":"1.36"})"), {}, offers)), "create cluster makes");
  EXPECT_EQ(Steps(PlanCreation(Spec(R"({"version":"1.99"})"), {})), "create cluster makes")
      << "nothing is known";
}

TEST(PlanCreation, ListsTheOffersForAVersionThatIsTooOld) {
  const OnOffer offers{{"1.36.2-do.0", "1.35.4-do.1"}, {}, {}};
  for (const char* version : {"1.21.9-do.0", "1.20", "1.35.2-do.0", "1.36.1-do.9"}) {
    const auto plan = PlanCreation(Spec(StrCat(R"({"version":")", version, "\"}")), {}, offers);
    EXPECT_EQ(Steps(plan), "") << version;
    ASSERT_EQ(plan.unsupported.size(), 1u) << version;
    EXPECT_EQ(plan.unsupported[0].why,
              StrCat("DigitalOcean does not offer ", version, "; it offers 1.36.2-do.0, 1.35.4-do.1"));
  }
  EXPECT_EQ(Steps(PlanCreation(Spec(R"({"version":"latest"})"), {}, offers)), "create cluster makes");
}

TEST(PlanCreation, SaysThatTheRegionOrASizeIsNotOffered) {
  const OnOffer offers{{}, {"fra1", "nyc1"}, {"s-2", "s-4vcpu-8gb", "c-2", "g-2vcpu-8gb"}};
  const auto plan = PlanCreation(
      Spec(
          R"({"region":"FRA1","nodePools":[{"name":"p","size":"s-1","count":1},{"name":"q","size":"s-2","count":1}]})"),
      {}, offers);
  EXPECT_EQ(Steps(plan), "");
  ASSERT_EQ(plan.unsupported.size(), 2u);
  EXPECT_EQ(plan.unsupported[0].field, "spec.region");
  EXPECT_EQ(plan.unsupported[0].why, "DigitalOcean has no clusters in FRA1; it has them in fra1, nyc1");
  EXPECT_EQ(plan.unsupported[1].field, "spec.nodePools[p].size");
  EXPECT_EQ(plan.unsupported[1].why, "DigitalOcean offers no nodes of size s-1; it offers s-2, s-4vcpu-8gb");
}

TEST(PlanCreation, SaysThatTheVpcIsInAnotherRegion) {
  const auto desired = Spec(R"({"vpcUUID":"v1"})");
  EXPECT_EQ(Steps(PlanCreation(desired, {}, {}, {false, "fra1"})), "create cluster makes");
  const auto plan = PlanCreation(desired, {}, {}, {false, "nyc1"});
  EXPECT_EQ(Steps(plan), "");
  ASSERT_EQ(plan.unsupported.size(), 1u);
  EXPECT_EQ(plan.unsupported[0].field, "spec.vpcUUID");
  EXPECT_EQ(plan.unsupported[0].why.find("VPC v1 is in nyc1, and spec.region is fra1"), 0u);
}

TEST(PlanCreation, SaysThatTheAccountHasNoSuchVpc) {
  const auto plan = PlanCreation(Spec(R"({"vpcUUID":"v1"})"), {}, {}, {true, ""});
  EXPECT_EQ(Steps(plan), "");
  ASSERT_EQ(plan.unsupported.size(), 1u);
  EXPECT_EQ(plan.unsupported[0].field, "spec.vpcUUID");
  EXPECT_EQ(
      plan.unsupported[0].why,
      "the account has no VPC v1: name one that it has in fra1, or leave vpcUUID out for the region's own");
}

TEST(Plan, NamesTheSpecThatMatchesTheCloudAndNeverAdvisesDeletion) {
  // After a manual upgrade beyond the spec.
  auto upgraded = PlanOf(Spec(R"({"version":"1.34.0-do.0"})"), ClusterOf({Pool("p")}));
  ASSERT_EQ(upgraded.unsupported.size(), 1u);
  EXPECT_NE(upgraded.unsupported[0].why.find("Set spec.version to 1.34.1-do.0, or to \"1.34\""),
            std::string::npos)
      << upgraded.unsupported[0].why;
  for (const char* remedy : {R"({"version":"1.34.1-do.0"})", R"({"version":"1.34"})"})
    EXPECT_TRUE(PlanOf(Spec(remedy), ClusterOf({Pool("p")})).unsupported.empty())
        << "the advice was followed";
  // After `doctl … node-pool update --tag mine`, which replaces all tags.
  auto tagged = PlanOf(Spec(), ClusterOf({Pool("p", R"({"tags":["k8s","mine"]})")}));
  ASSERT_EQ(tagged.unsupported.size(), 1u);
  EXPECT_NE(
      tagged.unsupported[0].why.find("put the tags capstan:u, capstan-owner:o and capstan-pool:p on it"),
      std::string::npos)
      << tagged.unsupported[0].why;
  auto back = Pool("p", R"({"tags":["k8s","mine","capstan:u","capstan-owner:o","capstan-pool:p"]})");
  EXPECT_EQ(Steps(PlanOf(Spec(), ClusterOf({back}))), "");
  auto fixed = PlanOf(Spec(R"({"region":"nyc1","ha":false})"), ClusterOf({Pool("p")}, R"({"ha":true})"));
  for (const auto* plan : {&upgraded, &tagged, &fixed})
    for (const auto& item : plan->unsupported)
      for (const char* word : {"delete", "Delete", "remove", "Remove"})
        EXPECT_EQ(item.why.find(word), std::string::npos) << item.why;
}

struct VersionCase {
  const char* reason;
  const char* spec;
  bool unsupported;
};
TEST(Plan, NeverDowngrades) {
  const VersionCase cases[] = {
      {"an older minor", R"({"version":"1.33"})", true},
      {"an older patch", R"({"version":"1.34.0-do.0"})", true},
      {"an older patch, but DigitalOcean installs patches", R"({"version":"1.34.0-do.0","autoUpgrade":true})",
       false},
      {"an older minor stays one", R"({"version":"1.33.9-do.0","autoUpgrade":true})", true},
      {"latest is for the creation", R"({"version":"latest"})", false},
      {"the same minor", R"({"version":"1.34"})", false},
      {"the same slug", R"({"version":"1.34.1-do.0"})", false},
  };
  for (const auto& c : cases) {
    auto plan = PlanOf(Spec(c.spec), ClusterOf({Pool("p")}, R"({"auto_upgrade":true})"));
    plan.steps.erase(std::remove_if(plan.steps.begin(), plan.steps.end(),
                                    [](const auto& step) { return step.verb != "upgrade"; }),
                     plan.steps.end());
    EXPECT_EQ(Steps(plan), "") << c.reason;
    EXPECT_EQ(!plan.unsupported.empty(), c.unsupported) << c.reason;
    if (c.unsupported) {
      EXPECT_EQ(plan.unsupported[0].field, "spec.version") << c.reason;
    }
  }
}

TEST(Plan, SaysThatTheRunningUpgradeMayBeTheHopThatItNames) {
  const auto why = [](const char* state) {
    return PlanOf(Spec(R"({"version":"1.35"})"),
                  ClusterOf({Pool("p")}, StrCat(R"({"status":{"state":")", state, "\"}}")))
        .steps.at(0)
        .why;
  };
  EXPECT_EQ(why("upgrading"), why("running") + "; what is running may be that");
}

TEST(Plan, WaitsWhileTheClusterUpgrades) {
  auto plan = PlanOf(
      Spec(
          R"({"ha":true,"nodePools":[{"name":"p","size":"s-2","count":3},{"name":"q","size":"s-2","count":1}]})"),
      ClusterOf({Pool("p")}, R"({"status":{"state":"upgrading"}})"));
  EXPECT_EQ(Steps(plan), "update cluster waits; scale nodePools/p waits; create nodePools/q makes waits");
}

TEST(Plan, IntegratesRegistries) {
  auto plan =
      PlanOf(Spec(R"({"registries":["a","b"]})"), ClusterOf({Pool("p")}, R"({"registries":["b","c"]})"));
  ASSERT_EQ(Steps(plan), "attach registries/a; detach registries/c");
  EXPECT_EQ(
      plan.steps[0].arguments,
      R"({"method":"POST","path":"/v2/kubernetes/registries","body":{"cluster_uuids":["c"],"registries":["a"]}})");
  EXPECT_EQ(
      plan.steps[1].arguments,
      R"({"method":"DELETE","path":"/v2/kubernetes/registries","body":{"cluster_uuids":["c"],"registries":["c"]}})");
  EXPECT_EQ(Steps(PlanOf(Spec(R"({"registryEnabled":true})"),
                         ClusterOf({Pool("p")}, R"({"registry_enabled":false})"))),
            "attach registry");
  EXPECT_EQ(Steps(PlanOf(Spec(R"({"registryEnabled":false})"), ClusterOf({Pool("p")}))), "");
}

TEST(Phase, FollowsStateAndNodes) {
  auto phase = [](const std::string& state, const std::string& pool) {
    return PhaseOf(ClusterOf({pool}, StrCat(R"({"status":{"state":")", state, "\"}}")));
  };
  using external::Phase;
  EXPECT_EQ(phase("provisioning", Pool("p")), Phase::kCreating);
  EXPECT_EQ(phase("running", Pool("p")), Phase::kReady);
  EXPECT_EQ(phase("running", Pool("p", R"({"count":3})")), Phase::kUpdating);
  EXPECT_EQ(phase("upgrading", Pool("p")), Phase::kUpdating);
  EXPECT_EQ(phase("degraded", Pool("p")), Phase::kDegraded);
  EXPECT_EQ(phase("error", Pool("p")), Phase::kFailed);
  EXPECT_EQ(phase("deleting", Pool("p")), Phase::kDeleting);
  EXPECT_EQ(phase("something-new", Pool("p")), Phase::kUpdating);
}

TEST(Observe, ShowsPoolsWithReadyCountsAndOwners) {
  auto observed = Observe(
      ClusterOf({Pool("p", StrCat(R"({"nodes":)", Nodes(1, 1), "}")), Pool("hand", R"({"tags":["k8s"]})")}));
  EXPECT_TRUE(SameJson(
      observed.status,
      R"({"progress":"running","endpoint":"https://e","version":"1.34.1-do.0","region":"fra1","message":"",
      "name":"a","urn":"do:kubernetes:c","vpcUUID":"v1","clusterSubnet":"","serviceSubnet":"","ipv4":"","ha":false,
      "createdAt":"","updatedAt":"","tags":["k8s","k8s:c","capstan:u","capstan-owner:o"],
      "maintenancePolicy":{"day":"any","startTime":"04:00","duration":"4h0m0s"},
      "nodes":4,"readyNodes":3,"monthlyCost":"","nodePools":[
      {"name":"hand","id":"id-hand","size":"s-2","count":2,"readyNodes":2,"autoScale":false,"managed":false,
       "nodes":[{"id":"n","name":"x","state":"running"},{"id":"n","name":"x","state":"running"}]},
      {"name":"p","id":"id-p","size":"s-2","count":2,"readyNodes":1,"autoScale":false,"managed":true,"pool":"p",
       "nodes":[{"id":"n","name":"x","state":"running"},{"id":"n","state":"provisioning"}]}]})"))
      << observed.status;
  EXPECT_EQ(observed.identity, "capstan:u");
  EXPECT_EQ(observed.owner, "capstan-owner:o");
  EXPECT_TRUE(observed.connectable);
}

}  // namespace
}  // namespace capstan::digitalocean
