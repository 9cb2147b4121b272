#include <capstan/local/apiserver/schema/compiled.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>
#include <capstan/local/apiserver/testing/parse_testing.hpp>

namespace capstan::apiserver {
namespace {

constexpr const char* kField = "spec.validation.openAPIV3Schema";

// The problems of a schema whose only property is `a`, without the common prefix of the path.
std::string ProblemsOf(std::string_view property) {
  const auto outcome =
      CompileSchema(Parse(StrCat(R"({"type":"object","properties":{"a":)", property, "}}")), kField);
  std::string text = outcome.problems.empty() ? "" : ToText(outcome.problems);
  const std::string prefix = std::string(kField) + ".properties[a]";
  for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.replace(at, prefix.size(), "$");
  EXPECT_EQ(outcome.schema == nullptr, !outcome.problems.empty());
  return text;
}

std::shared_ptr<const CompiledSchema> Compile(std::string_view spec_properties) {
  auto outcome =
      CompileSchema(Parse(StrCat(R"({"type":"object","properties":{"spec":{"type":"object","properties":)",
                                 spec_properties, "}}}")),
                    kField);
  EXPECT_TRUE(outcome.schema) << ToText(outcome.problems);
  return outcome.schema;
}

std::string ErrorsOf(const CompiledSchema& schema, std::string_view spec, std::string_view old_spec = "") {
  const json::ObjectPtr object = Parse(StrCat(R"({"spec":)", spec, "}"));
  const json::ObjectPtr old =
      old_spec.empty() ? json::ObjectPtr() : Parse(StrCat(R"({"spec":)", old_spec, "}"));
  const auto errors = schema.Validate(object, old);
  return errors.empty() ? "" : ToText(errors);
}

struct Row {
  const char* input;
  const char* said;
};

TEST(CompileSchema, RefusesWhatIsNotStructuralInKubernetesWords) {
  const Row rows[] = {
      {R"({"type":"string"})", ""},
      {R"({})", "$.type: Required value: must not be empty for specified object fields"},
      {R"({"type":"array"})", "$.items: Required value: must be specified"},
      {R"({"type":"array","items":{}})",
       "$.items.type: Required value: must not be empty for specified array items"},
      {R"({"type":"foo"})",
       R"($.type: Unsupported value: "foo": supported values: "array", "boolean", "integer", "number", "object", "string")"},
      {R"({"type":"object","properties":{"x":{"type":"string"}},"additionalProperties":{"type":"string"}})",
       "$.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"},
      {R"({"type":"array","uniqueItems":true,"items":{"type":"string"}})",
       "$.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes "
       "quadratic"},
      {R"({"type":"string","$ref":"#/x"})", "$.$ref: Forbidden: $ref is not supported"},
      {R"({"anyOf":[{"type":"string"},{"type":"integer"}]})",
       "[$.anyOf[0].type: Forbidden: must be empty to be structural, $.anyOf[1].type: Forbidden: must be "
       "empty to be structural, "
       "$.type: Required value: must not be empty for specified object fields]"},
      {R"({"type":"string","not":{"type":"string","title":"x"}})",
       "[$.not.title: Forbidden: must be empty to be structural, $.not.type: Forbidden: must be empty to be "
       "structural]"},
      {R"({"type":"object","x-kubernetes-preserve-unknown-fields":false})",
       "$.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined"},
      {R"({"type":"string","x-kubernetes-embedded-resource":true})",
       "[$.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without "
       "x-kubernetes-preserve-unknown-fields, $.type: Invalid value: \"string\": must be object if "
       "x-kubernetes-embedded-resource is true]"},
      {R"({"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]})", ""},
      {R"({"x-kubernetes-int-or-string":true,"allOf":[{"anyOf":[{"type":"integer"},{"type":"string"}]},{"minimum":1}]})",
       ""},
      {R"({"type":"array","items":[{"type":"string"}]})",
       "$.items: Forbidden: items must be a schema object and not an array"},
  };
  for (const Row& row : rows) EXPECT_EQ(ProblemsOf(row.input), row.said) << row.input;
}

TEST(CompileSchema, RefusesListsThatCannotBeSetsOrMaps) {
  const Row rows[] = {
      {R"({"type":"array","x-kubernetes-list-type":"foo","items":{"type":"string"}})",
       R"($.x-kubernetes-list-type: Unsupported value: "foo": supported values: "atomic", "set", "map")"},
      {R"({"type":"array","x-kubernetes-list-type":"map","items":{"type":"string"}})",
       "[$.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map, "
       "$.items.type: "
       "Invalid value: \"string\": must be object if parent array's x-kubernetes-list-type is map]"},
      {R"({"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"z":{"type":"string"}}}})",
       R"($.x-kubernetes-list-map-keys: Invalid value: ["k"]: entries must all be names of item properties)"},
      {R"({"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}})",
       "$.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it "
       "must have a default or be a required property"},
      {R"({"type":"array","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}})",
       "$.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty"},
      {R"({"type":"array","x-kubernetes-list-type":"set","items":{"type":"object"}})",
       "$.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with "
       "x-kubernetes-list-type=set"},
      {R"({"type":"object","x-kubernetes-list-type":"set"})",
       "$.type: Invalid value: \"object\": must be array if x-kubernetes-list-type is specified"},
      {R"({"type":"array","x-kubernetes-list-type":"set","items":{"type":"string","nullable":true}})",
       "$.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set"},
  };
  for (const Row& row : rows) EXPECT_EQ(ProblemsOf(row.input), row.said) << row.input;
}

