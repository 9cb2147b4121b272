#include <capstan/testing/explore.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>

#include <capstan/core/base/files.hpp>
#include <capstan/core/kube/builtin_kinds.hpp>
#include <capstan/core/operator/testing/widget.hpp>

namespace capstan::testing {
namespace {

using ::testing::HasSubstr;

const kube::ObjectKey kOne{"default", "one"};

void Before(Cluster& cluster) { (void)cluster.Apply(WidgetCrd()); }
void Make(Cluster& cluster) { (void)cluster.Apply(WidgetYaml("one", "size: 1")); }

const Invariant kOneMap{"a widget has one map at most", [](Cluster& cluster) {
                          std::size_t maps = 0;
                          for (const kube::Object& map : cluster.List(kube::ConfigMapKind(), "default"))
                            maps += map.key().name.rfind("map", 0) == 0 ? 1 : 0;
                          return maps <= 1;
                        }};

std::string TextOf(const Explored& explored) {
  std::ostringstream text;
  text << explored;
  return text.str();
}

Status KeepMap(Turn<>& widget) {
  CAPSTAN_RETURN_IF_ERROR(widget.Own(kube::ConfigMapKind(), "map", Json().Set("data", Json().Set("a", "b"))));
  widget.Condition("Ready", true, "Made", "the map is there");
  return {};
}

Status LetGo(Turn<>& widget) { return widget.Remove(kube::ConfigMapKind(), {"other", "copy"}); }
Status KeepCopy(Turn<>& widget) {
  CAPSTAN_RETURN_IF_ERROR(
      widget.Make(kube::ConfigMapKind(), {"other", "copy"}, Json().Set("data", Json().Set("a", "b"))));
  widget.Set("copied", true);
  return {};
}

TEST(Explore, FindsNothingInAnOperatorThatOwnsWhatItMakes) {
  Operator careful({.name = "careful"});
  careful.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile(KeepMap);
  const ExploreSettings settings{.quiet = std::chrono::minutes(10)};
  const Explored explored = Explore(careful, {.before = Before, .act = Make}, {kOneMap}, settings);
  EXPECT_TRUE(explored) << explored;
  EXPECT_GT(explored.runs, 100u);
}

TEST(Explore, FindsNothingInAnOperatorWithAFinalizerAndALeaseWhoseObjectIsCreatedAndDeleted) {
  Operator careful({.name = "careful", .leader_elect = true});
  careful.For(WidgetKind()).Makes(kube::ConfigMapKind()).Reconcile(KeepCopy).Cleanup(LetGo);
  const Scenario scenario{
      .before =
          [](Cluster& cluster) {
            Before(cluster);
            (void)cluster.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: other}}");
          },
      .act =
          [](Cluster& cluster) {
            Make(cluster);
            (void)cluster.Until(
                [&] {
                  return cluster.Get(kube::ConfigMapKind(), {"other", "copy"}).has_value();
                },
                std::chrono::minutes(30));
            (void)cluster.Delete(WidgetKind(), kOne);
            (void)cluster.Until([&] { return !cluster.Get(WidgetKind(), kOne); }, std::chrono::minutes(30));
          }};
  const Invariant no_orphan{
      "a copy has its widget", [](Cluster& cluster) {
        return cluster.Get(WidgetKind(), kOne) || !cluster.Get(kube::ConfigMapKind(), {"other", "copy"});
      }};
  // A Lease is renewed every two seconds, which takes most of the time of a simulated hour.
  const ExploreSettings settings{.runs = 40, .quiet = std::chrono::minutes(4)};
  const Explored explored = Explore(careful, scenario, {no_orphan}, settings);
  EXPECT_TRUE(explored) << explored;
}

// Creates its map with a server-generated name, and records the name afterwards: a process that
// crashes in between creates another map.
Status MakeMapCarelessly(Turn<>& widget) {
  if (!widget.Text("/status/map").empty()) return {};
  CAPSTAN_TRY(
      const kube::Object made,
      widget.client().Create(kube::ConfigMapKind(), widget.namespace_(),
                             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"map-"}})",
                             widget.context()));
  widget.Set("map", made.key().name);
  return {};
}

