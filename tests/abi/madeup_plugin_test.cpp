// The loader with a complete plugin in plain C, in simulation: every operation of External through
// the ABI and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/http/testing/faulty_transport.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/tests/abi/plugin_world.hpp>

namespace capstan::abi {
namespace {

using external::Phase;
using external::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kConfig[] = R"({"apiURL":"http://cloud.test"})";

external::Identity Ours(const std::string& uid = "uid-1") {
  return {"capstan:" + uid, "capstan-owner:here", "", ""};
}
external::Credentials Token(const std::string& token = "token-a") { return {{{"token", Secret(token)}}}; }
std::string Desired(const std::string& name = "house", int size = 3) {
  return R"({"name":")" + name + R"(","namespace":"default","uid":"uid-1","spec":{"size":)" +
         std::to_string(size) + "}}";
}

class MadeUpPluginTest : public testing::Test {
 protected:
  void SetUp() override { Start({}); }
  void Start(MadeUpCloudOptions options) {
    external_.reset();
    provider_.reset();
    world_ = std::make_unique<PluginWorld>(std::move(options));
    auto plugin = loader::LoadPlugin(*world_->files, MadeUpPlugin(), world_->seams());
    ASSERT_TRUE(plugin) << plugin.error();
    plugin_ = *plugin;
    auto provider = loader::MakeProvider(plugin_, kConfig, world_->seams());
    ASSERT_TRUE(provider) << provider.error();
    provider_ = *std::move(provider);
    external_ = Connect();
  }
  std::unique_ptr<external::External> Connect(const std::string& token = "token-a") {
    auto external = provider_->Connect("MadeUpCluster", Token(token), Context{});
    EXPECT_TRUE(external) << external.error();
    return external ? *std::move(external) : nullptr;
  }
  std::string CreateOne(const std::string& name = "house") {
    const external::Outcome made = external_->Create(Ours(), Desired(name), Context{});
    EXPECT_EQ(made.verdict, Verdict::kDone) << (made.error ? made.error->message : "");
    return made.id;
  }

  std::unique_ptr<PluginWorld> world_;
  std::shared_ptr<const loader::Plugin> plugin_;
  std::unique_ptr<external::Provider> provider_;
  std::unique_ptr<external::External> external_;
};

TEST_F(MadeUpPluginTest, SaysWhatItIsBeforeAndAfterItIsLoaded) {
  EXPECT_EQ(plugin_->inspection().name, "madeup");
  EXPECT_EQ(plugin_->inspection().version, "0.1.0");
  EXPECT_THAT(plugin_->inspection().kinds, ElementsAre("madeup.example/MadeUpCluster"));
  const external::Manifest& manifest = plugin_->manifest();
  ASSERT_EQ(manifest.kinds.size(), 1u);
  EXPECT_EQ(manifest.kinds[0].plural, "madeupclusters");
  EXPECT_EQ(manifest.kinds[0].identity, external::IdentityKept::kTag);
  EXPECT_EQ(manifest.kinds[0].credentials_field, "spec.tokenSecret");
  EXPECT_THAT(manifest.kinds[0].credential_keys, ElementsAre("token"));
  EXPECT_EQ(manifest.config_environment.at("apiURL"), "MADEUP_API_URL");
  EXPECT_EQ(manifest.kinds[0].plan_status_field, "plan");
  EXPECT_EQ(manifest.kinds[0].associated_status_field, "associatedResources");
  ASSERT_EQ(manifest.quotas.size(), 1u);
  EXPECT_EQ(manifest.quotas[0].per_minute, 600);
  EXPECT_EQ(manifest.max_concurrency, 4);
  ASSERT_EQ(manifest.crds.size(), 1u);
  EXPECT_THAT(manifest.crds[0], HasSubstr("madeupclusters.madeup.example"));
}

TEST_F(MadeUpPluginTest, CreatesWithBothTagsAndSeesItBecomeReady) {
  const std::string id = CreateOne();
  const auto clusters = world_->cloud.Clusters();
  ASSERT_EQ(clusters.size(), 1u);
  EXPECT_EQ(clusters[0].id, id);
  EXPECT_EQ(clusters[0].size, 3);
  EXPECT_THAT(clusters[0].tags, ElementsAre("capstan:uid-1", "capstan-owner:here"));

  auto seen = external_->Get(id, Context{});
  ASSERT_TRUE(seen) << seen.error();
  ASSERT_TRUE(seen->has_value());
  EXPECT_EQ((*seen)->phase, Phase::kCreating);
  EXPECT_EQ((*seen)->name, "house");
  EXPECT_EQ((*seen)->identity, "capstan:uid-1");
  EXPECT_EQ((*seen)->owner, "capstan-owner:here");
  EXPECT_FALSE((*seen)->connectable);

  world_->scheduler.RunFor(std::chrono::minutes(2));
  seen = external_->Get(id, Context{});
  ASSERT_TRUE(seen && seen->has_value());
  EXPECT_EQ((*seen)->phase, Phase::kReady);
  EXPECT_TRUE(json::Equal((*seen)->status, R"({"size":3,"progress":"running"})"));
  EXPECT_TRUE((*seen)->connectable);
}

TEST_F(MadeUpPluginTest, DeletesAndThenFindsNothingWithCertainty) {
  const std::string id = CreateOne();
  EXPECT_EQ(external_->Delete(id, {}, Context{}).verdict, Verdict::kDone);
  world_->scheduler.RunFor(std::chrono::minutes(1));
  const auto seen = external_->Get(id, Context{});
  ASSERT_TRUE(seen) << seen.error();
  EXPECT_FALSE(seen->has_value());
  EXPECT_EQ(external_->Delete(id, {}, Context{}).verdict, Verdict::kNotFound)
      << "deleting twice is success for the core";
}

TEST_F(MadeUpPluginTest, FindsItsOwnAndObjectsWithItsNameOnAllPages) {
  for (const char* name : {"a", "b", "c", "d"}) world_->cloud.MakeForeign("account-a", name);
  const std::string id = CreateOne("house");
  auto found = external_->Find(Ours(), Desired("c"), Context{});
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].name, "c");
  EXPECT_EQ((*found)[0].identity, "");
  EXPECT_EQ((*found)[1].id, id);
}

