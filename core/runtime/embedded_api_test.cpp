// The whole runtime against the embedded API server, which has no special support for it: a made-up
// cluster-scoped CRD and a three-line reconciler, with everything in between as in production.
#include <capstan/core/base/text.hpp>
#include <capstan/core/runtime/finalizer.hpp>
#include <capstan/core/runtime/kube_event_recorder.hpp>
#include <capstan/core/runtime/lease_elector.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/core/runtime/testing/embedded_api.hpp>

namespace capstan::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const kube::Kind kSprocket{"machines.test", "v1", "Sprocket", "sprockets", false};

constexpr char kCrd[] = R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
  "metadata":{"name":"sprockets.machines.test"},
  "spec":{"group":"machines.test","scope":"Cluster","names":{"plural":"sprockets","singular":"sprocket","kind":"Sprocket"},
    "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},
      "schema":{"openAPIV3Schema":{"type":"object","properties":{
        "spec":{"type":"object","properties":{"teeth":{"type":"integer","minimum":1}}},
        "status":{"type":"object","properties":{"teeth":{"type":"integer"}}}}}}}]}})";

class EmbeddedApiTest : public OnEmbeddedApi {
 protected:
  void InstallCrd() {
    Do([&](const Context& context) {
      const auto created = client.Create(kube::CustomResourceDefinitionKind(), "", kCrd, context);
      ASSERT_TRUE(created) << created.error();
    });
    scheduler.RunFor(seconds(2));
  }
  void Make(const std::string& name, int teeth) {
    Do([&](const Context& context) {
      const auto created =
          client.Create(kSprocket, "",
                        StrCat(R"({"apiVersion":"machines.test/v1","kind":"Sprocket","metadata":{"name":")",
                               name, R"("},"spec":{"teeth":)", teeth, "}}"),
                        context);
      ASSERT_TRUE(created) << created.error();
    });
  }
  void ChangeTeeth(const std::string& name, int teeth) {
    Do([&](const Context& context) {
      ASSERT_TRUE(client.Patch(kSprocket, {"", name}, kube::PatchType::kMerge,
                               StrCat(R"({"spec":{"teeth":)", teeth, "}}"), {}, context));
    });
  }
  std::optional<std::int64_t> StatusOf(const Lister& lister, const std::string& name) {
    const auto object = lister.Get({"", name});
    return object && *object ? (*object)->IntegerAt("/status/teeth") : std::nullopt;
  }
  Controller::Dependencies dependencies() { return {client, scheduler, *random, log, *metrics}; }

  // The three-line reconciler.
  Result<Outcome> Copy(const Request& request, const Context& context) {
    if (!request.cached ||
        request.cached->IntegerAt("/spec/teeth") == request.cached->IntegerAt("/status/teeth"))
      return Outcome{};
    CAPSTAN_TRY(const auto written, client.Patch(kSprocket, request.key, kube::PatchType::kMerge,
                                                 StrCat(R"({"status":{"teeth":)",
                                                        *request.cached->IntegerAt("/spec/teeth"), "}}"),
                                                 {"status"}, context));
    ++writes_;
    return Outcome{std::nullopt, written.resource_version()};
  }

  ReconcileFunction::Function Copier() {
    return [this](const Request& request, const Context& context) { return Copy(request, context); };
  }

  int writes_ = 0;
};

TEST_F(EmbeddedApiTest, AThreeLineReconcilerServesAMadeUpClusterScopedKind) {
  InstallCrd();
  for (int i = 0; i < 30; ++i) Make(StrCat("s", i), i + 1);
  Manager manager(dependencies());
  manager.AddController({"sprocket"}, kSprocket, Copier());
  const Lister lister = manager.ListerOf(kSprocket);
  manager.Start();
  ASSERT_TRUE(scheduler.RunUntil([&] { return StatusOf(lister, "s29") == 30 && writes_ == 30; }, minutes(1)));
  ChangeTeeth("s7", 99);
  Make("late", 5);
  ASSERT_TRUE(scheduler.RunUntil(
      [&] { return StatusOf(lister, "s7") == 99 && StatusOf(lister, "late") == 5; }, minutes(1)));
  scheduler.RunFor(minutes(10));
  EXPECT_EQ(writes_, 32) << "each change is written once, and then it is quiet";
  EXPECT_TRUE(manager.Stop());
}

