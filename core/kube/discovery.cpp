#include <capstan/core/kube/discovery.hpp>

#include <algorithm>
#include <cstdlib>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::kube {
namespace {

Result<json::ObjectPtr> GetDocument(Client& client, const std::string& path, const Context& context) {
  CAPSTAN_TRY(const std::string text, client.GetPath(path, context));
  auto document = json::ParseObject(text);
  if (document) return document;
  return Fail(Code::kDataLoss, StrCat("GET ", path, ": ", document.error().message));
}

std::string GroupPath(const std::string& group) {
  return group.empty() ? "/api" : "/apis/" + UrlEncode(group);
}

bool Named(const ServedResource& resource, const std::string& name) {
  const auto& shorts = resource.short_names;
  return resource.kind.plural == name || resource.singular == name ||
         std::find(shorts.begin(), shorts.end(), name) != shorts.end();
}

Failure NotServed(std::string_view what) {
  return Fail(Code::kNotFound, StrCat("the server does not serve ", what,
                                      ": is its CustomResourceDefinition installed and established?"));
}

// The server's preferred version of a group.
Result<std::string> PreferredVersion(Client& client, const std::string& group, const Context& context) {
  if (group.empty()) return std::string("v1");
  CAPSTAN_TRY(const json::ObjectPtr document, GetDocument(client, GroupPath(group), context));
  const auto version = json::StringIn(json::ObjectIn(document, "preferredVersion"), "version");
  if (version && !version->empty()) return *version;
  return Fail(Code::kDataLoss, StrCat("the server names no preferred version of ", group));
}

}  // namespace

bool ServedResource::Can(std::string_view verb) const {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

Result<ServerVersion> GetServerVersion(Client& client, const Context& context) {
  CAPSTAN_TRY(const json::ObjectPtr document, GetDocument(client, "/version", context));
  ServerVersion version;
  version.git_version = json::StringIn(document, "gitVersion").value_or("");
  // Some vendors return "20+".
  version.major = std::atoi(json::StringIn(document, "major").value_or("").c_str());
  version.minor = std::atoi(json::StringIn(document, "minor").value_or("").c_str());
  if (version.git_version.empty()) return Fail(Code::kDataLoss, "GET /version: the answer has no gitVersion");
  return version;
}

Result<std::vector<ServedResource>> ListResources(Client& client, const std::string& group,
                                                  const std::string& version, const Context& context) {
  const std::string path = GroupPath(group) + "/" + UrlEncode(version);
  CAPSTAN_TRY(const json::ObjectPtr document, GetDocument(client, path, context));
  const json::ArrayPtr list = json::ArrayIn(document, "resources");
  if (!list) return Fail(Code::kDataLoss, StrCat("GET ", path, ": the answer lists no resources"));
  std::vector<ServedResource> resources;
  std::vector<std::string> subresources;  // "pods/status"
  for (const auto& item : *list) {
    const json::ObjectPtr entry = json::AsObject(item);
    const std::string name = json::StringIn(entry, "name").value_or("");
    if (name.find('/') != std::string::npos) {
      subresources.push_back(name);
      continue;
    }
    ServedResource resource;
    resource.kind = Kind{group, version, json::StringIn(entry, "kind").value_or(""), name,
                         json::BooleanIn(entry, "namespaced").value_or(false)};
    resource.singular = json::StringIn(entry, "singularName").value_or("");
    if (resource.singular.empty()) resource.singular = ToLower(resource.kind.kind);
    resource.verbs = json::StringsIn(entry, "verbs");
    resource.short_names = json::StringsIn(entry, "shortNames");
    resources.push_back(std::move(resource));
  }
  for (const std::string& name : subresources) {
    const std::size_t slash = name.find('/');
    for (ServedResource& resource : resources) {
      if (resource.kind.plural == name.substr(0, slash))
        resource.subresources.push_back(name.substr(slash + 1));
    }
  }
  return resources;
}

Result<ServedResource> FindKind(Client& client, const std::string& api_version, const std::string& kind,
                                const Context& context) {
  const std::size_t slash = api_version.find('/');
  const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  const std::string version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  const std::string what = StrCat("kind ", kind, " of ", api_version);
  auto resources = ListResources(client, group, version, context);
  if (!resources && resources.error().code == Code::kNotFound) return NotServed(what);
  if (!resources) return Fail(resources.error());
  for (ServedResource& resource : *resources) {
    if (resource.kind.kind == kind) return std::move(resource);
  }
  return NotServed(what);
}

Result<ServedResource> FindResource(Client& client, const std::string& resource, const Context& context) {
  const std::size_t dot = resource.find('.');
  const std::string name = resource.substr(0, dot);
  const std::string group = dot == std::string::npos ? "" : resource.substr(dot + 1);
  const auto version = PreferredVersion(client, group, context);
  if (!version && version.error().code == Code::kNotFound) return NotServed(resource);
  if (!version) return Fail(version.error());
  CAPSTAN_TRY(auto resources, ListResources(client, group, *version, context));
  for (ServedResource& served : resources) {
    if (Named(served, name)) return std::move(served);
  }
  return NotServed(resource);
}

}  // namespace capstan::kube
