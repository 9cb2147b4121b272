#include <capstan/local/apiserver/openapi/paths.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

struct QueryParameter {
  const char* name;
  const char* type;
  const char* description;
};

const std::vector<QueryParameter>& ListParameters() {
  static const std::vector<QueryParameter> parameters = {
      {"allowWatchBookmarks", "boolean", "Whether a watch may get BOOKMARK events."},
      {"continue", "string", "Token of the next page, from the page before."},
      {"fieldSelector", "string", "Chooses objects by field."},
      {"labelSelector", "string", "Chooses objects by label."},
      {"limit", "integer", "How many objects a page has at most."},
      {"resourceVersion", "string", "The state that the answer must not be older than."},
      {"resourceVersionMatch", "string", "Exact or NotOlderThan."},
      {"sendInitialEvents", "boolean", "Whether a watch begins with all that is there."},
      {"timeoutSeconds", "integer", "After how many seconds the answer ends."},
      {"watch", "boolean", "Whether changes are sent as they happen."}};
  return parameters;
}
constexpr QueryParameter kPretty{"pretty", "string", "Whether the answer is laid out for people."};
constexpr QueryParameter kDryRun{"dryRun", "string", "All: go through the motions and store nothing."};
constexpr QueryParameter kFieldManager{"fieldManager", "string", "The writer that owns what is written."};
constexpr QueryParameter kFieldValidation{"fieldValidation", "string",
                                          "What unknown fields are: Ignore, Warn or Strict."};
constexpr QueryParameter kForce{"force", "boolean", "Whether an apply takes fields from other owners."};

std::vector<QueryParameter> ParametersOf(std::string_view action) {
  if (action == "list") return ListParameters();
  if (action == "get") return {};
  if (action == "post" || action == "put") return {kDryRun, kFieldManager, kFieldValidation};
  if (action == "patch") return {kDryRun, kFieldManager, kFieldValidation, kForce};
  std::vector<QueryParameter> parameters;
  if (action == "deletecollection") parameters = ListParameters();
  parameters.push_back(kDryRun);
  parameters.push_back({"gracePeriodSeconds", "integer", "Seconds before the object goes."});
  parameters.push_back({"orphanDependents", "boolean", "Older form of propagationPolicy."});
  parameters.push_back({"propagationPolicy", "string", "Orphan, Background or Foreground."});
  return parameters;
}

json::ObjectPtr Parameter(const char* name, const char* in, const char* type, const char* description,
                          OpenApiStyle style) {
  json::ObjectPtr parameter = json::MakeObject();
  parameter->set("name", std::string(name));
  parameter->set("in", std::string(in));
  parameter->set("description", std::string(description));
  if (std::string_view(in) == "path") parameter->set("required", true);
  json::ObjectPtr schema = style == OpenApiStyle::kV2 ? parameter : json::MakeObject();
  schema->set("type", std::string(type));
  schema->set("uniqueItems", true);
  if (style == OpenApiStyle::kV3) parameter->set("schema", schema);
  return parameter;
}

std::string Camel(const std::string& text) {
  std::string camel;
  for (auto& part : Split(text, '.')) {
    if (part.empty() || part == "k8s" || part == "io") continue;
    part.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(part.front())));
    camel += part;
  }
  return camel;
}

// Writes the operations of one resource.
class PathWriter final {
 public:
  PathWriter(const ServedResource& resource, const BuiltinSchemas& builtins, OpenApiStyle style,
             json::ObjectPtr paths)
      : resource_(resource),
        style_(style),
        paths_(std::move(paths)),
        name_(DefinitionNameOf(resource, builtins)) {}

  void Write() {
    const std::string root =
        (resource_.group.empty() ? "/api/" : "/apis/" + resource_.group + "/") + resource_.version;
    const std::string collection =
        root + (resource_.namespaced ? "/namespaces/{namespace}/" : "/") + resource_.plural;
    if (resource_.create_only) {
      Add(collection, {{"post", "post"}}, resource_.namespaced, false);
      return;
    }
    Add(collection, {{"get", "list"}, {"post", "post"}, {"delete", "deletecollection"}}, resource_.namespaced,
        false);
    const std::string item = collection + "/{name}";
    Add(item, {{"get", "get"}, {"put", "put"}, {"patch", "patch"}, {"delete", "delete"}},
        resource_.namespaced, true);
    if (resource_.status) {
      subresource_ = "Status";
      Add(item + "/status", {{"get", "get"}, {"put", "put"}, {"patch", "patch"}}, resource_.namespaced, true);
    }
    if (resource_.scale) {
      subresource_ = "Scale";
      Add(item + "/scale", {{"get", "get"}, {"put", "put"}, {"patch", "patch"}}, resource_.namespaced, true);
    }
    subresource_.clear();
    if (resource_.namespaced) Add(root + "/" + resource_.plural, {{"get", "list"}}, false, false);
  }

 private:
  struct Verb {
    const char* method;
    const char* action;
  };