TEST_F(MadeUpPluginTest, FindsOnlyWhatTheListContainsWhileTheListLags) {
  MadeUpCloudOptions options;
  options.list_lag = std::chrono::seconds(10);
  Start(options);
  CreateOne();
  auto found = external_->Find(Ours(), Desired(), Context{});
  ASSERT_TRUE(found) << found.error();
  EXPECT_TRUE(found->empty());
  world_->scheduler.RunFor(std::chrono::seconds(10));
  found = external_->Find(Ours(), Desired(), Context{});
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->size(), 1u);
}

TEST_F(MadeUpPluginTest, ListsPageByPage) {
  for (const char* name : {"a", "b", "c"}) world_->cloud.MakeForeign("account-a", name);
  auto page = external_->List("", Context{});
  ASSERT_TRUE(page) << page.error();
  EXPECT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->total, 3);
  ASSERT_EQ(page->next, "2");
  page = external_->List(page->next, Context{});
  ASSERT_TRUE(page) << page.error();
  EXPECT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->next, "");
}

TEST_F(MadeUpPluginTest, PlansAChangeAndCarriesItOut) {
  const std::string id = CreateOne();
  world_->scheduler.RunFor(std::chrono::minutes(2));
  auto seen = external_->Get(id, Context{});
  ASSERT_TRUE(seen && seen->has_value());
  auto same = external_->MakePlan(Desired("house", 3), **seen);
  ASSERT_TRUE(same) << same.error();
  EXPECT_TRUE(same->steps.empty());

  auto plan = external_->MakePlan(Desired("house", 2), **seen);
  ASSERT_TRUE(plan) << plan.error();
  ASSERT_EQ(plan->steps.size(), 1u);
  EXPECT_EQ(plan->steps[0].verb, "scale");
  EXPECT_EQ(plan->steps[0].why, "spec.size is 2, the cluster has 3");
  EXPECT_TRUE(plan->steps[0].waits);
  EXPECT_TRUE(plan->steps[0].destroys);
  EXPECT_EQ(external_->Apply(id, plan->steps[0], {}, Context{}).verdict, Verdict::kDone);
  EXPECT_EQ(world_->cloud.Clusters()[0].size, 2);
}

TEST_F(MadeUpPluginTest, PlansToCreateAMissingObject) {
  const auto plan = external_->MakePlan(Desired("house", 3), external::Observed{});
  ASSERT_TRUE(plan) << plan.error();
  ASSERT_EQ(plan->steps.size(), 1u);
  EXPECT_EQ(plan->steps[0].verb, "create");
  EXPECT_TRUE(plan->steps[0].makes);
  ASSERT_EQ(plan->differences.size(), 1u);
  EXPECT_EQ(plan->differences[0].field, "spec.size");
  EXPECT_EQ(plan->differences[0].wanted, "3");
  EXPECT_EQ(plan->differences[0].seen, "");
  EXPECT_EQ(world_->cloud.requests(), 0);
}

