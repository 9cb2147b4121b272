// The way of a request to a verb, and create and update.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/object_codec.hpp>
#include <capstan/local/apiserver/object_meta.hpp>
#include <capstan/local/apiserver/rest.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::size_t kManagerLimit = 128;

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Done Rest::CheckSubresource(const Exchange& exchange) const {
  const RequestInfo& info = exchange.info;
  const std::string& subresource = info.subresource;
  if (subresource.empty()) {
    const bool collection = info.name.empty();
    const bool bad = (collection && IsOneOf(info.verb, {"update", "patch"})) ||
                     (!collection && info.verb == "create") ||
                     (info.verb == "deletecollection" && !exchange.resource->delete_collection);
    return bad ? Done(MethodNotAllowed()) : Done();
  }
  const bool known = (subresource == "status" && exchange.version->status) ||
                     (subresource == "scale" && exchange.version->scale) ||
                     (subresource == "finalize" && exchange.resource->finalize_subresource);
  if (!known || info.name.empty()) return NoSuchPath();
  if (!IsOneOf(info.verb, {"get", "update", "patch"})) return MethodNotAllowed();
  if (subresource == "finalize" && info.verb != "update") return MethodNotAllowed();
  return {};
}

Answer<Reply> Rest::Handle(Exchange& exchange) {
  CAPSTAN_ANSWER_OK(CheckSubresource(exchange));
  const RequestInfo& info = exchange.info;
  if (!exchange.version->deprecation_warning.empty()) exchange.warnings.push_back(exchange.version->deprecation_warning);
  if (!exchange.resource->namespaced && !info.namespace_.empty() && info.resource != "namespaces") return NoSuchPath();
  if (info.subresource == "scale") return info.verb == "get" ? GetScale(exchange) : WriteScale(exchange, info.verb == "patch");
  if (info.verb == "get") return Get(exchange);
  if (info.verb == "list") return List(exchange);
  if (info.verb == "watch") return Watch(exchange);
  if (exchange.resource->namespaced && info.namespace_.empty() && info.verb != "deletecollection") return MethodNotAllowed();
  if (info.verb == "create") return Create(exchange);
  if (info.verb == "update") return Update(exchange);
  if (info.verb == "patch") return Patch(exchange);
  if (info.verb == "delete") return Delete(exchange);
  if (info.verb == "deletecollection") return DeleteCollection(exchange);
  return MethodNotAllowed();
}

Answer<WriteCall> Rest::ReadWriteCall(Exchange& exchange) const {
  const RequestInfo& info = exchange.info;
  WriteCall call;
  call.resource = exchange.resource;
  call.version = exchange.version;
  call.namespace_ = exchange.resource->namespaced ? info.namespace_ : "";
  call.subresource = info.subresource;
  call.warnings = &exchange.warnings;
  call.manager = info.Query("fieldManager");
  if (call.manager.size() > kManagerLimit) {
    FieldError error;
    error.type = FieldErrorType::kTooLong;
    error.field = "fieldManager";
    error.detail = "may not be more than 128 bytes";
    return RefuseWith(InvalidStatus("meta.k8s.io", "PatchOptions", "", {error}));
  }
  if (call.manager.empty()) {
    std::string_view agent = exchange.request.headers.Get("User-Agent").value_or("unknown");
    call.manager = std::string(agent.substr(0, agent.find('/')).substr(0, kManagerLimit));
    if (call.manager.empty()) call.manager = "unknown";
  }
  for (const auto& [key, value] : info.query) {
    if (key == "dryRun" && value != "All") {
      return RefuseWith(InvalidStatus("meta.k8s.io", "CreateOptions", "", {UnsupportedField("dryRun", value, {"All"})}));
    }
    if (key == "dryRun") call.dry_run = true;
  }
  std::string validation = info.Query("fieldValidation");
  if (validation == "Ignore") {
    call.validation = FieldValidation::kIgnore;
  } else if (validation == "Strict") {
    call.validation = FieldValidation::kStrict;
  } else if (!validation.empty() && validation != "Warn") {
    return RefuseWith(InvalidStatus("meta.k8s.io", "CreateOptions", "",
                                    {UnsupportedField("fieldValidation", validation, {"", "Ignore", "Strict", "Warn"})}));
  }
  return call;
}