  void Add(const std::string& path, const std::vector<Verb>& verbs, bool namespaced, bool named);
  json::ObjectPtr Operation(const Verb& verb, bool namespaced);
  std::string Answer(std::string_view action) const {
    if (action == "delete" || action == "deletecollection") return std::string(kMetaDefinitions) + "Status";
    if (subresource_ == "Scale") return "io.k8s.api.autoscaling.v1.Scale";
    return action == "list" ? name_ + "List" : name_;
  }
  std::string Body(std::string_view action) const {
    if (action == "post" || action == "put") return Answer(action);
    if (action == "patch") return std::string(kMetaDefinitions) + "Patch";
    return action == "get" || action == "list" ? "" : std::string(kMetaDefinitions) + "DeleteOptions";
  }
  std::vector<std::string> Consumed(std::string_view action) const {
    if (action != "patch") return {"*/*"};
    std::vector<std::string> types = {"application/json-patch+json", "application/merge-patch+json"};
    if (!resource_.open_api_v3_schema) types.emplace_back("application/strategic-merge-patch+json");
    types.emplace_back("application/apply-patch+yaml");
    return types;
  }
  void AddBody(json::ObjectPtr operation, json::ArrayPtr parameters, std::string_view action) const;
  void AddAnswer(json::ObjectPtr operation, std::string_view action) const;

  const ServedResource& resource_;
  OpenApiStyle style_;
  json::ObjectPtr paths_;
  std::string name_;
  std::string subresource_;
};

// {TYPE: {"schema": {"$ref": …}}} for each type.
json::ObjectPtr Content(const std::vector<std::string>& types, const std::string& name) {
  json::ObjectPtr content = json::MakeObject();
  for (const auto& type : types) {
    json::ObjectPtr media = json::MakeObject();
    media->set("schema", ReferenceTo(name, OpenApiStyle::kV3));
    content->set(type, media);
  }
  return content;
}

void PathWriter::AddBody(json::ObjectPtr operation, json::ArrayPtr parameters,
                         std::string_view action) const {
  const std::string name = Body(action);
  if (name.empty()) return;
  const bool required = action == "post" || action == "put" || action == "patch";
  json::ObjectPtr body = json::MakeObject();
  if (style_ == OpenApiStyle::kV2) {
    operation->set("consumes", json::ArrayOf(Consumed(action)));
    body->set("name", std::string("body"));
    body->set("in", std::string("body"));
    if (required) body->set("required", true);
    body->set("schema", ReferenceTo(name, style_));
    parameters->add(body);
    return;
  }
  body->set("content", Content(Consumed(action), name));
  if (required) body->set("required", true);
  operation->set("requestBody", body);
}

void PathWriter::AddAnswer(json::ObjectPtr operation, std::string_view action) const {
  const std::vector<std::string> types = {"application/json", "application/yaml"};
  json::ObjectPtr answer = json::MakeObject();
  answer->set("description", std::string("OK"));
  if (style_ == OpenApiStyle::kV2) {
    operation->set("produces", json::ArrayOf(types));
    answer->set("schema", ReferenceTo(Answer(action), style_));
  } else {
    answer->set("content", Content(types, Answer(action)));
  }
  json::ObjectPtr answers = json::MakeObject();
  answers->set("200", answer);
  if (action == "post" || action == "put" || action == "patch") answers->set("201", json::Clone(answer));
  operation->set("responses", answers);
}

json::ObjectPtr PathWriter::Operation(const Verb& verb, bool namespaced) {
  const std::string_view action = verb.action;
  static const std::map<std::string_view, const char*> words = {{"get", "read"},
                                                                {"list", "list"},
                                                                {"post", "create"},
                                                                {"put", "replace"},
                                                                {"patch", "patch"},
                                                                {"delete", "delete"},
                                                                {"deletecollection", "deleteCollection"}};
  const std::string group = resource_.group.empty() ? "Core" : Camel(resource_.group);
  const bool everywhere = resource_.namespaced && !namespaced;
  json::ObjectPtr operation = json::MakeObject();
  operation->set("operationId",
                 StrCat(words.at(action), group, Camel(resource_.version), namespaced ? "Namespaced" : "",
                        resource_.kind, subresource_, everywhere ? "ForAllNamespaces" : ""));
  operation->set("description", StrCat(words.at(action), " ", resource_.kind,
                                       subresource_.empty() ? "" : " " + ToLower(subresource_)));
  operation->set("tags", json::ArrayOf({ToLower(group) + "_" + resource_.version}));
  json::ArrayPtr parameters = json::MakeArray();
  for (const auto& parameter : ParametersOf(action)) {
    parameters->add(Parameter(parameter.name, "query", parameter.type, parameter.description, style_));
  }
  AddBody(operation, parameters, action);
  if (parameters->size() > 0) operation->set("parameters", parameters);
  AddAnswer(operation, action);
  operation->set("x-kubernetes-action", std::string(action));
  const bool scale = subresource_ == "Scale";
  operation->set("x-kubernetes-group-version-kind",
                 scale ? GroupVersionKind("autoscaling", "v1", "Scale")
                       : GroupVersionKind(resource_.group, resource_.version, resource_.kind));
  return operation;
}

void PathWriter::Add(const std::string& path, const std::vector<Verb>& verbs, bool namespaced, bool named) {
  json::ObjectPtr item = json::MakeObject();
  for (const Verb& verb : verbs) item->set(verb.method, Operation(verb, namespaced));
  json::ArrayPtr parameters = json::MakeArray();
  if (named) parameters->add(Parameter("name", "path", "string", "Name of the object.", style_));
  if (namespaced)
    parameters->add(Parameter("namespace", "path", "string", "Namespace of the object.", style_));
  parameters->add(Parameter(kPretty.name, "query", kPretty.type, kPretty.description, style_));
  item->set("parameters", parameters);
  paths_->set(path, item);
}

}  // namespace

json::ObjectPtr MakePaths(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins,
                          OpenApiStyle style) {
  json::ObjectPtr paths = json::MakeObject();
  for (const auto& resource : resources) {
    if (!DefinitionNameOf(resource, builtins).empty()) PathWriter(resource, builtins, style, paths).Write();
  }
  return paths;
}

}  // namespace capstan::apiserver
