#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

json::Tree FieldAt(const ObjectPtr& object, const char* field) {
  return object && object->has(field) ? object->get(field) : json::Tree();
}

// Fields of the spec that stay as they were made.
void CheckKept(const ObjectPtr& fresh, const ObjectPtr& old, const std::vector<const char*>& fields,
               Errors& errors) {
  if (!old) return;
  const ObjectPtr now = json::ObjectIn(fresh, "spec"), before = json::ObjectIn(old, "spec");
  for (const char* field : fields) {
    if (!json::Equal(FieldAt(now, field), FieldAt(before, field)))
      errors.push_back(InvalidField(StrCat("spec.", field), FieldAt(now, field), kImmutable));
  }
}

// --- what runs pods

bool Selects(const ObjectPtr& selector, const ObjectPtr& labels) {
  if (const ObjectPtr wanted = json::ObjectIn(selector, "matchLabels")) {
    for (const auto& [key, value] : *wanted) {
      if (!labels || json::StringIn(labels, key) != value.toString()) return false;
    }
  }
  for (const ObjectPtr& one : json::ObjectsIn(selector, "matchExpressions")) {
    const std::string key = TextIn(one, "key"), word = TextIn(one, "operator");
    const auto values = json::StringsIn(one, "values");
    const auto value = json::StringIn(labels, key);
    const bool in = value && std::find(values.begin(), values.end(), *value) != values.end();
    const bool fits = word == "In"       ? in
                      : word == "NotIn"  ? !in
                      : word == "Exists" ? value.has_value()
                                         : !value;
    if (!fits) return false;
  }
  return true;
}

void CheckLabelMap(const ObjectPtr& labels, const std::string& path, Errors& errors) {
  if (!labels) return;
  for (const auto& [key, value] : *labels) {
    if (std::string why = CheckQualifiedName(key); !why.empty())
      errors.push_back(InvalidField(path, key, why));
    const std::string text = json::TextIn(labels, key);
    if (std::string why = CheckLabelValue(text); !why.empty())
      errors.push_back(InvalidField(path, text, why));
  }
}

// What replaces pods for ever lets none of them end by itself.
void CheckTemplate(const ObjectPtr& fresh, bool always, Errors& errors) {
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  ObjectPtr selector = json::ObjectIn(spec, "selector");
  const ObjectPtr made = json::ObjectIn(spec, "template");
  const ObjectPtr labels = json::ObjectIn(json::ObjectIn(made, "metadata"), "labels");
  if (TextIn(fresh, "kind") == "ReplicationController" && selector) {
    ObjectPtr plain = json::MakeObject();
    plain->set("matchLabels", selector);
    selector = plain;
  }
  CheckLabelMap(labels, "spec.template.labels", errors);
  if (selector && selector->size() > 0 && !Selects(selector, labels)) {
    errors.push_back(InvalidField("spec.template.metadata.labels",
                                  labels ? json::Tree(labels) : json::Tree(json::MakeObject()),
                                  "`selector` does not match template `labels`"));
  }
  const std::string policy = TextIn(json::ObjectIn(made, "spec"), "restartPolicy");
  if (always && !policy.empty() && policy != "Always")
    errors.push_back(UnsupportedField("spec.template.spec.restartPolicy", policy, {"Always"}));
  const ObjectPtr pod = json::ObjectIn(made, "spec");
  if (always && pod && pod->has("activeDeadlineSeconds")) {
    const std::string kind = TextIn(fresh, "kind");
    errors.push_back(ForbiddenField("spec.template.spec.activeDeadlineSeconds",
                                    StrCat("activeDeadlineSeconds in ",
                                           kind == "Deployment" ? "ReplicaSet" : kind, " is not Supported")));
  }
}

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

// Selector and labels are those of the template, where nothing else is said.
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

