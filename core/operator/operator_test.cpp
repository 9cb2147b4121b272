#include <capstan/core/operator/operator.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include <capstan/core/kube/builtin_kinds.hpp>
#include <capstan/core/operator/testing/widget.hpp>
#include <capstan/testing/cluster.hpp>

namespace capstan {
namespace {

using ::testing::HasSubstr;
using Cluster = capstan::testing::Cluster;

const kube::ObjectKey kOne{"default", "one"};

Status SayReady(Turn<>& turn) {
  turn.Condition("Ready", true, "Fine", "all is well");
  return {};
}
Status DoNothing(Turn<>&) { return {}; }

TEST(Operator, WithAnInvalidControllerIsRefusedInOneLineThatNamesIt) {
  const auto refused = [](const std::function<void(Operator&)>& fill, const std::string& name = "widgets") {
    Operator all({.name = name});
    fill(all);
    const Status fit = all.Check();
    return fit ? std::string("fits") : fit.error().message;
  };
  EXPECT_THAT(refused([](Operator&) {}), HasSubstr("add For"));
  EXPECT_THAT(refused([](Operator& all) { all.For(WidgetKind()); }), HasSubstr("controller widget has no"));
  EXPECT_THAT(refused([](Operator& all) { all.For(WidgetKind()).Reconcile(DoNothing); }, "Widgets!"),
              HasSubstr("Widgets!"));
  EXPECT_THAT(refused([](Operator& all) { all.For(WidgetKind()).Select("a in (").Reconcile(DoNothing); }),
              HasSubstr("Select"));
  EXPECT_THAT(refused([](Operator& all) {
                all.For(WidgetKind()).Reconcile(DoNothing);
                all.For(WidgetKind()).Reconcile(DoNothing);
              }),
              HasSubstr("two controllers are called widget"));
  EXPECT_THAT(refused([](Operator& all) {
                all.For(WidgetKind()).Owns(kube::ClusterRoleKind()).Reconcile(DoNothing);
              }),
              HasSubstr("use Makes"));
  EXPECT_EQ(refused([](Operator& all) {
              all.For(WidgetKind()).Reconcile(DoNothing);
              all.For(WidgetKind()).Named("second").Reconcile(DoNothing);
            }),
            "fits");
}

TEST(Operator, HasTheFlagsAndExitStatusesOfCapstanRun) {
  Operator all({.name = "widgets"});
  all.For(WidgetKind()).Reconcile(DoNothing);
  std::string printer;
  all.flags().Add("printer", &printer, "where to print");
  for (const char* name : {"kubeconfig", "context", "namespaces", "workers", "operator-namespace",
                           "leader-elect", "health-address", "log-format", "log-level", "printer"}) {
    EXPECT_NE(all.flags().Help().find(std::string("--") + name + " "), std::string::npos) << name;
  }
  EXPECT_EQ(all.Run({"--help"}), 0);
  EXPECT_EQ(all.Run({"--no_such_flag"}), 2);
  EXPECT_EQ(all.Run({"--workers=0"}), 2);
  EXPECT_EQ(all.Run({"--health-address=nowhere"}), 2);
  EXPECT_EQ(all.Run({"--namespaces=A_B"}), 2);
  EXPECT_EQ(all.Run({"--namespaces=", "operand"}), 2);
  EXPECT_EQ(Operator({.name = "empty"}).Run(), 2);
}

TEST(Operator, NeedsRulesForWhatItWatchesAndWrites) {
  Operator all({.name = "widgets"});
  all.For(WidgetKind())
      .Owns(kube::DeploymentKind())
      .Reads(kube::NodeKind(), Content::kMetadata)
      .Reconcile(DoNothing)
      .Cleanup(DoNothing);
  const auto rules = all.Rules();
  const auto verbs = [&](const std::string& group, const std::string& resource) {
    for (const AccessRule& rule : rules) {
      if (rule.group == group && rule.resource == resource) return Join(rule.verbs, " ");
    }
    return std::string("none");
  };
  EXPECT_EQ(verbs("example.dev", "widgets"), "get list patch watch");
  EXPECT_EQ(verbs("example.dev", "widgets/status"), "patch");
  EXPECT_EQ(verbs("apps", "deployments"), "create delete get list patch watch");
  EXPECT_EQ(verbs("", "nodes"), "get list watch");
  EXPECT_EQ(verbs("", "events"), "create patch");
  EXPECT_EQ(verbs("coordination.k8s.io", "leases"), "create get patch");
}

TEST(Operator, WaitsForAKindThatIsNotInstalledAndSaysSo) {
  Operator all({.name = "widgets"});
  all.For(WidgetKind()).Reconcile(SayReady);
  Cluster cluster;
  cluster.Start(all);
  cluster.Run(std::chrono::minutes(2));
  EXPECT_TRUE(cluster.Logged("widgets.example.dev")) << cluster.Log();
  EXPECT_TRUE(cluster.Logged("install its CustomResourceDefinition")) << cluster.Log();
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1")));
  EXPECT_TRUE(cluster.Until([&] { return cluster.Condition(WidgetKind(), kOne, "Ready") == "True"; },
                            std::chrono::minutes(3)));
}

TEST(Operator, WithoutPermissionToWatchNamesItAndContinuesOnceItIsGranted) {
  Operator all({.name = "widgets"});
  all.For(WidgetKind()).Reconcile(SayReady);
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.TakeRights(WidgetKind(), {"list", "watch"});
  cluster.Start(all);
  cluster.Run(std::chrono::minutes(1));
  EXPECT_TRUE(cluster.Logged("grant list and watch")) << cluster.Log();
  cluster.GiveRights();
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1")));
  EXPECT_TRUE(cluster.Until([&] { return cluster.Condition(WidgetKind(), kOne, "Ready") == "True"; },
                            std::chrono::minutes(3)));
}

TEST(Operator, OfTwoReplicasOneReconcilesAndTheOtherTakesOver) {
  Operator all({.name = "widgets", .leader_elect = true});
  all.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile([](Turn<>& widget) {
    return widget.Own(kube::ConfigMapKind(), widget.name(), Json().Set("data", Json().Set("a", "b")));
  });
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.Start(all);
  cluster.Start(all);
  cluster.Run(std::chrono::minutes(1));
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1")));
  ASSERT_TRUE(cluster.Get(kube::ConfigMapKind(), kOne)) << cluster.Log();
  EXPECT_EQ(cluster.Writes(), 1);
  cluster.Crash(1);
  ASSERT_TRUE(cluster.Apply(WidgetYaml("two", "size: 1")));
  EXPECT_TRUE(cluster.Until(
      [&] {
        return cluster.Get(kube::ConfigMapKind(), {"default", "two"}).has_value();
      },
      std::chrono::minutes(2)))
      << cluster.Log();
}

TEST(Operator, RunTwiceUnderOneNameWithoutAnElectionStillSettles) {
  Operator all({.name = "widgets"});
  all.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile([](Turn<>& widget) -> Status {
    CAPSTAN_RETURN_IF_ERROR(
        widget.Own(kube::ConfigMapKind(), widget.name(), Json().Set("data", Json().Set("a", "b"))));
    return SayReady(widget);
  });
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.Start(all);
  cluster.Start(all);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(cluster.Apply(WidgetYaml("w" + std::to_string(i), "size: 1")));
  cluster.Run(std::chrono::minutes(1));
  const int writes = cluster.Writes();
  EXPECT_EQ(cluster.List(kube::ConfigMapKind(), "default").size(), 5u);
  cluster.Run(std::chrono::hours(1));
  EXPECT_EQ(cluster.Writes(), writes);
}

TEST(Operator, CleansUpAndReleasesObjectsThatLostTheirLabelWhileItWasDown) {
  int cleaned = 0;
  Operator all({.name = "widgets"});
  all.For(WidgetKind()).Select("team=a").Reconcile(DoNothing).Cleanup([&](Turn<>&) -> Status {
    ++cleaned;
    return {};
  });
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.Start(all);
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1", "labels: {team: a}")));
  ASSERT_TRUE(cluster.Get(WidgetKind(), kOne)->HasFinalizer("widgets.operator/widget"));
  cluster.Stop();
  ASSERT_TRUE(cluster.Patch(WidgetKind(), kOne, R"({"metadata":{"labels":{"team":"b"}}})"));
  EXPECT_EQ(cleaned, 0);
  cluster.Start(all);
  EXPECT_EQ(cleaned, 1);
  EXPECT_TRUE(cluster.Get(WidgetKind(), kOne)->metadata().finalizers.empty());
}

TEST(Operator, CleansUpAndReleasesObjectsThatNoLongerMatchWhere) {
  int cleaned = 0;
  Operator all({.name = "widgets"});
  all.For(WidgetKind())
      .Where([](const kube::Object& widget) { return widget.Annotation("use") == "always"; })
      .Reconcile(SayReady)
      .Cleanup([&](Turn<>&) -> Status {
        ++cleaned;
        return {};
      });
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.Start(all);
  ASSERT_TRUE(cluster.Apply(WidgetYaml("idle", "size: 1")));
  EXPECT_EQ(cluster.Condition(WidgetKind(), {"default", "idle"}, "Ready"), "");
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1", "annotations: {use: always}")));
  EXPECT_EQ(cluster.Condition(WidgetKind(), kOne, "Ready"), "True");
  ASSERT_TRUE(cluster.Patch(WidgetKind(), kOne, R"({"metadata":{"annotations":{"use":"never"}}})"));
  EXPECT_EQ(cleaned, 1);
  EXPECT_TRUE(cluster.Get(WidgetKind(), kOne)->metadata().finalizers.empty());
}

TEST(Operator, ReconcilesTheObjectsThatAnIndexNamesWhenAnotherKindChanges) {
  Operator all({.name = "widgets"});
  all.Index(WidgetKind(), "template", [](const kube::Object& widget) {
    const auto name = widget.StringAt("/spec/template");
    return name ? std::vector<std::string>{widget.metadata().namespace_ + "/" + *name}
                : std::vector<std::string>();
  });
  all.For(WidgetKind())
      .Watches(kube::ConfigMapKind(), ByIndex("template"))
      .Reconcile([](Turn<>& widget) -> Status {
        CAPSTAN_TRY(const auto map,
                    widget.Find(kube::ConfigMapKind(), {"default", widget.Text("/spec/template")}));
        widget.Set("color", map ? map->StringAt("/data/color").value_or("") : "none");
        return {};
      });
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.Start(all);
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "template: t")));
  const auto color = [&] { return cluster.Get(WidgetKind(), kOne)->StringAt("/status/color").value_or("?"); };
  EXPECT_EQ(color(), "none");
  ASSERT_TRUE(cluster.Apply(kube::ConfigMapKind(), {"default", "t"},
                            Json().Set("data", Json().Set("color", "blue"))));
  EXPECT_EQ(color(), "blue");
}

