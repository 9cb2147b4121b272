// Server-side apply: who owns which field.
#include <capstan/core/base/text.hpp>
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

TEST_P(Conformance, ApplyCreatesWhatIsNotThere) {
  const Answer made = Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})"));
  EXPECT_STATUS(made, 201);
  const Answer again = Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})"));
  EXPECT_STATUS(again, 200);
  EXPECT_EQ(again.rv(), made.rv()) << "the same again is no change";
}

TEST_P(Conformance, ApplyNeedsTheNameInTheObject) {
  const std::string nameless = StrCat(R"({"apiVersion":")", Gear().api_version(), R"(","kind":")",
                                      Gear().kind, R"(","spec":{"size":1}})");
  const Answer refused = Apply(GearPath("a"), "one", nameless);
  EXPECT_STATUS(refused, 400);
  EXPECT_EQ(refused.message(),
            "the name of the object (a based on URL) was undeterminable: name must be provided");
  EXPECT_STATUS(Get(GearPath("a")), 404);
}

TEST_P(Conformance, ApplyTakesANumberWhereAnIntOrStringBelongs) {
  const std::string path = "/api/v1/namespaces/" + Namespace() + "/services/s";
  const Answer made = Apply(
      path, "one",
      R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":8080}]}})");
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(made.At("/spec/ports/0/targetPort"), "8080");
}

TEST_P(Conformance, ApplyOwnsItsFields) {
  const Answer made = Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})"));
  EXPECT_EQ(made.At("/metadata/managedFields/0/manager"), "one");
  EXPECT_EQ(made.At("/metadata/managedFields/0/operation"), "Apply");
  EXPECT_EQ(made.At("/metadata/managedFields/0/apiVersion"), Gear().api_version());
  EXPECT_EQ(made.At("/metadata/managedFields/0/fieldsType"), "FieldsV1");
  EXPECT_EQ(made.At("/metadata/managedFields/0/fieldsV1/f:spec/f:size"), "{}");
  EXPECT_EQ(made.At("/metadata/managedFields/0/fieldsV1/f:spec/f:mode"), "") << "defaults are nobody's";
}

TEST_P(Conformance, AnUpdateRecordsItsManager) {
  const Answer made = Post(Gears() + "?fieldManager=writer", GearJson("a", R"({"size":1})"));
  EXPECT_EQ(made.At("/metadata/managedFields/0/manager"), "writer");
  EXPECT_EQ(made.At("/metadata/managedFields/0/operation"), "Update");
  EXPECT_EQ(made.At("/metadata/managedFields/0/fieldsV1/f:spec/f:size"), "{}");
  const Answer other = Post(Gears(), GearJson("b"));
  EXPECT_EQ(other.At("/metadata/managedFields/0/manager"), "conformance")
      << "else by the User-Agent up to its slash";
}

TEST_P(Conformance, ApplyOfAnothersFieldIsAConflict) {
  ASSERT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"size":1,"note":"x"})")), 201);
  const Answer conflict = Apply(GearPath("a"), "two", GearJson("a", R"({"size":2})"));
  EXPECT_STATUS(conflict, 409);
  EXPECT_EQ(conflict.reason(), "Conflict");
  EXPECT_EQ(conflict.Each("/details/causes", "/reason"), std::vector<std::string>{"FieldManagerConflict"});
  EXPECT_EQ(conflict.Each("/details/causes", "/field"), std::vector<std::string>{".spec.size"});
  EXPECT_THAT(conflict.At("/details/causes/0/message"), HasSubstr("\"one\""));
  EXPECT_EQ(Get(GearPath("a")).At("/spec/size"), "1");
}

TEST_P(Conformance, ApplyOfTheSameValueSharesTheField) {
  ASSERT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})")), 201);
  ASSERT_STATUS(Apply(GearPath("a"), "two", GearJson("a", R"({"size":1})")), 200);
  const Answer changed = Apply(GearPath("a"), "two", GearJson("a", R"({"size":2})"));
  EXPECT_STATUS(changed, 409);
  const Answer dropped = Apply(GearPath("a"), "one", GearJson("a", "{}"));
  EXPECT_EQ(dropped.At("/spec/size"), "1") << "two still owns it";
}

TEST_P(Conformance, ForceTakesAField) {
  ASSERT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})")), 201);
  const Answer forced = Apply(GearPath("a"), "two", GearJson("a", R"({"size":2})"), true);
  EXPECT_STATUS(forced, 200);
  EXPECT_EQ(forced.At("/spec/size"), "2");
  EXPECT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})")), 409) << "now one lost it";
}

