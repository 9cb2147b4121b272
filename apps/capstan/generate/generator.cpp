#include <capstan/apps/capstan/generate/generator.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/sdk/generate/cpp_writer.hpp>
#include <capstan/sdk/generate/names.hpp>
#include <capstan/sdk/generate/schema_reader.hpp>
#include <capstan/sdk/generate/short_schema.hpp>

namespace capstan::app {
namespace {

// OpenAPI documents of servers with many CRDs are some 10 MB.
constexpr std::size_t kLargestDocument = std::size_t{64} << 20;

Error In(const std::string& file, Error error) {
  error.message = StrCat(file, ": ", error.message);
  return error;
}

// Reads YAML and JSON: JSON is valid YAML, but its own parser handles documents of megabytes.
Result<Json> ReadDocument(Files& files, const std::string& file) {
  CAPSTAN_TRY(const std::string text, files.Read(file, kLargestDocument));
  if (Trim(text).starts_with('{')) {
    auto json = Json::Parse(text);
    if (!json) return Fail(In(file, json.error()));
    return json;
  }
  const auto tree = json::ParseYaml(text);
  if (!tree) return Fail(In(file, tree.error()));
  return Json::Parse(json::ToText(*tree));
}

Result<std::string> AsYaml(const Json& document) {
  CAPSTAN_TRY(const json::Tree tree, json::ParseTree(document.ToText()));
  return json::ToYaml(tree);
}

bool IsIdentifierPath(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    const bool colons =
        c == ':' && i + 2 < text.size() && ((text[i + 1] == ':') != (text[i - 1] == ':')) && i > 0;
    if (!letter && !(digit && i > 0 && text[i - 1] != ':') && !colons) return false;
  }
  return !text.empty();
}

Json Rule(const Json& rule) {
  Json made;
  return made.Set("apiGroups", Json(Json::Array{rule["group"].AsString()}))
      .Set("resources", Json(Json::Array{rule["resource"].AsString()}))
      .Set("verbs", rule["verbs"]);
}

Json Metadata(const std::string& name, const std::string& namespace_) {
  Json metadata = Json().Set("name", name);
  if (!namespace_.empty()) metadata.Set("namespace", namespace_);
  return metadata;
}

Json RoleDocument(const std::string& kind, const std::string& name, const std::string& namespace_,
                  Json::Array rules) {
  return Json()
      .Set("apiVersion", "rbac.authorization.k8s.io/v1")
      .Set("kind", kind)
      .Set("metadata", Metadata(name, namespace_))
      .Set("rules", Json(std::move(rules)));
}

Json BindingDocument(const std::string& kind, const std::string& name, const std::string& namespace_,
                     const std::string& operator_namespace) {
  return Json()
      .Set("apiVersion", "rbac.authorization.k8s.io/v1")
      .Set("kind", kind + "Binding")
      .Set("metadata", Metadata(name, namespace_))
      .Set("roleRef", Json().Set("apiGroup", "rbac.authorization.k8s.io").Set("kind", kind).Set("name", name))
      .Set("subjects", Json(Json::Array{Json()
                                            .Set("kind", "ServiceAccount")
                                            .Set("name", name.substr(0, name.find(':')))
                                            .Set("namespace", operator_namespace)}));
}

}  // namespace

Result<std::map<std::string, std::string>> GenerateTypes(Files& files, const TypesRequest& request) {
  CAPSTAN_TRY(const Json document, ReadDocument(files, request.file));
  const bool openapi = !document["swagger"].is_null();
  if (openapi && request.kinds.empty()) {
    return Fail(
        Code::kInvalidArgument,
        StrCat(request.file,
               ": is an OpenAPI document: name the kinds with --kinds=apps/v1/Deployment,v1/ConfigMap"));
  }
  auto model =
      openapi ? generate::ReadOpenApi(document, request.kinds) : generate::ReadCrd(document, request.version);
  if (!model) return Fail(In(request.file, model.error()));
  const generate::KindNames& first = model->kinds.front();
  const std::string name = request.name.empty() ? generate::SnakeName(first.kind) : request.name;
  const std::string group = first.group.empty() ? "core" : generate::SnakeName(first.group);
  const std::string names = request.namespace_.empty()
                                ? StrCat(group, "::", generate::SnakeName(first.version))
                                : request.namespace_;
  if (!IsIdentifierPath(names)) {
    return Fail(Code::kInvalidArgument,
                StrCat("--namespace \"", Shorten(names, 60), "\" is no C++ namespace such as shop::v1"));
  }
  if (name.empty() || generate::SnakeName(name) != name) {
    return Fail(Code::kInvalidArgument,
                StrCat("--name \"", Shorten(name, 60), "\" must be small letters, digits and underscores"));
  }
  const std::string source = openapi ? StrCat("the OpenAPI document of a server, ", Join(request.kinds, ", "))
                                     : StrCat(first.plural, ".", first.group, ", version ", first.version);
  const generate::CppFiles cpp = generate::WriteCpp(*model, {source, names, name + ".hpp"});
  return std::map<std::string, std::string>{{name + ".hpp", cpp.header}, {name + ".cpp", cpp.source}};
}

