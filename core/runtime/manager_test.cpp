#include <capstan/core/runtime/manager.hpp>

#include <capstan/core/runtime/testing/runtime_fixture.hpp>

namespace capstan::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class ManagerTest : public RuntimeFixture {};

TEST_F(ManagerTest, WhatSeveralWatchIsWatchedOnce) {
  Manager manager(surroundings());
  ReconcileFunction nothing([](const Request&, const Context&) -> Result<Outcome> { return Outcome{}; });
  manager.AddController({"one"}, WidgetKind(), nothing);
  manager.AddController({"two"}, WidgetKind(), nothing);
  manager.AddInformer(WidgetKind());
  manager.Start();
  scheduler_.RunFor(seconds(5));
  EXPECT_TRUE(manager.synced());
  EXPECT_EQ(api_.CountRequests("list"), 1);
}

TEST_F(ManagerTest, EachWatchOfOneKindHasMetricsOfItsOwn) {
  api_.Apply(GadgetKind(), Gadget("a", "one", R"(,"labels":{"team":"web"})"));
  api_.Apply(GadgetKind(), Gadget("b", "two"));
  Manager manager(surroundings());
  manager.AddInformer(GadgetKind());
  manager.AddInformer(GadgetKind(), "team=web");
  manager.AddInformer(WatchTarget{GadgetKind(), "", "team=db", "metadata.name=two", false});
  manager.AddInformer(WatchTarget{GadgetKind(), "b", "", "metadata.name=two", false});
  manager.AddMetadataInformer(GadgetKind());
  manager.Start();
  scheduler_.RunFor(seconds(5));
  manager.CollectMetrics();
  const std::string text = metrics_->Text();
  for (const char* line :
       {"capstan_cache_objects{namespace=\"\",resource=\"gadgets.made.up\"} 2\n",
        "capstan_cache_objects{namespace=\"b\",resource=\"gadgets.made.up\",selector=\"fields:metadata.name="
        "two\"} 1\n",
        "capstan_cache_objects{namespace=\"\",resource=\"gadgets.made.up\",selector=\"team=web\"} ",
        "capstan_cache_objects{namespace=\"\",resource=\"gadgets.made.up\",selector=\"team=db "
        "fields:metadata.name=two\"} ",
        "capstan_watch_lists_total{namespace=\"b\",resource=\"gadgets.made.up\","
        "selector=\"fields:metadata.name=two\"} 1\n",
        "capstan_watch_lists_total{content=\"metadata\",namespace=\"\",resource=\"gadgets.made.up\"} 1\n",
        "capstan_watch_last_sign_of_life_seconds{namespace=\"\",resource=\"gadgets.made.up\",selector=\"team="
        "web\"} "}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST_F(ManagerTest, OnlyTheNamespacesThatAreNamedAreAskedFor) {
  for (const char* namespace_ : {"a", "b", "c"}) api_.Apply(GadgetKind(), Gadget(namespace_, "g"));
  Manager manager(surroundings(), {{"a", "c"}, {}, minutes(10)});
  std::set<std::string> seen;
  ReconcileFunction note([&](const Request& request, const Context&) -> Result<Outcome> {
    if (request.cached) seen.insert(request.key.ToString());
    return Outcome{};
  });
  manager.AddController({"gadget"}, GadgetKind(), note);
  const Lister lister = manager.ListerOf(GadgetKind());
  manager.Start();
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(seen, (std::set<std::string>{"a/g", "c/g"}));
  for (const std::string& request : api_.requests()) {
    EXPECT_NE(request.find("/namespaces/"), std::string::npos) << request;
    EXPECT_EQ(request.find("/namespaces/b"), std::string::npos) << request;
  }
  EXPECT_EQ(lister.List().size(), 2u);
  EXPECT_TRUE(lister.Get({"c", "g"})->has_value());
  EXPECT_FALSE(lister.Get({"b", "g"})->has_value());
}

TEST_F(ManagerTest, ListersSelectByNamespaceLabelAndIndex) {
  api_.Apply(GadgetKind(), Gadget("a", "one", R"(,"labels":{"team":"web"})"));
  api_.Apply(GadgetKind(), Gadget("a", "two", R"(,"labels":{"team":"db"})"));
  api_.Apply(GadgetKind(), Gadget("b", "three", R"(,"labels":{"team":"web"})"));
  Manager manager(surroundings());
  manager.AddInformer(GadgetKind(), "", {{"team", [](const kube::Object& object) {
                                            const auto team = object.Label("team");
                                            return team ? std::vector<std::string>{std::string(*team)}
                                                        : std::vector<std::string>{};
                                          }}});
  const Lister lister = manager.ListerOf(GadgetKind());
  EXPECT_FALSE(lister.synced());
  manager.Start();
  scheduler_.RunFor(seconds(5));
  EXPECT_TRUE(lister.synced());
  const auto names = [](const std::vector<StoredObject>& objects) {
    std::vector<std::string> all;
    for (const StoredObject& object : objects) all.push_back(object.key().ToString());
    return all;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(lister.List()), (Names{"a/one", "a/two", "b/three"}));
  EXPECT_EQ(names(lister.List("a")), (Names{"a/one", "a/two"}));
  EXPECT_EQ(names(lister.List("", *LabelSelector::Parse("team=web"))), (Names{"a/one", "b/three"}));
  EXPECT_EQ(names(lister.ListByIndex("team", "web")), (Names{"a/one", "b/three"}));
  EXPECT_EQ(names(lister.ListByIndex("no such index", "web")), Names{});
}

TEST_F(ManagerTest, ReadinessNamesTheCacheThatIsNotFilledAndTheWatchThatIsSilent) {
  HealthChecks checks;
  Manager manager(surroundings());
  manager.AddInformer(WidgetKind());
  manager.AddChecks(checks);
  EXPECT_FALSE(checks.Run(false).healthy);
  EXPECT_NE(checks.Run(false).text.find("[-]caches failed: the cache of widgets.made.up is not filled yet"),
            std::string::npos);
  manager.Start();
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(checks.Run(false).text, "ok");
  EXPECT_NE(checks.Run(true).text.find("[+]watches ok"), std::string::npos);
  transport_.Route("api", nullptr);
  api_.EndWatches(true);
  scheduler_.RunFor(minutes(11));
  EXPECT_FALSE(checks.Run(false).healthy);
  EXPECT_NE(checks.Run(false).text.find("nothing was heard of widgets.made.up"), std::string::npos);
}

TEST_F(ManagerTest, StopsAlthoughACacheNeverFilled) {
  transport_.Route("api", nullptr);
  Manager manager(surroundings());
  ReconcileFunction nothing([](const Request&, const Context&) -> Result<Outcome> { return Outcome{}; });
  manager.AddController({"one"}, WidgetKind(), nothing);
  manager.Start();
  scheduler_.RunFor(seconds(5));
  const Instant before = scheduler_.Now();
  EXPECT_TRUE(manager.Stop(seconds(20)));
  EXPECT_LT(scheduler_.Now() - before, seconds(1));
}

TEST(LabelSelectorTest, UnderstandsWhatKubectlUnderstands) {
  const std::map<std::string, std::string> labels = {
      {"app", "web"}, {"tier", "front"}, {"example.dev/owner", ""}};
  const auto value_of = [&](std::string_view key) -> std::optional<std::string_view> {
    const auto found = labels.find(std::string(key));
    if (found == labels.end()) return std::nullopt;
    return found->second;
  };
  for (const char* yes :
       {"", "app=web", "app==web", "app!=db", "absent!=x", "app", "!absent", "app in (db, web)",
        "app notin (db)", "absent notin (a)", "app=web,tier in (front,back),!absent",
        "example.dev/owner=", "example.dev/owner"}) {
    const auto selector = LabelSelector::Parse(yes);
    ASSERT_TRUE(selector) << yes;
    EXPECT_TRUE(selector->Matches(value_of)) << yes;
  }
  for (const char* no : {"app=db", "app!=web", "!app", "absent", "absent=x", "app notin (web)", "app in (db)",
                         "app=web,absent"}) {
    const auto selector = LabelSelector::Parse(no);
    ASSERT_TRUE(selector) << no;
    EXPECT_FALSE(selector->Matches(value_of)) << no;
  }
  for (const char* bad : {"=web", "app=web,", "app in web", "app like (a)", "a b", "app in (a", "(a)"}) {
    EXPECT_FALSE(LabelSelector::Parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace capstan::runtime
