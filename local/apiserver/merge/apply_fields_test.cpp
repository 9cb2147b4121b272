#include <capstan/local/apiserver/merge/apply_fields.hpp>

#include <string>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/parse_testing.hpp>

namespace capstan::apiserver {
namespace {

// Replays writes that were made on a real server, and expects the same owners.
class ApplyFields : public ::testing::Test {
 protected:
  void SetUp() override {
    auto outcome =
        CompileSchema(Parse(R"({"type":"object","properties":{"spec":{"type":"object","properties":{
      "a":{"type":"string"},"b":{"type":"integer"},"m":{"type":"object","additionalProperties":{"type":"string"}},
      "at":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"x":{"type":"string"}}},
      "l":{"type":"array","items":{"type":"string"}},"set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
      "ml":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","required":["k"],
        "properties":{"k":{"type":"string"},"v":{"type":"string"},"w":{"type":"integer","default":7}}}},
      "o":{"type":"object","properties":{"q":{"type":"object","properties":{"r":{"type":"string"}}}}},
      "pu":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
      "pd":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"l":{"type":"array","items":{"type":"object",
        "properties":{"r":{"type":"string"}}}}}}}},
      "status":{"type":"object","properties":{"s":{"type":"string"}}}}})"),
                      "f");
    ASSERT_TRUE(outcome.schema) << ToText(outcome.problems);
    schema_ = outcome.schema;
  }
  FieldWriter Writer(const std::string& manager, const std::string& subresource = "") {
    FieldWriter writer;
    writer.manager = manager;
    writer.api_version = "t.dev/v1";
    writer.subresource = subresource;
    writer.time = StrCat("2026-01-01T00:00:", 10 + clock_++, "Z");
    writer.has_status = true;
    return writer;
  }
  // The resulting spec, or the error message.
  std::string ApplySpec(const std::string& manager, std::string_view spec, bool force = false,
                        std::string_view metadata = "") {
    const auto applied = Parse(StrCat(R"({"apiVersion":"t.dev/v1","kind":"Apply","metadata":{"name":"x")",
                                      metadata, R"(},"spec":)", spec, "}"));
    auto outcome = Apply(live_, applied, schema_.get(), Writer(manager), force);
    if (!outcome) return outcome.error().message;
    if (!outcome->conflicts.empty())
      return json::StringIn(ConflictStatus(outcome->conflicts), "message").value_or("");
    live_ = outcome->object;
    schema_->ApplyDefaults(live_);
    return json::ToText(json::ObjectIn(live_, "spec"));
  }
  void Update(const std::string& manager, std::string_view object, const std::string& subresource = "") {
    const auto fresh = Parse(object);
    auto metadata = json::ObjectIn(fresh, "metadata");
    if (live_ && !metadata->has("managedFields") && json::ObjectIn(live_, "metadata")->has("managedFields")) {
      metadata->set("managedFields", json::Clone(json::ObjectIn(live_, "metadata")->get("managedFields")));
    }
    TrackUpdate(live_, fresh, schema_.get(), Writer(manager, subresource));
    live_ = fresh;
  }
  std::string Owned(const std::string& manager, const std::string& operation = "Apply") {
    const auto managed = json::ArrayIn(json::ObjectIn(live_, "metadata"), "managedFields");
    for (unsigned int i = 0; managed && i < managed->size(); ++i) {
      const auto entry = json::AsObject(managed->get(i));
      if (json::StringIn(entry, "manager") == manager && json::StringIn(entry, "operation") == operation) {
        return json::ToText(json::ObjectIn(entry, "fieldsV1"));
      }
    }
    return "";
  }
  std::shared_ptr<const CompiledSchema> schema_;
  json::ObjectPtr live_;
  int clock_ = 0;
};

constexpr const char* kFirst =
    R"({"a":"1","m":{"x":"1","y":"2"},"at":{"x":"1"},"l":["a"],"set":["a","b"],"ml":[{"k":"a","v":"1"},{"k":"b"}],"o":{"q":{"r":"1"}},"pu":{"z":{"zz":1}}})";

TEST_F(ApplyFields, AManagerOwnsWhatItApplies) {
  ApplySpec("one", kFirst, false, R"(,"labels":{"l":"1"})");
  EXPECT_EQ(
      Owned("one"),
      R"({"f:metadata":{"f:labels":{"f:l":{}}},"f:spec":{"f:a":{},"f:at":{},"f:l":{},"f:m":{"f:x":{},"f:y":{}},)"
      R"("f:ml":{"k:{\"k\":\"a\"}":{".":{},"f:k":{},"f:v":{}},"k:{\"k\":\"b\"}":{".":{},"f:k":{}}},)"
      R"("f:o":{"f:q":{"f:r":{}}},"f:pu":{"f:z":{".":{},"f:zz":{}}},"f:set":{"v:\"a\"":{},"v:\"b\"":{}}}})");
}