Answer<json::ObjectPtr> Rest::CheckBody(const Exchange& exchange, json::ObjectPtr object) const {
  const Resource& resource = *exchange.resource;
  std::string api_version = json::StringIn(object, "apiVersion").value_or("");
  std::string kind = json::StringIn(object, "kind").value_or("");
  std::string expected = resource.ApiVersion(exchange.version->name);
  auto unrecognized = [&](std::string_view what) {
    std::string text = json::ToText(object);
    return BadRequest(StrCat("the object provided is unrecognized (must be of type ", resource.kind, "): Object '", what,
                             "' is missing in '", text, "' (", Shorten(text, 32), ")"));
  };
  if (resource.custom && kind.empty()) return unrecognized("Kind");
  if (resource.custom && api_version.empty()) return unrecognized("apiVersion");
  if ((!api_version.empty() && api_version != expected) || (!kind.empty() && kind != resource.kind)) {
    if (!kind.empty() && kind != resource.kind && (api_version.empty() || api_version == expected)) {
      return BadRequest(StrCat(kind, " in version \"", exchange.version->name, "\" cannot be handled as a ", resource.kind,
                               ": no kind \"", kind, "\" is registered for version \"", expected, "\" here"));
    }
    return BadRequest(StrCat("the API version in the data (", api_version,
                             ") does not match the expected API version (", expected, ")"));
  }
  if (std::string why = MetaTypeMismatch(object); !why.empty()) {
    return BadRequest(StrCat(resource.kind, " in version \"", exchange.version->name, "\" cannot be handled as a ",
                             resource.kind, ": ", why));
  }
  if (!resource.custom && schemas_) {
    std::string why = schemas_->TypeMismatch(resource.group, exchange.version->name, resource.kind, object);
    if (!why.empty()) {
      return BadRequest(StrCat(resource.kind, " in version \"", exchange.version->name, "\" cannot be handled as a ",
                               resource.kind, ": ", why));
    }
  }
  FromVersion(object, resource, *exchange.version);
  return object;
}

Answer<json::ObjectPtr> Rest::ReadBody(Exchange& exchange) const {
  CAPSTAN_ANSWER(json::ObjectPtr object,
                 ReadObject(exchange.request, exchange.resource->kind, BodyLimits{options_.depth_limit}));
  CAPSTAN_ANSWER(object, CheckBody(exchange, object));
  std::string given = MetaString(object, "namespace");
  if (exchange.resource->namespaced && !given.empty() && given != exchange.info.namespace_) {
    return BadRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return object;
}

Answer<Reply> Rest::Create(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  CAPSTAN_ANSWER(json::ObjectPtr object, ReadBody(exchange));
  CAPSTAN_ANSWER(Written written, writer_.Create(call, object));
  return Render(exchange, written.object, 201);
}

Answer<Reply> Rest::Update(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  CAPSTAN_ANSWER(json::ObjectPtr object, ReadBody(exchange));
  const std::string& name = exchange.info.name;
  std::string given = MetaString(object, "name");
  if (given.empty()) return BadRequest("name must be provided");
  if (given != name) {
    return BadRequest(StrCat("the name of the object (", given, ") does not match the name on the URL (", name, ")"));
  }
  ObjectWriter::UpdateOptions options;
  options.from_put = true;
  options.create_missing = exchange.resource->create_on_update;
  auto change = [&](json::ObjectPtr) -> Answer<json::ObjectPtr> { return json::Clone(object); };
  CAPSTAN_ANSWER(Written written, writer_.Update(call, name, change, options));
  return Render(exchange, written.object, written.created ? 201 : 200);
}

}  // namespace capstan::apiserver
