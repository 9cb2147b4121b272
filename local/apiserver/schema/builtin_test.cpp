#include <capstan/local/apiserver/schema/builtin.hpp>

#include <set>
#include <string>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/node.hpp>
#include <capstan/local/apiserver/testing/parse_testing.hpp>

namespace capstan::apiserver {
namespace {

// Every list must have a schema for its items, and every value a type unless it is deliberately
// open.
void ExpectComplete(const SchemaNode& node, const std::string& path) {
  EXPECT_TRUE(!node.type.empty() || node.preserve_unknown_fields) << path;
  EXPECT_TRUE(node.type != "array" || node.items) << path;
  for (const auto& [name, child] : node.properties) ExpectComplete(*child, path + "." + name);
}

TEST(BuiltinSchemas, AreReadCompletelyFromTheTable) {
  const auto schemas = BuiltinSchemas::Make();
  std::size_t kinds = 0;
  for (const BuiltinType& type : schemas->types().all()) {
    std::set<std::uint32_t> numbers;
    std::set<std::string_view> names;
    for (const BuiltinField& field : type.fields) {
      EXPECT_NE(field.number, 0U) << type.full_name << "." << field.name;
      EXPECT_TRUE(numbers.insert(field.number).second) << type.full_name << "." << field.name;
      EXPECT_TRUE(field.name.empty() || names.insert(field.name).second)
          << type.full_name << "." << field.name;
      EXPECT_EQ(type.ByNumber(field.number), &field);
    }
  }
  for (const auto& [group, version, kind] : {std::tuple{"", "v1", "Secret"},
                                             {"", "v1", "Namespace"},
                                             {"", "v1", "Event"},
                                             {"events.k8s.io", "v1", "Event"},
                                             {"coordination.k8s.io", "v1", "Lease"},
                                             {"apps", "v1", "Deployment"},
                                             {"", "v1", "Pod"},
                                             {"apiextensions.k8s.io", "v1", "CustomResourceDefinition"},
                                             {"rbac.authorization.k8s.io", "v1", "ClusterRole"}}) {
    const CompiledSchema* schema = schemas->Find(group, version, kind);
    ASSERT_NE(schema, nullptr) << group << version << kind;
    ExpectComplete(schema->root(), kind);
    ++kinds;
  }
  EXPECT_EQ(kinds, 9U);
  EXPECT_EQ(schemas->Find("", "v1", "Nothing"), nullptr);
}

TEST(BuiltinSchemas, NameTheirDefinitionsAsKubernetesDoes) {
  const auto schemas = BuiltinSchemas::Make();
  EXPECT_EQ(schemas->DefinitionName("", "v1", "Event"), "io.k8s.api.core.v1.Event");
  EXPECT_EQ(schemas->DefinitionName("events.k8s.io", "v1", "Event"), "io.k8s.api.events.v1.Event");
  for (const auto& [name, definition] : schemas->definitions()) {
    const auto properties = json::ObjectIn(definition, "properties");
    if (!properties) continue;
    for (const auto& field : properties->getNames()) {
      const auto ref = json::StringIn(json::ObjectIn(properties, field), "$ref");
      EXPECT_TRUE(!ref || schemas->definitions().count(*ref) == 1U) << name << "." << field;
    }
  }
}

TEST(BuiltinSchemas, PruneUnknownFields) {
  const auto schemas = BuiltinSchemas::Make();
  const auto object = Parse(
      R"({"metadata":{"name":"a","foo":1},"spec":{"group":"g","nope":1,"versions":[{"bar":1,"schema":{"openAPIV3Schema":{"anything":1}}}]}})");
  EXPECT_EQ(schemas->Find("apiextensions.k8s.io", "v1", "CustomResourceDefinition")->Prune(object),
            (std::vector<std::string>{"metadata.foo", "spec.nope", "spec.versions[0].bar"}));
}

TEST(BuiltinSchemas, ReportTypeMismatchesInKubernetesWords) {
  const auto schemas = BuiltinSchemas::Make();
  const auto crd = [&](std::string_view text) {
    return schemas->TypeMismatch("apiextensions.k8s.io", "v1", "CustomResourceDefinition", Parse(text));
  };
  const std::string start = "json: cannot unmarshal ";
  EXPECT_EQ(crd(R"({"metadata":{"labels":{"a":5}}})"),
            start + "number into Go struct field ObjectMeta.metadata.labels of type string");
  EXPECT_EQ(crd(R"({"metadata":{"labels":["a"]}})"),
            start + "array into Go struct field ObjectMeta.metadata.labels of type map[string]string");
  EXPECT_EQ(crd(R"({"spec":"x"})"), start +
                                        "string into Go struct field CustomResourceDefinition.spec of type "
                                        "v1.CustomResourceDefinitionSpec");
  EXPECT_EQ(
      crd(R"({"spec":{"versions":[{"served":"x"}]}})"),
      start +
          "string into Go struct field CustomResourceDefinitionVersion.spec.versions.served of type bool");
  EXPECT_EQ(crd(R"({"metadata":{"creationTimestamp":"x"}})"),
            R"(parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006")");
  EXPECT_EQ(crd(R"({"metadata":{"generation":null,"finalizers":"x"}})"),
            start + "string into Go struct field ObjectMeta.metadata.finalizers of type []string");
  EXPECT_EQ(schemas->TypeMismatch("", "v1", "Secret", Parse(R"({"data":{"a":"?"}})")),
            "illegal base64 data at input byte 0");
  EXPECT_EQ(schemas->TypeMismatch("", "v1", "Secret",
                                  Parse(R"({"data":{"a":"aGk="},"type":"Opaque","immutable":true})")),
            "");
}

}  // namespace
}  // namespace capstan::apiserver
