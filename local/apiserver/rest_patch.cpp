// Patch: JSON patch, merge patch, strategic merge patch and server-side apply.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/apply_fields.hpp>
#include <capstan/local/apiserver/object_codec.hpp>
#include <capstan/local/apiserver/object_meta.hpp>
#include <capstan/local/apiserver/rest.hpp>
#include <capstan/local/apiserver/strategic_merge.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::string_view kJsonPatch = "application/json-patch+json";
constexpr std::string_view kMergePatch = "application/merge-patch+json";
constexpr std::string_view kStrategicPatch = "application/strategic-merge-patch+json";
constexpr std::string_view kApplyPatch = "application/apply-patch+yaml";
constexpr std::size_t kOperationsLimit = 10000;

// What kube-apiserver says when a JSON patch cannot be carried out on the object.
Refusal Unprocessable() {
  return RefuseAbout(422, "Invalid", "the server rejected our request due to an error in our request", "", "",
                     "");
}

Done CheckJsonPatch(std::string_view body, int depth) {
  auto tree = json::ParseTree(body, depth);
  if (!tree) return BadRequest(MalformedJson(body, tree.error().message));
  json::ArrayPtr operations = json::AsArray(*tree);
  if (!operations) {
    return BadRequest(
        "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
  }
  if (operations->size() > kOperationsLimit) {
    return Refuse(413, "RequestEntityTooLarge",
                  StrCat("The allowed maximum operations in a JSON patch is ", kOperationsLimit, ", got ",
                         operations->size()));
  }
  for (unsigned i = 0; i < operations->size(); ++i) {
    json::ObjectPtr operation = json::AsObject(operations->get(i));
    if (!operation)
      return BadRequest("json: cannot unmarshal the operation into Go value of type jsonpatch.Operation");
    const std::string word = json::StringIn(operation, "op").value_or("");
    const bool needs_value = word == "add" || word == "replace" || word == "test";
    if (!needs_value && word != "remove" && word != "move" && word != "copy") {
      return BadRequest(StrCat("invalid operation ", json::ToText(operation), ": unsupported operation"));
    }
    if (needs_value && word != "test" && !operation->has("value")) {
      return BadRequest(StrCat("invalid operation ", json::ToText(operation),
                               ": failed to decode 'value': operation, missing value field: missing value"));
    }
  }
  return {};
}

}  // namespace

Answer<json::ObjectPtr> Rest::Patched(const Exchange& exchange, json::ObjectPtr live,
                                      const std::string& type) const {
  const std::string& body = exchange.request.body;
  json::ObjectPtr shown = json::Clone(live);
  ToVersion(shown, *exchange.resource, *exchange.version);
  json::ObjectPtr patched;
  if (type == kJsonPatch) {
    CAPSTAN_ANSWER_OK(CheckJsonPatch(body, options_.depth_limit));
    auto text = json::JsonPatch(json::ToText(shown), body);
    if (!text) return Unprocessable();
    auto object = json::ParseObject(*text, options_.depth_limit);
    if (!object) return Unprocessable();
    patched = *object;
  } else {
    auto patch = json::ParseObject(body, options_.depth_limit);
    if (!patch && patch.error().code == Code::kTooLarge) {
      return BadRequest(StrCat("error decoding patch: exceeded max depth of ", options_.depth_limit));
    }
    if (!patch)
      return BadRequest(StrCat("error decoding patch: ", MalformedJson(body, patch.error().message)));
    if (type == kStrategicPatch && exchange.version->schema) {
      auto merged = StrategicMergePatch(shown, *patch, *exchange.version->schema);
      if (!merged) return BadRequest(merged.error().message);
      patched = *merged;
    } else {
      auto text = json::MergePatch(json::ToText(shown), body);
      if (!text) return BadRequest(text.error().message);
      auto object = json::ParseObject(*text, 2 * options_.depth_limit);
      if (!object) return BadRequest(object.error().message);
      patched = *object;
    }
  }
  const RequestInfo& info = exchange.info;
  CAPSTAN_ANSWER(patched, CheckBody(exchange, patched, true));
  std::string name = MetaString(patched, "name"), space = MetaString(patched, "namespace");
  if (!name.empty() && name != info.name) {
    return BadRequest(
        StrCat("the name of the object (", name, ") does not match the name on the URL (", info.name, ")"));
  }
  if (exchange.resource->namespaced && !space.empty() && space != info.namespace_) {
    return BadRequest(StrCat("the namespace of the object (", space,
                             ") does not match the namespace on the request (", info.namespace_, ")"));
  }
  return patched;
}