TEST_F(EmbeddedApiTest, TheCacheFollowsThroughCompactionAndCutsAndACrdThatComesBack) {
  Manager manager(dependencies());
  manager.AddController({"sprocket"}, kSprocket, Copier());
  const Lister lister = manager.ListerOf(kSprocket);
  manager.Start();
  scheduler.RunFor(minutes(3));
  EXPECT_FALSE(lister.synced());
  EXPECT_TRUE(log.Contains("install its CustomResourceDefinition"));
  InstallCrd();
  Make("a", 1);
  ASSERT_TRUE(scheduler.RunUntil([&] { return StatusOf(lister, "a") == 1; }, minutes(1)));
  wire.Route("api", nullptr);
  scheduler.RunFor(minutes(8));
  wire.Route("api", api.get());
  ChangeTeeth("a", 2);
  api->Compact();
  ASSERT_TRUE(scheduler.RunUntil([&] { return StatusOf(lister, "a") == 2; }, minutes(6)));
  Do([&](const Context& context) {
    EXPECT_TRUE(
        client.Delete(kube::CustomResourceDefinitionKind(), {"", "sprockets.machines.test"}, {}, context));
  });
  ASSERT_TRUE(scheduler.RunUntil([&] { return lister.List().empty(); }, minutes(2)));
  InstallCrd();
  Make("b", 3);
  ASSERT_TRUE(scheduler.RunUntil([&] { return StatusOf(lister, "b") == 3; }, minutes(2)));
  EXPECT_TRUE(manager.Stop());
}

TEST_F(EmbeddedApiTest, AMetadataInformerFollowsAKindWithoutItsContent) {
  InstallCrd();
  Make("a", 1);
  Manager manager(dependencies());
  Informer* const informer = manager.AddMetadataInformer(kSprocket).front();
  manager.Start();
  const auto names = [&] {
    std::string all;
    for (const StoredObject& object : informer->store().Snapshot()) all += std::string(object.key().name);
    return all;
  };
  ASSERT_TRUE(scheduler.RunUntil([&] { return names() == "a"; }, minutes(1)));
  Make("b", 2);
  ASSERT_TRUE(scheduler.RunUntil([&] { return names().size() == 2; }, minutes(1)));
  for (const char* name : {"a", "b"}) {
    const auto object = informer->store().Get({"", name});
    ASSERT_TRUE(object && *object);
    EXPECT_FALSE((*object)->uid().empty());
    EXPECT_FALSE((*object)->ValueAt("/spec")) << "listed or watched, it has only metadata";
  }
  Do([&](const Context& context) { EXPECT_TRUE(client.Delete(kSprocket, {"", "a"}, {}, context)); });
  ASSERT_TRUE(scheduler.RunUntil([&] { return names() == "b"; }, minutes(1)));
  EXPECT_TRUE(manager.Stop());
}

TEST_F(EmbeddedApiTest, FinalizersEventsAndLeasesAreWhatTheServerAccepts) {
  InstallCrd();
  Make("a", 1);
  LeaseElector elector(client, scheduler, *random, log, *metrics,
                       {{"default", "sprockets"}, "me", {}, {}, {}});
  elector.Start();
  KubeEventRecorder recorder(client, scheduler, *random, log);
  Do([&](const Context& context) {
    auto object = client.Get(kSprocket, {"", "a"}, context);
    ASSERT_TRUE(object);
    object = AddFinalizer(client, kSprocket, *object, "machines.test/hold", context);
    ASSERT_TRUE(object) << object.error();
    recorder.Record(kSprocket, *object, EventType::kNormal, "Held", "it is held", context);
    ASSERT_TRUE(client.Delete(kSprocket, {"", "a"}, {}, context));
    object = client.Get(kSprocket, {"", "a"}, context);
    ASSERT_TRUE(object);
    EXPECT_TRUE(object->deleting());
    const auto gone = RemoveFinalizer(client, kSprocket, *object, "machines.test/hold", context);
    ASSERT_TRUE(gone) << gone.error();
    EXPECT_FALSE(gone->has_value());
    EXPECT_EQ(client.Get(kSprocket, {"", "a"}, context).error().code, Code::kNotFound);
    const auto events = client.ListAll(kube::EventKind(), "default", {"", "involvedObject.name=a"}, context);
    ASSERT_TRUE(events) << events.error();
    ASSERT_EQ(events->size(), 1u);
    EXPECT_EQ(events->front().StringAt("/reason"), "Held");
  });
  scheduler.RunFor(minutes(1));
  EXPECT_TRUE(elector.leading());
  elector.Stop();
  Do([&](const Context& context) {
    const auto lease = client.Get(kube::LeaseKind(), {"default", "sprockets"}, context);
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->StringAt("/spec/holderIdentity").value_or(""), "");
  });
}

}  // namespace
}  // namespace capstan::runtime
