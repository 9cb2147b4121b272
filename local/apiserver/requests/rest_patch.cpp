// Patch: JSON patch, merge patch, strategic merge patch and server-side apply.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/json/tree_patch.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/local/apiserver/api/numbers_of_go.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/catalog/scale_paths.hpp>
#include <capstan/local/apiserver/merge/apply_fields.hpp>
#include <capstan/local/apiserver/merge/strategic_merge.hpp>
#include <capstan/local/apiserver/requests/rest.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::string_view kJsonPatch = "application/json-patch+json";
constexpr std::string_view kMergePatch = "application/merge-patch+json";
constexpr std::string_view kStrategicPatch = "application/strategic-merge-patch+json";
constexpr std::string_view kApplyPatch = "application/apply-patch+yaml";
constexpr std::size_t kOperationsLimit = 10000;
constexpr std::size_t kBytesOfAStep = 32;  // of a merged patch

// kube-apiserver's answer when a JSON patch cannot be applied to the object.
Refusal Unprocessable() {
  return RefuseAbout(422, "Invalid", "the server rejected our request due to an error in our request", "", "",
                     "");
}

bool IsDeeper(const json::Tree& tree, int levels) {
  const json::ObjectPtr object = json::AsObject(tree);
  const json::ArrayPtr array = json::AsArray(tree);
  if (!object && !array) return false;
  if (levels == 0) return true;
  if (object) {
    return std::any_of(object->begin(), object->end(),
                       [levels](const auto& one) { return IsDeeper(one.second, levels - 1); });
  }
  return std::any_of(array->begin(), array->end(),
                     [levels](const json::Tree& item) { return IsDeeper(item, levels - 1); });
}

