#include <capstan/core/operator/turn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/kube/builtin_kinds.hpp>
#include <capstan/core/operator/testing/widget.hpp>
#include <capstan/testing/cluster.hpp>

namespace capstan {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using Cluster = capstan::testing::Cluster;

const kube::ObjectKey kOne{"default", "one"};

// Copies a Widget's spec.data to a ConfigMap that it owns.
Status OwnData(Turn<>& widget) {
  return widget.Own(kube::ConfigMapKind(), widget.name(), Json().Set("data", widget["spec"]["data"]));
}

class TurnTest : public ::testing::Test {
 protected:
  void Begin(const std::string& crd = WidgetCrd()) {
    const auto served = cluster_.Apply(crd);
    ASSERT_TRUE(served) << served.error();
    cluster_.Start(operator_);
  }
  void ApplyOne(const std::string& spec, const std::string& more = "") {
    const auto applied = cluster_.Apply(WidgetYaml("one", spec, more));
    ASSERT_TRUE(applied) << applied.error();
  }
  std::string Data(const std::string& field, const kube::ObjectKey& key = kOne) {
    const auto map = cluster_.Get(kube::ConfigMapKind(), key);
    return map ? map->StringAt("/data/" + field).value_or("-") : "no object";
  }
  kube::Condition Ready() {
    const auto widget = cluster_.Get(WidgetKind(), kOne);
    const auto ready = widget ? kube::ConditionIn(*widget, "Ready") : std::nullopt;
    return ready.value_or(kube::Condition());
  }
  Operator operator_{{.name = "widgets"}};
  Cluster cluster_;
};

TEST_F(TurnTest, AFieldThatIsNoLongerDesiredIsRemovedFromTheOwnedObject) {
  operator_.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile(OwnData);
  Begin();
  ApplyOne("data: {a: x, b: z}");
  EXPECT_EQ(Data("b"), "z");
  ApplyOne("data: {a: x}");
  EXPECT_EQ(Data("a"), "x");
  EXPECT_EQ(Data("b"), "-");
}

TEST_F(TurnTest, AdditionsOfOthersToAnOwnedObjectStayAndTheirChangesAreReverted) {
  operator_.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile(OwnData);
  Begin();
  ApplyOne("data: {a: x}");
  ASSERT_TRUE(cluster_.Patch(kube::ConfigMapKind(), kOne, R"({"data":{"a":"other","theirs":"z"}})"));
  EXPECT_EQ(Data("a"), "x");
  EXPECT_EQ(Data("theirs"), "z");
  ASSERT_TRUE(cluster_.Patch(kube::ConfigMapKind(), kOne, R"({"metadata":{"labels":null}})"));
  EXPECT_EQ(cluster_.Get(kube::ConfigMapKind(), kOne)->Label("app.kubernetes.io/managed-by"), "widgets");
}

TEST_F(TurnTest, AnApplyThatWouldChangeNothingIsSkippedEvenAfterARestart) {
  operator_.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile(OwnData);
  Begin();
  ApplyOne("data: {a: x}");
  const int writes = cluster_.Writes();
  ApplyOne("data: {a: x}, other: 1");  // another turn, the same ConfigMap
  EXPECT_EQ(cluster_.Writes(), writes);
  cluster_.Crash();
  EXPECT_EQ(cluster_.crashes(), 1);
  EXPECT_EQ(cluster_.Writes(), writes) << cluster_.Log();
}

TEST_F(TurnTest, ValuesThatTheServerWritesDifferentlyAreAppliedOnce) {
  operator_.For(WidgetKind()).Owns(kube::DeploymentKind()).Reconcile([](Turn<>& widget) {
    const Json labels = Json().Set("app", "one");
    const Json limits = Json().Set("limits", Json().Set("cpu", "1000m"));
    const Json container = Json().Set("name", "c").Set("image", "i").Set("resources", limits);
    const Json pod = Json()
                         .Set("metadata", Json().Set("labels", labels))
                         .Set("spec", Json().Set("containers", Json().Append(container)));
    return widget.Own(
        kube::DeploymentKind(), "one",
        Json().Set("spec", Json().Set("selector", Json().Set("matchLabels", labels)).Set("template", pod)));
  });
  Begin();
  ApplyOne("a: 1");
  ASSERT_TRUE(cluster_.Get(kube::DeploymentKind(), kOne)) << cluster_.Log();
  cluster_.Run(std::chrono::minutes(1));
  const int writes = cluster_.Writes();
  ApplyOne("a: 2");
  cluster_.Run(std::chrono::hours(1));
  EXPECT_EQ(cluster_.Writes(), writes);
}

TEST_F(TurnTest, AnObjectOfThatNameWithAnotherOwnerIsNotTakenOver) {
  operator_.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile(OwnData);
  Begin();
  ASSERT_TRUE(cluster_.Apply(kube::ConfigMapKind(), kOne, Json().Set("data", Json().Set("a", "precious"))));
  ApplyOne("data: {a: x}");
  EXPECT_EQ(Data("a"), "precious");
  EXPECT_EQ(Ready().status, "False");
  EXPECT_EQ(Ready().reason, "NameTaken");
  // The advice in the message works.
  EXPECT_THAT(Ready().message, HasSubstr("label app.kubernetes.io/managed-by=widgets"));
  ASSERT_TRUE(cluster_.Patch(kube::ConfigMapKind(), kOne,
                             R"({"metadata":{"labels":{"app.kubernetes.io/managed-by":"widgets"}}})"));
  ApplyOne("data: {a: x}, again: true");
  EXPECT_EQ(Data("a"), "x");
}

TEST_F(TurnTest, AnOwnedObjectIsNotTakenOverByAnotherObject) {
  operator_.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile([](Turn<>& widget) {
    return widget.Own(kube::ConfigMapKind(), "shared", Json().Set("data", Json().Set("of", widget.name())));
  });
  Begin();
  ApplyOne("a: 1");
  ASSERT_TRUE(cluster_.Apply(WidgetYaml("two", "a: 1")));
  EXPECT_EQ(Data("of", {"default", "shared"}), "one");
  const auto two = kube::ConditionIn(*cluster_.Get(WidgetKind(), {"default", "two"}), "Ready");
  ASSERT_TRUE(two);
  EXPECT_THAT(two->message, HasSubstr("belongs to Widget one"));
}

TEST_F(TurnTest, StatusIsWrittenOnceWithObservedGenerationAndOnlyIfItDiffers) {
  operator_.For(WidgetKind()).Reconcile([](Turn<>& widget) -> Status {
    widget.Set("size", widget["spec"]["size"]);
    widget.Condition("Ready", true, "Fine", "all is well");
    widget.Condition("Big", widget.Integer("/spec/size") > 2, "Measured", "by its size");
    return {};
  });
  Begin();
  ApplyOne("size: 3");
  const auto widget = cluster_.Get(WidgetKind(), kOne);
  EXPECT_EQ(widget->IntegerAt("/status/size"), 3);
  EXPECT_EQ(widget->IntegerAt("/status/observedGeneration"), widget->generation());
  EXPECT_EQ(kube::ConditionIn(*widget, "Big")->status, "True");
  EXPECT_EQ(cluster_.Writes(), 1);
  cluster_.Run(std::chrono::hours(1));
  EXPECT_EQ(cluster_.Writes(), 1);
}

TEST_F(TurnTest, AStatusWriteThatLosesARaceIsRetriedOnTheNewObject) {
  operator_.For(WidgetKind()).Reconcile([](Turn<>& widget) -> Status {
    widget.Set("size", widget["spec"]["size"]);
    return {};
  });
  Begin();
  cluster_.Fail({.verb = "patch", .resource = "widgets.example.dev/status", .status = 409});
  ApplyOne("size: 4");
  EXPECT_EQ(cluster_.Get(WidgetKind(), kOne)->IntegerAt("/status/size"), 4);
}

TEST_F(TurnTest, ATerminalErrorIsAConditionAndNotRetried) {
  int turns = 0;
  operator_.For(WidgetKind()).Reconcile([&](Turn<>& widget) -> Status {
    ++turns;
    if (widget.Integer("/spec/size") < 0) return TerminalError("TooSmall", "spec.size is negative");
    widget.Condition("Ready", true, "Fine", "all is well");
    return {};
  });
  Begin();
  ApplyOne("size: -1");
  EXPECT_EQ(Ready().status, "False");
  EXPECT_EQ(Ready().reason, "TooSmall");
  EXPECT_EQ(Ready().message, "spec.size is negative");
  cluster_.Run(std::chrono::hours(1));
  EXPECT_EQ(turns, 1);
  ApplyOne("size: 1");
  EXPECT_EQ(Ready().status, "True");
}

TEST_F(TurnTest, ALastingErrorIsRetriedWithBackoffAndShownInTheCondition) {
  int turns = 0;
  operator_.For(WidgetKind()).Reconcile([&](Turn<>&) -> Status {
    ++turns;
    return Fail(Code::kUnavailable, "the printer is out of paper");
  });
  Begin();
  ApplyOne("size: 1");
  cluster_.Run(std::chrono::hours(1));
  EXPECT_GT(turns, 5);
  EXPECT_LT(turns, 100);
  EXPECT_EQ(Ready().status, "False");
  EXPECT_EQ(Ready().reason, "Unavailable");
  EXPECT_THAT(cluster_.Events("Widget", kOne), Contains("the printer is out of paper"));
}

TEST_F(TurnTest, AFunctionThatThrowsIsReportedAndRetried) {
  int turns = 0;
  operator_.For(WidgetKind()).Reconcile([&](Turn<>& widget) -> Status {
    if (++turns < 3) throw std::runtime_error("a bug");
    widget.Condition("Ready", true, "Fine", "all is well");
    return {};
  });
  Begin();
  ApplyOne("size: 1");
  EXPECT_TRUE(cluster_.Until([&] { return Ready().status == "True"; })) << cluster_.Log();
  EXPECT_EQ(turns, 3);
  EXPECT_THAT(cluster_.Events("Widget", kOne), Contains("the operator's function threw: a bug"));
}

TEST_F(TurnTest, AFunctionThatBlocksEndsAtItsDeadlineWhileOthersAreServed) {
  operator_.For(WidgetKind())
      .Workers(2)
      .Timeout(std::chrono::seconds(20))
      .Reconcile([&](Turn<>& widget) -> Status {
        if (widget.name() == "one") {
          (void)cluster_.scheduler().Sleep(std::chrono::hours(9), widget.context());
          return Fail(Code::kDeadlineExceeded, "it took too long");
        }
        widget.Condition("Ready", true, "Fine", "all is well");
        return {};
      });
  Begin();
  ApplyOne("size: 1");
  ASSERT_TRUE(cluster_.Apply(WidgetYaml("two", "size: 1")));
  EXPECT_EQ(cluster_.Condition(WidgetKind(), {"default", "two"}, "Ready"), "True");
  cluster_.Run(std::chrono::minutes(5));
  EXPECT_EQ(Ready().reason, "DeadlineExceeded") << cluster_.Log();
}

TEST_F(TurnTest, AFunctionThatIgnoresItsDeadlineIsReportedByReadiness) {
  operator_.For(WidgetKind()).Timeout(std::chrono::seconds(20)).Reconcile([&](Turn<>&) -> Status {
    (void)cluster_.scheduler().Sleep(std::chrono::minutes(9), Context{});
    return {};
  });
  Begin();
  runtime::HealthChecks ready;
  cluster_.running()->AddChecks(ready);
  EXPECT_TRUE(ready.Run(true).healthy) << ready.Run(true).text;
  ApplyOne("size: 1");
  cluster_.Run(std::chrono::minutes(5));
  EXPECT_THAT(ready.Run(true).text, HasSubstr("is stuck"));
}

TEST_F(TurnTest, AKindWithoutStatusIsReportedWithWhatToAdd) {
  operator_.For(WidgetKind()).Reconcile([](Turn<>& widget) -> Status {
    widget.Set("size", 1);
    return {};
  });
  Begin(WidgetCrd(true, ""));
  ApplyOne("size: 1");
  EXPECT_TRUE(cluster_.Logged("add `subresources: {status: {}}` to its CustomResourceDefinition"))
      << cluster_.Log();
}

TEST_F(TurnTest, AFieldOfStatusThatTheServerDropsIsReportedAndNotWrittenForever) {
  operator_.For(WidgetKind()).Reconcile([](Turn<>& widget) -> Status {
    widget.Set("size", 1);
    widget.Set("unknown", "x");
    return {};
  });
  Begin(WidgetCrd(true, "properties: {size: {type: integer}}"));
  ApplyOne("size: 1");
  EXPECT_TRUE(cluster_.Logged("field=status.unknown")) << cluster_.Log();
  const int writes = cluster_.Writes();
  ApplyOne("size: 2");
  ApplyOne("size: 3");
  EXPECT_EQ(cluster_.Writes(), writes);
}

TEST_F(TurnTest, AMissingPermissionIsReportedAsTheRuleToGrant) {
  operator_.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile(OwnData);
  Begin();
  cluster_.TakeRights(kube::ConfigMapKind(), {"patch", "create"});
  ApplyOne("data: {a: x}");
  const std::string rule =
      R"(grant the operator {apiGroups: [""], resources: [configmaps], verbs: [create, patch]})";
  EXPECT_THAT(cluster_.Events("Widget", kOne), Contains(HasSubstr(rule)));
  EXPECT_TRUE(cluster_.Logged(rule));
  cluster_.GiveRights();
  EXPECT_TRUE(cluster_.Until([&] { return Data("a") == "x"; }, std::chrono::minutes(5)));
}

TEST_F(TurnTest, AKindThatIsNotWatchedCannotBeReadAndTheMessageSaysWhatToAdd) {
  std::string said;
  operator_.For(WidgetKind()).Reconcile([&](Turn<>& widget) -> Status {
    const auto found = widget.Find(kube::SecretKind(), kOne);
    said = found ? "found" : found.error().message;
    const Status owned = widget.Own(kube::ConfigMapKind(), "x", {});
    said += owned ? "" : " / " + owned.error().message;
    return {};
  });
  Begin();
  ApplyOne("size: 1");
  EXPECT_THAT(said, HasSubstr("does not watch secrets: add Reads"));
  EXPECT_THAT(said, HasSubstr("add Owns"));
}

TEST_F(TurnTest, ACleanupThatAsksForAnotherTurnKeepsTheFinalizer) {
  int left = 3;
  operator_.For(WidgetKind())
      .Reconcile([](Turn<>&) -> Status { return {}; })
      .Cleanup([&](Turn<>& widget) -> Status {
        if (--left > 0) widget.Again(std::chrono::seconds(1));
        return {};
      });
  Begin();
  ApplyOne("size: 1");
  EXPECT_TRUE(cluster_.Get(WidgetKind(), kOne)->HasFinalizer("widgets.operator/widget"));
  ASSERT_TRUE(cluster_.Delete(WidgetKind(), kOne));
  EXPECT_EQ(left, 0);
}

TEST_F(TurnTest, AnotherTurnFollowsWhenRequested) {
  int turns = 0;
  operator_.For(WidgetKind()).Reconcile([&](Turn<>& widget) -> Status {
    ++turns;
    widget.Again(std::chrono::minutes(10));
    return {};
  });
  Begin();
  ApplyOne("size: 1");
  cluster_.Run(std::chrono::hours(1));
  EXPECT_GE(turns, 6);
  EXPECT_LE(turns, 8);
}

}  // namespace
}  // namespace capstan