TEST_F(MadeUpPluginTest, AdoptsWhatItDidNotCreateAndKeepsTheOtherTags) {
  const std::string id = world_->cloud.MakeForeign("account-a", "villa");
  world_->cloud.Tag(id, {"team:green", "capstan:old", "capstan-owner:there", "prod"});
  EXPECT_EQ(external_->Adopt(id, Ours(), Context{}).verdict, Verdict::kDone);
  EXPECT_THAT(world_->cloud.Clusters()[0].tags,
              ElementsAre("team:green", "prod", "capstan:uid-1", "capstan-owner:here"));
  EXPECT_EQ(external_->Adopt("made-77", Ours(), Context{}).verdict, Verdict::kNotFound);
  EXPECT_EQ(world_->cloud.EverMade().size(), 1u);
}

TEST_F(MadeUpPluginTest, DeletesWithAClusterExactlyTheNamedResources) {
  const std::string id = CreateOne();
  world_->cloud.AddDisk(id, "d1");
  world_->cloud.AddDisk(id, "d2");
  auto associated = external_->ListAssociated(id, Context{});
  ASSERT_TRUE(associated) << associated.error();
  ASSERT_EQ(associated->size(), 2u);
  EXPECT_EQ((*associated)[0].kind, "disks");
  EXPECT_EQ((*associated)[0].id, "d1");
  EXPECT_EQ((*associated)[0].name, "disk d1");
  associated->pop_back();
  world_->cloud.AddDisk(id, "d3");
  EXPECT_EQ(external_->Delete(id, {*associated}, Context{}).verdict, Verdict::kDone);
  EXPECT_THAT(world_->cloud.Disks(), ElementsAre("d2", "d3"));
}

TEST_F(MadeUpPluginTest, ReturnsTheNoticesSinceTheLastTime) {
  const std::string id = CreateOne();
  auto notices = external_->Notices(id, "", Context{});
  ASSERT_TRUE(notices) << notices.error();
  ASSERT_EQ(notices->size(), 1u);
  EXPECT_EQ((*notices)[0].text, "the cluster is creating");
  world_->scheduler.RunFor(std::chrono::minutes(2));
  notices = external_->Notices(id, (*notices)[0].at, Context{});
  ASSERT_TRUE(notices) << notices.error();
  ASSERT_EQ(notices->size(), 1u);
  EXPECT_EQ((*notices)[0].text, "the cluster is running");
}

TEST_F(MadeUpPluginTest, ListsWhatItsCloudOffersAndNoOtherCatalog) {
  EXPECT_EQ(plugin_->inspection().catalogs, std::vector<std::string>{"sizes"}) << "known before it is loaded";
  EXPECT_EQ(plugin_->manifest().kinds.at(0).catalogs, std::vector<std::string>{"sizes"});
  const auto sizes = external_->Offers("sizes", Context{});
  ASSERT_TRUE(sizes) << sizes.error();
  ASSERT_EQ(sizes->size(), 2u);
  EXPECT_EQ((*sizes)[0].value, "m1");
  EXPECT_EQ((*sizes)[1].name, "Big one");
  EXPECT_EQ((*sizes)[1].details, R"({"cpus":8,"zones":["a","b"]})");
  const auto versions = external_->Offers("versions", Context{});
  ASSERT_FALSE(versions);
  EXPECT_EQ(versions.error().code, Code::kUnimplemented);
}

TEST_F(MadeUpPluginTest, ReturnsTheConnectionOnceItExists) {
  const std::string id = CreateOne();
  auto early = external_->ReadConnection(id, "{}", Context{});
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().http_status, 412);
  world_->scheduler.RunFor(std::chrono::minutes(2));
  auto connection = external_->ReadConnection(id, "{}", Context{});
  ASSERT_TRUE(connection) << connection.error();
  EXPECT_THAT(std::string(connection->data.at("kubeconfig").Reveal()), HasSubstr(id));
  EXPECT_FALSE(connection->expires);
}

TEST_F(MadeUpPluginTest, ReportsTheAccount) {
  auto account = external_->WhoAmI(Context{});
  ASSERT_TRUE(account) << account.error();
  EXPECT_EQ(account->id, "account-a");
  EXPECT_EQ(account->description, "account-a@madeup.example");

  auto stranger = Connect("wrong-token")->WhoAmI(Context{});
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code, Code::kUnauthenticated);
  EXPECT_EQ(stranger.error().http_status, 401);
  EXPECT_EQ(stranger.error().message, "the token is not known here");
}

TEST_F(MadeUpPluginTest, KeepsTheMessageOfACloudThatRefuses) {
  world_->cloud.MakeForeign("account-a", "house");
  const external::Outcome refused = external_->Create(Ours(), Desired("house"), Context{});
  EXPECT_EQ(refused.verdict, Verdict::kRejected);
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Code::kAlreadyExists);
  EXPECT_EQ(refused.error->reason, "already_exists");
  EXPECT_EQ(refused.error->sent, Sent::kYes);
}

