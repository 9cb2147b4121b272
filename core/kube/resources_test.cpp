// Discovery, conditions and the scheme: the smaller parts of the client library.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/json/patch.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/kube/discovery.hpp>
#include <capstan/core/kube/scheme.hpp>
#include <capstan/core/kube/testing/scripted_server.hpp>

namespace capstan::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DiscoveryTest : public ::testing::Test {
 protected:
  DiscoveryTest() { transport_.Route("kube.test", &server_); }
  SimulatedScheduler scheduler_;
  ScriptedServer server_;
  http::LoopbackTransport transport_{scheduler_};
  Client client_{transport_, scheduler_, {"https://kube.test"}};
  const Context context_;
  const std::string resources_ = R"({"kind":"APIResourceList","groupVersion":"example.dev/v1","resources":[
   {"name":"widgets","singularName":"widget","namespaced":true,"kind":"Widget","verbs":["get","list"],"shortNames":["wi"]},
   {"name":"widgets/status","singularName":"","namespaced":true,"kind":"Widget","verbs":["get"]},
   {"name":"racks","singularName":"","namespaced":false,"kind":"Rack","verbs":["create"]}]})";
};

TEST_F(DiscoveryTest, ReadsTheServersVersion) {
  server_.Then(200, R"({"major":"1","minor":"20+","gitVersion":"v1.20.5+x"})");
  const auto version = GetServerVersion(client_, context_);
  ASSERT_TRUE(version) << version.error();
  EXPECT_EQ(version->major, 1);
  EXPECT_EQ(version->minor, 20);
  EXPECT_EQ(version->git_version, "v1.20.5+x");
  server_.Then(200, "{}");
  EXPECT_EQ(GetServerVersion(client_, context_).error().code, Code::kDataLoss);
  server_.Then(200, "ok");
  EXPECT_EQ(GetServerVersion(client_, context_).error().code, Code::kDataLoss);
}

TEST_F(DiscoveryTest, ListsResourcesWithTheirSubresources) {
  server_.Then(200, resources_);
  const auto resources = ListResources(client_, "example.dev", "v1", context_);
  ASSERT_TRUE(resources) << resources.error();
  EXPECT_EQ(server_.path(), "/apis/example.dev/v1");
  ASSERT_EQ(resources->size(), 2U);
  const ServedResource& widget = (*resources)[0];
  EXPECT_EQ(widget.kind, (Kind{"example.dev", "v1", "Widget", "widgets", true}));
  EXPECT_THAT(widget.short_names, ElementsAre("wi"));
  EXPECT_THAT(widget.subresources, ElementsAre("status"));
  EXPECT_TRUE(widget.Can("list"));
  EXPECT_FALSE(widget.Can("delete"));
  EXPECT_EQ((*resources)[1].singular, "rack");
  EXPECT_FALSE((*resources)[1].kind.namespaced);
}

TEST_F(DiscoveryTest, FindsAKindByApiVersionAndName) {
  server_.Then(200, resources_);
  const auto rack = FindKind(client_, "example.dev/v1", "Rack", context_);
  ASSERT_TRUE(rack) << rack.error();
  EXPECT_EQ(rack->kind.plural, "racks");
  server_.Then(200, R"({"resources":[{"name":"secrets","namespaced":true,"kind":"Secret","verbs":[]}]})");
  ASSERT_TRUE(FindKind(client_, "v1", "Secret", context_));
  EXPECT_EQ(server_.path(), "/api/v1");
}

TEST_F(DiscoveryTest, SaysWhatIsNotServed) {
  server_.Then(200, resources_);
  const auto missing = FindKind(client_, "example.dev/v1", "Gear", context_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("Gear"));
  server_.Then(404, "404 page not found");
  const auto group = FindKind(client_, "other.dev/v1", "Gear", context_);
  ASSERT_FALSE(group);
  EXPECT_EQ(group.error().code, Code::kNotFound);
  EXPECT_THAT(group.error().message, HasSubstr("CustomResourceDefinition"));
  server_.Then(503, StatusJson(503, "ServiceUnavailable", "no"));
  EXPECT_EQ(FindKind(client_, "other.dev/v1", "Gear", context_).error().code, Code::kUnavailable)
      << "an outage is not an absence";
}

TEST_F(DiscoveryTest, FindsAResourceInThePreferredVersionByAnyOfItsNames) {
  for (const char* name : {"widgets.example.dev", "widget.example.dev", "wi.example.dev"}) {
    server_.Then(
        200, R"({"kind":"APIGroup","preferredVersion":{"groupVersion":"example.dev/v1","version":"v1"}})");
    server_.Then(200, resources_);
    const auto widget = FindResource(client_, name, context_);
    ASSERT_TRUE(widget) << widget.error();
    EXPECT_EQ(widget->kind.kind, "Widget");
    EXPECT_EQ(widget->kind.version, "v1");
  }
  server_.Then(404, "404 page not found");
  EXPECT_EQ(FindResource(client_, "widgets.gone.dev", context_).error().code, Code::kNotFound);
  server_.Then(200, "{}");
  EXPECT_EQ(FindResource(client_, "widgets.odd.dev", context_).error().code, Code::kDataLoss);
}

