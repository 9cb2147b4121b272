// The scale subresource: autoscaling/v1 Scale, read and written through the paths of the kind.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/scale_paths.hpp>
#include <capstan/local/apiserver/requests/rest.hpp>
#include <capstan/local/apiserver/table/printer.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

// "a=b,c=d" from the selector of a built-in kind; custom kinds name a path with the selector as
// text.
std::string SelectorOf(const json::ObjectPtr& object) {
  std::vector<std::string> pairs;
  const json::ObjectPtr selector = json::ObjectIn(json::ObjectIn(object, "spec"), "selector");
  // The selector of a ReplicationController is a plain map.
  const bool plain = json::TextIn(object, "kind") == "ReplicationController";
  const json::ObjectPtr labels = plain ? selector : json::ObjectIn(selector, "matchLabels");
  if (labels) {
    for (const auto& name : labels->getNames())
      pairs.push_back(StrCat(name, "=", json::StringIn(labels, name).value_or("")));
  }
  std::sort(pairs.begin(), pairs.end());
  return Join(pairs, ",");
}

json::ObjectPtr ScaleOf(json::ObjectPtr object, const Resource& resource, const ScalePaths& paths) {
  json::ObjectPtr scale = json::MakeObject(), meta = json::MakeObject(), spec = json::MakeObject(),
                  status = json::MakeObject();
  scale->set("kind", "Scale");
  scale->set("apiVersion", "autoscaling/v1");
  for (const char* field : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (json::ObjectIn(object, "metadata")->has(field)) meta->set(field, MetaOf(object)->get(field));
  }
  scale->set("metadata", meta);
  std::string last;
  json::ObjectPtr at = ScaleParent(object, paths.spec_replicas, last, false);
  spec->set("replicas", json::IntegerIn(at, last).value_or(0));
  scale->set("spec", spec);
  at = ScaleParent(object, paths.status_replicas, last, false);
  status->set("replicas", json::IntegerIn(at, last).value_or(0));
  if (!paths.label_selector.empty()) {
    at = ScaleParent(object, paths.label_selector, last, false);
    if (auto selector = json::StringIn(at, last)) status->set("selector", *selector);
  } else if (const std::string selector = resource.custom ? "" : SelectorOf(object); !selector.empty()) {
    status->set("selector", selector);
  }
  scale->set("status", status);
  return scale;
}

}  // namespace

Answer<Reply> Rest::GetScale(Exchange& exchange) {
  RecordPtr record = store_.Get(exchange.resource->Key(exchange.info.namespace_, exchange.info.name));
  if (!record) return NotFound(exchange.resource->group, exchange.resource->plural, exchange.info.name);
  CAPSTAN_ANSWER(record, Shown(exchange, record));
  auto object = ReadRecord(*record, *exchange.resource);
  if (!object) return InternalError(object.error());
  return RenderScale(exchange, ScaleOf(*object, *exchange.resource, *exchange.version->scale));
}

// Unknown fields of a Scale give a warning or an error, as the client asks, like those of any kind.
Done Rest::CheckScaleFields(const json::ObjectPtr& scale, const WriteCall& call, bool patch) const {
  const CompiledSchema* schema = schemas_ ? schemas_->Find("autoscaling", "v1", "Scale") : nullptr;
  if (!schema || call.validation == FieldValidation::kIgnore) return {};
  std::vector<std::string> unknown = schema->Prune(scale);
  for (std::string& one : unknown) one = StrCat("unknown field \"", one, "\"");
  if (unknown.empty()) return {};
  if (call.validation == FieldValidation::kWarn) {
    if (call.warnings) call.warnings->insert(call.warnings->end(), unknown.begin(), unknown.end());
    return {};
  }
  const std::string why = "strict decoding error: " + Join(unknown, ", ");
  if (!patch) return BadRequest(StrCat("Scale in version \"v1\" cannot be handled as a Scale: ", why));
  return RefuseWith(InvalidStatus("", "", "", {InvalidField("patch", json::ToText(scale), why)}));
}

