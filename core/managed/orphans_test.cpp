#include <capstan/core/managed/orphans.hpp>

#include <functional>

#include <capstan/core/external/forwarding.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

// The cloud of boxes with a list, which its own provider does not offer.
class ListingBoxes final : public external::ForwardingExternal {
 public:
  ListingBoxes(std::unique_ptr<external::External> next, std::function<std::vector<std::string>()> ids)
      : ForwardingExternal(std::move(next)), ids_(std::move(ids)) {}
  Result<external::Page> List(const std::string&, const Context& context) override {
    external::Page page;
    for (const std::string& id : ids_()) {
      CAPSTAN_TRY(auto box, next().Get(id, context));
      if (box) page.items.push_back(std::move(*box));
    }
    return page;
  }

 private:
  const std::function<std::vector<std::string>()> ids_;
};

class ListingProvider final : public external::ForwardingProvider {
 public:
  ListingProvider(std::unique_ptr<external::Provider> next, std::function<std::vector<std::string>()> ids)
      : ForwardingProvider(std::move(next)), ids_(std::move(ids)) {}
  Result<std::unique_ptr<external::External>> Connect(const std::string& kind,
                                                      const external::Credentials& credentials,
                                                      const Context& context) override {
    CAPSTAN_TRY(auto cloud, next().Connect(kind, credentials, context));
    return std::make_unique<ListingBoxes>(std::move(cloud), ids_);
  }

 private:
  const std::function<std::vector<std::string>()> ids_;
};

class Orphans : public ManagedTest {
 protected:
  Orphans()
      : provider_(std::make_unique<ListingProvider>(
            world.cloud->MakeProvider(world.network(), world.scheduler), [this] {
              std::vector<std::string> ids;
              for (const auto& box : LiveBoxes()) ids.push_back(box.id);
              return ids;
            })) {}
  OrphanReport Find() {
    const OrphanSearch search{
        world.admin(), {provider_.get()}, world.options.managed.owner_id, "capstan-system", {}};
    auto report = FindOrphans(search, {});
    EXPECT_TRUE(report) << report.error();
    return report ? *report : OrphanReport{};
  }
  // As a user does who loses patience with a finalizer while no operator runs.
  void ForceAway(const std::string& name) {
    world.life()->Stop();
    ASSERT_TRUE(world.Delete(name));
    ASSERT_TRUE(world.Patch(world.kind, name, R"({"metadata":{"finalizers":null}})"));
    world.keys.clear();
  }
  std::unique_ptr<external::Provider> provider_;
};

TEST_F(Orphans, AreOurCloudObjectsWhoseObjectIsGone) {
  MakeReady("a");
  MakeReady("b");
  const std::string id = Field("a", "/status/external/id");
  EXPECT_TRUE(Find().orphans.empty());
  ForceAway("a");
  const auto report = Find();
  ASSERT_EQ(report.orphans.size(), 1u) << ::testing::PrintToString(report.problems);
  EXPECT_EQ(report.orphans[0].id, id);
  EXPECT_TRUE(report.orphans[0].abandoned_reason.empty());
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(LiveBoxes().size(), 2u) << "an observation deletes nothing";
}

TEST_F(Orphans, OfAKindWhosePluginCannotListAreAReportedProblem) {
  MakeReady("a");
  provider_ = world.cloud->MakeProvider(world.network(), world.scheduler);
  const auto report = Find();
  EXPECT_TRUE(report.orphans.empty());
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_NE(report.problems[0].find("cannot list"), std::string::npos) << report.problems[0];
}

TEST_F(Orphans, OfAnotherInstallationAreNotOurs) {
  MakeReady("a");
  MakeReady("b");
  ForceAway("a");
  world.options.managed.owner_id = "another-cluster";
  EXPECT_TRUE(Find().orphans.empty());
}

TEST_F(Orphans, AreNotThoseThatARestoredObjectNames) {
  MakeReady("a");
  MakeReady("b");
  const std::string kept(world.Get("a")->Annotation(kExternalAnnotation).value_or(""));
  ASSERT_FALSE(kept.empty());
  ForceAway("a");
  ASSERT_EQ(Find().orphans.size(), 1u);
  ASSERT_TRUE(world.Apply("again", kSecretSpec));
  auto annotations = json::MakeObject();
  annotations->set(kExternalAnnotation, kept);
  auto metadata = json::MakeObject();
  metadata->set("annotations", annotations);
  auto patch = json::MakeObject();
  patch->set("metadata", metadata);
  ASSERT_TRUE(world.Patch(world.kind, "again", json::ToText(patch)));
  world.keys.clear();
  EXPECT_TRUE(Find().orphans.empty());
}

TEST_F(Orphans, WhoseCredentialsAreGoneAreAReportedProblem) {
  MakeReady("a");
  ForceAway("a");
  ASSERT_TRUE(world.Apply("b", R"("size":3,"color":"red","tokenSecret":"none")"));
  world.keys.clear();
  const auto report = Find();
  EXPECT_TRUE(report.orphans.empty());
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_NE(report.problems[0].find("none"), std::string::npos) << report.problems[0];
}

}  // namespace
}  // namespace capstan::managed
