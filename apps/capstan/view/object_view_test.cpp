#include <capstan/apps/capstan/view/object_view.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

external::KindInfo Clusters() {
  external::KindInfo info;
  info.kind = "DigitalOceanCluster";
  info.id_status_field = "clusterID";
  info.phase_status_field = "progress";
  info.plan_status_field = "plan";
  return info;
}

ObjectView View(const std::string& status, const std::string& metadata = "") {
  const auto object = kube::Object::Parse(
      StrCat(R"({"metadata":{"name":"web","namespace":"shop","generation":3,)",
             R"("creationTimestamp":"2026-11-28T10:00:00Z")", metadata, R"(},"status":)", status, "}"));
  EXPECT_TRUE(object);
  return ViewOf(Clusters(), *object);
}

TEST(ObjectView, ReadsTheFieldsThatTheProviderNamesAndBothConditions) {
  const auto view = View(R"({"clusterID":"c1","progress":"provisioning","nodes":4,"readyNodes":1,
    "monthlyCost":96,"conditions":[{"type":"Ready","status":"False","reason":"Creating","message":"m"},
    {"type":"Synced","status":"True","reason":"InSync","observedGeneration":3}]})");
  EXPECT_EQ(view.id, "c1");
  EXPECT_EQ(view.phase, "provisioning");
  EXPECT_FALSE(view.is_ready());
  EXPECT_TRUE(view.is_synced());
  EXPECT_DOUBLE_EQ(view.fraction(), 0.25);
  EXPECT_EQ(view.monthly_cost, 96);
}

TEST(ObjectView, IsNotSyncedWhileTheConditionIsAboutAnEarlierSpec) {
  const auto view =
      View(R"({"conditions":[{"type":"Synced","status":"True","reason":"InSync","observedGeneration":2}]})");
  EXPECT_EQ(view.synced, "True");
  EXPECT_FALSE(view.is_synced());
}

TEST(ObjectView, OfAnObjectWithoutStatusIsUnknown) {
  const auto view = View("{}");
  EXPECT_EQ(view.ready, "Unknown");
  EXPECT_EQ(view.synced, "Unknown");
  EXPECT_LT(view.fraction(), 0);
  EXPECT_EQ(view.doing(), "");
}

TEST(ObjectView, ShowsTheCurrentStepOfThePlan) {
  const auto view = View(R"({"plan":{"hash":"3f2a","current":"nodePools/b","steps":[
    {"verb":"scale","target":"nodePools/a","why":"more"},
    {"verb":"remove","target":"nodePools/b","why":"gone","destroys":true,"monthlyCostChange":-24}]}})");
  EXPECT_EQ(view.doing(), "remove nodePools/b");
  EXPECT_EQ(view.plan_hash, "3f2a");
  ASSERT_EQ(view.steps.size(), 2u);
  EXPECT_TRUE(view.steps[1].destroys);
  const auto json = ViewToJson(view, WallTime{});
  EXPECT_DOUBLE_EQ(json["steps"].items()[1]["monthlyCostChange"].AsNumber(), -24);
}

TEST(ObjectView, OmitsUnknownFieldsFromItsJson) {
  const auto json = ViewToJson(View("{}"), *ParseRfc3339("2026-11-28T10:01:30Z"));
  EXPECT_TRUE(json["monthlyCost"].is_null());
  EXPECT_TRUE(json["steps"].is_null());
  EXPECT_EQ(json["ageSeconds"].AsInteger(), 90);
}

TEST(ObjectView, WritesAgesAsKubectlDoes) {
  EXPECT_EQ(ShortAge(seconds(7)), "7s");
  EXPECT_EQ(ShortAge(minutes(2)), "2m");
  EXPECT_EQ(ShortAge(minutes(2) + seconds(5)), "2m5s");
  EXPECT_EQ(ShortAge(hours(76)), "3d4h");
  EXPECT_EQ(ShortAge(hours(24 * 40)), "40d");
  EXPECT_EQ(ShortAge(-seconds(3)), "0s");
}

TEST(AlignedTable, AlignsColumnsWithTheirHeadingsWithoutTrailingSpaces) {
  const auto lines = AlignedTable({{"NAME", "AGE"}, {"a-long-name", "1s"}, {"ü", ""}});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "NAME         AGE");
  EXPECT_EQ(lines[1], "a-long-name  1s");
  EXPECT_EQ(lines[2], "ü");
}

}  // namespace
}  // namespace capstan::app
