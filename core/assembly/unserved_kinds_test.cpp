#include <capstan/core/assembly/unserved_kinds.hpp>

#include <capstan/core/assembly/testing/assembly_test.hpp>

namespace capstan::assembly {
namespace {

std::string Crd(const std::string& plural, const std::string& kind, const std::string& labels) {
  return StrCat(
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":")",
      plural, R"(.clouds.test","labels":{)", labels,
      R"(}},"spec":{"group":"clouds.test","scope":"Namespaced","names":{"plural":")", plural,
      R"(","singular":"x","kind":")", kind,
      R"("},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}})");
}

class UnservedKindsTest : public AssemblyTest {
 protected:
  UnservedKindsTest() {
    Do([&](const Context& context) {
      const kube::Kind crd = kube::CustomResourceDefinitionKind();
      for (const auto& document :
           {Crd("boats", "Boat", R"("capstan.dev/plugin":"harbour")"),
            Crd("ships", "Ship", R"("capstan.dev/plugin":"loaded")"), Crd("rafts", "Raft", "")})
        ASSERT_TRUE(client.Create(crd, "", document, context));
    });
    scheduler.RunFor(std::chrono::seconds(2));
  }
};

TEST_F(UnservedKindsTest, AreThoseOfLabelledCrdsWhosePluginIsNotLoaded) {
  Do([&](const Context& context) {
    const auto found = FindUnservedKinds(client, {"loaded"}, context);
    ASSERT_TRUE(found) << found.error();
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().plugin, "harbour");
    EXPECT_EQ(found->front().kind, (kube::Kind{"clouds.test", "v1", "Boat", "boats", true}));
    EXPECT_TRUE(FindUnservedKinds(client, {"loaded", "harbour"}, context)->empty());
  });
}

TEST_F(UnservedKindsTest, ReportToTheirObjectsWhichPluginIsMissingAndWhatADeletionWaitsFor) {
  const kube::Kind boat{"clouds.test", "v1", "Boat", "boats", true};
  runtime::Manager manager({client, scheduler, *random, log, *metrics});
  manager.AddMetadataController(
      {"unserved-boat"}, boat,
      std::make_unique<UnservedReconciler>(UnservedKind{boat, "harbour"}, "/plugins", events));
  manager.Start();
  Do([&](const Context& context) {
    ASSERT_TRUE(client.Create(
        boat, "default",
        R"({"apiVersion":"clouds.test/v1","kind":"Boat","metadata":{"name":"a","finalizers":["capstan.dev/cleanup"]}})",
        context));
  });
  ASSERT_TRUE(scheduler.RunUntil([&] { return !events.lines.empty(); }, std::chrono::minutes(1)));
  EXPECT_EQ(events.lines.front(),
            "Boat default/a PluginMissing: the plugin harbour is not loaded, so this object is not "
            "reconciled. Put it into /plugins and restart the operator");
  const auto before = events.lines.size();
  Do([&](const Context& context) { ASSERT_TRUE(client.Delete(boat, {"default", "a"}, {}, context)); });
  ASSERT_TRUE(scheduler.RunUntil([&] { return events.lines.size() > before; }, std::chrono::minutes(1)));
  EXPECT_NE(events.lines.back().find("its cloud object stays, and so does this object"), std::string::npos);
  EXPECT_TRUE(manager.Stop());
}

TEST_F(UnservedKindsTest, AreReportedAgainWithinAnHourWithoutClaimingDeletionsThatOthersBlock) {
  UnservedReconciler reconciler({{"clouds.test", "v1", "Boat", "boats", true}, "harbour"}, "/plugins",
                                events);
  auto boat = kube::Object::Parse(
      R"({"apiVersion":"clouds.test/v1","kind":"Boat","metadata":{"name":"a","namespace":"default","uid":"u",
      "deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["somebody.test/else"]}})");
  ASSERT_TRUE(boat);
  const auto outcome = reconciler.Reconcile({{"default", "a"}, *boat}, {});
  ASSERT_TRUE(outcome) << outcome.error();
  ASSERT_TRUE(outcome->requeue_after);
  EXPECT_GT(*outcome->requeue_after, Duration::zero());
  EXPECT_LT(*outcome->requeue_after, std::chrono::hours(1)) << "events are forgotten after an hour";
  ASSERT_EQ(events.lines.size(), 1u);
  EXPECT_EQ(events.lines[0].find("stays"), std::string::npos) << events.lines[0];
}

}  // namespace
}  // namespace capstan::assembly