const WallTime kThen = *ParseRfc3339("2026-01-01T00:00:00Z");
const WallTime kNow = *ParseRfc3339("2026-02-02T02:02:02Z");

TEST(Conditions, AppearWithTheTimeTheyWereSet) {
  const auto text = SetCondition("", {"Ready", "False", "Creating", "wait", 3, ""}, kNow);
  ASSERT_TRUE(text);
  EXPECT_TRUE(
      json::Equal(*text, R"([{"type":"Ready","status":"False","lastTransitionTime":"2026-02-02T02:02:02Z",
                                      "reason":"Creating","message":"wait","observedGeneration":3}])"))
      << *text;
}

TEST(Conditions, KeepTheirTimeUntilTheStatusChanges) {
  const std::string before = SetCondition("null", {"Ready", "False", "A", "a", 1, ""}, kThen).value();
  const auto reworded = SetCondition(before, {"Ready", "False", "B", "b", 2, ""}, kNow);
  ASSERT_TRUE(reworded);
  EXPECT_EQ(FindCondition(*reworded, "Ready").value()->last_transition_time, "2026-01-01T00:00:00Z");
  EXPECT_EQ(FindCondition(*reworded, "Ready").value()->reason, "B");
  EXPECT_EQ(FindCondition(*reworded, "Ready").value()->observed_generation, 2);
  const auto turned = SetCondition(*reworded, {"Ready", "True", "B", "b", 2, ""}, kNow);
  EXPECT_EQ(FindCondition(*turned, "Ready").value()->last_transition_time, "2026-02-02T02:02:02Z");
}

TEST(Conditions, AreTheSameTextWhenNothingChanges) {
  const std::string before = R"([ {"type":"Ready","status":"True","reason":"R","message":"m",)"
                             R"("observedGeneration":2,"lastTransitionTime":"2026-01-01T00:00:00Z"} ])";
  EXPECT_EQ(SetCondition(before, {"Ready", "True", "R", "m", 2, ""}, kNow).value(), before);
  EXPECT_EQ(SetCondition(before, {"Ready", "True", "R", "m", 1, ""}, kNow).value(), before)
      << "an observed generation never goes back";
  EXPECT_EQ(RemoveCondition(before, "Other").value(), before);
}

TEST(Conditions, AreReadFromAnObjectWhateverItsStatusHolds) {
  const auto with = [](const std::string& status) {
    return ConditionIn(Object::Parse(R"({"metadata":{"name":"a"},"status":)" + status + "}").value(),
                       "Ready");
  };
  EXPECT_EQ(with(R"({"conditions":[{"type":"Ready","status":"True","reason":"R"}]})")->reason, "R");
  EXPECT_FALSE(with(R"({"conditions":[{"type":"Synced","status":"True"}]})"));
  EXPECT_FALSE(with(R"({"conditions":{"Ready":true}})"));
  EXPECT_FALSE(with("null"));
}

TEST(Conditions, LeaveOthersAndUnknownFieldsAlone) {
  const std::string before =
      R"([{"type":"X","status":"True","extra":[1,null]},{"type":"Ready","status":"True","more":1.0}])";
  const auto text = SetCondition(before, {"Ready", "False", "R", "m", 0, ""}, kNow);
  ASSERT_TRUE(text);
  EXPECT_TRUE(json::Equal(*text, R"([{"type":"X","status":"True","extra":[1,null]},
    {"type":"Ready","status":"False","more":1.0,"lastTransitionTime":"2026-02-02T02:02:02Z","reason":"R","message":"m"}])"))
      << *text;
  EXPECT_TRUE(json::Equal(RemoveCondition(*text, "Ready").value(),
                          R"([{"type":"X","status":"True","extra":[1,null]}])"));
}

TEST(Conditions, CutAMessageToTheApisLimit) {
  const auto text = SetCondition("[]", {"Ready", "False", "R", std::string(100000, 'x'), 0, ""}, kNow);
  ASSERT_TRUE(text);
  EXPECT_LE(FindCondition(*text, "Ready").value()->message.size(), 32768U);
}