// Each change of the template is counted, in an annotation that kubectl rolls back by.
void PrepareDaemonSet(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  constexpr const char* kGeneration = "deprecated.daemonset.template.generation";
  const ObjectPtr before = json::ObjectIn(json::ObjectIn(old, "metadata"), "annotations");
  std::int64_t generation = std::atoll(TextIn(before, kGeneration).c_str());
  const json::Tree now = FieldAt(json::ObjectIn(fresh, "spec"), "template");
  if (!old || !json::Equal(now, FieldAt(json::ObjectIn(old, "spec"), "template"))) ++generation;
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

// A Job selects its pods by its own UID.
void PrepareJob(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  ObjectPtr spec = SectionOf(fresh, "spec");
  if (old || json::BooleanIn(spec, "manualSelector").value_or(false)) return;
  const std::string uid = MetaString(fresh, "uid"), name = MetaString(fresh, "name");
  ObjectPtr labels = SectionOf(SectionOf(SectionOf(spec, "template"), "metadata"), "labels");
  for (const char* prefix : {"", "batch.kubernetes.io/"}) {
    labels->set(StrCat(prefix, "controller-uid"), uid);
    labels->set(StrCat(prefix, "job-name"), name);
  }
  SectionOf(SectionOf(spec, "selector"), "matchLabels")->set("batch.kubernetes.io/controller-uid", uid);
  if (!MetaOf(fresh)->has("labels")) MetaOf(fresh)->set("labels", json::Clone(labels));
}

Errors ValidateJob(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  CheckTemplate(fresh, false, errors);
  const ObjectPtr made = json::ObjectIn(json::ObjectIn(fresh, "spec"), "template");
  const std::string policy = TextIn(json::ObjectIn(made, "spec"), "restartPolicy");
  if (policy != "OnFailure" && policy != "Never")
    errors.push_back(UnsupportedField("spec.template.spec.restartPolicy", policy, {"OnFailure", "Never"}));
  CheckKept(fresh, old, {"selector", "template", "completionMode"}, errors);
  if (TextIn(json::ObjectIn(fresh, "spec"), "completionMode") != "Indexed")
    CheckKept(fresh, old, {"completions"}, errors);
  const ObjectPtr selector = json::ObjectIn(json::ObjectIn(fresh, "spec"), "selector");
  if (!selector || selector->size() == 0) errors.push_back(RequiredField("spec.selector", ""));
  return errors;
}

Errors ValidatePodTemplate(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  const ObjectPtr meta = json::ObjectIn(json::ObjectIn(fresh, "template"), "metadata");
  CheckLabelMap(json::ObjectIn(meta, "labels"), "template.labels", errors);
  return errors;
}

Errors ValidateCronJob(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  const std::string schedule = TextIn(spec, "schedule");
  const auto words = Split(schedule, ' ');
  const auto fields =
      std::count_if(words.begin(), words.end(), [](const auto& word) { return !word.empty(); });
  if (!schedule.empty() && schedule.front() != '@' && fields != 5) {
    errors.push_back(
        InvalidField("spec.schedule", schedule,
                     StrCat("expected exactly 5 fields, found ", fields, ": [", Join(words, " "), "]")));
  }
  const ObjectPtr pod = json::ObjectIn(
      json::ObjectIn(json::ObjectIn(json::ObjectIn(spec, "jobTemplate"), "spec"), "template"), "spec");
  const std::string policy = TextIn(pod, "restartPolicy");
  if (policy != "OnFailure" && policy != "Never") {
    errors.push_back(UnsupportedField("spec.jobTemplate.spec.template.spec.restartPolicy", policy,
                                      {"OnFailure", "Never"}));
  }
  return errors;
}

// --- Pod

// How sure a pod can be of what it asks for: BestEffort where it asks for nothing, Guaranteed where
// each container is limited to what it asks for.
std::string QualityOf(const ObjectPtr& pod) {
  bool any = false, all = true;
  for (const char* list : {"containers", "initContainers"}) {
    for (const ObjectPtr& container : json::ObjectsIn(json::ObjectIn(pod, "spec"), list)) {
      const ObjectPtr resources = json::ObjectIn(container, "resources");
      const ObjectPtr limits = json::ObjectIn(resources, "limits"),
                      requests = json::ObjectIn(resources, "requests");
      for (const char* name : {"cpu", "memory"}) {
        const json::Tree most = FieldAt(limits, name), asked = FieldAt(requests, name);
        any = any || !json::IsNull(most) || !json::IsNull(asked);
        all = all && !json::IsNull(most) && (json::IsNull(asked) || json::Equal(most, asked));
      }
    }
  }
  return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
}

void PreparePod(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  if (!old) {
    ObjectPtr status = json::MakeObject();
    status->set("phase", std::string("Pending"));
    fresh->set("status", status);
  }
  // What a container may use at most it also asks for, where it asks for nothing else.
  for (const ObjectPtr& container : json::ObjectsIn(json::ObjectIn(fresh, "spec"), "containers")) {
    ObjectPtr resources = json::ObjectIn(container, "resources");
    const ObjectPtr limits = json::ObjectIn(resources, "limits");
    if (!limits) continue;
    ObjectPtr requests = SectionOf(resources, "requests");
    for (const auto& [name, value] : *limits) {
      if (!requests->has(name)) requests->set(name, value);
    }
  }
  if (!old) json::ObjectIn(fresh, "status")->set("qosClass", QualityOf(fresh));
}

// Ephemeral containers come one after another, and stay as they came.
void CheckEphemeral(const ObjectPtr& fresh, const ObjectPtr& old, Errors& errors) {
  const auto now = json::ObjectsIn(json::ObjectIn(fresh, "spec"), "ephemeralContainers");
  for (const ObjectPtr& before : json::ObjectsIn(json::ObjectIn(old, "spec"), "ephemeralContainers")) {
    const std::string name = TextIn(before, "name");
    const auto same = std::find_if(now.begin(), now.end(),
                                   [&name](const ObjectPtr& one) { return TextIn(one, "name") == name; });
    const bool gone = same == now.end();
    if (!gone && json::Equal(json::Tree(before), json::Tree(*same))) continue;
    errors.push_back(ForbiddenField("spec.ephemeralContainers",
                                    StrCat("existing ephemeral containers \"", name, "\" may not be ",
                                           gone ? "removed\n" : "changed\n")));
  }
}

// Only processor and memory can be resized, and not into another class of quality.
void CheckResize(const ObjectPtr& fresh, const ObjectPtr& old, Errors& errors) {
  const auto others = [](const ObjectPtr& container) {
    ObjectPtr resources = json::Clone(json::ObjectIn(container, "resources"));
    for (const char* list : {"limits", "requests"}) {
      ObjectPtr amounts = json::ObjectIn(resources, list);
      if (!amounts) continue;
      for (const char* name : {"cpu", "memory"}) amounts->remove(name);
      if (amounts->size() == 0) resources->remove(list);
    }
    return resources ? resources : json::MakeObject();
  };
  for (const char* list : {"containers", "initContainers"}) {
    const auto now = json::ObjectsIn(json::ObjectIn(fresh, "spec"), list),
               before = json::ObjectsIn(json::ObjectIn(old, "spec"), list);
    for (std::size_t i = 0; i < std::min(now.size(), before.size()); ++i) {
      if (json::Equal(json::Tree(others(now[i])), json::Tree(others(before[i])))) continue;
      errors.push_back(ForbiddenField("spec", "only cpu and memory resources are mutable"));
      return;
    }
  }
  const std::string quality = QualityOf(fresh);
  if (quality != TextIn(json::ObjectIn(old, "status"), "qosClass")) {
    errors.push_back(InvalidField("spec", quality, "Pod QOS Class may not change as a result of resizing"));
  }
}

// May be set, and brought nearer.
void CheckDeadline(const ObjectPtr& now, const ObjectPtr& before, Errors& errors) {
  const auto fresh = json::IntegerIn(now, "activeDeadlineSeconds"),
             old = json::IntegerIn(before, "activeDeadlineSeconds");
  if (!old) return;
  if (!fresh) {
    errors.push_back(InvalidField("spec.activeDeadlineSeconds", json::Tree(),
                                  "must not update from a positive integer to nil value"));
  } else if (*fresh > *old) {
    errors.push_back(
        InvalidField("spec.activeDeadlineSeconds", *fresh, "must be less than or equal to previous value"));
  }
}

// Tolerations may come, and change how long they tolerate.
void CheckTolerations(const ObjectPtr& now, const ObjectPtr& before, Errors& errors) {
  const auto without_seconds = [](const ObjectPtr& toleration) {
    ObjectPtr copy = json::Clone(toleration);
    copy->remove("tolerationSeconds");
    return json::Tree(copy);
  };
  const auto fresh = json::ObjectsIn(now, "tolerations");
  for (const ObjectPtr& old : json::ObjectsIn(before, "tolerations")) {
    const json::Tree wanted = without_seconds(old);
    const bool there = std::any_of(fresh.begin(), fresh.end(), [&](const ObjectPtr& one) {
      return json::Equal(without_seconds(one), wanted);
    });
    if (there) continue;
    errors.push_back(ForbiddenField("spec.tolerations",
                                    "existing toleration can not be modified except its tolerationSeconds"));
    return;
  }
}

Errors ValidatePod(ObjectPtr fresh, ObjectPtr old, std::string_view subresource) {
  Errors errors;
  std::vector<std::string> names;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    unsigned index = 0;
    for (const ObjectPtr& container : json::ObjectsIn(spec, list)) {
      const std::string name = TextIn(container, "name");
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        FieldError twice;
        twice.type = FieldErrorType::kDuplicate;
        twice.field = StrCat("spec.", list, "[", index, "].name");
        twice.bad_value = name;
        errors.push_back(std::move(twice));
      }
      names.push_back(name);
      ++index;
    }
  }
  if (!old) {
    if (!json::ObjectsIn(spec, "ephemeralContainers").empty())
      errors.push_back(ForbiddenField("spec.ephemeralContainers", "cannot be set on create"));
    return errors;
  }
  if (subresource == "ephemeralcontainers") CheckEphemeral(fresh, old, errors);
  if (subresource == "resize") CheckResize(fresh, old, errors);
  if (!subresource.empty()) return errors;
  ObjectPtr now = json::Clone(spec), before = json::Clone(json::ObjectIn(old, "spec"));
  CheckDeadline(now, before, errors);
  CheckTolerations(now, before, errors);
  // A pod of a negative patience may be ended politely after all.
  const auto patience = json::IntegerIn(before, "terminationGracePeriodSeconds").value_or(0);
  if (patience < 0 && json::IntegerIn(now, "terminationGracePeriodSeconds") == 1)
    before->set("terminationGracePeriodSeconds", Poco::Int64{1});
  for (const ObjectPtr& one : {now, before}) {
    ObjectPtr mutable_spec = one;
    for (const char* free : {"activeDeadlineSeconds", "tolerations"}) mutable_spec->remove(free);
    for (const char* list : {"containers", "initContainers"}) {
      for (ObjectPtr container : json::ObjectsIn(one, list)) {
        container->remove("image");
        container->remove("imagePullPolicy");
      }
    }
  }
  if (!json::Equal(json::Tree(now), json::Tree(before))) {
    errors.push_back(ForbiddenField(
        "spec",
        "pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
        "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
        "previously negative)"));
  }
  return errors;
}

