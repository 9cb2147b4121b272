// Autoscalers and disruption budgets.
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

Errors ValidateBudget(ObjectPtr fresh, ObjectPtr, std::string_view) {
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  if (spec && spec->has("minAvailable") && spec->has("maxUnavailable")) {
    return {InvalidField("spec", spec, "minAvailable and maxUnavailable cannot be both set")};
  }
  return {};
}

// autoscaling/v1 has a single figure where v2 has a list.
void ScalerToVersion(ObjectPtr object, std::string_view version) {
  if (version != "v1") return;
  ObjectPtr spec = SectionOf(object, "spec");
  json::ArrayPtr others = json::MakeArray();
  for (const ObjectPtr& metric : json::ObjectsIn(spec, "metrics")) {
    const ObjectPtr resource = json::ObjectIn(metric, "resource");
    const auto target = json::IntegerIn(json::ObjectIn(resource, "target"), "averageUtilization");
    if (TextIn(resource, "name") == "cpu" && target) {
      spec->set("targetCPUUtilizationPercentage", *target);
    } else {
      others->add(metric);
    }
  }
  spec->remove("metrics");
  ObjectPtr status = SectionOf(object, "status");
  for (const char* count : {"currentReplicas", "desiredReplicas"}) {
    if (!status->has(count)) status->set(count, Poco::Int64{0});
  }
  ObjectPtr metadata = MetaOf(object);
  if (others->size() > 0) {
    SectionOf(metadata, "annotations")->set("autoscaling.alpha.kubernetes.io/metrics", json::ToText(others));
  }
}

void ScalerFromVersion(ObjectPtr object, std::string_view version) {
  if (version != "v1") return;
  ObjectPtr spec = SectionOf(object, "spec");
  const auto target = json::IntegerIn(spec, "targetCPUUtilizationPercentage");
  spec->remove("targetCPUUtilizationPercentage");
  if (!target) return;
  ObjectPtr metric = json::MakeObject();
  metric->set("type", std::string("Resource"));
  ObjectPtr resource = SectionOf(metric, "resource");
  resource->set("name", std::string("cpu"));
  ObjectPtr aim = SectionOf(resource, "target");
  aim->set("type", std::string("Utilization"));
  aim->set("averageUtilization", *target);
  json::ArrayPtr metrics = json::MakeArray();
  metrics->add(metric);
  spec->set("metrics", metrics);
}

void PrepareScaler(ObjectPtr fresh, ObjectPtr, const WriteMoment&) {
  ObjectPtr spec = SectionOf(fresh, "spec");
  if (!json::ObjectsIn(spec, "metrics").empty()) return;
  spec->set("targetCPUUtilizationPercentage", Poco::Int64{80});
  ScalerFromVersion(fresh, "v1");
}

Errors ValidateScaler(ObjectPtr fresh, ObjectPtr, std::string_view) {
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  const auto least = json::IntegerIn(spec, "minReplicas").value_or(1);
  const auto most = json::IntegerIn(spec, "maxReplicas").value_or(0);
  if (most > 0 && most < least) {
    return {InvalidField("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")};
  }
  return {};
}

}  // namespace

Strategy ScalingStrategy(std::string_view, std::string_view kind) {
  if (kind == "PodDisruptionBudget") return {nullptr, ValidateBudget};
  if (kind == "HorizontalPodAutoscaler")
    return {PrepareScaler, ValidateScaler, ScalerToVersion, ScalerFromVersion};
  return {};
}

}  // namespace capstan::apiserver