TEST_F(ApplyFields, ApplyingTheSameAgainChangesNothing) {
  ApplySpec("one", kFirst);
  const std::string before = json::ToText(live_);
  ApplySpec("one", kFirst);
  EXPECT_EQ(json::ToText(live_), before);
}

TEST_F(ApplyFields, ConflictsAreNamedFieldByField) {
  ApplySpec("one", kFirst);
  EXPECT_EQ(ApplySpec("two", R"({"a":"2","l":["b"],"at":{"x":"2"},"ml":[{"k":"a","v":"2"}]})"),
            "Apply failed with 4 conflicts: conflicts with \"one\":\n- .spec.a\n- .spec.at\n- .spec.l\n- "
            ".spec.ml[k=\"a\"].v");
  EXPECT_EQ(ApplySpec("two", R"({"a":"2"})"), "Apply failed with 1 conflict: conflict with \"one\": .spec.a");
  EXPECT_EQ(Owned("two"), "");
}

TEST_F(ApplyFields, EqualValuesAreSharedAndListsGrow) {
  ApplySpec("one", kFirst);
  const std::string spec = ApplySpec("two", R"({"a":"1","set":["c"],"ml":[{"k":"c","v":"3"}]})");
  EXPECT_NE(spec.find(R"("set":["a","b","c"])"), std::string::npos) << spec;
  EXPECT_NE(spec.find(R"({"k":"c","v":"3","w":7})"), std::string::npos) << spec;
  EXPECT_EQ(
      Owned("two"),
      R"({"f:spec":{"f:a":{},"f:ml":{"k:{\"k\":\"c\"}":{".":{},"f:k":{},"f:v":{}}},"f:set":{"v:\"c\"":{}}}})");
}

TEST_F(ApplyFields, ForceTakesFieldsFromTheirOwner) {
  ApplySpec("one", R"({"a":"1","b":1})");
  EXPECT_EQ(ApplySpec("two", R"({"a":"2"})", true), R"({"a":"2","b":1})");
  EXPECT_EQ(Owned("one"), R"({"f:spec":{"f:b":{}}})");
  EXPECT_EQ(Owned("two"), R"({"f:spec":{"f:a":{}}})");
}

TEST_F(ApplyFields, RemovesFieldsNoLongerAppliedUnlessAnotherManagerOwnsThem) {
  ApplySpec("one", kFirst);
  ApplySpec("two", R"({"a":"1","set":["c"],"ml":[{"k":"c","v":"3"}]})");
  EXPECT_EQ(
      ApplySpec("one", R"({"m":{"x":"1"},"set":["a"],"ml":[{"k":"a","v":"1"}]})"),
      R"({"a":"1","m":{"x":"1"},"set":["a","c"],"ml":[{"k":"a","v":"1","w":7},{"k":"c","v":"3","w":7}]})");
  EXPECT_EQ(ApplySpec("two", "{}"), R"({"m":{"x":"1"},"set":["a"],"ml":[{"k":"a","v":"1","w":7}]})");
  EXPECT_EQ(Owned("two"), R"({"f:spec":{}})");
}

TEST_F(ApplyFields, AnUpdateOwnsWhatItChanges) {
  ApplySpec("one", R"({"m":{"x":"1"},"set":["a"],"ml":[{"k":"a","v":"1"}]})");
  Update(
      "upd",
      R"({"metadata":{"name":"x"},"spec":{"b":5,"l":["q"],"m":{"n":"1","x":"1"},"ml":[{"k":"a","v":"9","w":7},{"k":"z","w":7}],"set":["a"]}})");
  EXPECT_EQ(
      Owned("upd", "Update"),
      R"({"f:spec":{"f:b":{},"f:l":{},"f:m":{"f:n":{}},"f:ml":{"k:{\"k\":\"a\"}":{"f:v":{}},"k:{\"k\":\"z\"}":{".":{},"f:k":{},"f:w":{}}}}})");
  EXPECT_EQ(
      Owned("one"),
      R"({"f:spec":{"f:m":{"f:x":{}},"f:ml":{"k:{\"k\":\"a\"}":{".":{},"f:k":{}}},"f:set":{"v:\"a\"":{}}}})");
  EXPECT_EQ(ApplySpec("two", R"({"b":6,"m":{"n":"2"}})"),
            "Apply failed with 2 conflicts: conflicts with \"upd\" using t.dev/v1:\n- .spec.b\n- .spec.m.n");
  Update(
      "other",
      R"({"metadata":{"name":"x"},"spec":{"l":["q"],"m":{"n":"1","x":"1"},"ml":[{"k":"a","v":"9","w":7},{"k":"z","w":7}],"set":["a"]}})");
  EXPECT_EQ(Owned("upd", "Update").find("f:b"), std::string::npos);
  EXPECT_EQ(Owned("other", "Update"), "");
}

