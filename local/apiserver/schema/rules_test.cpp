#include <string>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>
#include <capstan/local/apiserver/testing/parse_testing.hpp>

namespace capstan::apiserver {
namespace {

std::string ProblemsOf(std::string_view property) {
  const auto outcome =
      CompileSchema(Parse(StrCat(R"({"type":"object","properties":{"a":)", property, "}}")), "f");
  std::string text = outcome.problems.empty() ? "" : ToText(outcome.problems);
  const std::string prefix = "f.properties[a]";
  for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.replace(at, prefix.size(), "$");
  return text;
}

// The schema whose rules were also run on a real server.
std::shared_ptr<const CompiledSchema> Schema() {
  auto outcome = CompileSchema(Parse(R"x({"type":"object",
    "x-kubernetes-validations":[{"rule":"!has(self.spec.root) || self.spec.root == 'ok'","message":"root bad"}],
    "properties":{"spec":{"type":"object","x-kubernetes-validations":[
      {"rule":"!has(self.a) || self.a < 5","message":"a too big"},
      {"rule":"!has(self.a) || self.a != 3","messageExpression":"' a is ' + string(self.a)"},
      {"rule":"!has(self.a) || self.a != 4","reason":"FieldValueForbidden","fieldPath":".a","message":"four"},
      {"rule":"!has(self.a) || self.a != 2","reason":"FieldValueRequired"},
      {"rule":"!has(self.a) || self.a != 1","reason":"FieldValueDuplicate","message":"dup"},
      {"rule":"!has(self.m) || self.m['k'] == 'v'","message":"mm"},
      {"rule":"!has(self.im) || has(oldSelf.im) && self.im == oldSelf.im","message":"immutable"},
      {"rule":"has(self.im) == has(oldSelf.im)","message":"no add or remove"},
      {"rule":"!has(self.a) || self.a != 0","messageExpression":"''","message":"zero"}],
     "properties":{
  "root" : {"type" : "string"},
           "a" : {"type" : "integer"},
           "en" : {"type" : "string", "enum" : ["x"]},
                 "im" : {"type" : "string"},
                        "m" : {"type" : "object", "additionalProperties" : {"type" : "string"}},
                              "l"
      : {
        "type" : "array",
        "items" : {"type" : "string", "maxLength" : 5},
        "x-kubernetes-validations" : [ {"rule" : "self.size() < 3", "message" : "long"} ]
      },
        "ml" : {
          "type" : "array",
          "x-kubernetes-list-type" : "map",
          "x-kubernetes-list-map-keys" : ["k"],
          "items" : {
            "type" : "object",
            "required" : ["k"],
            "x-kubernetes-validations" :
                [ {"rule" : "!has(oldSelf.v) || self.v == oldSelf.v", "message" : "v immutable"} ],
            "properties" : {"k" : {"type" : "string"}, "v" : {"type" : "string"}}
          }
        },
               "s" : {"type" : "string", "x-kubernetes-validations" : [ {"rule" : "self != 'bad'"} ]},
                     "mp" : {
                       "type" : "object",
                       "additionalProperties" :
                           {"type" : "string", "x-kubernetes-validations" : [ {"rule" : "self != 'bad'"} ]}
                     },
                            "nul" : {
    "type" : "string", "nullable" : true, "x-kubernetes-validations" : [ {"rule" : "self != 'bad'"} ]
  }
}
}
}
})x"),
                               "f");
  EXPECT_TRUE(outcome.schema) << ToText(outcome.problems);
  return outcome.schema;
}

std::string ErrorsOf(const CompiledSchema& schema, std::string_view spec, std::string_view old_spec = "") {
  const auto object = Parse(StrCat(R"({"metadata":{"name":"x"},"spec":)", spec, "}"));
  const json::ObjectPtr old =
      old_spec.empty() ? json::ObjectPtr() : Parse(StrCat(R"({"spec":)", old_spec, "}"));
  const auto errors = schema.Validate(object, old);
  return errors.empty() ? "" : ToText(errors);
}

TEST(SchemaRules, ReportErrorsAsKubernetesDoes) {
  const auto schema = Schema();
  const std::pair<const char*, const char*> rows[] = {
      {R"({"root":"x"})", "<nil>: Invalid value: root bad"},
      {R"({"a":7})", "spec: Invalid value: a too big"},
      {R"({"a":3})", "spec: Invalid value: a is 3"},
      {R"({"a":4})", "spec.a: Forbidden: four"},
      {R"({"a":2})", "spec: Required value: failed rule: !has(self.a) || self.a != 2"},
      {R"({"a":1})", "spec: Duplicate value"},
      {R"({"a":0})", "spec: Invalid value: zero"},
      {R"({"m":{"x":"y"}})", R"(spec: Invalid value: "object": no such key: k evaluating rule: mm)"},
      {R"({"l":["x","y","z"]})", "spec.l: Invalid value: long"},
      {R"({"s":"bad"})", R"(spec.s: Invalid value: "bad": failed rule: self != 'bad')"},
      {R"({"mp":{"q":"bad"}})", R"(spec.mp[q]: Invalid value: "bad": failed rule: self != 'bad')"},
      {R"({"nul":null})", ""},
  };
  for (const auto& [spec, said] : rows) EXPECT_EQ(ErrorsOf(*schema, spec), said) << spec;
}

TEST(SchemaRules, RunOnlyWhenEverythingElseIsValid) {
  EXPECT_EQ(
      ErrorsOf(*Schema(), R"({"a":"x","s":"bad"})"),
      R"([spec.a: Invalid value: "string": spec.a in body must be of type integer: "string", <nil>: Invalid value: null: some )"
      "validation rules were not checked because the object was invalid; correct the existing errors to "
      "complete validation]");
}

TEST(SchemaRules, RunOnlyAfterEnumsAndNullsAreValid) {
  EXPECT_NE(ErrorsOf(*Schema(), R"({"en":"y"})").find("some validation rules were not checked"),
            std::string::npos);
  const auto refused = Schema()->RefusedNulls(Parse(R"({"spec":{"s":null}})"));
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_EQ(refused[1].field, "<nil>");
}

TEST(SchemaRules, WithOldSelfNeedAnOldObject) {
  const auto schema = Schema();
  EXPECT_EQ(ErrorsOf(*schema, R"({"im":"a"})"), "");
  EXPECT_EQ(ErrorsOf(*schema, R"({"im":"b"})", R"({"im":"a"})"), "spec: Invalid value: immutable");
  EXPECT_EQ(ErrorsOf(*schema, R"({})", R"({"im":"a"})"), "spec: Invalid value: no add or remove");
  EXPECT_EQ(ErrorsOf(*schema, R"({"im":"a","s":"x"})", R"({"im":"a"})"), "");
}

TEST(SchemaRules, FindItemsOfListMapsByTheirKeys) {
  const auto schema = Schema();
  const char* old = R"({"ml":[{"k":"a","v":"1"},{"k":"b","v":"1"}]})";
  EXPECT_EQ(ErrorsOf(*schema, R"({"ml":[{"k":"b","v":"2"},{"k":"a","v":"1"}]})", old),
            "spec.ml[0]: Invalid value: v immutable");
  EXPECT_EQ(ErrorsOf(*schema, R"({"ml":[{"k":"c","v":"2"},{"k":"b","v":"1"}]})", old), "");
}

TEST(SchemaRules, TolerateWhatAnUpdateDoesNotTouch) {
  EXPECT_EQ(ErrorsOf(*Schema(), R"({"s":"bad","root":"ok"})", R"({"s":"bad"})"), "");
}

TEST(SchemaRules, SayASecondThingOfARuleThatDoesNotCompile) {
  const std::string said = ProblemsOf(
      R"({"type":"integer","x-kubernetes-validations":[{"rule":"nope","optionalOldSelf":true},{"rule":"self > 1","messageExpression":"nope"}]})");
  EXPECT_NE(said.find("$.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if "
                      "oldSelf is not used in rule"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("$.x-kubernetes-validations[1].messageExpression"), std::string::npos) << said;
}

TEST(SchemaRules, AreCompiledOnceTheirWordsAreRight) {
  EXPECT_EQ(
      ProblemsOf(
          R"({"type":"integer","x-kubernetes-validations":[{"rule":"nope"},{"rule":"self > 1","messageExpression":" "}]})"),
      "$.x-kubernetes-validations[1].messageExpression: Required value: messageExpression must be "
      "non-empty if specified");
}

TEST(SchemaRules, AreRefusedWithTheirCrdInKubernetesWords) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"type":"string","x-kubernetes-validations":[{"rule":""}]})",
       "$.x-kubernetes-validations[0].rule: Required value: rule is not specified"},
      {R"({"type":"string","x-kubernetes-validations":[{"rule":"self == 'a'\n && true"}]})",
       "$.x-kubernetes-validations[0].message: Required value: message must be specified if rule contains "
       "line breaks"},
      {R"({"type":"string","x-kubernetes-validations":[{"rule":"self == 'a'","message":"a\nb"},{"rule":"self == 'a'","message":"  "},{"rule":"self == 'a'","reason":"Foo"},{"rule":"self == 'a'","fieldPath":".x"}]})",
       "[$.x-kubernetes-validations[0].message: Invalid value: \"a\\nb\": must not contain line breaks, "
       "$.x-kubernetes-validations[1].message: Invalid value: \"  \": must be non-empty if specified, "
       "$.x-kubernetes-validations[2].reason: Unsupported value: \"Foo\": supported values: "
       "\"FieldValueDuplicate\", \"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\", "
       "$.x-kubernetes-validations[3].fieldPath: Invalid value: \".x\": must be a valid path]"},
      {R"({"type":"array","items":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf"}]}})",
       "$.items.x-kubernetes-validations[0].rule: Invalid value: \"self == oldSelf\": oldSelf cannot be used "
       "on the uncorrelatable portion of the schema within $"},
      {R"({"type":"string","x-kubernetes-validations":[{"rule":"self == 'x'","optionalOldSelf":true}]})",
       "$.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not "
       "used in rule"},
      {R"({"type":"string","x-kubernetes-validations":[{"rule":"self == 'x'","optionalOldSelf":false,"reason":""}]})",
       "$.x-kubernetes-validations[0].reason: Unsupported value: \"\": supported values: "
       "\"FieldValueDuplicate\", \"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\""},
      {R"({"type":"string","x-kubernetes-validations":[{"rule":"self == 'a'\n && true","messageExpression":"'b'"}]})",
       "$.x-kubernetes-validations[0].message: Required value: message must be specified if rule contains "
       "line "
       "breaks"},
      {R"({"type":"string","x-kubernetes-validations":[{"rule":"\nself == 'a'\n"}]})", ""},
      {R"({"type":"object","additionalProperties":{"type":"string"},"x-kubernetes-validations":[{"rule":"true","fieldPath":"['x']"}]})",
       ""},
      {R"({"type":"object","properties":{"b":{"type":"string"}},"x-kubernetes-validations":[{"rule":"self.b == 'a'","messageExpression":"1"}]})",
       R"($.x-kubernetes-validations[0].messageExpression: Invalid value: {"Rule":"self.b == 'a'","Message":"","MessageExpression":"1","Reason":null,"FieldPath":"","OptionalOldSelf":null}: messageExpression must evaluate to a string)"},
  };
  for (const auto& [property, said] : rows) EXPECT_EQ(ProblemsOf(property), said) << property;
}

}  // namespace
}  // namespace capstan::apiserver