Answer<json::ObjectPtr> Rest::ScaleSent(const Exchange& exchange, json::ObjectPtr live,
                                        const std::string& type, const WriteCall& call) const {
  const bool patch = !type.empty();
  json::ObjectPtr scale;
  if (patch) {
    const json::ObjectPtr shown = ScaleOf(live, *exchange.resource, *exchange.version->scale);
    CAPSTAN_ANSWER(scale, Merged(exchange.request.body, shown, type, nullptr, exchange.gone));
  } else {
    CAPSTAN_ANSWER(scale, ReadObject(exchange.request, "Scale",
                                     BodyLimits{options_.depth_limit, exchange.types, "autoscaling/v1"}));
  }
  const std::string kind = json::StringIn(scale, "kind").value_or("Scale"),
                    version = json::StringIn(scale, "apiVersion").value_or("autoscaling/v1");
  if (kind != "Scale" || version != "autoscaling/v1") {
    return BadRequest(
        StrCat("the scale of an object is a Scale of autoscaling/v1, not a ", kind, " of ", version));
  }
  const std::string name = MetaString(scale, "name");
  if (!name.empty() && name != exchange.info.name) {
    return BadRequest(StrCat("the name of the object (", name, ") does not match the name on the URL (",
                             exchange.info.name, ")"));
  }
  CAPSTAN_ANSWER_OK(CheckScaleFields(scale, call, patch));
  const json::ObjectPtr spec = json::ObjectIn(scale, "spec");
  if (!spec || !spec->has("replicas") || spec->isNull("replicas")) return scale;
  const auto replicas = json::IntegerIn(spec, "replicas");
  if (replicas && *replicas >= std::numeric_limits<std::int32_t>::min() &&
      *replicas <= std::numeric_limits<std::int32_t>::max()) {
    return scale;
  }
  const json::Tree sent = spec->get("replicas");
  const std::string what =
      StrCat("json: cannot unmarshal ", replicas ? "number " + json::ToText(sent) : std::string(GoName(sent)),
             " into Go struct field ScaleSpec.spec.replicas of type int32");
  if (!patch) return BadRequest(StrCat("Scale in version \"v1\" cannot be handled as a Scale: ", what));
  return RefuseWith(InvalidStatus("", "", "", {InvalidField("patch", json::ToText(scale), what)}));
}

Reply Rest::RenderScale(const Exchange& exchange, const json::ObjectPtr& scale) const {
  if (exchange.accepted.shape != Accepted::Shape::kTable) return ObjectReply(exchange, scale);
  json::ObjectPtr metadata = json::MakeObject();
  metadata->set("resourceVersion", MetaString(scale, "resourceVersion"));
  const auto include = ParseIncludeObject(exchange.info.Query("includeObject"));
  json::ObjectPtr table =
      MakeBuiltinTable("autoscaling", "Scale")
          ->Table({scale}, metadata, include.value_or(IncludeObject::kMetadata),
                  std::chrono::duration<double>(scheduler_.WallNow().time_since_epoch()).count());
  table->set("apiVersion", "meta.k8s.io/" + exchange.accepted.meta_version);
  return JsonReply(table);
}

Answer<Reply> Rest::WriteScale(Exchange& exchange, bool patch) {
  const ScalePaths& paths = *exchange.version->scale;
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  const std::string type = patch ? MediaType(exchange.request.headers) : "";
  if (patch) CAPSTAN_ANSWER_OK(CheckPatchType(exchange, type));
  if (type == "application/apply-patch+yaml") CAPSTAN_ANSWER_OK(CheckApplyManager(exchange));
  auto change = [&](json::ObjectPtr live) -> Answer<json::ObjectPtr> {
    CAPSTAN_ANSWER(const json::ObjectPtr scale, ScaleSent(exchange, live, type, call));
    const auto replicas = json::IntegerIn(json::ObjectIn(scale, "spec"), "replicas").value_or(0);
    // The schema of a custom kind defines its own minimum.
    if (replicas < 0 && !exchange.resource->custom) {
      return RefuseWith(
          InvalidStatus("autoscaling", "Scale", exchange.info.name,
                        {InvalidField("spec.replicas", replicas, "must be greater than or equal to 0")}));
    }
    std::string last;
    ScaleParent(live, paths.spec_replicas, last, true)->set(last, replicas);
    std::string expected = MetaString(scale, "resourceVersion");
    if (!expected.empty()) MetaOf(live)->set("resourceVersion", expected);
    return live;
  };
  CAPSTAN_ANSWER(Written written, writer_.Update(call, exchange.info.name, change, {}));
  return ObjectReply(exchange, ScaleOf(written.object, *exchange.resource, paths));
}

}  // namespace capstan::apiserver
