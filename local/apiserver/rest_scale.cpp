// The scale subresource: autoscaling/v1 Scale over the paths that a kind names.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/object_codec.hpp>
#include <capstan/local/apiserver/object_meta.hpp>
#include <capstan/local/apiserver/rest.hpp>
#include <capstan/local/apiserver/scale_paths.hpp>

namespace capstan::apiserver {
namespace {

json::ObjectPtr ScaleOf(json::ObjectPtr object, const ScalePaths& paths) {
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
  }
  scale->set("status", status);
  return scale;
}

}  // namespace

Answer<Reply> Rest::GetScale(Exchange& exchange) {
  RecordPtr record = store_.Get(exchange.resource->Key(exchange.info.namespace_, exchange.info.name));
  if (!record) return NotFound(exchange.resource->group, exchange.resource->plural, exchange.info.name);
  auto object = ReadRecord(*record, *exchange.resource);
  if (!object) return InternalError(object.error());
  return JsonReply(ScaleOf(*object, *exchange.version->scale));
}

Answer<Reply> Rest::WriteScale(Exchange& exchange, bool patch) {
  const ScalePaths& paths = *exchange.version->scale;
  CAPSTAN_ANSWER(WriteCall call, ReadWriteCall(exchange));
  call.subresource.clear();
  const std::string type = MediaType(exchange.request.headers);
  auto change = [&](json::ObjectPtr live) -> Answer<json::ObjectPtr> {
    json::ObjectPtr scale;
    if (patch) {
      std::string before = json::ToText(ScaleOf(live, paths));
      auto text = type == "application/json-patch+json" ? json::JsonPatch(before, exchange.request.body)
                                                        : json::MergePatch(before, exchange.request.body);
      if (!text) return BadRequest(text.error().message);
      auto parsed = json::ParseObject(*text, options_.depth_limit);
      if (!parsed) return BadRequest(parsed.error().message);
      scale = *parsed;
    } else {
      CAPSTAN_ANSWER(scale, ReadObject(exchange.request, "Scale", BodyLimits{options_.depth_limit}));
    }
    auto replicas = json::IntegerIn(json::ObjectIn(scale, "spec"), "replicas").value_or(0);
    if (replicas < 0) {
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
  return JsonReply(ScaleOf(written.object, paths));
}

}  // namespace capstan::apiserver