Answer<Reply> Rest::Patch(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  const std::string type = MediaType(exchange.request.headers);
  if (type == kApplyPatch) return ApplyPatch(exchange, call);
  const bool known =
      type == kJsonPatch || type == kMergePatch || (type == kStrategicPatch && !exchange.resource->custom);
  if (!known) {
    return UnsupportedMedia(
        exchange.resource->custom
            ? "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
            : "application/json-patch+json, application/merge-patch+json, "
              "application/strategic-merge-patch+json, application/apply-patch+yaml");
  }
  if (exchange.info.HasQuery("force")) {
    return RefuseWith(InvalidStatus("meta.k8s.io", "PatchOptions", "",
                                    {ForbiddenField("force", "may not be specified for non-apply patch")}));
  }
  call.patching = true;
  auto change = [&](json::ObjectPtr live) { return Patched(exchange, live, type); };
  CAPSTAN_ANSWER(Written written, writer_.Update(call, exchange.info.name, change, {}));
  return Render(exchange, written.object, 200);
}

Answer<Reply> Rest::ApplyPatch(Exchange& exchange, WriteCall& call) {
  const RequestInfo& info = exchange.info;
  if (info.Query("fieldManager").empty()) {
    return RefuseWith(InvalidStatus("meta.k8s.io", "PatchOptions", "",
                                    {RequiredField("fieldManager", "is required for apply patch")}));
  }
  auto tree = ParseYaml(exchange.request.body, options_.depth_limit);
  json::ObjectPtr applied = tree ? json::AsObject(*tree) : json::ObjectPtr();
  if (!applied) {
    return BadRequest(StrCat("error decoding YAML: ", tree ? "it is not an object" : tree.error().message));
  }
  std::string given = MetaString(applied, "name"), space = MetaString(applied, "namespace");
  if (!given.empty() && given != info.name) {
    return BadRequest(
        StrCat("the name of the object (", given, ") does not match the name on the URL (", info.name, ")"));
  }
  if (exchange.resource->namespaced && !space.empty() && space != info.namespace_) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  CAPSTAN_ANSWER(applied, CheckBody(exchange, applied, false));
  if (call.validation != FieldValidation::kIgnore && exchange.version->schema) {
    // Unknown fields are told once, here: the merge below sees only known ones.
    std::vector<std::string> unknown = exchange.version->schema->Prune(applied);
    for (std::string& one : unknown) one = StrCat("unknown field \"", one, "\"");
    if (!unknown.empty() && call.validation == FieldValidation::kStrict) {
      return BadRequest(StrCat(exchange.resource->kind, " in version \"", exchange.version->name,
                               "\" cannot be handled as a ", exchange.resource->kind,
                               ": strict decoding error: ", Join(unknown, ", ")));
    }
    for (const std::string& one : unknown) exchange.warnings.push_back(one);
  }
  FieldWriter writer;
  writer.manager = call.manager;
  writer.api_version = exchange.resource->ApiVersion(exchange.version->name);
  writer.subresource = call.subresource;
  writer.has_status = exchange.version->status;
  writer.time = writer_.Now();
  const bool force = info.QueryFlag("force");
  auto change = [&](json::ObjectPtr live) -> Answer<json::ObjectPtr> {
    json::ObjectPtr wanted = json::Clone(applied);
    MetaOf(wanted)->set("name", info.name);
    if (exchange.resource->namespaced) MetaOf(wanted)->set("namespace", info.namespace_);
    auto outcome = Apply(live, wanted, exchange.version->schema, writer, force);
    if (!outcome) return BadRequest(outcome.error().message);
    if (!outcome->conflicts.empty()) return RefuseWith(ConflictStatus(outcome->conflicts));
    return outcome->object;
  };
  ObjectWriter::UpdateOptions options;
  options.create_missing = true;
  options.keeps_managed_fields = true;
  if (!store_.Get(exchange.resource->Key(call.namespace_, info.name))) call.manager.clear();
  CAPSTAN_ANSWER(Written written, writer_.Update(call, info.name, change, options));
  return Render(exchange, written.object, written.created ? 201 : 200);
}

}  // namespace capstan::apiserver