TEST_F(MadeUpPluginTest, ReportsACreateAsNotSentWhenTheCloudIsUnreachable) {
  world_->transport.Route("cloud.test", nullptr);
  const external::Outcome outcome = external_->Create(Ours(), Desired(), Context{});
  EXPECT_EQ(outcome.verdict, Verdict::kWait);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->sent, Sent::kNo);
}

TEST_F(MadeUpPluginTest, RefusesUnknownKindsAndMissingCredentials) {
  auto kind = provider_->Connect("Teapot", Token(), Context{});
  ASSERT_FALSE(kind);
  EXPECT_EQ(kind.error().code, Code::kInvalidArgument);
  EXPECT_THAT(kind.error().message, HasSubstr("Teapot"));
  auto credentials = provider_->Connect("MadeUpCluster", {}, Context{});
  ASSERT_FALSE(credentials);
  EXPECT_THAT(credentials.error().message, HasSubstr("\"token\""));
}

TEST_F(MadeUpPluginTest, EndsWithItsContext) {
  std::stop_source stop;
  stop.request_stop();
  auto stopped = external_->Get("made-1", Context{stop.get_token(), kForever});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::kCancelled);
  auto late = external_->Get("made-1", Context{{}, world_->scheduler.Now()});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
  const external::Outcome create = external_->Create(Ours(), Desired(), Context{stop.get_token(), kForever});
  EXPECT_NE(create.verdict, Verdict::kDone);
  EXPECT_TRUE(world_->cloud.EverMade().empty());
}

// Counts the concurrent requests.
class CountingTransport final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    {
      MutexLock lock(mutex_);
      most_ = std::max(most_, ++now_);
    }
    auto response = next().Send(request, context);
    MutexLock lock(mutex_);
    --now_;
    return response;
  }
  int most() {
    MutexLock lock(mutex_);
    return most_;
  }

 private:
  Mutex mutex_;
  int now_ = 0;
  int most_ = 0;
};

TEST_F(MadeUpPluginTest, RunsManyCallsConcurrentlyAndNeverMoreThanItsManifestAllows) {
  CountingTransport counting(world_->transport);
  auto provider =
      loader::MakeProvider(plugin_, kConfig, {world_->scheduler, counting, *world_->random, world_->log});
  ASSERT_TRUE(provider) << provider.error();
  auto external = (*provider)->Connect("MadeUpCluster", Token(), Context{});
  ASSERT_TRUE(external) << external.error();
  int done = 0;
  Mutex mutex;
  std::vector<Task> tasks;
  for (int i = 0; i < 20; ++i) {
    tasks.push_back(world_->scheduler.Spawn("caller", [&, i](const Context& context) {
      const auto outcome =
          (*external)->Create(Ours("uid-" + std::to_string(i)), Desired("c" + std::to_string(i)), context);
      MutexLock lock(mutex);
      if (outcome.verdict == Verdict::kDone) ++done;
    }));
  }
  for (Task& task : tasks) task.Join();
  EXPECT_EQ(done, 20);
  EXPECT_EQ(world_->cloud.EverMade().size(), 20u);
  EXPECT_EQ(counting.most(), 4) << "the manifest's maxConcurrency";
}

TEST_F(MadeUpPluginTest, TwoInstancesDoNotKnowOfEachOther) {
  auto elsewhere = loader::MakeProvider(plugin_, R"({"apiURL":"http://nowhere.test"})", world_->seams());
  ASSERT_TRUE(elsewhere) << elsewhere.error();
  auto external = (*elsewhere)->Connect("MadeUpCluster", Token(), Context{});
  ASSERT_TRUE(external);
  EXPECT_FALSE((*external)->WhoAmI(Context{}));
  EXPECT_TRUE(external_->WhoAmI(Context{}));
}

TEST_F(MadeUpPluginTest, RefusesAConfigurationThatItCannotUse) {
  auto text = loader::MakeProvider(plugin_, "not json", world_->seams());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Code::kInvalidArgument);
  auto url =
      loader::MakeProvider(plugin_, R"({"apiURL":"http://)" + std::string(600, 'a') + "\"}", world_->seams());
  ASSERT_FALSE(url);
  EXPECT_THAT(url.error().message, HasSubstr("511 bytes"));
}

TEST(ConfigFromEnvironment, ReadsTheVariablesThatTheManifestNames) {
  external::Manifest manifest;
  manifest.config_environment = {{"apiURL", "API"}, {"region", "REGION"}};
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "API") return "http://a\"b";
    return std::nullopt;
  };
  EXPECT_EQ(loader::ConfigFromEnvironment(manifest, environment), R"({"apiURL":"http://a\"b"})");
}

}  // namespace
}  // namespace capstan::abi
