// Dispatch of requests to verbs, and create and update.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/definitions/schema_shape.hpp>
#include <capstan/local/apiserver/protobuf/protobuf.hpp>
#include <capstan/local/apiserver/requests/builtin_kind.hpp>
#include <capstan/local/apiserver/requests/rest.hpp>
#include <capstan/local/apiserver/schema/embedded.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::size_t kManagerLimit = 128;

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Custom resources are refused in other words than built-in kinds.
Refusal NotSupported(const Exchange& exchange) {
  const Resource& resource = *exchange.resource;
  if (!resource.custom) return MethodNotAllowed();
  return RefuseAbout(
      405, "MethodNotAllowed",
      StrCat(exchange.info.verb, " is not supported on resources of kind \"", resource.Qualified(), "\""),
      resource.group, resource.plural, "");
}

Done CheckNumbers(const RequestInfo& info) {
  if (info.verb != "list" && info.verb != "watch") return {};
  for (const char* name : {"limit", "timeoutSeconds"}) {
    const std::string text = info.Query(name);
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (!text.empty() && (read.ec != std::errc{} || read.ptr != text.data() + text.size()))
      return BadRequest(StrCat("strconv.ParseInt: parsing \"", text, "\": invalid syntax"));
  }
  return {};
}

Refusal NotStrict(const Exchange& exchange, const std::string& what) {
  const std::string& kind = exchange.resource->kind;
  return BadRequest(StrCat(kind, " in version \"", exchange.version->name, "\" cannot be handled as a ", kind,
                           ": strict decoding error: ", what));
}

std::vector<std::string> RepeatedFields(std::string_view json) {
  std::vector<std::string> told;
  for (const std::string& field : DuplicateFields(json))
    told.push_back(StrCat("duplicate field \"", field, "\""));
  return told;
}

std::vector<std::string> RepeatedKeys(std::string_view yaml, int depth) {
  std::vector<std::string> told;
  const auto document = json::ReadYaml(yaml, {.depth = depth});
  if (!document) return told;
  for (const auto& repeated : document->repeated)
    told.push_back(StrCat("line ", repeated.line, ": key \"", repeated.key, "\" already set in map"));
  return told;
}

}  // namespace

// Subresources that a kubelet would answer: refused explicitly, because there is no kubelet.
Done Rest::RefuseWhatIsNotOffered(const Exchange& exchange) const {
  const RequestInfo& info = exchange.info;
  const Resource& resource = *exchange.resource;
  const std::string what = info.subresource.substr(0, info.subresource.find('/'));
  const bool of_pod =
      resource.kind == "Pod" && IsOneOf(what, {"log", "exec", "attach", "portforward", "proxy"});
  if (resource.custom || !of_pod) return {};
  if (!store_.Get(resource.Key(info.namespace_, info.name)))
    return NotFound(resource.group, resource.plural, info.name);
  return BadRequest(StrCat("pod ", info.name,
                           " does not have a host assigned: the embedded API server runs no pods, so \"",
                           what, "\" is not offered"));
}

Done Rest::CheckSubresource(const Exchange& exchange) const {
  const RequestInfo& info = exchange.info;
  const std::string& subresource = info.subresource;
  if (subresource.empty()) {
    const bool collection = info.name.empty();
    if (collection && exchange.resource->custom && IsOneOf(info.verb, {"update", "patch"}))
      return BadRequest("name must be provided");
    const bool bad = (collection && IsOneOf(info.verb, {"update", "patch"})) ||
                     (!collection && info.verb == "create" && !exchange.resource->custom) ||
                     (info.verb == "deletecollection" && !exchange.resource->delete_collection);
    return bad ? Done(NotSupported(exchange)) : Done();
  }
  const auto& actions = exchange.resource->actions;
  const bool action = std::find(actions.begin(), actions.end(), subresource) != actions.end();
  if (action && !IsOneOf(subresource, {"approval", "ephemeralcontainers", "resize"}))
    return info.verb == "create" ? Done() : Done(NotSupported(exchange));
  const bool known = action || (subresource == "status" && exchange.version->status) ||
                     (subresource == "scale" && exchange.version->scale) ||
                     (subresource == "finalize" && exchange.resource->finalize_subresource);
  if (!known) CAPSTAN_ANSWER_OK(RefuseWhatIsNotOffered(exchange));
  if (!known && exchange.resource->custom)
    return NotFound(exchange.resource->group, exchange.resource->plural, info.name);
  if (!known || info.name.empty()) return NoSuchPath();
  if (!IsOneOf(info.verb, {"get", "update", "patch"})) return NotSupported(exchange);
  if (subresource == "finalize" && info.verb != "update") return NotSupported(exchange);
  return {};
}

