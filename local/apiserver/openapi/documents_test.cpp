#include <capstan/local/apiserver/openapi/documents.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/parse_testing.hpp>

namespace capstan::apiserver {
namespace {

// Follows keys; every step must exist.
json::ObjectPtr At(json::ObjectPtr object, const std::vector<std::string>& keys) {
  for (const auto& key : keys) {
    object = json::ObjectIn(object, key);
    EXPECT_TRUE(object) << key;
    if (!object) return json::MakeObject();
  }
  return object;
}

std::vector<ServedResource> Resources() {
  ServedResource config_map;
  config_map.version = "v1";
  config_map.kind = "ConfigMap";
  config_map.plural = "configmaps";
  ServedResource widget;
  widget.group = "t.dev";
  widget.version = "v1";
  widget.kind = "Widget";
  widget.plural = "widgets";
  widget.status = true;
  widget.scale = true;
  widget.open_api_v3_schema =
      Parse(R"({"type":"object","description":"A widget.","properties":{"spec":{"type":"object","properties":{
      "size":{"type":"string","description":"How large."},"any":{"type":"string","nullable":true},
      "open":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{"type":"string"}}},
      "port":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]}}}}})");
  return {config_map, widget};
}

// The fields of a protobuf message by number: their bytes, or varints as decimal text.
std::multimap<int, std::string> Fields(std::string_view bytes) {
  std::multimap<int, std::string> fields;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at < bytes.size(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.size()) {
    const std::uint64_t key = varint();
    const int field = static_cast<int>(key >> 3U);
    if ((key & 7U) == 0) {
      fields.emplace(field, std::to_string(varint()));
      continue;
    }
    const std::uint64_t length = (key & 7U) == 1 ? 8 : varint();
    EXPECT_LE(at + length, bytes.size());
    fields.emplace(field, std::string(bytes.substr(at, length)));
    at += length;
  }
  return fields;
}
std::string One(std::string_view bytes, int field) {
  const auto fields = Fields(bytes);
  const auto found = fields.find(field);
  return found == fields.end() ? "" : found->second;
}
// The value of the entry with this name in a gnostic map.
std::string Named(std::string_view bytes, int field, std::string_view name) {
  const auto fields = Fields(bytes);
  for (auto [at, end] = fields.equal_range(field); at != end; ++at) {
    if (One(at->second, 1) == name) return One(at->second, 2);
  }
  return "";
}

TEST(OpenApiV2, DescribesKindsWithTheirGroupVersionKind) {
  const auto builtins = BuiltinSchemas::Make();
  const auto document = Parse(OpenApiV2Json(Resources(), *builtins));
  EXPECT_EQ(json::StringIn(document, "swagger"), "2.0");
  const auto widget = At(document, {"definitions", "dev.t.v1.Widget"});
  EXPECT_EQ(json::ToText(json::Tree(json::ArrayIn(widget, "x-kubernetes-group-version-kind"))),
            R"([{"group":"t.dev","kind":"Widget","version":"v1"}])");
  EXPECT_EQ(json::StringIn(At(widget, {"properties", "metadata"}), "$ref"),
            "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  EXPECT_EQ(json::StringIn(
                At(document, {"definitions", "dev.t.v1.WidgetList", "properties", "items", "items"}), "$ref"),
            "#/definitions/dev.t.v1.Widget");
  const auto owners = At(document, {"definitions", "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
                                    "properties", "ownerReferences"});
  EXPECT_EQ(json::StringIn(owners, "x-kubernetes-patch-merge-key"), "uid");
  EXPECT_EQ(json::StringIn(owners, "x-kubernetes-patch-strategy"), "merge");
}

TEST(OpenApiV2, OmitsWhatWouldMakeOlderClientsRefuseObjects) {
  const auto builtins = BuiltinSchemas::Make();
  const auto document = Parse(OpenApiV2Json(Resources(), *builtins));
  const auto spec = At(document, {"definitions", "dev.t.v1.Widget", "properties", "spec", "properties"});
  EXPECT_EQ(json::ToText(At(spec, {"any"})), "{}");
  EXPECT_EQ(json::ToText(At(spec, {"open"})),
            R"({"type":"object","x-kubernetes-preserve-unknown-fields":true})");
  EXPECT_EQ(json::ToText(At(spec, {"port"})), R"({"x-kubernetes-int-or-string":true})");
  EXPECT_EQ(json::StringIn(At(spec, {"size"}), "type"), "string");
}

TEST(OpenApiV2, HasNoDanglingReference) {
  const auto builtins = BuiltinSchemas::Make();
  const std::string text = OpenApiV2Json(Resources(), *builtins);
  const auto definitions = At(Parse(text), {"definitions"});
  const std::string mark = R"("$ref":"#/definitions/)";
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; ++count) {
    at += mark.size();
    const std::string name = text.substr(at, text.find('"', at) - at);
    EXPECT_TRUE(definitions->has(name)) << name;
  }
  EXPECT_GT(count, 30U);
}

