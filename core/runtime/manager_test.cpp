#include <capstan/core/runtime/manager.hpp>

#include <capstan/core/runtime/testing/runtime_fixture.hpp>

namespace capstan::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class ManagerTest : public RuntimeFixture {
 protected:
  static ReconcileFunction::Function Nothing() {
    return [](const Request&, const Context&) { return Result<Outcome>(Outcome{}); };
  }
  static std::vector<std::string> Names(const std::vector<StoredObject>& objects) {
    std::vector<std::string> all;
    for (const StoredObject& object : objects) all.push_back(object.key().ToString());
    return all;
  }
  static std::vector<std::string> Team(const kube::Object& object) {
    const auto team = object.Label("team");
    return team ? std::vector<std::string>{std::string(*team)} : std::vector<std::string>{};
  }
};

TEST_F(ManagerTest, ObjectsThatSeveralControllersWatchAreWatchedOnce) {
  Manager manager(dependencies());
  manager.AddController({"one"}, WidgetKind(), Nothing());
  manager.AddController({"two"}, WidgetKind(), Nothing());
  manager.AddInformer(WidgetKind());
  manager.Start();
  scheduler_.RunFor(seconds(5));
  EXPECT_TRUE(manager.synced());
  EXPECT_EQ(api_.CountRequests("list"), 1);
}

TEST_F(ManagerTest, EachWatchOfOneKindHasMetricsOfItsOwn) {
  api_.Apply(GadgetKind(), Gadget("a", "one", R"(,"labels":{"team":"web"})"));
  api_.Apply(GadgetKind(), Gadget("b", "two"));
  Manager manager(dependencies());
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

TEST_F(ManagerTest, OnlyTheConfiguredNamespacesAreRequested) {
  for (const char* namespace_ : {"a", "b", "c"}) api_.Apply(GadgetKind(), Gadget(namespace_, "g"));
  Manager manager(dependencies(), {{"a", "c"}, {}, minutes(10), nullptr});
  std::set<std::string> seen;
  manager.AddController({"gadget"}, GadgetKind(), [&](const Request& request, const Context&) {
    if (request.cached) seen.insert(request.key.ToString());
    return Result<Outcome>(Outcome{});
  });
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

TEST_F(ManagerTest, InformersOfAKindShareOneCodecAndManagersCanShareIt) {
  ManagerOptions options{{"a", "c"}, {}, minutes(10), std::make_shared<Codecs>()};
  Manager one(dependencies(), options), other(dependencies(), options), alone(dependencies());
  for (Manager* manager : {&one, &other, &alone}) {
    ASSERT_FALSE(manager->AddInformer(GadgetKind()).empty());
    ASSERT_FALSE(manager->AddMetadataInformer(GadgetKind()).empty());
  }
  EXPECT_EQ(options.codecs->Of(GadgetKind(), false)->users(), 4u);
  EXPECT_EQ(options.codecs->Of(GadgetKind(), true)->users(), 4u);
}

TEST_F(ManagerTest, ListersSelectByNamespaceLabelAndIndex) {
  api_.Apply(GadgetKind(), Gadget("a", "one", R"(,"labels":{"team":"web"})"));
  api_.Apply(GadgetKind(), Gadget("a", "two", R"(,"labels":{"team":"db"})"));
  api_.Apply(GadgetKind(), Gadget("b", "three", R"(,"labels":{"team":"web"})"));
  Manager manager(dependencies());
  ASSERT_TRUE(manager.AddIndex(GadgetKind(), "team", &Team));
  const Lister lister = manager.ListerOf(GadgetKind());
  EXPECT_FALSE(lister.synced());
  manager.Start();
  scheduler_.RunFor(seconds(5));
  EXPECT_TRUE(lister.synced());
  using Keys = std::vector<std::string>;
  EXPECT_EQ(Names(lister.List()), (Keys{"a/one", "a/two", "b/three"}));
  EXPECT_EQ(Names(lister.List("a")), (Keys{"a/one", "a/two"}));
  EXPECT_EQ(Names(lister.List("", *LabelSelector::Parse("team=web"))), (Keys{"a/one", "b/three"}));
  EXPECT_EQ(Names(*lister.ListByIndex("team", "web")), (Keys{"a/one", "b/three"}));
}

TEST_F(ManagerTest, AnIndexThatWasNeverAddedIsAnErrorThatNamesTheExistingOnes) {
  Manager manager(dependencies());
  ASSERT_TRUE(manager.AddIndex(GadgetKind(), "team", &Team));
  const auto found = manager.ListerOf(GadgetKind()).ListByIndex("taem", "web");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(found.error().message,
            "gadgets.made.up: the cache has no index \"taem\" (it has team): add it with AddIndex");
}

TEST_F(ManagerTest, EveryIndexOfAnInformerExistsNoMatterWhichControllerAddsItAndWhen) {
  api_.Apply(GadgetKind(), Gadget("a", "one", R"(,"labels":{"team":"web","tier":"front"})"));
  Manager manager(dependencies());
  ASSERT_TRUE(manager.AddIndex(GadgetKind(), "team", &Team));
  const auto label = [](const std::string& name) -> IndexFunction {
    return [name](const kube::Object& object) {
      const auto value = object.Label(name);
      return value ? std::vector<std::string>{std::string(*value)} : std::vector<std::string>{};
    };
  };
  ASSERT_TRUE(manager.AddIndex(GadgetKind(), "tier", label("tier")));
  ASSERT_TRUE(manager.AddIndex(GadgetKind(), "team", &Team)) << "requested by a second user";
  const Lister lister = manager.ListerOf(GadgetKind());
  manager.Start();
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(Names(*lister.ListByIndex("team", "web")), std::vector<std::string>{"a/one"});
  EXPECT_EQ(Names(*lister.ListByIndex("tier", "front")), std::vector<std::string>{"a/one"});
  // Also after the cache has been filled.
  ASSERT_TRUE(manager.AddIndex(GadgetKind(), "late", label("team")));
  EXPECT_EQ(Names(*lister.ListByIndex("late", "web")), std::vector<std::string>{"a/one"});
  api_.Apply(GadgetKind(), Gadget("a", "two", R"(,"labels":{"team":"web"})"));
  api_.Apply(GadgetKind(), Gadget("a", "one", R"(,"labels":{"team":"db"})"));
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(Names(*lister.ListByIndex("late", "web")), std::vector<std::string>{"a/two"});
  EXPECT_EQ(Names(*lister.ListByIndex("late", "db")), std::vector<std::string>{"a/one"});
}

TEST_F(ManagerTest, TwoIndexesOfOneNameAreAnErrorAtOnce) {
  Manager manager(dependencies());
  ASSERT_TRUE(manager.AddIndex(GadgetKind(), "team", &Team));
  const auto second = manager.AddIndex(GadgetKind(), "team",
                                       [](const kube::Object&) { return std::vector<std::string>{"x"}; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kAlreadyExists);
  EXPECT_EQ(manager.AddIndex(GadgetKind(), "none", nullptr).error().code, Code::kInvalidArgument);
}

TEST_F(ManagerTest, AControllerThatIsAddedAfterStartStartsImmediately) {
  api_.Apply(WidgetKind(), Widget("a"));
  api_.Apply(GadgetKind(), Gadget("a", "g"));
  Manager manager(dependencies());
  std::vector<std::string> seen;
  const auto note = [&](const Request& request, const Context&) {
    seen.push_back(request.key.ToString());
    return Result<Outcome>(Outcome{});
  };
  manager.AddController({"widget"}, WidgetKind(), note);
  manager.Start();
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(seen, std::vector<std::string>{"a"});
  manager.AddController({"gadget"}, GadgetKind(), note);
  manager.AddController({"widget too"}, WidgetKind(), note);
  scheduler_.RunFor(seconds(5));
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "a", "a/g"}));
}