// --- Service

// What belongs to the type that the Service had, and was not touched, goes with it.
void DropFieldsOfOldType(ObjectPtr spec, const ObjectPtr& before) {
  const std::string now = TextIn(spec, "type"), was = TextIn(before, "type");
  const auto open = [](const std::string& type) { return type == "NodePort" || type == "LoadBalancer"; };
  const auto drop = [&](const char* field) {
    if (json::Equal(FieldAt(spec, field), FieldAt(before, field))) spec->remove(field);
  };
  if (open(was) && !open(now)) {
    drop("externalTrafficPolicy");
    std::set<std::int64_t> old_ports;
    for (const ObjectPtr& port : json::ObjectsIn(before, "ports"))
      old_ports.insert(json::IntegerIn(port, "nodePort").value_or(0));
    for (ObjectPtr port : json::ObjectsIn(spec, "ports")) {
      if (old_ports.count(json::IntegerIn(port, "nodePort").value_or(0)) > 0) port->remove("nodePort");
    }
  }
  if (was == "LoadBalancer" && now != "LoadBalancer") {
    for (const char* field : {"allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort"})
      drop(field);
  }
  if (was != "ExternalName" && now == "ExternalName") {
    for (const char* field :
         {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"})
      drop(field);
    if (spec->isNull("clusterIP") || TextIn(spec, "clusterIP").empty()) spec->remove("clusterIPs");
  }
}

void PrepareService(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  ObjectPtr spec = SectionOf(fresh, "spec");
  if (old) DropFieldsOfOldType(spec, json::ObjectIn(old, "spec"));
  SectionOf(SectionOf(fresh, "status"), "loadBalancer");
  if (TextIn(spec, "type") == "ExternalName") return;
  const ObjectPtr before = json::ObjectIn(old, "spec");
  for (const char* field : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
    if (before && before->has(field) && !spec->has(field) && TextIn(before, "type") != "ExternalName")
      spec->set(field, before->get(field));
  }
  const std::string address = TextIn(spec, "clusterIP");
  if (address.empty()) return;
  if (!spec->has("clusterIPs")) spec->set("clusterIPs", json::ArrayOf({address}));
  if (!spec->has("ipFamilies")) {
    spec->set("ipFamilies",
              json::ArrayOf({std::string(address.find(':') == std::string::npos ? "IPv4" : "IPv6")}));
  }
  if (!spec->has("ipFamilyPolicy")) spec->set("ipFamilyPolicy", std::string("SingleStack"));
}

Errors ValidateService(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  const std::string type = TextIn(spec, "type"), address = TextIn(spec, "clusterIP");
  const auto ports = json::ObjectsIn(spec, "ports");
  CheckLabelMap(json::ObjectIn(spec, "selector"), "spec.selector", errors);
  if (ports.empty() && type != "ExternalName" && address != "None")
    errors.push_back(RequiredField("spec.ports", ""));
  if (type == "ExternalName" && TextIn(spec, "externalName").empty())
    errors.push_back(RequiredField("spec.externalName", ""));
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::string name = TextIn(ports[i], "name");
    if (ports.size() > 1 && name.empty())
      errors.push_back(RequiredField(StrCat("spec.ports[", i, "].name"), ""));
    for (std::size_t k = 0; k < i; ++k) {
      FieldError twice;
      twice.type = FieldErrorType::kDuplicate;
      if (!name.empty() && TextIn(ports[k], "name") == name) {
        twice.field = StrCat("spec.ports[", i, "].name");
        twice.bad_value = name;
        errors.push_back(std::move(twice));
      }
    }
  }
  const std::string before = TextIn(json::ObjectIn(old, "spec"), "clusterIP");
  if (old && !before.empty() && type != "ExternalName" && address != before) {
    errors.push_back(
        InvalidField("spec.clusterIPs[0]", FieldAt(spec, "clusterIP"), "may not change once set"));
  }
  return errors;
}

// --- storage

void PreparePending(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  if (old) return;
  ObjectPtr status = json::MakeObject();
  status->set("phase", std::string("Pending"));
  fresh->set("status", status);
}

Errors ValidateClaim(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  const ObjectPtr requests = json::ObjectIn(json::ObjectIn(spec, "resources"), "requests");
  if (!requests || !requests->has("storage")) errors.push_back(RequiredField("spec.resources[storage]", ""));
  if (!old) return errors;
  ObjectPtr now = json::Clone(spec), before = json::Clone(json::ObjectIn(old, "spec"));
  const bool bound = TextIn(json::ObjectIn(old, "status"), "phase") == "Bound";
  // Requests of a bound claim may grow; a volume and a class may be named where none is.
  if (bound && now && before) {
    ObjectPtr resources = SectionOf(before, "resources");
    const ObjectPtr asked = json::ObjectIn(json::ObjectIn(now, "resources"), "requests");
    if (asked) resources->set("requests", asked);
  }
  std::vector<const char*> free{"volumeAttributesClassName"};
  for (const char* field : {"volumeName", "storageClassName"}) {
    if (json::IsNull(FieldAt(before, field))) free.push_back(field);
  }
  for (const char* field : free) {
    now->remove(field);
    before->remove(field);
  }
  if (!json::Equal(json::Tree(now), json::Tree(before))) {
    errors.push_back(ForbiddenField("spec",
                                    "spec is immutable after creation except resources.requests and "
                                    "volumeAttributesClassName for bound claims"));
  }
  return errors;
}

Errors ValidateStorageClass(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  if (!old) return errors;
  const auto differs = [&](const char* field) {
    return !json::Equal(FieldAt(fresh, field), FieldAt(old, field));
  };
  if (differs("parameters"))
    errors.push_back(ForbiddenField("parameters", "updates to parameters are forbidden."));
  if (differs("provisioner"))
    errors.push_back(ForbiddenField("provisioner", "updates to provisioner are forbidden."));
  if (differs("reclaimPolicy"))
    errors.push_back(ForbiddenField("reclaimPolicy", "updates to reclaimPolicy are forbidden."));
  if (differs("volumeBindingMode"))
    errors.push_back(InvalidField("volumeBindingMode", FieldAt(fresh, "volumeBindingMode"), kImmutable));
  return errors;
}

// --- the rest

Errors ValidatePriorityClass(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  constexpr std::int64_t kHighestOfUsers = 1000000000;
  const std::string name = MetaString(fresh, "name");
  const auto value = json::IntegerIn(fresh, "value").value_or(0);
  if (name.rfind("system-", 0) != 0 && value > kHighestOfUsers) {
    errors.push_back(ForbiddenField(
        "value", StrCat("maximum allowed value of a user defined priority is ", kHighestOfUsers)));
  }
  if (old && value != json::IntegerIn(old, "value").value_or(0))
    errors.push_back(ForbiddenField("value", "may not be changed in an update."));
  if (old && TextIn(fresh, "preemptionPolicy") != TextIn(old, "preemptionPolicy"))
    errors.push_back(InvalidField("preemptionPolicy", FieldAt(fresh, "preemptionPolicy"), kImmutable));
  return errors;
}

Errors ValidateBudget(ObjectPtr fresh, ObjectPtr, std::string_view) {
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  if (spec && spec->has("minAvailable") && spec->has("maxUnavailable")) {
    return {InvalidField("spec", spec, "minAvailable and maxUnavailable cannot be both set")};
  }
  return {};
}

// autoscaling/v1 has one figure where v2 has a list.
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

Errors ValidateRole(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  const ObjectPtr gathered = json::ObjectIn(fresh, "aggregationRule");
  if (gathered && json::ObjectsIn(gathered, "clusterRoleSelectors").empty()) {
    errors.push_back(
        RequiredField("aggregationRule.clusterRoleSelectors",
                      "at least one clusterRoleSelector required if aggregationRule is non-nil"));
  }
  std::size_t index = 0;
  for (const ObjectPtr& rule : json::ObjectsIn(fresh, "rules")) {
    const std::string path = StrCat("rules[", index++, "]");
    if (json::StringsIn(rule, "verbs").empty())
      errors.push_back(RequiredField(path + ".verbs", "verbs must contain at least one value"));
    if (!json::StringsIn(rule, "nonResourceURLs").empty()) {
      if (!MetaString(fresh, "namespace").empty()) {
        errors.push_back(InvalidField(path + ".nonResourceURLs", FieldAt(rule, "nonResourceURLs"),
                                      "namespaced rules cannot apply to non-resource URLs"));
      } else if (!json::StringsIn(rule, "apiGroups").empty() || !json::StringsIn(rule, "resources").empty() ||
                 !json::StringsIn(rule, "resourceNames").empty()) {
        errors.push_back(InvalidField(path + ".nonResourceURLs", FieldAt(rule, "nonResourceURLs"),
                                      "rules cannot apply to both regular resources and non-resource URLs"));
      }
      continue;
    }
    if (json::StringsIn(rule, "apiGroups").empty())
      errors.push_back(
          RequiredField(path + ".apiGroups", "resource rules must supply at least one api group"));
    if (json::StringsIn(rule, "resources").empty())
      errors.push_back(
          RequiredField(path + ".resources", "resource rules must supply at least one resource"));
  }
  return errors;
}

Errors ValidateBinding(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  const ObjectPtr ref = json::ObjectIn(fresh, "roleRef");
  const bool in_namespace = !MetaString(fresh, "namespace").empty();
  const std::string kind = TextIn(ref, "kind");
  if (kind != "ClusterRole" && !(kind == "Role" && in_namespace)) {
    errors.push_back(UnsupportedField("roleRef.kind", kind,
                                      in_namespace ? std::vector<std::string>{"ClusterRole", "Role"}
                                                   : std::vector<std::string>{"ClusterRole"}));
  }
  std::size_t index = 0;
  for (const ObjectPtr& subject : json::ObjectsIn(fresh, "subjects")) {
    const std::string kind_of = TextIn(subject, "kind"), name = TextIn(subject, "name");
    const std::string group = TextIn(subject, "apiGroup"),
                      wanted = kind_of == "ServiceAccount" ? "" : "rbac.authorization.k8s.io";
    if (!kind_of.empty() && group != wanted)
      errors.push_back(UnsupportedField(StrCat("subjects[", index, "].apiGroup"), group, {wanted}));
    if (kind_of.empty()) {
      errors.push_back(UnsupportedField(StrCat("subjects[", index, "].kind"), kind_of,
                                        {"Group", "ServiceAccount", "User"}));
    }
    if (kind_of == "ServiceAccount" && !in_namespace && TextIn(subject, "namespace").empty())
      errors.push_back(RequiredField(StrCat("subjects[", index, "].namespace"), ""));
    if (std::string why = kind_of == "ServiceAccount" && !name.empty() ? CheckSubdomainName(name) : "";
        !why.empty()) {
      errors.push_back(InvalidField(StrCat("subjects[", index, "].name"), name, why));
    }
    ++index;
  }
  if (old && !json::Equal(FieldAt(fresh, "roleRef"), FieldAt(old, "roleRef")))
    errors.push_back(InvalidField("roleRef", FieldAt(fresh, "roleRef"), "cannot change roleRef"));
  return errors;
}

}  // namespace