TEST(CompileSchema, RefusesDefaultsThatDoNotMatchTheSchema) {
  const Row rows[] = {
      {R"({"type":"string","default":1})",
       R"($.default: Invalid value: "integer":  in body must be of type string: "integer")"},
      {R"({"type":"object","properties":{"c":{"type":"integer"}},"default":{"c":"x","d":1}})",
       R"([$.default: Invalid value: {"c":"x","d":1}: must not have unknown fields, $.default.c: Invalid value: "string": c in body must be of type integer: "string"])"},
      {R"({"type":"string","enum":["a"],"default":"b"})",
       R"($.default: Unsupported value: "b": supported values: "a")"},
      {R"({"type":"object","default":{},"required":["b"],"properties":{"b":{"type":"string"}}})",
       "$.default.b: Required value"},
      {R"({"type":"string","default":null})", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(ProblemsOf(row.input), row.said) << row.input;
}

TEST(CompileSchema, RefusesASchemaThatIsNestedTooDeeply) {
  std::string text = R"({"type":"string"})";
  for (int i = 0; i < 80; ++i) text = StrCat(R"({"type":"array","items":)", text, "}");
  EXPECT_NE(ProblemsOf(text).find("nested at most 64 deep"), std::string::npos);
}

TEST(CompileSchema, NamesAKeywordOfTheWrongType) {
  EXPECT_EQ(ProblemsOf(R"({"type":5})"), R"($.type: Invalid value: "integer": must be of type string)");
  EXPECT_EQ(ProblemsOf(R"({"type":"object","properties":[]})"),
            R"($.properties: Invalid value: "array": must be of type object)");
}

TEST(CompileSchema, NamesTheSchemaAsKubernetesDoes) {
  const auto versions = [](const char* text) { return json::ArrayIn(Parse(text), "v"); };
  EXPECT_EQ(SchemaField(versions(R"({"v":[{"schema":{"a":1}}]})"), 0), "spec.validation.openAPIV3Schema");
  EXPECT_EQ(SchemaField(versions(R"({"v":[{"schema":{"a":1}},{"schema":{"a":2}}]})"), 1),
            "spec.versions[1].schema.openAPIV3Schema");
}

TEST(CompiledSchema, PrunesUnknownFieldsAndListsThem) {
  const auto schema = Compile(R"({"known":{"type":"string"},
    "list":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}}},
    "open":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"shut":{"type":"object"}}},
    "map":{"type":"object","additionalProperties":{"type":"object","properties":{"z":{"type":"string"}}}}})");
  const auto object =
      Parse(R"({"apiVersion":"v1","kind":"K","metadata":{"name":"n","labels":{"x":"y"},"foo":1},"extra":1,
    "spec":{"known":"a","nope":1,"list":[{"k":"a"},{"q":1}],"open":{"any":1,"shut":{"q":1}},"map":{"m":{"z":"","y":1}}}})");
  EXPECT_EQ(schema->Prune(object),
            (std::vector<std::string>{"extra", "metadata.foo", "spec.list[1].q", "spec.map.m.y", "spec.nope",
                                      "spec.open.shut.q"}));
  EXPECT_EQ(json::ToText(json::ObjectIn(object, "spec")),
            R"({"known":"a","list":[{"k":"a"},{}],"open":{"any":1,"shut":{}},"map":{"m":{"z":""}}})");
  EXPECT_EQ(json::ToText(json::ObjectIn(object, "metadata")), R"({"name":"n","labels":{"x":"y"}})");
}