TEST(Operator, SeesOnlyMetadataWhenConfiguredSo) {
  std::string seen;
  Operator all({.name = "widgets"});
  all.For(WidgetKind(), Content::kMetadata).Select("team=a").Reconcile([&](Turn<>& widget) -> Status {
    seen = widget.name() + widget.Text("/spec/size", " without spec");
    return {};
  });
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.Start(all);
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: big", "labels: {team: a}")));
  EXPECT_EQ(seen, "one without spec");
}

TEST(Operator, ServesClusterScopedKindsWhoseObjectsOwnInAnyNamespace) {
  Operator all({.name = "widgets"});
  all.For(WidgetKind(false)).Owns(kube::ConfigMapKind()).Reconcile([](Turn<>& widget) -> Status {
    CAPSTAN_RETURN_IF_ERROR(widget.Own(kube::ConfigMapKind(), kube::ObjectKey{"default", widget.name()},
                                       Json().Set("data", Json().Set("a", "b"))));
    return SayReady(widget);
  });
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd(false)));
  cluster.Start(all);
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1")));
  EXPECT_EQ(cluster.Condition(WidgetKind(false), {"", "one"}, "Ready"), "True");
  ASSERT_TRUE(cluster.Delete(kube::ConfigMapKind(), kOne));
  EXPECT_TRUE(cluster.Until([&] { return cluster.Get(kube::ConfigMapKind(), kOne).has_value(); }));
  ASSERT_TRUE(cluster.Delete(WidgetKind(false), {"", "one"}));
  EXPECT_TRUE(cluster.Gone(kube::ConfigMapKind(), kOne));
}