TEST_F(ManagerTest, AControllerThatIsAddedWhileTheManagerIsPausedIsPausedToo) {
  api_.Apply(WidgetKind(), Widget("a"));
  Manager manager(dependencies());
  manager.Start();
  manager.Pause();
  int reconciles = 0;
  manager.AddController({"widget"}, WidgetKind(), [&](const Request&, const Context&) {
    ++reconciles;
    return Result<Outcome>(Outcome{});
  });
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(reconciles, 0);
  manager.Resume();
  scheduler_.RunFor(seconds(5));
  EXPECT_EQ(reconciles, 1);
}

TEST_F(ManagerTest, AReconcilerMayUseTheManagersInformersAndOutlivesItsLastCall) {
  struct Lasting final : Reconciler {
    Lasting(Lister list, bool& end) : lister(std::move(list)), ended(end) {}
    ~Lasting() override {
      EXPECT_EQ(lister.List().size(), 1u) << "the informers outlive it";
      ended = true;
    }
    Result<Outcome> Reconcile(const Request&, const Context&) override { return Outcome{}; }
    Lister lister;
    bool& ended;
  };
  api_.Apply(WidgetKind(), Widget("a"));
  bool ended = false;
  {
    Manager manager(dependencies());
    manager.AddController({"widget"}, WidgetKind(),
                          std::make_unique<Lasting>(manager.ListerOf(WidgetKind()), ended));
    manager.Start();
    scheduler_.RunFor(seconds(5));
    EXPECT_FALSE(ended);
  }
  EXPECT_TRUE(ended);
}

TEST_F(ManagerTest, ReadinessNamesTheCacheThatIsNotFilledAndTheWatchThatIsSilent) {
  HealthChecks checks;
  Manager manager(dependencies());
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
  Manager manager(dependencies());
  manager.AddController({"one"}, WidgetKind(), Nothing());
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