Result<std::vector<Json>> GenerateCrd(Files& files, const std::string& file) {
  CAPSTAN_TRY(const Json schema, ReadDocument(files, file));
  const auto crd = generate::CrdOf(schema);
  if (!crd) return Fail(In(file, crd.error()));
  return std::vector<Json>{*crd};
}

Result<std::vector<Json>> RbacManifest(const Json& rules, const std::string& name,
                                       const std::string& operator_namespace,
                                       const std::vector<std::string>& namespaces) {
  if (!rules.is_array() || rules.items().empty()) {
    return Fail(Code::kDataLoss, "the operator printed no rules: it must be built on capstan/operator.hpp");
  }
  Json::Array everywhere, own;
  for (const Json& rule : rules.items()) {
    if (!rule["resource"].is_string() || !rule["verbs"].is_array()) {
      return Fail(
          Code::kDataLoss,
          "the operator printed a rule without resource or verbs: build it with the same version of Capstan");
    }
    (rule["everywhere"].AsBool(true) ? everywhere : own).push_back(Rule(rule));
  }
  std::vector<Json> documents = {Json()
                                     .Set("apiVersion", "v1")
                                     .Set("kind", "ServiceAccount")
                                     .Set("metadata", Metadata(name, operator_namespace))};
  if (namespaces.empty() && !everywhere.empty()) {
    documents.push_back(RoleDocument("ClusterRole", name, "", everywhere));
    documents.push_back(BindingDocument("ClusterRole", name, "", operator_namespace));
  }
  for (const std::string& one : namespaces) {
    documents.push_back(RoleDocument("Role", name, one, everywhere));
    documents.push_back(BindingDocument("Role", name, one, operator_namespace));
  }
  if (!own.empty()) {
    // The name differs in case the operator's own namespace is among those it manages.
    documents.push_back(RoleDocument("Role", name + ":own-namespace", operator_namespace, own));
    documents.push_back(
        BindingDocument("Role", name + ":own-namespace", operator_namespace, operator_namespace));
  }
  return documents;
}

Result<std::string> ManifestAsYaml(const std::vector<Json>& objects) {
  std::string text;
  for (const Json& object : objects) {
    CAPSTAN_TRY(const std::string yaml, AsYaml(object));
    text += objects.size() == 1 ? yaml : "---\n" + yaml;
  }
  return text;
}

std::string ManifestAsJson(const std::vector<Json>& objects) {
  if (objects.size() == 1) return objects[0].ToText() + "\n";
  return Json::EmptyObject()
             .Set("apiVersion", "v1")
             .Set("kind", "List")
             .Set("items", Json(objects))
             .ToText() +
         "\n";
}

Status WriteFiles(Files& files, const std::string& directory,
                  const std::map<std::string, std::string>& contents) {
  CAPSTAN_RETURN_IF_ERROR(files.MakeDirectories(directory));
  // Reads the existing files before it writes anything, in order to restore them.
  std::map<std::string, std::optional<std::string>> before;
  for (const auto& [name, content] : contents) {
    auto old = files.Read(directory + "/" + name, kLargestDocument);
    if (!old && old.error().code != Code::kNotFound) return Fail(old.error());
    before[name] = old ? std::optional(std::move(*old)) : std::nullopt;
  }
  for (auto next = contents.begin(); next != contents.end(); ++next) {
    Status written = files.WriteAtomically(directory + "/" + next->first, next->second, 0644);
    if (written) continue;
    for (auto done = contents.begin(); done != next; ++done) {
      const std::string path = directory + "/" + done->first;
      const auto& old = before[done->first];
      (void)(old ? files.WriteAtomically(path, *old, 0644) : files.Remove(path));
    }
    return written;
  }
  return {};
}

}  // namespace capstan::app