TEST(Operator, ContinuesAfterACutAndAfterACompaction) {
  Operator all({.name = "widgets"});
  all.For(WidgetKind()).Reconcile(SayReady);
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.Start(all);
  cluster.Cut();
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1")));
  cluster.Run(std::chrono::minutes(2));
  EXPECT_EQ(cluster.Condition(WidgetKind(), kOne, "Ready"), "");
  cluster.Mend();
  EXPECT_TRUE(cluster.Until([&] { return cluster.Condition(WidgetKind(), kOne, "Ready") == "True"; }));
  cluster.Compact();
  ASSERT_TRUE(cluster.Apply(WidgetYaml("two", "size: 1")));
  EXPECT_TRUE(cluster.Until([&] {
    return cluster.Condition(WidgetKind(), {"default", "two"}, "Ready") == "True";
  }));
}

TEST(Operator, LogsFunctionsThatThrowAtAChangeAndKeepsRunning) {
  Operator all({.name = "widgets"});
  all.Index(WidgetKind(), "color", [](const kube::Object& widget) -> std::vector<std::string> {
    throw std::runtime_error("no color of " + widget.key().name);
  });
  all.For(WidgetKind())
      .When([](const runtime::Change&) -> bool { throw std::runtime_error("no opinion"); })
      .Watches(kube::ConfigMapKind(),
               [](const kube::Object&, const runtime::Lister&) -> std::vector<kube::ObjectKey> { throw 7; })
      .Reconcile(SayReady);
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.Start(all);
  ASSERT_TRUE(cluster.Apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: any}}"));
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1")));
  EXPECT_EQ(cluster.Condition(WidgetKind(), kOne, "Ready"), "True") << "changes for which When throws pass";
  EXPECT_TRUE(cluster.Logged("no opinion"));
  EXPECT_TRUE(cluster.Logged("no color of one"));
  EXPECT_TRUE(cluster.Logged("something that is not a std::exception"));
}