TEST_F(ApplyFields, StatusHasSeparateOwners) {
  Update("maker", R"({"metadata":{"name":"x"},"spec":{"a":"1"}})");
  Update("st", R"({"metadata":{"name":"x"},"spec":{"a":"1"},"status":{"s":"1"}})", "status");
  EXPECT_EQ(Owned("maker", "Update"), R"({"f:spec":{".":{},"f:a":{}}})");
  EXPECT_EQ(Owned("st", "Update"), R"({"f:status":{".":{},"f:s":{}}})");
}

TEST_F(ApplyFields, AnObjectWithoutOwnersBelongsToItsFirstManager) {
  live_ = Parse(R"({"metadata":{"name":"x"},"spec":{"a":"7","set":["a"]},"status":{"s":"1"}})");
  EXPECT_EQ(ApplySpec("late", R"({"a":"9"})"),
            "Apply failed with 1 conflict: conflict with \"before-first-apply\" using t.dev/v1: .spec.a");
  ApplySpec("late", R"({"b":1})");
  EXPECT_EQ(Owned("before-first-apply", "Update"),
            R"({"f:spec":{".":{},"f:a":{},"f:set":{".":{},"v:\"a\"":{}}}})");
}

TEST_F(ApplyFields, ClientsCanSetAndClearOwners) {
  Update("one", R"({"metadata":{"name":"x"},"spec":{"a":"1"}})");
  Update(
      "two",
      R"({"metadata":{"name":"x","managedFields":[{"manager":"bad","operation":"Foo"}]},"spec":{"a":"1"}})");
  EXPECT_NE(Owned("one", "Update"), "");
  Update("three", R"({"metadata":{"name":"x","managedFields":[{}]},"spec":{"a":"1"}})");
  EXPECT_FALSE(json::ObjectIn(live_, "metadata")->has("managedFields"));
}

TEST_F(ApplyFields, AnUpdateOfWhatNobodyOwnsLeavesItWithoutOwners) {
  live_ = Parse(R"({"metadata":{"name":"x","uid":"u"},"spec":{"a":"1"}})");
  Update("one", R"({"metadata":{"name":"x","uid":"u"},"spec":{"a":"2"}})");
  EXPECT_EQ(Owned("one", "Update"), "");
  ApplySpec("two", R"({"b":1})");
  EXPECT_EQ(Owned("before-first-apply", "Update"), R"({"f:spec":{".":{},"f:a":{}}})");
}

TEST_F(ApplyFields, OwnersAndFinalizersOfMetadataAreMergedByKey) {
  live_ = Parse(R"({"metadata":{"name":"x","finalizers":["x/b"]},"spec":{}})");
  ApplySpec(
      "fin", "{}", false,
      R"(,"finalizers":["x/a"],"annotations":{"a":"b"},"ownerReferences":[{"apiVersion":"v1","kind":"A","name":"n","uid":"u"}],"creationTimestamp":null)");
  EXPECT_EQ(
      Owned("fin"),
      R"({"f:metadata":{"f:annotations":{"f:a":{}},"f:finalizers":{"v:\"x/a\"":{}},"f:ownerReferences":{"k:{\"uid\":\"u\"}":{}}},"f:spec":{}})");
  EXPECT_EQ(json::ToText(json::Tree(json::ArrayIn(json::ObjectIn(live_, "metadata"), "finalizers"))),
            R"(["x/b","x/a"])");
  ApplySpec("fin", "{}");
  EXPECT_EQ(json::ToText(json::Tree(json::ArrayIn(json::ObjectIn(live_, "metadata"), "finalizers"))),
            R"(["x/b"])");
  EXPECT_FALSE(json::ObjectIn(live_, "metadata")->has("annotations"));
}