TEST(CompiledSchema, FillsInDefaultsBelowListsAndMaps) {
  const auto schema = Compile(R"({"size":{"type":"string","default":"s"},
    "list":{"type":"array","items":{"type":"object","properties":{"p":{"type":"integer","default":1}}}},
    "deep":{"type":"object","default":{},"properties":{"x":{"type":"object","default":{},"properties":{"y":{"type":"boolean","default":true}}}}}})");
  const auto object = Parse(R"({"spec":{"list":[{},{"p":2},{"p":null}]}})");
  schema->ApplyDefaults(object);
  const auto spec = json::ObjectIn(object, "spec");
  EXPECT_EQ(json::StringIn(spec, "size"), "s");
  EXPECT_EQ(json::ToText(json::ObjectIn(spec, "deep")), R"({"x":{"y":true}})");
  EXPECT_EQ(json::ToText(json::Tree(json::ArrayIn(spec, "list"))), R"([{"p":1},{"p":2},{"p":1}])");
}

TEST(CompiledSchema, DropsNullsThatAreNotAllowedAndKeepsThoseThatAre) {
  const auto schema = Compile(
      R"({"a":{"type":"string"},"b":{"type":"string","nullable":true},"c":{"type":"object","additionalProperties":{"type":"integer"}}})");
  const auto object = Parse(R"({"spec":{"a":null,"b":null,"c":{"x":null}}})");
  schema->ApplyDefaults(object);
  EXPECT_EQ(json::ToText(json::ObjectIn(object, "spec")), R"({"b":null,"c":{}})");
}

TEST(CompiledSchema, WritesIntegersWithoutAFraction) {
  const auto schema = Compile(R"({"i":{"type":"integer"},"n":{"type":"number"},"w":{"type":"number"}})");
  const auto object = Parse(R"({"spec":{"i":2.0,"n":2.5,"w":3.0}})");
  schema->ApplyDefaults(object);
  EXPECT_EQ(json::ToText(json::ObjectIn(object, "spec")), R"({"i":2,"n":2.5,"w":3})");
}