TEST_P(Conformance, ApplyRemovesFieldsItNoLongerNames) {
  ASSERT_STATUS(
      Apply(GearPath("a"), "one", GearJson("a", R"({"size":1,"note":"x","labels":{"p":"1","q":"2"}})")), 201);
  const Answer fewer = Apply(GearPath("a"), "one", GearJson("a", R"({"size":1,"labels":{"q":"2"}})"));
  EXPECT_STATUS(fewer, 200);
  EXPECT_EQ(fewer.At("/spec/note"), "");
  EXPECT_EQ(fewer.At("/spec/labels"), R"({"q":"2"})");
}

TEST_P(Conformance, ApplyKeepsFieldsOfOthers) {
  ASSERT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})")), 201);
  ASSERT_STATUS(Merge(GearPath("a") + "?fieldManager=two", R"({"spec":{"note":"x"}})"), 200);
  EXPECT_EQ(Apply(GearPath("a"), "one", GearJson("a", R"({"size":3})")).At("/spec/note"), "x");
}

TEST_P(Conformance, ApplyMergesAListMapByItsKey) {
  KindOptions options;
  options.spec_schema =
      R"("parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
         "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"made":{"type":"string"}}}})";
  const kube::Kind kind = MakeKind(options);
  const std::string path = kube::PathOf(kind, Namespace(), "a");
  ASSERT_STATUS(Apply(path, "one", Object(kind, "a", R"({"parts":[{"name":"x","made":"one"}]})")), 201);
  const Answer merged = Apply(path, "two", Object(kind, "a", R"({"parts":[{"name":"y","made":"two"}]})"));
  EXPECT_STATUS(merged, 200);
  EXPECT_EQ(merged.Each("/spec/parts", "/name"), (std::vector<std::string>{"x", "y"}));
  EXPECT_NE(merged.body.find(R"(k:{\"name\":\"y\"})"), std::string::npos) << "owned by key";
  const Answer dropped = Apply(path, "one", Object(kind, "a", "{}"));
  EXPECT_EQ(dropped.Each("/spec/parts", "/name"), std::vector<std::string>{"y"});
}

TEST_P(Conformance, AnAtomicListHasOneOwner) {
  ASSERT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"tags":["x"]})")), 201);
  const Answer conflict = Apply(GearPath("a"), "two", GearJson("a", R"({"tags":["y"]})"));
  EXPECT_STATUS(conflict, 409);
  EXPECT_EQ(conflict.Each("/details/causes", "/field"), std::vector<std::string>{".spec.tags"});
}

TEST_P(Conformance, AnUpdateTakesTheFieldsItChanges) {
  ASSERT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})")), 201);
  ASSERT_STATUS(Merge(GearPath("a") + "?fieldManager=two", R"({"spec":{"size":2}})"), 200);
  const Answer conflict = Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})"));
  EXPECT_STATUS(conflict, 409);
  EXPECT_THAT(conflict.message(), HasSubstr("two"));
}

TEST_P(Conformance, ApplyNeedsAManager) {
  const Answer made = Patch("apply-patch+yaml", GearPath("a"), GearJson("a"));
  EXPECT_THAT(made.status, AnyOf(400, 422)) << made;
  EXPECT_THAT(made.message(), HasSubstr("fieldManager"));
}

TEST_P(Conformance, ApplyRefusesManagedFieldsInItsBody) {
  EXPECT_STATUS(Apply(GearPath("a"), "one", GearJson("a", "{}", R"("managedFields":[{"manager":"x"}])")),
                400);
}

TEST_P(Conformance, ApplyTakesYaml) {
  const Answer made = Apply(GearPath("a"), "one",
                            "apiVersion: " + Gear().api_version() + "\nkind: " + Gear().kind +
                                "\nmetadata:\n  name: a\nspec:\n  size: 4\n  tags: [x, \"1\"]\n");
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(made.At("/spec/size"), "4");
  EXPECT_EQ(made.At("/spec/tags"), R"(["x","1"])");
}