TEST_F(ApplyFields, RefusesWhatCannotBeOwned) {
  const std::string start = "failed to create typed patch object (/x; t.dev/v1, Kind=Apply): ";
  EXPECT_EQ(ApplySpec("dup", R"({"ml":[{"k":"a"},{"k":"a"}]})"),
            start + R"(.spec.ml: duplicate entries for key [k="a"])");
  EXPECT_EQ(ApplySpec("dup", R"({"set":["a","a"]})"),
            start + R"(.spec.set: duplicate entries for key [="a"])");
  EXPECT_EQ(
      ApplySpec("dup", R"({"ml":[{"v":"a"}]})"),
      start +
          R"(.spec.ml: element 0: associative list with keys has an element that omits all key fields ["k"] (and doesn't have default values for any key fields))");
  EXPECT_EQ(ApplySpec("dup", R"({"zork":1})"), start + ".spec.zork: field not declared in schema");
  EXPECT_EQ(ApplySpec("dup", R"({"ml":{}})"), start + ".spec.ml: expected list, got &{map[]}");
  EXPECT_EQ(ApplySpec("dup", R"({"ml":[{"k":1}]})"),
            start + R"(.spec.ml[k=1].k: expected string, got &value.valueUnstructured{Value:1})");
  EXPECT_EQ(ApplySpec("dup", R"({"a":{"z":1,"y":["q",null]}})"),
            start + R"(.spec.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{)"
                    R"("y":[]interface {}{"q", interface {}(nil)}, "z":1}})");
  EXPECT_EQ(ApplySpec("dup", R"({"ml":["k"]})"),
            start + ".spec.ml: element 0: associative list with keys may not have non-map elements");
  EXPECT_EQ(ApplySpec("dup", "{}", false, R"(,"foo":1)"),
            start + ".metadata.foo: field not declared in schema");
  EXPECT_EQ(ApplySpec("dup", "{}", false, R"(,"managedFields":[{"manager":"x"}])"),
            "metadata.managedFields must be nil");
}

TEST_F(ApplyFields, TakesUnknownFieldsAtAnyDepthBelowAnObjectThatKeepsThem) {
  EXPECT_EQ(ApplySpec("one", R"({"pd":{"l":[{"z":1}]}})"), R"({"pd":{"l":[{"z":1}]}})");
  EXPECT_NE(ApplySpec("one", R"({"pd":{"l":[{"r":1}]}})").find("expected string"), std::string::npos);
}

TEST_F(ApplyFields, KeepsTenManagersAndMergesTheOldest) {
  std::string labels;
  for (int i = 0; i < 14; ++i) {
    labels += StrCat(i > 0 ? "," : "", "\"l", i, "\":\"v\"");
    Update(StrCat("writer-", 10 + i), StrCat(R"({"metadata":{"name":"x","labels":{)", labels, "}}}"));
  }
  EXPECT_EQ(json::ArrayIn(json::ObjectIn(live_, "metadata"), "managedFields")->size(), 10U);
  EXPECT_NE(Owned("ancient-changes", "Update").find("f:l0"), std::string::npos);
  EXPECT_NE(Owned("writer-23", "Update").find("f:l13"), std::string::npos);
}

TEST_F(ApplyFields, KubectlMigratesFromClientSideApplyWithoutConflicts) {
  const auto record = [this] {
    return json::StringIn(json::ObjectIn(json::ObjectIn(live_, "metadata"), "annotations"),
                          "kubectl.kubernetes.io/last-applied-configuration")
        .value_or("");
  };
  const std::string by_client =
      R"("metadata":{"name":"x","annotations":{"kubectl.kubernetes.io/last-applied-configuration":)"
      R"("{\"apiVersion\":\"t.dev/v1\",\"kind\":\"Apply\",\"spec\":{\"a\":\"1\",\"b\":2}}"}})";
  Update("kubectl-client-side-apply",
         StrCat(R"({"apiVersion":"t.dev/v1","kind":"Apply",)", by_client, R"(,"spec":{"a":"1","b":2}})"));
  EXPECT_NE(ApplySpec("somebody", R"({"a":"3"})").find("conflict"), std::string::npos)
      << "only kubectl's own manager goes over";
  EXPECT_EQ(ApplySpec("kubectl", R"({"a":"3","b":2})"), R"({"a":"3","b":2})");
  EXPECT_EQ(
      record(),
      "{\"apiVersion\":\"t.dev/v1\",\"kind\":\"Apply\",\"metadata\":{\"name\":\"x\"},\"spec\":{\"a\":\"3\","
      "\"b\":2}}\n")
      << "the record stays true";
}

TEST_F(ApplyFields, AnothersChangeSinceClientSideApplyIsStillAConflict) {
  Update(
      "kubectl-client-side-apply",
      R"({"apiVersion":"t.dev/v1","kind":"Apply","metadata":{"name":"x","annotations":{"kubectl.kubernetes.io/last-applied-configuration":)"
      R"("{\"apiVersion\":\"t.dev/v1\",\"kind\":\"Apply\",\"spec\":{\"a\":\"1\",\"b\":2}}"}},"spec":{"a":"1","b":2}})");
  auto fresh = json::Clone(live_);
  json::ObjectIn(fresh, "spec")->set("b", 5);
  Update("kubectl-edit", json::ToText(fresh));
  EXPECT_EQ(ApplySpec("kubectl", R"({"a":"3","b":7})"),
            "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using t.dev/v1: .spec.b");
}

}  // namespace
}  // namespace capstan::apiserver