TEST(Explore, CatchesACreateThatIsNotIdempotentAndSaysWhenInWords) {
  Operator careless({.name = "careless"});
  careless.For(WidgetKind()).Reconcile(MakeMapCarelessly);
  const Scenario scenario{.before = Before, .act = Make};
  ExploreSettings settings;
  settings.enough = 1;
  const Explored explored = Explore(careless, scenario, {kOneMap}, settings);
  ASSERT_FALSE(explored);
  const Explored::Finding& first = explored.findings.front();
  EXPECT_THAT(first.violation, HasSubstr("a widget has one map at most"));
  EXPECT_THAT(first.text, HasSubstr("POST /api/v1/namespaces/default/configmaps"));
  EXPECT_THAT(first.text, HasSubstr("again with: CAPSTAN_EXPLORE=" + first.schedule));

  // Only that schedule, to reproduce it.
  settings.schedule = first.schedule;
  const Explored again = Explore(careless, scenario, {kOneMap}, settings);
  ASSERT_EQ(again.findings.size(), 1u);
  EXPECT_EQ(again.runs, 1u);
  EXPECT_EQ(again.findings.front().violation, first.violation);
}

// Gives up after a first failure, which it stores in memory.
TEST(Explore, CatchesOneThatDoesNotConverge) {
  auto given_up = std::make_shared<std::atomic<bool>>(false);
  Operator careless({.name = "careless"});
  careless.For(WidgetKind()).Reconcile([given_up](Turn<>& widget) -> Status {
    if (*given_up) return {};
    const auto read = widget.Read(kube::NamespaceKind(), {"", "default"});
    if (!read) {
      *given_up = true;
      return {};
    }
    widget.Set("seen", true);
    return {};
  });
  Scenario scenario{.act = Make};
  scenario.before = [given_up](Cluster& cluster) {
    *given_up = false;
    Before(cluster);
  };
  const Explored explored = Explore(careless, scenario, {}, {.enough = 1});
  ASSERT_FALSE(explored);
  EXPECT_THAT(TextOf(explored), HasSubstr("it does not converge: widgets default/one: status"));
}

TEST(Explore, CatchesOneThatNeverFallsQuiet) {
  Operator careless({.name = "careless"});
  careless.For(WidgetKind()).Reconcile([](Turn<>& widget) -> Status {
    widget.Set("lastSeen", FormatRfc3339(widget.now()));
    widget.Again(std::chrono::minutes(5));
    return {};
  });
  const Explored explored = Explore(careless, {.before = Before, .act = Make});
  ASSERT_EQ(explored.findings.size(), 1u);
  EXPECT_EQ(explored.findings.front().schedule, "none");
  EXPECT_THAT(TextOf(explored), HasSubstr("it does not fall quiet: 12 writes in the 1h"));
}

TEST(Explore, TriesWhatPeopleMayDoAtEveryEffect) {
  // Reads the object once, and never again: an edit goes unnoticed.
  Operator careless({.name = "careless"});
  careless.For(WidgetKind()).Reconcile([](Turn<>& widget) -> Status {
    if (widget.object().StringAt("/status/size")) return {};
    widget.Set("size", std::to_string(widget["spec"]["size"].AsInteger()));
    return {};
  });
  const Scenario scenario{.before = Before, .act = Make, .user_action = [](Cluster& cluster) {
                            if (cluster.Get(WidgetKind(), kOne))
                              (void)cluster.Patch(WidgetKind(), kOne, R"({"spec":{"size":2}})");
                          }};
  std::size_t edited = 0;
  const Invariant counts{"edits are seen", [&](Cluster& cluster) {
                           const auto widget = cluster.Get(WidgetKind(), kOne);
                           if (widget && widget->IntegerAt("/spec/size") == 2) ++edited;
                           return true;
                         }};
  (void)Explore(careless, scenario, {counts}, {.runs = 60, .quiet = {}});
  EXPECT_GT(edited, 0u);
}