Done CheckJsonPatch(std::string_view body, int depth) {
  auto tree = ParseAsGo(body, depth);
  if (!tree) return BadRequest(StrCat("error decoding patch: ", MalformedJson(body, tree.error().message)));
  if (json::IsNull(*tree)) return {};
  json::ArrayPtr operations = json::AsArray(*tree);
  if (!operations) {
    return BadRequest(StrCat("error decoding patch: json: cannot unmarshal ", GoName(*tree),
                             " into Go value of type []handlers.jsonPatchOp"));
  }
  if (operations->size() > kOperationsLimit) {
    return Refuse(413, "RequestEntityTooLarge",
                  StrCat("The allowed maximum operations in a JSON patch is ", kOperationsLimit, ", got ",
                         operations->size()));
  }
  for (unsigned i = 0; i < operations->size(); ++i) {
    json::ObjectPtr operation = json::AsObject(operations->get(i));
    if (!operation) {
      return BadRequest(StrCat("error decoding patch: json: cannot unmarshal ", GoName(operations->get(i)),
                               " into Go value of type handlers.jsonPatchOp"));
    }
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

// The values of a JSON array as text.
std::vector<std::string_view> ItemTexts(std::string_view array) {
  std::vector<std::string_view> items;
  std::size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const char c = array[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
      continue;
    }
    quoted = c == '"';
    const bool opens = c == '[' || c == '{', closes = c == ']' || c == '}';
    if (opens && ++depth == 1) begin = i + 1;
    if (closes) --depth;
    if ((closes && depth == 0) || (c == ',' && depth == 1)) {
      items.push_back(Trim(array.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  return items;
}

// Whether a test operation has a number that is not in Kubernetes' format: Kubernetes compares the
// bytes, so 1.0 differs from 1.
bool TestsForAnotherNumber(std::string_view operations, std::string_view as_of_go) {
  if (operations == as_of_go) return false;
  for (const std::string_view operation : ItemTexts(operations)) {
    const auto members = json::Members(operation);
    if (!members) continue;
    bool tests = false;
    std::string_view value;
    for (const auto& [name, text] : *members) {
      if (name == "op") tests = text == "\"test\"";
      if (name == "value") value = text;
    }
    if (tests && WithNumbersOfGo(value) != value) return true;
  }
  return false;
}

Answer<json::ObjectPtr> ChangesOf(const json::Tree& patch, const std::string& type) {
  if (json::ObjectPtr changes = json::AsObject(patch)) return changes;
  if (!json::IsNull(patch)) {
    return BadRequest(StrCat("error decoding patch: json: cannot unmarshal ", GoName(patch),
                             " into Go value of type map[string]interface {}"));
  }
  if (type == kMergePatch) return BadRequest("Invalid JSON Patch");
  return json::MakeObject();
}

void DropNullMembers(const json::Tree& tree) {
  if (const json::ArrayPtr items = json::AsArray(tree)) {
    for (const json::Tree& item : *items) DropNullMembers(item);
  }
  json::ObjectPtr members = json::AsObject(tree);
  if (!members) return;
  for (const std::string& name : members->getNames()) {
    const json::Tree value = members->get(name);
    if (json::IsNull(value)) {
      members->remove(name);
    } else {
      DropNullMembers(value);
    }
  }
}

// RFC 7396 keeps nulls in objects inside lists; Kubernetes drops them, except when a list replaces
// an object.
void DropNullsInLists(const json::Tree& shown, const json::ObjectPtr& changes) {
  const json::ObjectPtr before = json::AsObject(shown);
  for (const std::string& name : changes->getNames()) {
    const json::Tree value = changes->get(name), old = before ? before->get(name) : json::Tree();
    if (const json::ObjectPtr inner = json::AsObject(value)) {
      DropNullsInLists(old, inner);
    } else if (!json::AsObject(old)) {
      DropNullMembers(value);
    }
  }
}

}  // namespace

Answer<json::ObjectPtr> Rest::Merged(const std::string& body, json::ObjectPtr shown, const std::string& type,
                                     const CompiledSchema* schema, const Cancellation& gone) const {
  if (type == kJsonPatch) {
    CAPSTAN_ANSWER_OK(CheckJsonPatch(body, options_.depth_limit));
    if (Trim(body) == "null") return shown;
    const std::string operations = WithNumbersOfGo(body);
    auto patched = json::JsonPatchOf(shown, operations, [&gone] { return gone.Requested(); });
    if (gone.seen()) return ClientIsGone();
    if (TestsForAnotherNumber(body, operations)) return Unprocessable();
    const json::ObjectPtr object = patched ? json::AsObject(*patched) : json::ObjectPtr();
    if (!object || IsDeeper(*patched, options_.depth_limit)) return Unprocessable();
    return object;
  }
  auto patch = ParseAsGo(body, options_.depth_limit);
  if (!patch && patch.error().code == Code::kTooLarge) {
    return BadRequest(StrCat("error decoding patch: exceeded max depth of ", options_.depth_limit));
  }
  if (!patch) return BadRequest(StrCat("error decoding patch: ", MalformedJson(body, patch.error().message)));
  CAPSTAN_ANSWER(const json::ObjectPtr changes, ChangesOf(*patch, type));
  if (type == kStrategicPatch && schema) {
    auto merged = StrategicMergePatch(shown, changes, *schema);
    if (!merged) return BadRequest(merged.error().message);
    return *merged;
  }
  DropNullsInLists(shown, changes);
  return json::AsObject(json::MergePatchOf(shown, changes));
}

Answer<json::ObjectPtr> Rest::Patched(const Exchange& exchange, json::ObjectPtr live,
                                      const std::string& type) const {
  json::ObjectPtr shown = json::Clone(live);
  ToVersion(shown, *exchange.resource, *exchange.version);
  CAPSTAN_ANSWER(json::ObjectPtr patched,
                 Merged(exchange.request.body, shown, type, exchange.version->schema, exchange.gone));
  if (exchange.gone.RequestedSampled(exchange.request.body.size() / kBytesOfAStep)) return ClientIsGone();
  const RequestInfo& info = exchange.info;
  CAPSTAN_ANSWER(patched, CheckBody(exchange, patched, true));
  std::string name = MetaString(patched, "name"), space = MetaString(patched, "namespace");
  if (name.empty()) {
    return BadRequest(StrCat("the name of the object (", info.name,
                             " based on URL) was undeterminable: name must be provided"));
  }
  if (name != info.name) {
    return BadRequest(
        StrCat("the name of the object (", name, ") does not match the name on the URL (", info.name, ")"));
  }
  if (exchange.resource->namespaced && !space.empty() && space != info.namespace_) {
    return BadRequest(StrCat("the namespace of the object (", space,
                             ") does not match the namespace on the request (", info.namespace_, ")"));
  }
  return patched;
}

Done Rest::CheckPatchType(const Exchange& exchange, const std::string& type) const {
  const bool custom = exchange.resource->custom;
  if (type == kJsonPatch || type == kMergePatch || type == kApplyPatch ||
      (type == kStrategicPatch && !custom))
    return {};
  return UnsupportedMedia(
      custom ? "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
             : "application/json-patch+json, application/merge-patch+json, "
               "application/strategic-merge-patch+json, application/apply-patch+yaml");
}

Answer<Reply> Rest::Patch(Exchange& exchange) {
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  const std::string type = MediaType(exchange.request.headers);
  if (type == kApplyPatch) return ApplyPatch(exchange, call);
  CAPSTAN_ANSWER_OK(CheckPatchType(exchange, type));
  if (exchange.info.HasQuery("force")) {
    return RefuseWith(InvalidStatus("meta.k8s.io", "PatchOptions", "",
                                    {ForbiddenField("force", "may not be specified for non-apply patch")}));
  }
  call.patching = true;
  auto change = [&](json::ObjectPtr live) { return Patched(exchange, live, type); };
  CAPSTAN_ANSWER(Written written, writer_.Update(call, exchange.info.name, change, {}));
  return Render(exchange, written.object, 200);
}

namespace {

// As Kubernetes names a kind: "/v1, Kind=Secret", "apps/v1, Kind=Deployment".
std::string KindInWords(const std::string& api_version, const std::string& kind) {
  return StrCat(api_version.find('/') == std::string::npos ? "/" : "", api_version, ", Kind=", kind);
}

Done CheckAppliedKind(const Exchange& exchange, const json::ObjectPtr& applied) {
  const Resource& resource = *exchange.resource;
  const std::string version = json::TextIn(applied, "apiVersion"), kind = json::TextIn(applied, "kind"),
                    expected = resource.ApiVersion(exchange.version->name);
  if (version == expected && kind == resource.kind) return {};
  const std::string words = KindInWords(version, kind);
  if (resource.custom) return BadRequest("invalid object type: " + words);
  if (version != expected) {
    return BadRequest(StrCat("Incorrect version specified in apply patch. Specified patch version: ", version,
                             ", expected: ", expected));
  }
  return Refuse(500, "",
                StrCat("failed to create typed patch object (", MetaString(applied, "namespace"), "/",
                       MetaString(applied, "name"), "; ", words, "): no corresponding type for ", words));
}

}  // namespace

Done Rest::CheckApplyManager(const Exchange& exchange) const {
  if (!exchange.info.Query("fieldManager").empty()) return {};
  return RefuseWith(InvalidStatus("meta.k8s.io", "PatchOptions", "",
                                  {RequiredField("fieldManager", "is required for apply patch")}));
}

Answer<json::ObjectPtr> Rest::ReadApplied(Exchange& exchange) const {
  auto tree = ParseYamlAsGo(exchange.request.body, options_.depth_limit);
  json::ObjectPtr applied = tree ? json::AsObject(*tree) : json::ObjectPtr();
  if (!tree) return BadRequest("error decoding YAML: error converting YAML to JSON: " + tree.error().message);
  if (!applied && !json::IsNull(*tree)) {
    return BadRequest(
        StrCat("error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot "
               "unmarshal ",
               GoName(*tree), " into Go value of type map[string]interface {}"));
  }
  if (!applied) applied = json::MakeObject();
  CAPSTAN_ANSWER_OK(CheckAppliedKind(exchange, applied));
  return applied;
}

// Checks that follow once the patch matches the schema.
Answer<json::ObjectPtr> Rest::CheckApplied(const Exchange& exchange, json::ObjectPtr applied) const {
  const RequestInfo& info = exchange.info;
  std::string given = MetaString(applied, "name"), space = MetaString(applied, "namespace");
  if (given.empty()) {
    return BadRequest(StrCat("the name of the object (", info.name,
                             " based on URL) was undeterminable: name must be provided"));
  }
  if (given != info.name) {
    return BadRequest(
        StrCat("the name of the object (", given, ") does not match the name on the URL (", info.name, ")"));
  }
  if (exchange.resource->namespaced && !space.empty() && space != info.namespace_) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  return CheckBody(exchange, applied, false);
}

Answer<json::ObjectPtr> Rest::Applied(const Exchange& exchange, json::ObjectPtr live, json::ObjectPtr applied,
                                      const FieldWriter& writer) const {
  const auto checked = CheckApplied(exchange, json::Clone(applied));
  if (checked) applied = *checked;
  const RequestInfo& info = exchange.info;
  const Resource& resource = *exchange.resource;
  auto outcome = Apply(live, applied, exchange.version->schema, writer, info.QueryFlag("force"));
  if (exchange.gone.seen()) return ClientIsGone();
  if (!outcome) {
    // Apply refuses what does not match the schema, whatever fieldValidation says.
    const std::string& why = outcome.error().message;
    if (why.rfind("failed to create typed patch object", 0) == 0) return Refuse(500, "", why);
    if (checked) return BadRequest(why);
  }
  if (!checked) return Refusal(checked.error());
  if (!outcome->conflicts.empty()) return RefuseWith(ConflictStatus(outcome->conflicts));
  MetaOf(outcome->object)->set("name", info.name);
  if (resource.namespaced) MetaOf(outcome->object)->set("namespace", info.namespace_);
  if (resource.custom && exchange.version->schema) {
    auto nulls = exchange.version->schema->RefusedNulls(outcome->object);
    if (!nulls.empty() && exchange.version->scale) {
      const auto scale = ValidateScale(outcome->object, *exchange.version->scale);
      nulls.insert(nulls.end(), scale.begin(), scale.end());
    }
    if (!nulls.empty()) return RefuseWith(InvalidStatus(resource.group, resource.kind, info.name, nulls));
  }
  return outcome->object;
}

Answer<Reply> Rest::ApplyPatch(Exchange& exchange, WriteCall& call) {
  const RequestInfo& info = exchange.info;
  CAPSTAN_ANSWER_OK(CheckApplyManager(exchange));
  CAPSTAN_ANSWER(const json::ObjectPtr applied, ReadApplied(exchange));
  FieldWriter writer;
  writer.manager = call.manager;
  writer.api_version = exchange.resource->ApiVersion(exchange.version->name);
  writer.subresource = call.subresource;
  writer.has_status = exchange.version->status;
  writer.time = writer_.Now();
  writer.cancellation = call.cancellation;
  const auto change = [&](json::ObjectPtr live) {
    return Applied(exchange, live, json::Clone(applied), writer);
  };
  ObjectWriter::UpdateOptions options;
  options.create_missing = true;
  options.keeps_managed_fields = true;
  // Fields that the schema does not declare were refused above; fields below an object without
  // declared properties are accepted silently.
  call.validation = FieldValidation::kIgnore;
  if (!store_.Get(exchange.resource->Key(call.namespace_, info.name))) call.manager.clear();
  CAPSTAN_ANSWER(Written written, writer_.Update(call, info.name, change, options));
  return Render(exchange, written.object, written.created ? 201 : 200);
}

}  // namespace capstan::apiserver