TEST(CompiledSchema, ValidatesScalarsInKubernetesWords) {
  const auto schema = Compile(R"({"s":{"type":"string","minLength":2,"maxLength":5,"pattern":"^[a-z]+$"},
    "e":{"type":"string","enum":["a","b"]},"ei":{"type":"integer","enum":[1,2]},
    "i":{"type":"integer","minimum":1,"maximum":10},"ix":{"type":"integer","minimum":1,"exclusiveMinimum":true,"maximum":10,"exclusiveMaximum":true},
    "i32":{"type":"integer","format":"int32"},"i64":{"type":"integer","format":"int64"},"n":{"type":"number","multipleOf":0.5,"minimum":0.5},
    "b":{"type":"boolean"},"ios":{"x-kubernetes-int-or-string":true,"maximum":4},"d":{"type":"string","format":"date-time"},"zork":{"type":"string","format":"zork"}})");
  const Row rows[] = {
      {R"({"s":5})", R"(spec.s: Invalid value: "integer": spec.s in body must be of type string: "integer")"},
      {R"({"s":"a"})", R"(spec.s: Invalid value: "a": spec.s in body should be at least 2 chars long)"},
      {R"({"s":"abcdefg"})", "spec.s: Too long: may not be more than 5 bytes"},
      {R"({"s":"ABC"})", R"(spec.s: Invalid value: "ABC": spec.s in body should match '^[a-z]+$')"},
      {R"({"s":null})", R"(spec.s: Invalid value: "null": spec.s in body must be of type string: "null")"},
      {R"({"e":"c"})", R"(spec.e: Unsupported value: "c": supported values: "a", "b")"},
      {R"({"ei":3})", R"(spec.ei: Unsupported value: 3: supported values: "1", "2")"},
      {R"({"ei":"x"})",
       R"([spec.ei: Invalid value: "string": spec.ei in body must be of type integer: "string", spec.ei: Unsupported value: "x": supported values: "1", "2"])"},
      {R"({"i":0})", "spec.i: Invalid value: 0: spec.i in body should be greater than or equal to 1"},
      {R"({"i":11})", "spec.i: Invalid value: 11: spec.i in body should be less than or equal to 10"},
      {R"({"i":1.5})",
       R"([spec.i: Invalid value: "number": spec.i in body must be of type integer: "number", <nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.i])"},
      {R"({"i":2.0})", ""},
      {R"({"ix":1})", "spec.ix: Invalid value: 1: spec.ix in body should be greater than 1"},
      {R"({"ix":10})", "spec.ix: Invalid value: 10: spec.ix in body should be less than 10"},
      {R"({"i32":3000000000})",
       R"(<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.i32)"},
      {R"({"i64":9300000000000000000})",
       R"([spec.i64: Invalid value: "float64": spec.i64 in body must be of type int64: "float64", <nil>: Invalid value: "": Checked value must be of type integer with format int64 in spec.i64])"},
      {R"({"i64":9223372036854775807})", ""},
      {R"({"n":0.75})", "spec.n: Invalid value: 0.75: spec.n in body should be a multiple of 0.5"},
      {R"({"n":1.5})", ""},
      {R"({"b":"true"})",
       R"(spec.b: Invalid value: "string": spec.b in body must be of type boolean: "string")"},
      {R"({"ios":5})", "spec.ios: Invalid value: 5: spec.ios in body should be less than or equal to 4"},
      {R"({"ios":"x"})", ""},
      {R"({"ios":true})",
       R"(spec.ios: Invalid value: "boolean": spec.ios in body must be of type integer,string: "boolean")"},
      {R"({"d":"x"})", R"(spec.d: Invalid value: "x": spec.d in body must be of type date-time: "x")"},
      {R"({"d":"2020-01-01T00:00:00Z","zork":"anything"})", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(ErrorsOf(*schema, row.input), row.said) << row.input;
}

TEST(CompiledSchema, ValidatesListsAndMapsInKubernetesWords) {
  const auto schema =
      Compile(R"({"l":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string","minLength":1}},
    "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
    "map":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k","p"],"items":{"type":"object","required":["k"],"properties":{"k":{"type":"string"},"p":{"type":"integer","default":1}}}},
    "ap":{"type":"object","additionalProperties":{"type":"integer","maximum":5},"maxProperties":2},
    "mp":{"type":"object","minProperties":2,"properties":{"x":{"type":"string"}}},
    "lone":{"type":"array","maxItems":1,"items":{"type":"string"}}})");
  const Row rows[] = {
      {R"({"lone":["a","b"]})", "spec.lone: Too many: 2: must have at most 1 item"},
      {R"({"l":[]})", "spec.l: Invalid value: 0: spec.l in body should have at least 1 items"},
      {R"({"l":["a","b","c"]})", "spec.l: Too many: 3: must have at most 2 items"},
      {R"({"l":["",""]})",
       R"([spec.l[0]: Invalid value: "": spec.l[0] in body should be at least 1 chars long, spec.l[1]: Invalid value: "": spec.l[1] in body should be at least 1 chars long])"},
      {R"({"l":[null]})",
       R"(spec.l[0]: Invalid value: "null": spec.l[0] in body must be of type string: "null")"},
      {R"({"set":["a","b","a","b"]})",
       R"([spec.set[2]: Duplicate value: "a", spec.set[3]: Duplicate value: "b"])"},
      {R"({"map":[{"k":"a"},{"k":"a","p":1}]})", R"(spec.map[1]: Duplicate value: {"k":"a","p":1})"},
      {R"({"map":[{"p":1}]})", "spec.map[0].k: Required value"},
      {R"({"ap":{"a":6}})",
       "spec.ap.a: Invalid value: 6: spec.ap.a in body should be less than or equal to 5"},
      {R"({"ap":{"a":1,"b":2,"c":3}})", "spec.ap: Too many: 3: must have at most 2 items"},
      {R"({"mp":{"x":""}})", "spec.mp: Invalid value: 1: spec.mp in body should have at least 2 properties"},
  };
  for (const Row& row : rows) EXPECT_EQ(ErrorsOf(*schema, row.input), row.said) << row.input;
}