Strategy WorkloadStrategy(std::string_view group, std::string_view kind) {
  if (kind == "Pod") return {PreparePod, ValidatePod};
  if (kind == "Service" && group.empty()) return {PrepareService, ValidateService};
  if (kind == "PersistentVolumeClaim") return {PreparePending, ValidateClaim};
  if (kind == "Deployment" || kind == "ReplicaSet") return {nullptr, ValidateDeployment};
  if (kind == "DaemonSet") return {PrepareDaemonSet, ValidateDeployment};
  if (kind == "ReplicationController") return {PrepareController, ValidateController};
  if (kind == "PodTemplate") return {nullptr, ValidatePodTemplate};
  if (kind == "StatefulSet") return {nullptr, ValidateStatefulSet};
  if (kind == "Job") return {PrepareJob, ValidateJob};
  if (kind == "CronJob") return {nullptr, ValidateCronJob};
  if (kind == "StorageClass") return {nullptr, ValidateStorageClass};
  if (kind == "PriorityClass") return {nullptr, ValidatePriorityClass};
  if (kind == "PodDisruptionBudget") return {nullptr, ValidateBudget};
  if (kind == "HorizontalPodAutoscaler")
    return {PrepareScaler, ValidateScaler, ScalerToVersion, ScalerFromVersion};
  return {};
}

Strategy RbacStrategy(std::string_view kind) {
  if (kind == "Role" || kind == "ClusterRole") return {nullptr, ValidateRole};
  return {nullptr, ValidateBinding};
}

}  // namespace capstan::apiserver
