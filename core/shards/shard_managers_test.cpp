#include <capstan/core/shards/shard_managers.hpp>

#include <capstan/core/shards/placement.hpp>
#include <capstan/core/shards/testing/shards_test.hpp>

namespace capstan::shards {
namespace {

using std::chrono::seconds;

// ConfigMaps of namespace "default" in four shards.
class ShardManagersTest : public ShardsTest {
 protected:
  class Notes final : public runtime::Reconciler {
   public:
    Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context&) override {
      ++seen[request.key.name];
      return runtime::Outcome{};
    }
    void Forget(const kube::ObjectKey& key) override { forgotten.insert(key.name); }
    std::map<std::string, int> seen;
    std::set<std::string> forgotten;
  };
  struct Operator {
    explicit Operator(ShardManagersTest& test)
        : managers({test.client, test.scheduler, *test.random, test.log, *test.metrics}, Options()) {
      runtime::ControllerOptions controller;
      controller.name = "configmap";
      reconcile_now = managers.AddKind(controller, kube::ConfigMapKind(), notes);
    }
    static ShardManagersOptions Options() {
      ShardManagersOptions options;
      options.shards = 4;
      options.manager.namespaces = {"default"};
      return options;
    }
    std::shared_ptr<Notes> notes = std::make_shared<Notes>();
    ShardManagers managers;
    std::function<void(const kube::ObjectKey&)> reconcile_now;
  };

  // Returns the shard that the object belongs to.
  int Create(const std::string& name, const std::string& label = "") {
    int shard = -1;
    Do([&](const Context& context) {
      const std::string labels =
          label.empty() ? "" : StrCat(R"(,"labels":{"capstan.dev/shard":")", label, "\"}");
      const auto made = client.Create(kube::ConfigMapKind(), "default",
                                      StrCat(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")",
                                             name, R"(","namespace":"default")", labels, "}}"),
                                      context);
      ASSERT_TRUE(made) << made.error();
      shard = ShardOf(made->uid(), 4);
    });
    return shard;
  }
  std::string LabelOf(const std::string& name) {
    std::string label;
    Do([&](const Context& context) {
      const auto object = client.Get(kube::ConfigMapKind(), {"default", name}, context);
      if (object) label = std::string(object->Label(kShardLabel).value_or(""));
    });
    return label;
  }
  void Label(const std::string& name, const std::string& label) {
    Do([&](const Context& context) {
      EXPECT_TRUE(client.Patch(kube::ConfigMapKind(), {"default", name}, kube::PatchType::kMerge,
                               StrCat(R"({"metadata":{"labels":{"capstan.dev/shard":)", label, "}}}"), {},
                               context));
    });
  }
};

TEST_F(ShardManagersTest, EveryObjectIsLabelledAndReconciledOnlyByTheOwnerOfItsShard) {
  Operator even(*this), odd(*this);
  std::map<std::string, int> shards;
  for (int i = 0; i < 20; ++i) shards[StrCat("before-", i)] = Create(StrCat("before-", i));
  for (const int shard : {0, 2}) even.managers.Start(shard);
  for (const int shard : {1, 3}) odd.managers.Start(shard);
  scheduler.RunFor(seconds(5));
  for (int i = 0; i < 20; ++i) shards[StrCat("after-", i)] = Create(StrCat("after-", i));
  scheduler.RunFor(seconds(5));
  for (const auto& [name, shard] : shards) {
    EXPECT_EQ(LabelOf(name), ShardLabel(4, shard));
    EXPECT_EQ(even.notes->seen.count(name), shard % 2 == 0 ? 1U : 0U) << name;
    EXPECT_EQ(odd.notes->seen.count(name), shard % 2 == 1 ? 1U : 0U) << name;
  }
  for (const int shard : {0, 2}) even.managers.Stop(shard, seconds(1));
  for (const int shard : {1, 3}) odd.managers.Stop(shard, seconds(1));
}

TEST_F(ShardManagersTest, ALabelThatWasEditedIsRestoredAndGivesNoOtherMemberTheObject) {
  Operator even(*this), odd(*this);
  for (const int shard : {0, 2}) even.managers.Start(shard);
  for (const int shard : {1, 3}) odd.managers.Start(shard);
  const int shard = Create("edited");
  scheduler.RunFor(seconds(2));
  for (const std::string& wrong : {StrCat("\"4-", (shard + 1) % 4, "\""), std::string("\"anything\""),
                                   std::string("\"12-3\""), std::string("null")}) {
    Label("edited", wrong);
    scheduler.RunFor(seconds(2));
    EXPECT_EQ(LabelOf("edited"), ShardLabel(4, shard)) << wrong;
  }
  EXPECT_EQ((shard % 2 == 0 ? odd : even).notes->seen.count("edited"), 0U);
  for (const int own : {0, 2}) even.managers.Stop(own, seconds(1));
  for (const int own : {1, 3}) odd.managers.Stop(own, seconds(1));
}