TEST(OpenApiV2, IsEncodedInGnosticsProtobuf) {
  const auto builtins = BuiltinSchemas::Make();
  const std::string document = OpenApiV2Protobuf(Resources(), *builtins);
  EXPECT_EQ(One(document, 1), "2.0");
  EXPECT_EQ(One(One(document, 2), 1), "Kubernetes");
  const std::string widget = Named(One(document, 9), 1, "dev.t.v1.Widget");
  EXPECT_EQ(One(widget, 4), "A widget.");
  EXPECT_EQ(One(One(widget, 22), 1), "object");
  EXPECT_EQ(One(Named(widget, 31, "x-kubernetes-group-version-kind"), 2),
            R"([{"group":"t.dev","kind":"Widget","version":"v1"}])");
  const std::string spec = Named(One(widget, 25), 1, "spec");
  EXPECT_EQ(One(Named(One(spec, 25), 1, "size"), 4), "How large.");
  EXPECT_EQ(One(Named(One(widget, 25), 1, "metadata"), 1),
            "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
}

TEST(OpenApiV2, NamesTheParametersOfAPatchSoThatClientsSeeDryRunAndFieldValidation) {
  const auto builtins = BuiltinSchemas::Make();
  const std::string document = OpenApiV2Protobuf(Resources(), *builtins);
  const std::string patch =
      One(Named(One(document, 8), 2, "/apis/t.dev/v1/namespaces/{namespace}/widgets/{name}"), 8);
  EXPECT_EQ(One(Named(patch, 13, "x-kubernetes-group-version-kind"), 2),
            R"({"group":"t.dev","kind":"Widget","version":"v1"})");
  std::vector<std::string> names;
  const auto fields = Fields(patch);
  for (auto [at, end] = fields.equal_range(8); at != end; ++at) {
    const std::string query = One(One(One(at->second, 1), 2), 3);
    if (!query.empty()) names.push_back(One(query, 4));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"dryRun", "fieldManager", "fieldValidation", "force"}));
}

TEST(OpenApiV3, HasADocumentForEachGroupAndVersion) {
  const auto builtins = BuiltinSchemas::Make();
  const auto index = Parse(OpenApiV3Index(Resources(), *builtins));
  EXPECT_EQ(At(index, {"paths"})->getNames(), (std::vector<std::string>{"api/v1", "apis/t.dev/v1"}));
  const auto url = json::StringIn(At(index, {"paths", "apis/t.dev/v1"}), "serverRelativeURL").value_or("");
  EXPECT_EQ(url.rfind("/openapi/v3/apis/t.dev/v1?hash=", 0), 0U);
  EXPECT_EQ(OpenApiV3Json(Resources(), *builtins, "nobody.dev", "v1"), "");
  const auto document = Parse(OpenApiV3Json(Resources(), *builtins, "t.dev", "v1"));
  EXPECT_FALSE(At(document, {"components", "schemas"})->has("io.k8s.api.core.v1.ConfigMap"));
  const auto spec =
      At(document, {"components", "schemas", "dev.t.v1.Widget", "properties", "spec", "properties"});
  EXPECT_EQ(json::BooleanIn(At(spec, {"any"}), "nullable"), true);
  EXPECT_TRUE(At(spec, {"open"})->has("properties"));
}

TEST(OpenApiV3, TheHashChangesWithTheSchema) {
  const auto builtins = BuiltinSchemas::Make();
  auto resources = Resources();
  const std::string before = OpenApiV3Index(resources, *builtins);
  EXPECT_EQ(OpenApiV3Index(resources, *builtins), before);
  resources[1].open_api_v3_schema->set("description", std::string("Another widget."));
  EXPECT_NE(OpenApiV3Index(resources, *builtins), before);
}

TEST(OpenApiV3, OffersFieldValidationOnPatches) {
  const auto builtins = BuiltinSchemas::Make();
  const auto document = Parse(OpenApiV3Json(Resources(), *builtins, "", "v1"));
  const auto patch = At(document, {"paths", "/api/v1/namespaces/{namespace}/configmaps/{name}", "patch"});
  EXPECT_EQ(json::StringIn(json::AsObject(json::ArrayIn(patch, "parameters")->get(2)), "name"),
            "fieldValidation");
  EXPECT_TRUE(At(patch, {"requestBody", "content"})->has("application/strategic-merge-patch+json"));
  EXPECT_EQ(json::StringIn(At(patch, {"x-kubernetes-group-version-kind"}), "kind"), "ConfigMap");
}

}  // namespace
}  // namespace capstan::apiserver