Answer<Reply> Rest::Handle(Exchange& exchange) {
  const RequestInfo& info = exchange.info;
  if (!exchange.resource->namespaced && !info.namespace_.empty() && info.resource != "namespaces")
    return NoSuchPath();
  CAPSTAN_ANSWER_OK(CheckSubresource(exchange));
  if (!exchange.version->deprecation_warning.empty())
    exchange.warnings.push_back(exchange.version->deprecation_warning);
  if (info.verb == "create" && !info.subresource.empty()) return Act(exchange);
  CAPSTAN_ANSWER_OK(CheckNumbers(info));
  if (info.subresource == "scale")
    return info.verb == "get" ? GetScale(exchange) : WriteScale(exchange, info.verb == "patch");
  if (info.verb == "get") return Get(exchange);
  if (info.verb == "list") return List(exchange);
  if (info.verb == "watch") return Watch(exchange);
  if (exchange.resource->namespaced && info.namespace_.empty()) return NotSupported(exchange);
  if (info.verb == "create") return Create(exchange);
  if (info.verb == "update") return Update(exchange);
  if (info.verb == "patch") return Patch(exchange);
  if (info.verb == "delete") return Delete(exchange);
  if (info.verb == "deletecollection") return DeleteCollection(exchange);
  return NotSupported(exchange);
}

Answer<WriteCall> Rest::ReadWriteCall(Exchange& exchange) const {
  const RequestInfo& info = exchange.info;
  WriteCall call;
  call.resource = exchange.resource;
  call.version = exchange.version;
  call.namespace_ = exchange.resource->namespaced ? info.namespace_ : "";
  call.subresource = info.subresource;
  call.warnings = &exchange.warnings;
  call.user = &exchange.user;
  call.cancellation = &exchange.gone;
  const char* options = info.verb == "patch"    ? "PatchOptions"
                        : info.verb == "update" ? "UpdateOptions"
                        : info.verb == "create" ? "CreateOptions"
                                                : "DeleteOptions";
  call.manager = info.Query("fieldManager");
  // A deletion has no field manager, whatever the request says.
  if (info.method == "DELETE") call.manager.clear();
  if (call.manager.size() > kManagerLimit) {
    FieldError error;
    error.type = FieldErrorType::kTooLong;
    error.field = "fieldManager";
    error.detail = "may not be more than 128 bytes";
    return RefuseWith(InvalidStatus("meta.k8s.io", options, "", {error}));
  }
  for (std::size_t i = 0; i < call.manager.size(); ++i) {
    const auto c = static_cast<unsigned char>(call.manager[i]);
    if (c >= 0x20 && c != 0x7F) continue;
    std::array<char, 64> why{};
    std::snprintf(why.data(), why.size(), "invalid character U+%04X (at position %zu)", c, i);
    return RefuseWith(
        InvalidStatus("meta.k8s.io", options, "", {InvalidField("fieldManager", call.manager, why.data())}));
  }
  if (call.manager.empty()) {
    std::string_view agent = exchange.request.headers.Get("User-Agent").value_or("unknown");
    call.manager = std::string(agent.substr(0, agent.find('/')).substr(0, kManagerLimit));
    if (call.manager.empty()) call.manager = "unknown";
  }
  for (const auto& [key, value] : info.query) {
    if (key == "dryRun" && value != "All") {
      json::ArrayPtr given = json::MakeArray();
      given->add(value);
      return RefuseWith(
          InvalidStatus("meta.k8s.io", options, "", {UnsupportedField("dryRun", given, {"All"})}));
    }
    if (key == "dryRun") call.dry_run = true;
  }
  std::string validation = info.Query("fieldValidation");
  if (validation == "Ignore") {
    call.validation = FieldValidation::kIgnore;
  } else if (validation == "Strict") {
    call.validation = FieldValidation::kStrict;
  } else if (!validation.empty() && validation != "Warn") {
    return RefuseWith(
        InvalidStatus("meta.k8s.io", options, "",
                      {UnsupportedField("fieldValidation", validation, {"", "Ignore", "Strict", "Warn"})}));
  }
  return call;
}