TEST_F(ShardManagersTest, OnlyTheObjectsOfOurShardsAreListed) {
  Operator even(*this), odd(*this);
  std::map<std::string, int> shards;
  for (int i = 0; i < 20; ++i) shards[StrCat("object-", i)] = Create(StrCat("object-", i));
  EXPECT_TRUE(even.managers.List(kube::ConfigMapKind()).empty());
  for (const int shard : {0, 2}) even.managers.Start(shard);
  for (const int shard : {1, 3}) odd.managers.Start(shard);
  scheduler.RunFor(seconds(5));
  std::map<std::string, int> seen;
  for (const auto& object : even.managers.List(kube::ConfigMapKind())) seen[std::string(object.name())] += 2;
  for (const auto& object : odd.managers.List(kube::ConfigMapKind())) seen[std::string(object.name())] += 1;
  for (const auto& [name, shard] : shards) {
    EXPECT_EQ(seen[name], shard % 2 == 0 ? 2 : 1) << name;
    const auto got = even.managers.Get(kube::ConfigMapKind(), {"default", name});
    ASSERT_TRUE(got) << got.error();
    EXPECT_EQ(got->has_value(), shard % 2 == 0) << name;
  }
  for (const int shard : {0, 2}) even.managers.Stop(shard, seconds(1));
  EXPECT_TRUE(even.managers.List(kube::ConfigMapKind()).empty());
  for (const int shard : {1, 3}) odd.managers.Stop(shard, seconds(1));
}

TEST_F(ShardManagersTest, NothingIsLeftOfAShardThatWasGivenUp) {
  Operator all(*this);
  std::map<std::string, int> shards;
  for (int i = 0; i < 20; ++i) shards[StrCat("object-", i)] = Create(StrCat("object-", i));
  for (int shard = 0; shard < 4; ++shard) all.managers.Start(shard);
  scheduler.RunFor(seconds(5));
  all.managers.CollectMetrics();
  EXPECT_NE(metrics->Text().find("configmap-shard-2"), std::string::npos);
  EXPECT_TRUE(all.managers.synced());
  all.managers.Pause(2);
  EXPECT_TRUE(all.managers.Stop(2, seconds(1)));
  all.managers.CollectMetrics();
  EXPECT_EQ(metrics->Text().find("configmap-shard-2"), std::string::npos);
  EXPECT_EQ(metrics->Text().find("capstan.dev/shard=4-2"), std::string::npos);
  EXPECT_NE(metrics->Text().find("capstan.dev/shard=4-1"), std::string::npos);
  for (const auto& [name, shard] : shards) EXPECT_EQ(all.notes->forgotten.count(name), shard == 2 ? 1U : 0U);
  // The shard may come back.
  all.notes->seen.clear();
  all.managers.Start(2);
  scheduler.RunFor(seconds(5));
  for (const auto& [name, shard] : shards) EXPECT_EQ(all.notes->seen.count(name), shard == 2 ? 1U : 0U);
  for (int shard = 0; shard < 4; ++shard) all.managers.Stop(shard, seconds(1));
}

TEST_F(ShardManagersTest, AnObjectIsReconciledImmediatelyByTheOwnerOfItsShard) {
  Operator all(*this);
  const int shard = Create("wanted");
  for (int own = 0; own < 4; ++own) all.managers.Start(own);
  scheduler.RunFor(seconds(5));
  const int before = all.notes->seen["wanted"];
  all.reconcile_now({"default", "wanted"});
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(all.notes->seen["wanted"], before + 1);
  all.managers.Stop(shard, seconds(1));
  all.reconcile_now({"default", "wanted"});
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(all.notes->seen["wanted"], before + 1);
  for (int own = 0; own < 4; ++own) all.managers.Stop(own, seconds(1));
}

TEST_F(ShardManagersTest, UndividedWorkComesAndGoesWithTheFirstShard) {
  std::vector<bool> told;
  ShardManagersOptions options = Operator::Options();
  options.on_first = [&](bool ours) { told.push_back(ours); };
  ShardManagers managers({client, scheduler, *random, log, *metrics}, options);
  managers.Start(1);
  EXPECT_TRUE(told.empty());
  managers.Start(0);
  EXPECT_EQ(told, (std::vector<bool>{true}));
  managers.Stop(1, seconds(1));
  managers.Stop(0, seconds(1));
  EXPECT_EQ(told, (std::vector<bool>{true, false}));
}

}  // namespace
}  // namespace capstan::shards
