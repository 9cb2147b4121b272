#include <capstan/local/apiserver/openapi/documents.hpp>

#include <cstdint>
#include <cstdio>
#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/openapi/paths.hpp>
#include <capstan/local/apiserver/openapi/protobuf.hpp>
#include <capstan/local/apiserver/openapi/schemas.hpp>

namespace capstan::apiserver {
namespace {

json::ObjectPtr Info() {
  json::ObjectPtr info = json::MakeObject();
  info->set("title", std::string("Kubernetes"));
  info->set("version", std::string("v1"));
  return info;
}

json::ObjectPtr SortedDefinitions(const Definitions& definitions) {
  json::ObjectPtr object = json::MakeObject();
  for (const auto& [name, definition] : definitions) object->set(name, definition);
  return object;
}

json::ObjectPtr V2(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins) {
  json::ObjectPtr document = json::MakeObject();
  document->set("swagger", std::string("2.0"));
  document->set("info", Info());
  document->set("paths", MakePaths(resources, builtins, OpenApiStyle::kV2));
  document->set("definitions", SortedDefinitions(MakeDefinitions(resources, builtins, OpenApiStyle::kV2)));
  return document;
}

std::string GroupPath(const ServedResource& resource) {
  return resource.group.empty() ? "api/" + resource.version
                                : "apis/" + resource.group + "/" + resource.version;
}

// FNV-1a; the hash only needs to change when the resources do.
void Mix(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  hash = (hash ^ 0xFFU) * 1099511628211ULL;
}

}  // namespace

std::string OpenApiV2Json(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins) {
  return json::ToText(V2(resources, builtins));
}

std::string OpenApiV2Protobuf(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins) {
  return EncodeOpenApiV2(V2(resources, builtins));
}

std::string OpenApiV3Index(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins) {
  std::map<std::string, std::uint64_t> hashes;
  for (const auto& resource : resources) {
    if (DefinitionNameOf(resource, builtins).empty()) continue;
    std::uint64_t& hash = hashes.try_emplace(GroupPath(resource), 14695981039346656037ULL).first->second;
    Mix(hash, resource.kind);
    Mix(hash,
        StrCat(resource.plural, resource.namespaced, resource.status, resource.scale, resource.create_only));
    if (resource.open_api_v3_schema) Mix(hash, json::ToText(resource.open_api_v3_schema));
  }
  json::ObjectPtr paths = json::MakeObject();
  for (const auto& [path, hash] : hashes) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llX", static_cast<unsigned long long>(hash));
    json::ObjectPtr entry = json::MakeObject();
    entry->set("serverRelativeURL", StrCat("/openapi/v3/", path, "?hash=", text));
    paths->set(path, entry);
  }
  json::ObjectPtr index = json::MakeObject();
  index->set("paths", paths);
  return json::ToText(index);
}

std::string OpenApiV3Json(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins,
                          std::string_view group, std::string_view version) {
  std::vector<ServedResource> ours;
  for (const auto& resource : resources) {
    if (resource.group == group && resource.version == version &&
        !DefinitionNameOf(resource, builtins).empty()) {
      ours.push_back(resource);
    }
  }
  if (ours.empty()) return "";
  json::ObjectPtr components = json::MakeObject();
  components->set("schemas", SortedDefinitions(MakeDefinitions(ours, builtins, OpenApiStyle::kV3)));
  json::ObjectPtr document = json::MakeObject();
  document->set("openapi", std::string("3.0.0"));
  document->set("info", Info());
  document->set("paths", MakePaths(ours, builtins, OpenApiStyle::kV3));
  document->set("components", components);
  return json::ToText(document);
}

}  // namespace capstan::apiserver