Answer<json::ObjectPtr> Rest::CheckKind(const Exchange& exchange, json::ObjectPtr object,
                                        bool patched) const {
  const Resource& resource = *exchange.resource;
  std::string api_version = json::StringIn(object, "apiVersion").value_or("");
  std::string kind = json::StringIn(object, "kind").value_or("");
  std::string expected = resource.ApiVersion(exchange.version->name);
  if (resource.custom && kind.empty() && !patched) {
    const std::string& body = exchange.request.body;
    return BadRequest(StrCat("the object provided is unrecognized (must be of type ", resource.kind,
                             "): Object 'Kind' is missing in '", body, "' (", ShownBody(body), ")"));
  }
  if (resource.custom && (patched || api_version == expected)) {
    const std::size_t slash = api_version.find('/');
    const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
    std::vector<FieldError> wrong;
    if (kind != resource.kind) wrong.push_back(InvalidField("kind", kind, StrCat("must be ", resource.kind)));
    if (api_version != expected)
      wrong.push_back(InvalidField("apiVersion", api_version, StrCat("must be ", expected)));
    if (!wrong.empty()) return RefuseWith(InvalidStatus(group, kind, MetaString(object, "name"), wrong));
  }
  if (api_version != expected && resource.custom) {
    return BadRequest(StrCat("the API version in the data (", api_version,
                             ") does not match the expected API version (", expected, ")"));
  }
  if (!resource.custom) {
    CAPSTAN_ANSWER_OK(
        CheckBuiltinKind(*exchange.served, object, {resource.group, exchange.version->name, resource.kind}));
  }
  return object;
}

Answer<json::ObjectPtr> Rest::CheckBody(const Exchange& exchange, json::ObjectPtr object,
                                        bool patched) const {
  const Resource& resource = *exchange.resource;
  CAPSTAN_ANSWER(object, CheckKind(exchange, object, patched));
  std::string why = MetaTypeMismatch(object);
  if (why.empty() && !resource.custom && schemas_) {
    why = schemas_->TypeMismatch(resource.group, exchange.version->name, resource.kind, object);
    if (why.empty() && resource.kind == "CustomResourceDefinition") why = SchemaMismatch(object);
  }
  // Apply reports this itself, in other words.
  const bool applied = MediaType(exchange.request.headers) == "application/apply-patch+yaml";
  if (why.empty() && !applied && resource.custom && exchange.version->schema)
    why = EmbeddedMismatch(*exchange.version->schema, object);
  if (!why.empty() && patched) {
    return RefuseWith(InvalidStatus(
        "", "", "",
        {InvalidField("patch", json::ToText(resource.custom ? WithSortedKeys(object) : object), why)}));
  }
  if (!why.empty()) {
    return BadRequest(StrCat(resource.kind, " in version \"", exchange.version->name,
                             "\" cannot be handled as a ", resource.kind, ": ", why));
  }
  FromVersion(object, resource, *exchange.version);
  return object;
}

BodyLimits Rest::LimitsOf(const Exchange& exchange) const {
  const Resource& resource = *exchange.resource;
  return BodyLimits{options_.depth_limit, resource.custom ? nullptr : exchange.types,
                    resource.ApiVersion(exchange.version->name)};
}

Answer<json::ObjectPtr> Rest::ReadBody(Exchange& exchange) const {
  CAPSTAN_ANSWER(json::ObjectPtr object,
                 ReadObject(exchange.request, exchange.resource->kind, LimitsOf(exchange)));
  CAPSTAN_ANSWER(object, CheckBody(exchange, object, false));
  std::string given = MetaString(object, "namespace");
  if (exchange.resource->namespaced && !given.empty() && given != exchange.info.namespace_) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  return object;
}

