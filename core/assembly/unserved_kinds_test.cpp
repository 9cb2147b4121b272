#include <capstan/core/assembly/unserved_kinds.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/local/apiserver/storage/storage.hpp>

namespace capstan::assembly {
namespace {

class RememberingRecorder final : public runtime::EventRecorder {
 public:
  void Record(const kube::Kind& kind, const kube::Object& about, runtime::EventType,
              const std::string& reason, const std::string& message, const Context&) override {
    told.push_back(StrCat(kind.kind, " ", about.key(), " ", reason, ": ", message));
  }
  std::vector<std::string> told;
};

std::string Crd(const std::string& plural, const std::string& kind, const std::string& labels) {
  return StrCat(
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":")",
      plural, R"(.clouds.test","labels":{)", labels,
      R"(}},"spec":{"group":"clouds.test","scope":"Namespaced","names":{"plural":")", plural,
      R"(","singular":"x","kind":")", kind,
      R"("},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}})");
}

class UnservedKindsTest : public testing::Test {
 protected:
  UnservedKindsTest() {
    static const auto schemas = apiserver::MakeBuiltinSchemas();
    apiserver::ApiServerOptions options;
    options.schemas = schemas;
    auto server = apiserver::ApiServer::Start(scheduler, *random, log, *storage, options);
    if (!server) ADD_FAILURE() << server.error();
    api = std::move(*server);
    wire.Route("api", api.get());
    Do([&](const Context& context) {
      const kube::Kind crd = kube::CustomResourceDefinitionKind();
      for (const auto& document :
           {Crd("boats", "Boat", R"("capstan.dev/plugin":"harbour")"),
            Crd("ships", "Ship", R"("capstan.dev/plugin":"loaded")"), Crd("rafts", "Raft", "")})
        ASSERT_TRUE(client.Create(crd, "", document, context));
    });
    scheduler.RunFor(std::chrono::seconds(2));
  }
  void Do(const std::function<void(const Context&)>& work) {
    Task task = scheduler.Spawn("test", work);
    ASSERT_TRUE(scheduler.RunUntil([&] { return task.finished(); }));
  }
  SimulatedScheduler scheduler{SeededSchedule(3)};
  std::unique_ptr<Random> random = MakeSeededRandom(4);
  std::unique_ptr<runtime::Metrics> metrics = runtime::MakePrometheusMetrics();
  RecordingLog log;
  std::unique_ptr<apiserver::Storage> storage = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> api;
  http::LoopbackTransport wire{scheduler};
  kube::Client client{wire, scheduler, {"http://api", "test", std::chrono::seconds(30)}};
  RememberingRecorder events;
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

TEST_F(UnservedKindsTest, TellTheirObjectsWhichPluginIsMissingAndWhatADeletionWaitsFor) {
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
  ASSERT_TRUE(scheduler.RunUntil([&] { return !events.told.empty(); }, std::chrono::minutes(1)));
  EXPECT_EQ(events.told.front(),
            "Boat default/a PluginMissing: the plugin harbour is not loaded, so nothing is done with this "
            "object. Put it into /plugins and start the operator again");
  const auto before = events.told.size();
  Do([&](const Context& context) { ASSERT_TRUE(client.Delete(boat, {"default", "a"}, {}, context)); });
  ASSERT_TRUE(scheduler.RunUntil([&] { return events.told.size() > before; }, std::chrono::minutes(1)));
  EXPECT_NE(events.told.back().find("stays, and this object with it"), std::string::npos);
  EXPECT_TRUE(manager.Stop());
}

TEST_F(UnservedKindsTest, AreReportedAgainWithinAnHourWithoutClaimingDeletionsThatOthersHoldUp) {
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
  ASSERT_EQ(events.told.size(), 1u);
  EXPECT_EQ(events.told[0].find("stays"), std::string::npos) << events.told[0];
}

}  // namespace
}  // namespace capstan::assembly
