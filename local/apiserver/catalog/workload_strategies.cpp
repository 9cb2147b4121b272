// Workloads that keep pods running from a template.
#include <capstan/local/apiserver/api/field_of.hpp>
#include <capstan/local/apiserver/api/names.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>
#include <capstan/local/apiserver/catalog/pod_templates.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

Errors ValidateDeployment(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  CheckTemplate(fresh, true, errors);
  CheckKept(fresh, old, {"selector"}, errors);
  const ObjectPtr strategy = json::ObjectIn(json::ObjectIn(fresh, "spec"), "strategy");
  if (TextIn(strategy, "type") == "Recreate" && json::ObjectIn(strategy, "rollingUpdate")) {
    errors.push_back(ForbiddenField("spec.strategy.rollingUpdate",
                                    "may not be specified when strategy `type` is 'Recreate'"));
  }
  return errors;
}

// Selector and labels default to those of the template.
void PrepareController(ObjectPtr fresh, ObjectPtr, const WriteMoment&) {
  ObjectPtr spec = SectionOf(fresh, "spec");
  const ObjectPtr labels =
      json::ObjectIn(json::ObjectIn(json::ObjectIn(spec, "template"), "metadata"), "labels");
  if (!labels || labels->size() == 0) return;
  const ObjectPtr selector = json::ObjectIn(spec, "selector");
  if (!selector || selector->size() == 0) spec->set("selector", json::Clone(labels));
  if (!MetaOf(fresh)->has("labels")) MetaOf(fresh)->set("labels", json::Clone(labels));
}

Errors ValidateController(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  CheckTemplate(fresh, true, errors);
  return errors;
}

// An annotation counts the changes of the template; kubectl rolls back by it.
void PrepareDaemonSet(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  constexpr const char* kGeneration = "deprecated.daemonset.template.generation";
  const ObjectPtr before = json::ObjectIn(json::ObjectIn(old, "metadata"), "annotations");
  std::int64_t generation = std::atoll(TextIn(before, kGeneration).c_str());
  const json::Tree now = FieldOf(json::ObjectIn(fresh, "spec"), "template");
  if (!old || !json::Equal(now, FieldOf(json::ObjectIn(old, "spec"), "template"))) ++generation;
  SectionOf(MetaOf(fresh), "annotations")->set(kGeneration, std::to_string(generation));
}

Errors ValidateStatefulSet(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  CheckTemplate(fresh, true, errors);
  if (!old) return errors;
  ObjectPtr now = json::Clone(json::ObjectIn(fresh, "spec")),
            before = json::Clone(json::ObjectIn(old, "spec"));
  for (const char* free : {"replicas", "ordinals", "template", "updateStrategy", "minReadySeconds",
                           "persistentVolumeClaimRetentionPolicy", "revisionHistoryLimit"}) {
    now->remove(free);
    before->remove(free);
  }
  if (!json::Equal(json::Tree(now), json::Tree(before))) {
    errors.push_back(ForbiddenField(
        "spec",
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
        "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
        "'minReadySeconds' are forbidden"));
  }
  return errors;
}

Errors ValidatePodTemplate(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  const ObjectPtr meta = json::ObjectIn(json::ObjectIn(fresh, "template"), "metadata");
  CheckLabels(json::ObjectIn(meta, "labels"), "template.labels", errors);
  return errors;
}

}  // namespace

Strategy WorkloadStrategy(std::string_view, std::string_view kind) {
  if (kind == "Deployment" || kind == "ReplicaSet") return {nullptr, ValidateDeployment};
  if (kind == "DaemonSet") return {PrepareDaemonSet, ValidateDeployment};
  if (kind == "ReplicationController") return {PrepareController, ValidateController};
  if (kind == "PodTemplate") return {nullptr, ValidatePodTemplate};
  if (kind == "StatefulSet") return {nullptr, ValidateStatefulSet};
  return {};
}

}  // namespace capstan::apiserver