TEST(CompiledSchema, ValidatesAlternativesInKubernetesWords) {
  const auto schema = Compile(
      R"({"any":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}},"anyOf":[{"required":["x"]},{"required":["y"]}]},
    "one":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}},"oneOf":[{"required":["x"]},{"required":["y"]}]},
    "all":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}},"allOf":[{"required":["x"]},{"required":["y"]}]},
    "no":{"type":"string","not":{"enum":["bad"]}}})");
  const Row rows[] = {
      {R"({"any":{}})",
       R"([<nil>: Invalid value: "": "spec.any" must validate at least one schema (anyOf), spec.any.x: Required value])"},
      {R"({"any":{"y":""}})", ""},
      {R"({"one":{}})",
       R"([<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid, spec.one.x: Required value])"},
      {R"({"one":{"x":"","y":""}})",
       R"(<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives)"},
      {R"({"all":{}})",
       R"([spec.all.x: Required value, spec.all.y: Required value, <nil>: Invalid value: "": "spec.all" must validate all the schemas (allOf). None validated])"},
      {R"({"all":{"x":""}})",
       R"([spec.all.y: Required value, <nil>: Invalid value: "": "spec.all" must validate all the schemas (allOf)])"},
      {R"({"no":"bad"})", R"(<nil>: Invalid value: "": "spec.no" must not validate the schema (not))"},
      {R"({"no":"good"})", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(ErrorsOf(*schema, row.input), row.said) << row.input;
}

TEST(CompiledSchema, ToleratesOldErrorsThatAnUpdateDoesNotTouch) {
  const auto schema = Compile(R"({"s":{"type":"string","maxLength":2},"t":{"type":"string","maxLength":2},
    "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}})");
  EXPECT_EQ(ErrorsOf(*schema, R"({"s":"long","t":"ok"})", R"({"s":"long","t":"no"})"), "");
  EXPECT_EQ(ErrorsOf(*schema, R"({"s":"longer"})", R"({"s":"long"})"),
            "spec.s: Too long: may not be more than 2 bytes");
  EXPECT_EQ(ErrorsOf(*schema, R"({"set":["a","a"],"t":"x"})", R"({"set":["a","a"]})"), "");
}

TEST(InvalidStatus, IsTheAnswerThatKubernetesGives) {
  const auto status =
      InvalidStatus("t.dev", "Widget", "x", {RequiredField("spec", ""), InvalidField("spec.i", 0, "no")});
  EXPECT_EQ(json::StringIn(status, "message"),
            R"(Widget.t.dev "x" is invalid: [spec: Required value, spec.i: Invalid value: 0: no])");
  const auto causes = json::ArrayIn(json::ObjectIn(status, "details"), "causes");
  EXPECT_EQ(json::ToText(json::Tree(causes)),
            R"([{"reason":"FieldValueRequired","message":"Required value","field":"spec"},)"
            R"({"reason":"FieldValueInvalid","message":"Invalid value: 0: no","field":"spec.i"}])");
  EXPECT_EQ(json::IntegerIn(status, "code"), 422);
}

}  // namespace
}  // namespace capstan::apiserver