TEST_P(Conformance, ApplyToStatusOwnsOnlyStatus) {
  ASSERT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})")), 201);
  const Answer applied = Apply(
      GearPath("a", "status"), "status-writer",
      R"({"apiVersion":")" + Gear().api_version() + R"(","kind":")" + Gear().kind +
          R"(","metadata":{"name":"a"},"status":{"phase":"one","conditions":[{"type":"Ready","status":"True"}]}})");
  EXPECT_STATUS(applied, 200);
  EXPECT_EQ(applied.At("/status/phase"), "one");
  EXPECT_EQ(applied.At("/spec/size"), "1");
  EXPECT_EQ(Apply(GearPath("a"), "one", GearJson("a", R"({"size":2})")).At("/status/phase"), "one");
}

TEST_P(Conformance, ADryRunApplyStoresNothing) {
  EXPECT_STATUS(Apply(GearPath("a") + "?dryRun=All", "one", GearJson("a", R"({"size":1})")), 201);
  EXPECT_STATUS(Get(GearPath("a")), 404);
}

TEST_P(Conformance, ApplyIsValidated) {
  EXPECT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"size":1000})")), 422);
  EXPECT_STATUS(Apply(GearPath("a"), "one", GearJson("b")), 400) << "another name than the path's";
}

TEST_P(Conformance, ApplyRefusesFieldsUnknownToTheSchema) {
  if (Apply(GearPath("a") + "?dryRun=All", "one", GearJson("a", R"({"sizze":1})")).status == 201) {
    return Lacks("schemas in the server-side apply of custom kinds");
  }
  for (const char* validation : {"", "Ignore", "Warn", "Strict"}) {
    const std::string path =
        GearPath("a") + (*validation != '\0' ? StrCat("?fieldValidation=", validation) : "");
    const auto apply = [&](const std::string& spec, const std::string& metadata = "") {
      return Apply(path, "one", GearJson("a", spec, metadata));
    };
    EXPECT_THAT(apply(R"({"sizze":1})").message(), HasSubstr(".spec.sizze: field not declared in schema"))
        << validation;
    EXPECT_THAT(apply("{}", R"("lables":{})").message(),
                HasSubstr(".metadata.lables: field not declared in schema"))
        << validation;
    EXPECT_THAT(apply(R"({"size":"x"})").message(),
                HasSubstr(".spec.size: expected numeric (int or float), got string"))
        << validation;
  }
  EXPECT_STATUS(Get(GearPath("a")), 404);
}

TEST_P(Conformance, ManagedFieldsCanBeCleared) {
  ASSERT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"size":1})")), 201);
  const Answer cleared = Merge(GearPath("a"), R"({"metadata":{"managedFields":[{}]}})");
  EXPECT_STATUS(cleared, 200);
  EXPECT_EQ(cleared.body.find("\"one\""), std::string::npos);
}

TEST_P(Conformance, BuiltInsCanBeApplied) {
  const std::string body =
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"x":"y"}},"data":{"k":"v"}})";
  ASSERT_STATUS(Apply(ConfigMaps() + "/a", "one", body), 201);
  const Answer conflict =
      Apply(ConfigMaps() + "/a", "two",
            R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"w"}})");
  EXPECT_STATUS(conflict, 409);
  EXPECT_EQ(conflict.Each("/details/causes", "/field"), std::vector<std::string>{".data.k"});
}

TEST_P(Conformance, AMapEmptiedByItsManagerWhileAnotherHoldsItIsRefused) {
  ASSERT_STATUS(Apply(GearPath("a"), "one", GearJson("a", R"({"labels":{"a":"1"}})")), 201);
  ASSERT_STATUS(Apply(GearPath("a"), "two", GearJson("a", R"({"labels":{}})")), 200);
  const Answer emptied = Apply(GearPath("a"), "one", GearJson("a"));
  if (emptied.status == 200) return Lacks("schemas in the server-side apply of custom kinds");
  EXPECT_STATUS(emptied, 422);
  EXPECT_THAT(emptied.message(), HasSubstr("spec.labels in body must be of type object: \"null\""));
  EXPECT_EQ(Get(GearPath("a")).At("/spec/labels/a"), "1") << "nothing is lost";
  ASSERT_STATUS(Apply(GearPath("b"), "one", GearJson("b", R"({"labels":{"a":"1"}})")), 201);
  ASSERT_STATUS(Apply(GearPath("b"), "two", GearJson("b", R"({"labels":{"b":"2"}})")), 200);
  EXPECT_EQ(Apply(GearPath("b"), "one", GearJson("b")).At("/spec/labels"), R"({"b":"2"})");
}

}  // namespace
}  // namespace capstan::conformance