// Each format's message is that of its Go decoder.
Done Rest::CheckDuplicates(Exchange& exchange, const WriteCall& call) const {
  if (call.validation == FieldValidation::kIgnore) return {};
  if (MediaType(exchange.request.headers) == kProtobufType) return {};
  const bool yaml = MediaType(exchange.request.headers) == "application/yaml";
  const std::vector<std::string> told = yaml ? RepeatedKeys(exchange.request.body, options_.depth_limit)
                                             : RepeatedFields(exchange.request.body);
  if (call.validation == FieldValidation::kWarn) {
    exchange.warnings.insert(exchange.warnings.end(), told.begin(), told.end());
  } else if (!told.empty()) {
    return NotStrict(exchange, yaml ? "yaml: unmarshal errors:\n  " + Join(told, "\n  ") : Join(told, ", "));
  }
  return {};
}

Done Rest::CheckUnknown(Exchange& exchange, const WriteCall& call, const json::ObjectPtr& object) const {
  if (!exchange.version->schema) return {};
  std::vector<std::string> unknown = exchange.version->schema->Prune(object);
  for (std::string& one : unknown) one = StrCat("unknown field \"", one, "\"");
  if (unknown.empty() || call.validation == FieldValidation::kIgnore) return {};
  if (call.validation == FieldValidation::kStrict) return NotStrict(exchange, Join(unknown, ", "));
  exchange.warnings.insert(exchange.warnings.end(), unknown.begin(), unknown.end());
  return {};
}

Done Rest::CheckTarget(WriteCall call, const std::string& name, const json::ObjectPtr& sent) {
  call.dry_run = true;
  call.user = nullptr;
  ObjectWriter::UpdateOptions options;
  options.from_put = true;
  const auto change = [&sent](json::ObjectPtr live) -> Answer<json::ObjectPtr> {
    json::ObjectPtr meta = MetaOf(live);
    meta->set("uid", MetaString(sent, "uid"));
    meta->set("resourceVersion", MetaString(sent, "resourceVersion"));
    return live;
  };
  const auto found = writer_.Update(call, name, change, options);
  return found ? Done() : Done(Refusal(found.error()));
}

Answer<Reply> Rest::Create(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  CAPSTAN_ANSWER(json::ObjectPtr object, ReadBody(exchange));
  CAPSTAN_ANSWER_OK(CheckDuplicates(exchange, call));
  CAPSTAN_ANSWER(Written written, writer_.Create(call, object));
  return Render(exchange, written.object, 201);
}

Answer<Reply> Rest::Update(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  const auto read = ReadBody(exchange);
  if (!read && read.error().code == 422) {
    // A wrong kind, which Kubernetes checks after the existence of the object.
    CAPSTAN_ANSWER(const json::ObjectPtr sent,
                   ReadObject(exchange.request, exchange.resource->kind, LimitsOf(exchange)));
    CAPSTAN_ANSWER_OK(CheckTarget(call, exchange.info.name, sent));
  }
  if (!read) return Refusal(read.error());
  const json::ObjectPtr object = *read;
  CAPSTAN_ANSWER_OK(CheckDuplicates(exchange, call));
  CAPSTAN_ANSWER_OK(CheckUnknown(exchange, call, object));
  const std::string& name = exchange.info.name;
  std::string given = MetaString(object, "name");
  if (given.empty()) {
    return BadRequest(
        StrCat("the name of the object (", name, " based on URL) was undeterminable: name must be provided"));
  }
  if (given != name) {
    return BadRequest(
        StrCat("the name of the object (", given, ") does not match the name on the URL (", name, ")"));
  }
  ObjectWriter::UpdateOptions options;
  options.from_put = true;
  options.create_missing = exchange.resource->create_on_update;
  auto change = [&](json::ObjectPtr) -> Answer<json::ObjectPtr> { return json::Clone(object); };
  CAPSTAN_ANSWER(Written written, writer_.Update(call, name, change, options));
  return Render(exchange, written.object, written.created ? 201 : 200);
}

}  // namespace capstan::apiserver