TEST(Conditions, RefuseWhatIsNoList) {
  for (const char* text : {"{}", "7", "[", "x"}) {
    EXPECT_EQ(SetCondition(text, {}, kNow).error().code, Code::kInvalidArgument) << text;
    EXPECT_EQ(ParseConditions(text).error().code, Code::kInvalidArgument) << text;
    EXPECT_EQ(RemoveCondition(text, "Ready").error().code, Code::kInvalidArgument) << text;
  }
  EXPECT_EQ(ParseConditions("[1]").error().code, Code::kInvalidArgument);
  EXPECT_EQ(FindCondition("[]", "Ready").value(), std::nullopt) << "none is no error";
}

struct Widget {
  std::string name;
  std::int64_t size = 0;
  static Result<Widget> FromJson(std::string_view text) {
    const auto name = json::StringAt(text, "/metadata/name");
    if (!name || !*name) return Fail(Code::kInvalidArgument, "a widget has a name");
    return Widget{**name, json::IntegerAt(text, "/spec/size").value().value_or(0)};
  }
  std::string ToJson() const {
    return R"({"apiVersion":"example.dev/v1","kind":"Widget","metadata":{"name":)" + json::Quote(name) +
           R"(},"spec":{"size":)" + std::to_string(size) + "}}";
  }
};
struct Gear {
  static Result<Gear> FromJson(std::string_view) { return Gear{}; }
  std::string ToJson() const { return "{}"; }
};
const Kind kWidgetKind{"example.dev", "v1", "Widget", "widgets", true};

TEST(Scheme, MapsTypesToKindsAndBack) {
  Scheme scheme;
  ASSERT_TRUE(scheme.Register<Widget>(kWidgetKind));
  EXPECT_EQ(scheme.KindOf<Widget>().value(), kWidgetKind);
  EXPECT_EQ(scheme.Find("example.dev/v1", "Widget").value(), kWidgetKind);
  EXPECT_THAT(scheme.Kinds(), ElementsAre(kWidgetKind));
  const auto decoded = scheme.Decode(Widget{"a", 4}.ToJson());
  ASSERT_TRUE(decoded) << decoded.error();
  EXPECT_EQ(std::any_cast<Widget>(*decoded).size, 4);
  EXPECT_EQ(scheme.Encode(*decoded).value(), (Widget{"a", 4}.ToJson()));
}

TEST(Scheme, SaysWhatItDoesNotKnow) {
  Scheme scheme;
  EXPECT_EQ(scheme.KindOf<Widget>().error().code, Code::kNotFound);
  EXPECT_EQ(scheme.Encode(std::any(5)).error().code, Code::kNotFound);
  const auto decoded = scheme.Decode(R"({"apiVersion":"v9","kind":"Odd","metadata":{}})");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Code::kNotFound);
  EXPECT_THAT(decoded.error().message, HasSubstr("Odd of v9"));
  EXPECT_EQ(scheme.Decode("{").error().code, Code::kDataLoss);
}

TEST(Scheme, RefusesDuplicateAndIncompleteRegistrations) {
  Scheme scheme;
  ASSERT_TRUE(scheme.Register<Widget>(kWidgetKind));
  EXPECT_EQ(scheme.Register<Widget>({"other.dev", "v1", "Other", "others", true}).error().code,
            Code::kAlreadyExists);
  EXPECT_EQ(scheme.Register<Gear>(kWidgetKind).error().code, Code::kAlreadyExists);
  EXPECT_EQ(scheme.Register<Gear>({"other.dev", "v1", "", "others", true}).error().code,
            Code::kInvalidArgument);
}

TEST_F(DiscoveryTest, TypedClientsCarryValuesInsteadOfText) {
  Scheme scheme;
  ASSERT_FALSE(TypedClient<Widget>::Make(client_, scheme));
  ASSERT_TRUE(scheme.Register<Widget>(kWidgetKind));
  auto widgets = TypedClient<Widget>::Make(client_, scheme);
  ASSERT_TRUE(widgets);
  server_.Then(201, R"({"metadata":{"name":"a","resourceVersion":"1"},"spec":{"size":4}})");
  const auto created = widgets->Create("team", Widget{"a", 4}, context_);
  ASSERT_TRUE(created) << created.error();
  EXPECT_EQ(created->value.size, 4);
  EXPECT_EQ(created->object.resource_version(), "1");
  EXPECT_EQ(server_.last().body, (Widget{"a", 4}.ToJson()));
  server_.Then(200, R"({"metadata":{},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})");
  EXPECT_EQ(widgets->ListAll("team", {}, context_)->size(), 2U);
  server_.Then(200, R"({"metadata":{}})");
  EXPECT_EQ(widgets->Get({"team", "a"}, context_).error().message, "a widget has a name");
  server_.Then(404, StatusJson(404, "NotFound", "gone"));
  EXPECT_EQ(widgets->Delete({"team", "a"}, {}, context_).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace capstan::kube