TEST(Operator, ReportsExceptionsOfAnyTypeAtTheObject) {
  Operator all({.name = "widgets"});
  all.For(WidgetKind()).Reconcile([](Turn<>&) -> Status { throw 7; });
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  cluster.Start(all);
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1")));
  EXPECT_TRUE(cluster.Until([&] { return cluster.Condition(WidgetKind(), kOne, "Ready") == "False"; },
                            std::chrono::minutes(5)));
  EXPECT_THAT(cluster.Events("Widget", kOne),
              ::testing::Contains(HasSubstr("threw: something that is not a std::exception")));
}

TEST(Operator, NeedsTheRulesOfManagedKindsAndExtensions) {
  Operator all({.name = "widgets"});
  all.For(WidgetKind()).Reconcile(DoNothing);
  all.Extend([](RunningOperator&) {},
             [] {
               return std::vector<AccessRule>{{"", "nodes", {"list", "watch"}}};
             });
  const auto rules = all.Rules();
  EXPECT_THAT(rules, ::testing::Contains(AccessRule{"", "nodes", {"list", "watch"}}));
  EXPECT_THAT(all.RulesText(), HasSubstr(R"("resource":"nodes")"));
}

TEST(Operator, OnlyManagesTheConfiguredNamespaces) {
  Operator all({.name = "widgets", .namespaces = {"team-a"}});
  all.For(WidgetKind()).Reconcile(SayReady);
  Cluster cluster;
  ASSERT_TRUE(cluster.Apply(WidgetCrd()));
  ASSERT_TRUE(cluster.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: team-a}}"));
  cluster.Start(all);
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1")));
  ASSERT_TRUE(cluster.Apply(WidgetYaml("one", "size: 1", "namespace: team-a")));
  EXPECT_EQ(cluster.Condition(WidgetKind(), kOne, "Ready"), "");
  EXPECT_EQ(cluster.Condition(WidgetKind(), {"team-a", "one"}, "Ready"), "True");
}

}  // namespace
}  // namespace capstan