// Counts its attempts in the status. After one, it searches for a map before it creates another;
// after two, it no longer searches. It survives one crash, but not two.
Status MakeMapByCounting(Turn<>& widget) {
  auto& client = widget.client();
  CAPSTAN_TRY(const kube::Object now, client.Get(WidgetKind(), widget.key(), widget.context()));
  if (now.StringAt("/status/map")) return {};
  const std::int64_t tries = now.IntegerAt("/status/tries").value_or(0) + 1;
  const auto note = [&](const Json& status) -> Status {
    CAPSTAN_RETURN_IF_ERROR(client.Patch(WidgetKind(), widget.key(), kube::PatchType::kMerge,
                                         Json().Set("status", status).ToText(),
                                         kube::PatchOptions{"status", false, false}, widget.context()));
    return {};
  };
  CAPSTAN_RETURN_IF_ERROR(note(Json().Set("tries", tries)));
  if (tries == 2) {
    CAPSTAN_TRY(const auto maps, client.ListAll(kube::ConfigMapKind(), "default", {}, widget.context()));
    for (const kube::Object& map : maps)
      if (map.key().name.rfind("map-", 0) == 0) return note(Json().Set("map", map.key().name));
  }
  CAPSTAN_TRY(const kube::Object made,
              client.Create(kube::ConfigMapKind(), widget.namespace_(),
                            R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"map-"}})",
                            widget.context()));
  return note(Json().Set("map", made.key().name));
}

TEST(Explore, TriesPairsOfFailuresAndFindsWhatOneAloneDoesNotShow) {
  Operator counting({.name = "counting"});
  counting.For(WidgetKind()).Reconcile(MakeMapByCounting);
  const Scenario scenario{.before = Before, .act = Make};
  // Differences in the end, such as the number of attempts, do not matter here.
  const ExploreSettings settings{
      .pairs = 400, .runs = 0, .enough = 1, .quiet = {}, .ignored = {"/status", "/data"}};
  const Explored explored = Explore(counting, scenario, {kOneMap}, settings);
  ASSERT_FALSE(explored) << "no pair was tried in " << explored.runs << " runs";
  const Explored::Finding& first = explored.findings.front();
  EXPECT_THAT(first.violation, HasSubstr("a widget has one map at most"));
  EXPECT_THAT(first.schedule, HasSubstr(",")) << "two mishaps: one alone does not show it";

  ExploreSettings again{.quiet = {}, .schedule = first.schedule};
  EXPECT_FALSE(Explore(counting, scenario, {kOneMap}, again)) << "the schedule of a finding shows it again";
}

TEST(Explore, WithPairsFindsNothingInACarefulOperatorAndTriesNoMoreThanItIsAskedTo) {
  Operator careful({.name = "careful"});
  careful.For(WidgetKind()).Owns(kube::ConfigMapKind()).Reconcile(KeepMap);
  const ExploreSettings few{.pairs = 20, .runs = 10, .quiet = std::chrono::minutes(5)};
  const Explored explored = Explore(careful, {.before = Before, .act = Make}, {kOneMap}, few);
  EXPECT_TRUE(explored) << explored;
  const ExploreSettings none{.runs = 10, .quiet = std::chrono::minutes(5)};
  const Explored singles = Explore(careful, {.before = Before, .act = Make}, {kOneMap}, none);
  EXPECT_GE(explored.runs, singles.runs + 20);
}

TEST(Explore, FindsTheSameWithSeveralRunsAtATime) {
  Operator careless({.name = "careless"});
  careless.For(WidgetKind()).Reconcile(MakeMapCarelessly);
  const auto with = [&](int jobs) {
    return Explore(careless, {.before = Before, .act = Make}, {kOneMap},
                   {.runs = 40, .enough = 1000, .jobs = jobs, .quiet = std::chrono::minutes(5)});
  };
  const Explored alone = with(1), together = with(3);
  EXPECT_EQ(alone.runs, together.runs);
  EXPECT_EQ(alone.effects, together.effects);
  ASSERT_FALSE(alone);
  EXPECT_EQ(TextOf(alone), TextOf(together));
}

TEST(Explore, WritesItsFindingsAsAPage) {
  Operator careless({.name = "careless"});
  careless.For(WidgetKind()).Reconcile(MakeMapCarelessly);
  ExploreSettings settings;
  settings.enough = 1;
  settings.page = ::testing::TempDir() + "explored.html";
  ASSERT_FALSE(Explore(careless, {.before = Before, .act = Make}, {kOneMap}, settings));
  const auto page = MakeSystemFiles()->Read(settings.page);
  ASSERT_TRUE(page);
  EXPECT_THAT(*page, HasSubstr("<svg"));
}

}  // namespace
}  // namespace capstan::testing
